"""Writes files that the user named for results: regular files, pipes and devices."""

import errno
import os
import stat
from pathlib import Path

from cdpctl.background import BackgroundCall
from cdpctl.files import file_mode, replace_file

# The least and the most seconds to wait for the reader of a pipe, whatever is left of the run's time.
_LEAST_SECONDS, _MOST_SECONDS = 1.0, 30.0


def check_output(path: Path) -> None:
    """Check that a file that the user named can be written, and create it if it does not exist.

    A pipe is not opened, because its reader would see the end of the data.

    Raises:
        OSError: it cannot be written.
    """
    if path.is_fifo() and os.access(path, os.W_OK):
        return
    with path.open("ab"):
        return


def write_output(path: Path, data: bytes, seconds: float = _MOST_SECONDS) -> None:
    """Write a file that the user named. Replace it atomically if possible, but not pipes and devices.

    Args:
        path: the path of the file, device or pipe.
        data: the content.
        seconds: the time left, because a pipe may have no reader.

    Raises:
        OSError: it cannot be written.
    """
    found = file_mode(path)
    regular = found is None or stat.S_ISREG(found)
    # /dev/stdout may be a file, and this run and the shell keep writing to it.
    device = path.absolute().parts[1:2] in (("dev",), ("proc",))
    if regular and not device and os.access(Path(os.path.realpath(path)).parent, os.W_OK):
        replace_file(path, data, private=False)
        return
    writing = BackgroundCall(lambda: _write_in_place(path, data, regular and device), "output")
    try:
        writing.result(min(max(seconds, _LEAST_SECONDS), _MOST_SECONDS))
    except TimeoutError:
        raise OSError(errno.ETIMEDOUT, "nothing has read from it in time") from None


def _write_in_place(path: Path, data: bytes, of_run: bool) -> None:
    """Write a file without replacing it.

    Args:
        path: the path of the file, device or pipe.
        data: the content.
        of_run: it may be standard output or error. These continue where they are: opened once more, such
            a file would be emptied first.
    """
    for number in (1, 2) if of_run else ():
        if os.path.samestat(os.fstat(number), path.stat()):
            with os.fdopen(os.dup(number), "wb") as file:
                file.write(data)
            return
    path.write_bytes(data)
