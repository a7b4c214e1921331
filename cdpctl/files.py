"""Reads, replaces and locks files with secrets or settings."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select
from shlex import quote
from typing import IO

from cdpctl.errors import ConfigError, UsageError
from cdpctl.text import quoted, reason_of

_MOST_BYTES = 1024 * 1024
_PIECE = 1 << 16
# Seconds after which a temporary file cannot be in use any more.
_STALE = 3600.0
# Errors of file systems without locks, such as some network file systems.
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL}
# Folders whose missing locks have been reported.
_reported: set[Path] = set()


def file_mode(path: Path) -> int | None:
    """Return the mode of a file or folder, or None if it does not exist.

    `Path.exists` also says no, in newer versions of Python, if that could not be found out.

    Raises:
        OSError: that cannot be found out.
    """
    try:
        return path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        return None


def make_private_folder(folder: Path) -> None:
    """Create a folder and its missing parents, for this user only, whatever the umask.

    Raises:
        OSError: one of them cannot be created.
    """
    if folder.is_dir():
        return
    if folder.parent != folder:
        make_private_folder(folder.parent)
    with suppress(FileExistsError):
        # Another run may create it at the same time.
        folder.mkdir(mode=0o700)
        folder.chmod(0o700)
    if not folder.is_dir():
        raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(folder))


def replace_file(path: Path, data: bytes, *, private: bool = True) -> None:
    """Replace a file atomically, even if the machine crashes. Symbolic links to it are kept.

    Args:
        path: the path of the file. Its folder is created if needed.
        data: the new content.
        private: only this user may read it. Otherwise the mode is kept, or the default for new files.

    Raises:
        OSError: it cannot be written. The old file is unchanged.
    """
    target = Path(os.path.realpath(path))
    make_private_folder(target.parent)
    mode = 0o600 if private else file_mode(target)
    # A random name, because in a container the next process may have the same process ID.
    temporary = target.with_name(f"{_prefix(target)}{os.urandom(8).hex()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(descriptor, stat.S_IMODE(mode))
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        written = temporary.stat().st_mtime
        temporary.replace(target)
    except BaseException:
        # Report the first failure only.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _remove_stale(target, written)


def _prefix(target: Path) -> str:
    # A file name has at most 255 bytes.
    return f".{target.name[:50]}."


def read_to_end(file: IO[bytes], most: int) -> bytes:
    """Read a file to its end, even if it is a non-blocking pipe.

    Returns:
        The content, but not much more than `most` bytes.

    Raises:
        OSError: it cannot be read.
    """
    data = bytearray()
    while len(data) <= most:
        piece: bytes | None = file.read(_PIECE)
        if piece is None:
            select([file.fileno()], [], [])
        elif piece:
            data += piece
        else:
            break
    return bytes(data)


def _remove_stale(target: Path, now: float) -> None:
    """Remove temporary files of runs that were killed while writing this file."""
    # The file itself was written, so errors do not matter.
    with suppress(OSError):
        for each in target.parent.iterdir():
            ours = each.name.startswith(_prefix(target)) and each.name.endswith(".tmp")
            if ours and now - each.lstat().st_mtime > _STALE:
                each.unlink(missing_ok=True)


def write_private(path: Path, data: bytes) -> None:
    """Replace a file, as `replace_file` does.

    Raises:
        ConfigError: it cannot be written. The old file is unchanged.
    """
    try:
        replace_file(path, data)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {reason_of(error)}") from None


def read_private(path: Path) -> bytes | None:
    """Read a file that only this user may read. Return None if there is none.

    Owner and mode are checked on the open file, so that it cannot be replaced in between.

    Raises:
        ConfigError: others can read or write it, another user owns it, or it is not a file.
    """
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(os.path.realpath(path), flags)
        try:
            _check_private(path, os.fstat(descriptor))
            return os.read(descriptor, _MOST_BYTES)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {reason_of(error)}") from None


def _check_private(path: Path, status: os.stat_result) -> None:
    name = quote(str(path))
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{path}: not a regular file", hint=f"mv {name} {quote(f'{path}.old')}")
    if os.name == "nt":
        return
    if status.st_uid != os.getuid():
        raise ConfigError(f"{path}: belongs to another user", hint=f"mv {name} {quote(f'{path}.old')}")
    if status.st_mode & 0o077:
        raise ConfigError(f"{path}: other users can read or change it", hint=f"chmod 600 {name}")


@contextmanager
def locked(path: Path, seconds: float, debug: Callable[[int, str], None] | None = None) -> Iterator[None]:
    """Hold a lock for a file, to keep out other runs.

    If the file system has no locks, continue without one. Files are still replaced atomically.

    Args:
        path: the path of the file. The lock is `path` with `.lock` appended.
        seconds: the longest wait.
        debug: takes (level, text), once if there are no locks.

    Raises:
        ConfigError: another run holds the lock for too long, or it cannot be created.
    """
    from filelock import FileLock, Timeout

    lock = path.with_name(path.name + ".lock")
    # The library's own fallback leaves a marker file after a killed run, and prints a warning.
    holder = FileLock(lock, timeout=seconds, mode=0o600, fallback_to_soft=False)
    try:
        make_private_folder(lock.parent)
        holder.acquire()
    except Timeout:
        raise ConfigError(
            f"{lock}: another cdpctl has held this lock for {seconds:.0f} s",
            hint="wait for it to finish, then try again",
        ) from None
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise ConfigError(f"{lock}: cannot be locked: {reason_of(error)}") from None
        if debug is not None and lock.parent not in _reported:
            _reported.add(lock.parent)
            debug(1, f"{lock.parent}: this file system has no locks; continuing without")
    try:
        yield
    finally:
        holder.release()


def absolute_path(text: str | Path, what: str, folder: Path | None = None) -> Path:
    """Return an absolute path, with `~` and `~user` expanded.

    Args:
        text: the path as typed, or as in a file.
        what: the option, variable or setting, for messages.
        folder: the folder for a relative path. None means the current folder.

    Raises:
        UsageError: there is no such home folder, or no current folder.
    """
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        user = str(text).partition("/")[0]
        whose = f"there is no user {quoted(user[1:])}" if user[1:] else "HOME is not set"
        raise UsageError(
            f"{what}: cannot expand {quoted(str(text))}: {whose}", hint="give an absolute path"
        ) from None
    if path.is_absolute():
        return path
    try:
        return (folder or Path.cwd()) / path
    except OSError as error:
        raise UsageError(
            f"{what}: cannot find {quoted(str(text))}: no current folder: {reason_of(error)}",
            hint="change to a folder that exists, or give an absolute path",
        ) from None
