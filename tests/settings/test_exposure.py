"""Files that other users can change, themselves or through their folders."""

import os
import subprocess
from pathlib import Path

import pytest

from cdpctl.settings.exposure import exposure


def _exposed(path: Path) -> tuple[str, str, bool] | None:
    found = exposure(path)
    return None if found is None else (found.reason, found.fix, found.foreign)


@pytest.mark.parametrize("mode", [0o666, 0o622, 0o602])
def test_file_that_others_can_write_is_exposed(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "config.toml"
    path.write_text("")
    path.chmod(0o644)
    assert _exposed(path) is None
    path.chmod(mode)
    assert _exposed(path) == (f"other users can change {path}", f"chmod go-w {path}", False)


@pytest.mark.parametrize("depth", [1, 2])
def test_folder_that_others_can_write_exposes_its_files_unless_sticky(tmp_path: Path, depth: int) -> None:
    path = tmp_path / "a b" / "c" / "config.toml"
    path.parent.mkdir(parents=True)
    folder = path.parents[depth - 1]
    folder.chmod(0o777)
    found = exposure(path)
    assert found is not None
    assert str(folder) in found.reason
    assert subprocess.run(found.fix, shell=True, check=True).returncode == 0
    assert exposure(path) is None
    folder.chmod(0o1777)
    assert exposure(path) is None


def test_link_is_as_safe_as_its_folder_and_its_target(tmp_path: Path) -> None:
    for name in ("links", "real"):
        (tmp_path / name).mkdir(mode=0o755)
    path = tmp_path / "links" / "config.toml"
    path.symlink_to(tmp_path / "real" / "config.toml")
    (tmp_path / "real" / "config.toml").write_text("")
    assert exposure(path) is None
    (tmp_path / "links").chmod(0o777)
    found = exposure(path)
    assert found is not None
    assert str(tmp_path / "links") in found.reason
    (tmp_path / "links").chmod(0o755)
    (tmp_path / "real").chmod(0o777)
    found = exposure(path)
    assert found is not None
    assert str(tmp_path / "real") in found.reason


@pytest.mark.skipif("not hasattr(os, 'geteuid') or os.geteuid() != 0", reason="changes owners")
def test_file_and_folder_of_another_user_are_exposed(tmp_path: Path) -> None:
    path = tmp_path / "a" / "config.toml"
    path.parent.mkdir()
    path.write_text("")
    os.chown(path, 12345, 0)
    assert _exposed(path) == (f"{path} belongs to another user", f"sudo chown 0 {path}", True)
    os.chown(path, 0, 0)
    os.chown(path.parent, 12345, 0)
    assert _exposed(path) == (f"{path.parent} belongs to another user", f"sudo chown 0 {path.parent}", False)
