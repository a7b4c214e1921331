"""The configuration files: where they are, what they may hold, how they are merged and changed."""

import os
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.errors import CdpctlError, ConfigError, UsageError
from cdpctl.settings import file as configuration
from cdpctl.settings.file import change, config_path, load, save_profile, table


@pytest.fixture(autouse=True)
def system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The configuration for all users, one of the test's own."""
    path = tmp_path / "etc" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setattr(configuration, "SYSTEM_CONFIG", path)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"


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
        b"[profiles]\na = 1\n",
        b"[profiles.a]\nport = 1\n",
        b"[profiles.'a b']\n",
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
    assert load(tmp_path / "none.toml") == {"default_profile": None, "profiles": {}, "warnings": []}


def test_value_that_is_not_valid_is_named_with_file_profile_and_what_to_type(path: Path) -> None:
    path.write_text('[profiles.prod]\ntimeout = "soon"\n')
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert f"{path}: [profiles.prod] timeout: " in caught.value.message
    assert caught.value.hint == "cdpctl config unset timeout --profile prod"


def test_paths_are_those_of_the_folder_of_their_file(path: Path, system: Path) -> None:
    path.write_text('[profiles.a]\nca_bundle = "ca.pem"\n')
    system.write_text('[profiles.a]\nclient_cert = "cert.pem"\n')
    assert load(path)["profiles"]["a"] == {
        "ca_bundle": str(path.parent / "ca.pem"),
        "client_cert": str(system.parent / "cert.pem"),
    }


def test_home_folder_that_is_not_there_is_named(path: Path) -> None:
    path.write_text('[profiles.a]\nca_bundle = "~nosuchuser/ca.pem"\n')
    with pytest.raises(ConfigError, match=r"\[profiles.a\] ca_bundle: cannot expand '~nosuchuser/ca.pem'"):
        load(path)


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
    with pytest.raises(ConfigError) as caught:
        load(path)
    assert str(system) in caught.value.message
    assert caught.value.hint == f"edit {system}"


_FORMS = {
    "tables": '# mine\n[profiles.a]\nurl = "https://a/x" # old\n\n[profiles.b]\nurl = "https://b/x"\n',
    "dotted keys": 'profiles.a.url = "https://a/x"\nprofiles.a.username = "u"\n',
    "dotted keys with a comment": 'profiles.a.url = "https://a/x"\nprofiles.a.username = "u" # mine\n',
    "dotted keys and a default": 'default_profile = "a"\nprofiles.a.url = "https://a/x"\n',
    "default behind dotted keys": 'profiles.a.url = "https://a/x"\ndefault_profile = "a"\n',
    "dotted keys in a table": '[profiles]\na.url = "https://a/x"\nb.url = "https://b/x"\n',
    "inline table of a profile": '[profiles]\na = {url = "https://a/x"}\n',
    "inline table of all": 'profiles = {a = {url = "https://a/x"}}\n',
    "dotted inline table": 'profiles.a = {url = "https://a/x"}\n',
    "groups in a table": '[profiles.a]\nurl = "https://a/x"\n[profiles.a.groups]\nweb = ["A"]\n',
    "groups in dotted keys": '[profiles.a]\nurl = "https://a/x"\ngroups.web = ["A"]\n',
    "groups apart": '[profiles.a]\nurl = "https://a/x"\n[profiles.b]\n[profiles.a.groups]\nweb = ["A"]\n',
    "quoted keys": '["profiles"."a"]\n"url" = "https://a/x"\n',
    "literal strings": "[profiles.a]\nurl = 'https://a/x'\nusername = '''\nu'''\n",
    "no line end at the end": '[profiles.a]\nurl = "https://a/x"',
    "empty profile": "[profiles.a]\n",
    "empty": "",
    "comment only": "# mine\n",
}


def _set_in_new(document: Any) -> None:
    table(document, "profiles", "new")["url"] = "https://new/x"


def _set_in_old(document: Any) -> None:
    table(document, "profiles", "a").update({"timeout": "5m", "url": "https://other/x"})


def _choose(document: Any) -> None:
    document["default_profile"] = "b"


def _remove(document: Any) -> None:
    document.get("profiles", {}).pop("a", None)
    if document.get("default_profile") == "a":
        del document["default_profile"]


def _unset(document: Any) -> None:
    document.get("profiles", {}).get("a", {}).pop("url", None)


@pytest.mark.parametrize("work", [_set_in_new, _set_in_old, _choose, _remove, _unset])
@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["unix", "windows"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"], ids=["plain", "marked"])
@pytest.mark.parametrize("form", _FORMS)
def test_change_is_what_was_meant_or_refused(
    path: Path, form: str, work: Callable[[Any], None], ends: str, mark: bytes
) -> None:
    old = mark + _FORMS[form].replace("\n", ends).encode()
    path.write_bytes(old)
    meant = tomllib.loads(old.decode("utf-8-sig"))
    work(meant)
    meant.setdefault("profiles", {})
    try:
        change(path, work)
    except ConfigError:
        assert path.read_bytes() == old
        assert (form, work) == ("dotted keys with a comment", _set_in_new)
        return
    new = path.read_bytes()
    assert {"profiles": {}, **tomllib.loads(new.decode("utf-8-sig"))} == meant
    assert new.startswith(mark)
    assert (b"\n" not in new.replace(b"\r\n", b"")) or ends == "\n" or not _FORMS[form]
    if work not in (_remove, _unset):
        assert new.count(b"#") == old.count(b"#")


@given(
    st.dictionaries(
        st.from_regex(r"\A[a-z0-9][a-z0-9._-]{0,8}\Z"),
        st.dictionaries(
            st.sampled_from(["username", "password_command"]),
            st.text(st.characters(min_codepoint=32), min_size=1),
        ),
        max_size=3,
    )
)
def test_what_is_saved_is_what_is_loaded(profiles: dict[str, dict[str, str]]) -> None:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "config.toml"
        saved: dict[str, dict[str, str]] = {}
        for name, values in profiles.items():
            try:
                save_profile(path, name, values)
            except UsageError:
                # A text that no value can be.
                continue
            saved[name] = values
        assert load(path)["profiles"] == saved


@pytest.mark.parametrize("value", ["a\udcffb", "\ud800"])
def test_text_that_no_file_can_hold_is_refused(path: Path, value: str) -> None:
    with pytest.raises(UsageError, match="not text in UTF-8"):
        save_profile(path, "prod", {"ca_bundle": f"/{value}"})
    assert not path.exists()


def test_first_profile_is_the_default_one(path: Path) -> None:
    save_profile(path, "prod", {"url": "cdp"})
    save_profile(path, "test", {"url": "cdp2"})
    assert load(path)["default_profile"] == "prod"


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


def test_command_is_not_written_where_others_can_change_it(path: Path) -> None:
    path.write_text('[profiles.prod]\nurl = "cdp"\n')
    path.parent.chmod(0o777)
    with pytest.raises(ConfigError, match="other users can change"):
        save_profile(path, "prod", {"password_command": "pw"})
    assert "password_command" not in path.read_text()


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
