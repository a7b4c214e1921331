"""Files that hold secrets or settings: read with care, replaced whole, guarded by a lock."""

import errno
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from select import select
from shlex import quote
from typing import IO, NamedTuple

from cdpctl.background import BackgroundCall
from cdpctl.errors import ConfigError, UsageError
from cdpctl.text import quoted, reason_of

_MOST_BYTES = 1024 * 1024
_PIECE = 1 << 16
# Seconds after which a temporary file is certainly nobody's any more.
_STALE = 3600.0
# Time for whatever reads from a pipe, also where the run has used up its own.
_LEAST_SECONDS, _MOST_SECONDS = 1.0, 30.0
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
# What file systems without locks answer, some of the network among them.
_NO_LOCKS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK, errno.EINVAL}
# Folders whose missing locks have been reported.
_told: set[Path] = set()


def make_private_folder(folder: Path) -> None:
    """Make a folder and its missing parents, each for this user alone whatever the umask.

    Raises:
        OSError: one of them cannot be made.
    """
    missing = []
    while not folder.is_dir():
        missing.append(folder)
        if folder.parent == folder:
            break
        folder = folder.parent
    for each in reversed(missing):
        with suppress(FileExistsError):
            # Another run may have made it in between.
            each.mkdir(mode=0o700)
            each.chmod(0o700)
        if not each.is_dir():
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), str(each))


def replace_file(path: Path, data: bytes, *, durable: bool = True, private: bool = True) -> None:
    """Replace a file whole; a symbolic link keeps pointing at it.

    Args:
        path: the path of the file; its folder is made where there is none.
        data: all of it.
        durable: it must survive a crash of the machine.
        private: for this user alone; else with the mode it has, or that of any new file.

    Raises:
        OSError: it cannot be written; the old file is as it was.
    """
    target = Path(os.path.realpath(path))
    make_private_folder(target.parent)
    mode: int | None = 0o600
    if not private:
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
    # Random, because after a crash in a container the next process may have the same number.
    temporary = target.with_name(f"{_prefix(target)}{os.urandom(8).hex()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600 if private else 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            if mode is not None and hasattr(os, "fchmod"):
                os.fchmod(descriptor, mode)
            file.write(data)
            file.flush()
            if durable:
                os.fsync(descriptor)
        written = temporary.stat().st_mtime
        temporary.replace(target)
    except BaseException:
        # The first failure is the one to tell.
        with suppress(OSError):
            temporary.unlink(missing_ok=True)
        raise
    _remove_stale(target, written)


def _prefix(target: Path) -> str:
    # Names of files have at most 255 bytes.
    return f".{target.name[:50]}."


def read_to_end(file: IO[bytes], most: int) -> bytes:
    """Read a file to its end, also a pipe that does not block and whose writer is not done yet.

    Returns:
        All of it, or a little more than `most` bytes where there is more than that.

    Raises:
        OSError: it cannot be read.
    """
    pieces, size = [], 0
    while size <= most:
        piece: bytes | None = file.read(_PIECE)
        if piece == b"":
            break
        if piece is None:
            select([file.fileno()], [], [])
            continue
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def check_output(path: Path) -> None:
    """Check that a file that the user named can be written, and make it where it does not exist.

    A pipe is not opened: its reader would take the end of this check for the end of the data.

    Raises:
        OSError: it cannot be written.
    """
    if path.is_fifo() and os.access(path, os.W_OK):
        return
    with path.open("ab"):
        return


def write_output(path: Path, data: bytes, seconds: float = _MOST_SECONDS) -> None:
    """Write a file that the user named: whole where it can be replaced, else as it is, pipes included.

    Args:
        path: of the file, a device or a pipe.
        data: all of it.
        seconds: what is left of the time of the run: a pipe without a reader would take for ever.

    Raises:
        OSError: it cannot be written.
    """
    regular = path.is_file() or not path.exists()
    # /dev/stdout may be a file, and the shell goes on writing to the one it has opened.
    device = path.absolute().parts[1:2] in (("dev",), ("proc",))
    if regular and not device and os.access(Path(os.path.realpath(path)).parent, os.W_OK):
        replace_file(path, data, durable=False, private=False)
        return
    writing = BackgroundCall(lambda: path.write_bytes(data), "output")
    try:
        writing.result(min(max(seconds, _LEAST_SECONDS), _MOST_SECONDS))
    except TimeoutError:
        raise OSError(errno.ETIMEDOUT, "nothing has read from it in time") from None


def _remove_stale(target: Path, now: float) -> None:
    """Remove what runs that were killed while writing this file left behind."""
    # The file is written: that a leftover cannot be removed does not matter.
    with suppress(OSError):
        for each in target.parent.iterdir():
            ours = each.name.startswith(_prefix(target)) and each.name.endswith(".tmp")
            if ours and now - each.lstat().st_mtime > _STALE:
                each.unlink(missing_ok=True)


def write_private(path: Path, data: bytes) -> None:
    """Replace a file whole, as `replace_file` does.

    Raises:
        ConfigError: it cannot be written; the old file is as it was.
    """
    try:
        replace_file(path, data)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be written: {reason_of(error)}") from None


def read_private(path: Path) -> bytes | None:
    """Read a file that only this user may read; None if there is none.

    Owner and mode are those of the file that is open, so that nobody can exchange it in between.

    Raises:
        ConfigError: others can read or write it, another user owns it, or it is not a file.
    """
    try:
        flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
        descriptor = os.open(os.path.realpath(path), flags)
        try:
            _check_private(path, os.fstat(descriptor))
            with os.fdopen(descriptor, "rb", closefd=False) as file:
                return file.read(_MOST_BYTES)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {reason_of(error)}") from None


def _move_away(path: Path) -> str:
    return f"mv {quote(str(path))} {quote(f'{path}.old')}"


def _check_private(path: Path, status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        raise ConfigError(f"{path}: not a regular file", hint=_move_away(path))
    if hasattr(os, "getuid"):
        if status.st_uid != os.getuid():
            raise ConfigError(f"{path}: belongs to another user", hint=_move_away(path))
        if status.st_mode & 0o077:
            raise ConfigError(
                f"{path}: other users can read or change it", hint=f"chmod 600 {quote(str(path))}"
            )


class Exposure(NamedTuple):
    """Who else can change a file.

    Attributes:
        reason: what is wrong, with the path that it is wrong with.
        fix: the command to type.
        foreign: the file itself is another user's.
    """

    reason: str
    fix: str
    foreign: bool


def exposure(path: Path) -> Exposure | None:
    """Return how others could change a file, or exchange it: by its mode, its owner or its folders.

    Folders that belong to root or this user are fine, and so are sticky ones that all may write to.

    Args:
        path: the path of the file; what does not exist of it cannot be changed by anybody.

    Raises:
        OSError: it cannot be examined.
    """
    if not hasattr(os, "getuid"):
        return None
    # Whoever owns / can change everything anyway; in a user namespace that is not user 0.
    trusted = {0, os.getuid(), Path("/").stat().st_uid}
    # The folder of a symbolic link decides where it leads.
    places = [path.absolute(), Path(os.path.realpath(path))]
    for each in dict.fromkeys(place for start in places for place in (start, *start.parents)):
        try:
            status = each.stat()
        except (FileNotFoundError, NotADirectoryError):
            continue
        folder = stat.S_ISDIR(status.st_mode)
        if status.st_uid not in trusted:
            fix = f"sudo chown {os.getuid()} {quote(str(each))}"
            return Exposure(f"{each} belongs to another user", fix, not folder)
        sticky = folder and status.st_mode & stat.S_ISVTX
        root_group = status.st_gid == 0 and not status.st_mode & stat.S_IWOTH
        if status.st_mode & _OTHERS_WRITE and not sticky and not root_group:
            return Exposure(f"other users can change {each}", f"chmod go-w {quote(str(each))}", foreign=False)
    return None


@contextmanager
def locked(path: Path, seconds: float, say: Callable[[str], None] | None = None) -> Iterator[None]:
    """Hold a lock beside a file, against other processes of this program.

    Where the file system has no locks this goes on without: a file is still replaced whole.

    Args:
        path: the path of the file; the lock is `path` with `.lock` behind it.
        seconds: the longest wait.
        say: is told once that there are no locks.

    Raises:
        ConfigError: another run holds it for too long, or it cannot be made.
    """
    from filelock import FileLock, Timeout

    lock = path.with_name(path.name + ".lock")
    # The fallback of the library leaves a marker that outlives a killed run, and warns on standard error.
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
        if say is not None and lock.parent not in _told:
            _told.add(lock.parent)
            say(f"{lock.parent}: this file system has no locks; continuing without")
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
        whose = f"there is no user {quoted(user[1:])}" if user[1:] else "HOME is not set"
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
