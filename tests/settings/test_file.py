"""The configuration files: their paths, their content, and how they are merged."""

import os
from pathlib import Path

import pytest

from cdpctl.errors import CdpctlError, ConfigError, UsageError
from cdpctl.settings.edit import save_profile
from cdpctl.settings.file import config_path, load


@pytest.mark.parametrize(
    ("environ", "expected"),
    [
        ({"CDPCTL_CONFIG": "/etc/cdpctl.toml", "HOME": "/home/me"}, "/etc/cdpctl.toml"),
        ({"XDG_CONFIG_HOME": "/conf", "HOME": "/home/me"}, "/conf/cdpctl/config.toml"),
        ({"XDG_CONFIG_HOME": "relative", "HOME": "/home/me"}, "/home/me/.config/cdpctl/config.toml"),
        ({"HOME": "/home/me"}, "/home/me/.config/cdpctl/config.toml"),
    ],
)
def test_place_is_the_one_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], expected: str
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert config_path(environ) == Path(expected)


def test_place_may_begin_with_a_home_folder_or_be_relative(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_path({"CDPCTL_CONFIG": "~/c.toml"}) == tmp_path / "c.toml"
    assert config_path({"CDPCTL_CONFIG": "c.toml"}) == Path.cwd() / "c.toml"
    with pytest.raises(UsageError, match="CDPCTL_CONFIG"):
        config_path({"CDPCTL_CONFIG": "~nosuchuser/c.toml"})


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_place_is_the_platforms_own_elsewhere(monkeypatch: pytest.MonkeyPatch, platform: str) -> None:
    monkeypatch.setattr("sys.platform", platform)
    assert config_path({"HOME": "/home/me"}).parts[-2:] == ("cdpctl", "config.toml")


@pytest.mark.skipif("sys.platform == 'win32'")
def test_user_without_a_home_is_told_what_to_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(_: int) -> None:
        raise KeyError

    monkeypatch.setattr("pwd.getpwuid", nobody)
    with pytest.raises(ConfigError) as caught:
        config_path({})
    assert "CDPCTL_CONFIG" in (caught.value.hint or "")


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xfe",
        b"a = " + b"[" * 5000,
        b"x" * (1024 * 1024 + 1),
        b"default_profile = 7\n",
        b"profiles = 7\n",
        b"other = 1\n",
        "default_profile = 'ü'".encode("utf-16"),
    ],
)
def test_file_that_is_not_valid_is_an_error_that_names_it(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"config\.toml"):
        load(path)
    with pytest.raises(CdpctlError):
        save_profile(path, "prod", {"url": "cdp"})
    assert path.read_bytes() == content


def test_folder_in_its_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="not a regular file"):
        load(tmp_path)


def test_missing_files_are_empty_ones(tmp_path: Path) -> None:
    empty: dict[str, object] = {"default_profile": None, "profiles": {}, "broken": {}, "warnings": []}
    assert load(tmp_path / "none.toml") == empty


@pytest.mark.parametrize(
    ("content", "name"),
    [(b"[profiles]\na = 1\n", "a"), (b"[profiles.a]\nport = 1\n", "a"), (b"[profiles.'a b']\n", "a b")],
)
def test_profile_that_is_not_valid_is_kept_apart_and_leaves_the_others(
    path: Path, content: bytes, name: str
) -> None:
    path.write_bytes(content)
    save_profile(path, "prod", {"url": "cdp"})
    found = load(path)
    assert list(found["profiles"]) == ["prod"]
    assert "config.toml" in found["broken"][name].message


def test_value_that_is_not_valid_is_named_with_file_profile_and_what_to_type(path: Path) -> None:
    path.write_text('[profiles.prod]\ntimeout = "soon"\n')
    error = load(path)["broken"]["prod"]
    assert f"{path}: [profiles.prod] timeout: " in error.message
    assert error.hint == "cdpctl config unset timeout --profile prod"


def test_command_that_removes_a_setting_comes_through_a_shell(path: Path) -> None:
    path.write_text("[profiles.prod]\n'a;b' = 1\n")
    assert load(path)["broken"]["prod"].hint == "cdpctl config unset 'a;b' --profile prod"


def test_paths_are_those_of_the_folder_of_their_file(path: Path, system: Path) -> None:
    path.write_text('[profiles.a]\nca_bundle = "ca.pem"\n')
    system.write_text('[profiles.a]\nclient_cert = "cert.pem"\n')
    assert load(path)["profiles"]["a"] == {
        "ca_bundle": str(path.parent / "ca.pem"),
        "client_cert": str(system.parent / "cert.pem"),
    }


def test_home_folder_that_is_not_there_is_named(path: Path) -> None:
    path.write_text('[profiles.a]\nca_bundle = "~nosuchuser/ca.pem"\n')
    error = load(path)["broken"]["a"]
    assert "[profiles.a] ca_bundle: cannot expand '~nosuchuser/ca.pem'" in error.message


def test_values_of_the_machine_yield_to_those_of_the_user(path: Path, system: Path) -> None:
    system.write_text(
        'default_profile = "prod"\n[profiles.prod]\nurl = "https://cdp/x"\ntimeout = "5m"\nprotected = true\n'
        '[profiles.test]\nurl = "https://test/x"\n'
    )
    found = load(path)
    assert found["default_profile"] == "prod"
    assert list(found["profiles"]) == ["prod", "test"]
    path.write_text('default_profile = "mine"\n[profiles.mine]\n[profiles.prod]\ntimeout = "1m"\n')
    found = load(path)
    assert found["default_profile"] == "mine"
    assert found["profiles"]["prod"] == {"url": "https://cdp/x", "timeout": "1m", "protected": True}
    assert set(found["profiles"]) == {"mine", "prod", "test"}


def test_what_belongs_to_the_url_of_the_machine_does_not_go_to_that_of_the_user(
    path: Path, system: Path
) -> None:
    system.write_text(
        '[profiles.prod]\nurl = "https://cdp/x"\nusername = "operator"\nverify = false\n'
        'password_command = "pw"\ntimeout = "5m"\nprotected = true\n'
    )
    path.write_text('[profiles.prod]\nurl = "https://mine/x"\n')
    assert load(path)["profiles"]["prod"] == {"url": "https://mine/x", "timeout": "5m", "protected": True}
    path.write_text('[profiles.prod]\nurl = "https://cdp/x"\n')
    assert load(path)["profiles"]["prod"]["username"] == "operator"


def test_broken_file_of_the_machine_is_named_without_a_command_for_the_users(
    path: Path, system: Path
) -> None:
    system.write_text("[profiles.prod]\ntimeout = 'soon'\n")
    error = load(path)["broken"]["prod"]
    assert str(system) in error.message
    assert error.hint == f"edit {system}"


_COMMAND = '[profiles.prod]\npassword_command = "pw"\n'


@pytest.mark.parametrize("which", ["file", "folder"])
def test_file_that_others_can_change_runs_nothing(path: Path, which: str) -> None:
    path.write_text(_COMMAND)
    exposed = path if which == "file" else path.parent
    exposed.chmod(0o777)
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert caught.value.hint == f"chmod go-w {exposed}"
    assert "password_command is a command to run" in caught.value.message
    path.write_text('[profiles.prod]\nurl = "cdp"\n')
    [warning] = load(path)["warnings"]
    assert f"chmod go-w {exposed}" in warning
    exposed.chmod(0o755)
    assert load(path)["warnings"] == []


@pytest.mark.skipif("not hasattr(os, 'geteuid') or os.geteuid() != 0", reason="changes owners")
def test_file_of_another_user_is_not_read(path: Path, system: Path) -> None:
    for each in (path, system):
        each.write_text('[profiles.prod]\nurl = "cdp"\n')
        os.chown(each, 12345, 12345)
        with pytest.raises(ConfigError) as caught:
            load(path)
        assert caught.value.hint == f"sudo chown 0 {each}"
        os.chown(each, 0, 0)
    assert load(path)["warnings"] == []
