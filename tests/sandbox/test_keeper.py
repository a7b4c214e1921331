"""Nothing remains of a sandbox that was killed."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cdpctl.sandbox.keeper import Keeper

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX processes")

# SIGKILL cannot be handled.
_SANDBOX = """
import os, signal, sys
from pathlib import Path
from cdpctl.sandbox.keeper import Keeper
Keeper(Path(sys.argv[2])).watch(int(sys.argv[1]))
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("heeds", [True, False], ids=["ends", "ignores_sigterm"])
def test_child_and_folder_of_a_killed_sandbox_are_removed(tmp_path: Path, heeds: bool) -> None:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    (folder / "file").touch()
    ignore = "" if heeds else "trap '' TERM;"
    with subprocess.Popen(
        ["sh", "-c", f"{ignore} echo ready; while :; do sleep 1; done"], stdout=subprocess.PIPE
    ) as child:
        assert child.stdout is not None
        child.stdout.readline()
        words = [sys.executable, "-c", _SANDBOX, str(child.pid), str(folder)]
        assert subprocess.run(words).returncode == -9
        assert child.wait(30) == (-15 if heeds else -9)
    _wait_until_gone(folder)


def test_dismissed_keeper_leaves_everything_alone(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    with subprocess.Popen(["sleep", "60"]) as child:
        keeper = Keeper(folder)
        keeper.watch(child.pid)
        keeper.dismiss()
        assert child.poll() is None
        child.terminate()
    assert folder.exists()


def test_folder_is_removed_where_no_child_was_started(tmp_path: Path) -> None:
    folder = tmp_path / "sandbox"
    folder.mkdir()
    script = _SANDBOX.replace(".watch(int(sys.argv[1]))", "")
    assert subprocess.run([sys.executable, "-c", script, "", str(folder)]).returncode == -9
    _wait_until_gone(folder)


def _wait_until_gone(folder: Path) -> None:
    end = time.monotonic() + 30
    while folder.exists():
        assert time.monotonic() < end
        time.sleep(0.02)
