"""Ends a command and removes its folder if the sandbox was killed."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cdpctl.sandbox.cdp import cannot_start
from cdpctl.text import reason_of

# Runs in a separate process, so it imports little. It reads its standard input until the sandbox ends,
# whatever the reason. The input is the ID of the process to end, or a dot if there is nothing to do.
_PROGRAM = """
import os, shutil, signal, sys, time
words = sys.stdin.read().split()
if "." not in words:
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            pid = int(words[0])
            os.kill(pid, number)
            for _ in range(20):
                time.sleep(0.1)
                os.kill(pid, 0)
        except (IndexError, OSError):
            break
    shutil.rmtree(sys.argv[1], ignore_errors=True)
"""


class Keeper:
    """Looks after a folder, and a child while it runs.

    It is started before the child, so that there is no time in which a child has no keeper.

    Args:
        folder: to remove.
    """

    def __init__(self, folder: Path) -> None:
        self._process = None
        if os.name == "posix":
            # In a session of its own: what ends the terminal's processes must not end this one.
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and our own words
                [sys.executable, "-I", "-S", "-c", _PROGRAM, str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def watch(self, pid: int) -> None:
        """End this process too if the sandbox is killed."""
        if self._process is not None and self._process.stdin is not None:
            # It may have been killed.
            with contextlib.suppress(OSError):
                self._process.stdin.write(f"{pid}\n".encode())
                self._process.stdin.flush()

    def dismiss(self) -> None:
        """End the keeper: the child has ended, and the folder is removed here."""
        if self._process is not None:
            self._process.communicate(b".")


@contextlib.contextmanager
def kept_folder() -> Iterator[tuple[Path, Keeper]]:
    """Make a folder, and a keeper that cleans up even if this process is killed."""
    with tempfile.TemporaryDirectory(prefix="cdpctl-sandbox-") as folder:
        try:
            keeper = Keeper(Path(folder))
        except OSError as error:
            raise cannot_start(reason_of(error)) from None
        try:
            yield Path(folder), keeper
        finally:
            keeper.dismiss()
