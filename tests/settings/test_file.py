"""The configuration file: what may stand in it, and what is said of the rest."""

from pathlib import Path

import pytest

from cdpctl.errors import CdpctlError, ConfigError
from cdpctl.settings.file import config_path, load, save_profile


@pytest.mark.parametrize(
    ("environ", "path"),
    [
        ({"CDPCTL_CONFIG": "/etc/cdpctl.toml", "HOME": "/home/me"}, "/etc/cdpctl.toml"),
        ({"XDG_CONFIG_HOME": "/conf", "HOME": "/home/me"}, "/conf/cdpctl/config.toml"),
        ({"XDG_CONFIG_HOME": "relative", "HOME": "/home/me"}, "/home/me/.config/cdpctl/config.toml"),
        ({"HOME": "/home/me"}, "/home/me/.config/cdpctl/config.toml"),
    ],
)
def test_place_is_the_one_the_environment_says(
    monkeypatch: pytest.MonkeyPatch, environ: dict[str, str], path: str
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    assert config_path(environ) == Path(path)


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
    ],
)
def test_file_that_is_none_is_an_error_that_names_it(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "config.toml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=r"config\.toml"):
        load(path)
    with pytest.raises(CdpctlError):
        save_profile(path, "prod", {"url": "cdp"})
    assert path.read_bytes() == content


def test_folder_in_its_place_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no plain file"):
        load(tmp_path)


def test_missing_file_is_an_empty_one(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == {"default_profile": None, "profiles": {}}
