"""Ends a command and removes its folder if the sandbox was killed."""

import contextlib
import os
import subprocess
import sys
from pathlib import Path

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
