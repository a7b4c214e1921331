"""Ends a command and removes its folder when the sandbox around it was killed and could not."""

import os
import signal
import subprocess
import sys
from pathlib import Path

# Runs in a process of its own, so it imports little. It waits for the end of its standard input, which
# comes when the sandbox ends, however it ends. A byte before it says that nothing is left to be done.
_PROGRAM = """
import os, shutil, signal, sys, time
pid, folder = int(sys.argv[1]), sys.argv[2]
if not os.read(0, 1):
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.kill(pid, number)
            for _ in range(20):
                time.sleep(0.1)
                os.kill(pid, 0)
        except OSError:
            break
    shutil.rmtree(folder, ignore_errors=True)
"""


class Keeper:
    """Looks after a child while it runs.

    Args:
        pid: of the child.
        folder: to remove.
    """

    def __init__(self, pid: int, folder: Path) -> None:
        self._process = None
        if os.name == "posix":
            # In a session of its own: what ends the terminal's processes must not end this one.
            self._process = subprocess.Popen(  # noqa: S603 - this interpreter and our own words
                [sys.executable, "-I", "-S", "-c", _PROGRAM, str(pid), str(folder)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )

    def dismiss(self) -> None:
        """End it: the child has ended, and the folder is removed here."""
        if self._process is not None and self._process.stdin is not None:
            try:
                self._process.stdin.write(b".")
                self._process.stdin.close()
            except OSError:
                self._process.send_signal(signal.SIGKILL)
            self._process.wait()
