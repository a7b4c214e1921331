"""Files that hold secrets or settings: read with care, replaced whole, guarded by a lock."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cdpctl.errors import ConfigError, UsageError
from cdpctl.text import quoted, reason_of

_MOST_BYTES = 1024 * 1024


def _reason(error: OSError) -> str:
    return reason_of(error)


def write_private(path: Path, data: bytes) -> None:
    """Replace a file whole, readable by this user alone; a symbolic link keeps pointing at it.

    Args:
        path: of the file; its folder is made, 0700, where there is none.
        data: all of it.

    Raises:
        ConfigError: it cannot be written; the old file is as it was.
    """
    target = Path(os.path.realpath(path))
    temporary = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {_reason(error)}") from None


def read_private(path: Path) -> bytes | None:
    """Read a file that only this user may read; None where there is none.

    Owner and mode are those of the file that is open, so that nobody can exchange it in between.

    Raises:
        ConfigError: others can read or write it, it is somebody else's, or it is no file.
    """
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(os.path.realpath(path), flags)
        try:
            _check(path, os.fstat(descriptor))
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(_MOST_BYTES)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {_reason(error)}") from None


def _check(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{path}: this is no plain file", hint="move it away; it is made anew")
    if hasattr(os, "getuid"):
        if status.st_uid != os.getuid():
            raise ConfigError(f"{path}: it belongs to another user", hint="move it away; it is made anew")
        if status.st_mode & 0o077:
            raise ConfigError(f"{path}: others may read or change it", hint=f"chmod 600 {path}")


@contextmanager
def locked(path: Path, seconds: float) -> Iterator[None]:
    """Hold a lock beside a file, against other processes of this program.

    Args:
        path: of the file; the lock is `path` with `.lock` behind it.
        seconds: to wait for it at most.

    Raises:
        ConfigError: it could not be had in time, or not be made.
    """
    from filelock import FileLock, Timeout

    lock = path.with_name(path.name + ".lock")
    try:
        lock.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        holder = FileLock(lock, timeout=seconds, mode=0o600)
        holder.acquire()
    except Timeout:
        raise ConfigError(
            f"{lock}: another cdpctl has held this lock for {seconds:.0f} s",
            hint="see what it is doing, then try again",
        ) from None
    except OSError as error:
        raise ConfigError(f"{lock}: cannot be made: {_reason(error)}") from None
    try:
        yield
    finally:
        holder.release()


def absolute_path(text: str | Path, what: str, folder: Path | None = None) -> Path:
    """Return a path with `~` and `~user` expanded, whole from the root on.

    Args:
        text: as typed, or as it stands in a file.
        what: the option, variable or setting it is for, for messages.
        folder: where a relative path begins; None is the current folder.

    Raises:
        UsageError: there is no such home folder, or no current folder.
    """
    try:
        path = Path(text).expanduser()
    except RuntimeError:
        user = str(text).partition("/")[0]
        whose = f"no user is called {quoted(user[1:])}" if user[1:] else "HOME is not set"
        raise UsageError(
            f"{what}: cannot expand {quoted(str(text))}: {whose}", hint="give the path from / on"
        ) from None
    if path.is_absolute():
        return path
    try:
        return (folder or Path.cwd()) / path
    except OSError as error:
        raise UsageError(
            f"{what}: cannot find {quoted(str(text))}: no current folder: {reason_of(error)}",
            hint="change to a folder that exists, or give the path from / on",
        ) from None
