"""The lists of names for completion: their place, their age and their content."""

import os
import time
from pathlib import Path

import pytest

from cdpctl.completion.cache import cache_folder, list_name, remember
from cdpctl.errors import ConfigError
from cdpctl.settings.model import Settings


def test_list_is_written_private_and_only_when_it_changes(tmp_path: Path) -> None:
    folder, now = tmp_path / "new" / "peers", 1_000_000_000.0
    assert remember(folder, "prod", ["AP1", "AP2"], now)
    path = folder / "prod"
    assert path.read_text() == "# 1000000000\nAP1\nAP2\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert not remember(folder, "prod", ["AP1", "AP2"], now + 3600)
    assert remember(folder, "prod", ["AP1"], now + 3600)
    assert remember(folder, "prod", ["AP1"], now + 3 * 24 * 3600)
    assert [each.name for each in folder.iterdir()] == ["prod"]


def test_names_that_are_not_valid_are_left_out(tmp_path: Path) -> None:
    remember(tmp_path, "p", ["AP1", "a\nb", "\x1b[31m", "..", "", "z\udc80", "My Peer"], 5)
    assert (tmp_path / "p").read_bytes() == b"# 5\nAP1\nMy Peer\n"


@pytest.mark.parametrize("damage", [b"", b"\xff\xfe", b"# soon\nAP1\n", b"AP1\n"])
def test_damaged_list_is_written_again(tmp_path: Path, damage: bytes) -> None:
    (tmp_path / "p").write_bytes(damage)
    assert remember(tmp_path, "p", ["AP1"])


def test_old_list_of_a_typed_url_is_removed(tmp_path: Path) -> None:
    for name in ("@old", "@new", "prod"):
        remember(tmp_path, name, ["A"])
    long_ago = time.time() - 40 * 24 * 3600
    os.utime(tmp_path / "@old", (long_ago, long_ago))
    remember(tmp_path, "prod", ["B"])
    assert {each.name for each in tmp_path.iterdir()} == {"@new", "prod"}


def test_list_that_cannot_be_written_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "peers").write_text("a file in the way")
    with pytest.raises(ConfigError, match="peers/prod"):
        remember(tmp_path / "peers", "prod", ["AP1"])


@pytest.mark.parametrize(
    ("typed", "name"),
    [(None, "prod"), ("", "prod"), ("http://x:1/é", "@http___x_1__"), ("../../etc", "@.._.._etc")],
)
def test_list_is_named_after_the_profile_or_the_typed_url(typed: str | None, name: str) -> None:
    assert list_name(Settings(Path("config.toml"), Path(), profile="prod"), typed) == name


def test_list_lies_beside_a_configuration_in_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/h")
    assert cache_folder({"HOME": "/h", "CDPCTL_CONFIG": "~/x.toml"}) == Path("/h/x.toml.peers")


@pytest.mark.parametrize(
    ("environ", "platform", "folder"),
    [
        ({"HOME": "/h", "XDG_CACHE_HOME": "/c"}, "linux", "/c/cdpctl/peers"),
        ({"HOME": "/h", "XDG_CACHE_HOME": "relative"}, "linux", "/h/.cache/cdpctl/peers"),
        ({"HOME": "/h"}, "darwin", "/h/Library/Caches/cdpctl/peers"),
        ({"LOCALAPPDATA": "/l"}, "win32", "/l/cdpctl/Cache/peers"),
        ({"HOME": "/h", "CDPCTL_CONFIG": "/tmp/x.toml"}, "linux", "/tmp/x.toml.peers"),
        ({}, "linux", None),
    ],
)
def test_folder_is_the_platforms_own(environ: dict[str, str], platform: str, folder: str | None) -> None:
    assert cache_folder(environ, platform) == (None if folder is None else Path(folder))
