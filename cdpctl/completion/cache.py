"""The names of a profile's peers, kept in plain files that the shells complete from."""

import os
import sys
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from cdpctl.files import absolute_path
from cdpctl.peers.names import check_name
from cdpctl.settings.model import Settings

_DAY = 24 * 3600
#: Lists of URLs that no profile has go after so many seconds; the shells offer nothing older either.
_MONTH = 30 * _DAY
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


def cache_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """Return where the lists are, as the completion scripts know it; None where there is no home.

    A configuration of its own (CDPCTL_CONFIG) keeps its lists beside it: its profiles are others, and
    a temporary one takes them along when it goes.
    """
    if environ.get("CDPCTL_CONFIG"):
        return absolute_path(environ["CDPCTL_CONFIG"] + ".peers", "CDPCTL_CONFIG")
    if environ.get("XDG_CACHE_HOME", "").startswith("/"):
        return Path(environ["XDG_CACHE_HOME"], "cdpctl", "peers")
    if platform == "win32":
        local = environ.get("LOCALAPPDATA")
        return Path(local, "cdpctl", "Cache", "peers") if local else None
    home = environ.get("HOME")
    if not home:
        return None
    parts = ("Library", "Caches") if platform == "darwin" else (".cache",)
    return Path(home, *parts, "cdpctl", "peers")


def list_name(settings: Settings, typed_url: str | None) -> str:
    """Return what a run's list is called: its profile, or the URL that was typed in its place.

    Args:
        settings: of the run.
        typed_url: as an option or a variable gave it: all a shell knows of it.
    """
    if typed_url:
        return "@" + "".join(char if char in _PLAIN else "_" for char in typed_url)
    return settings.profile


def remember(folder: Path, name: str, peers: Iterable[str], now: float | None = None) -> bool:
    """Write a list where it differs from the one there, or that one is more than a day old.

    Args:
        folder: of the lists.
        name: of this one.
        peers: their names; what can be no peer's name is left out.
        now: seconds since the epoch.

    Returns:
        Whether anything was written.

    Raises:
        OSError: it cannot be.
    """
    now = time.time() if now is None else now
    names = "".join(f"{peer}\n" for peer in peers if check_name(peer) is None)
    path = folder / name
    if _is_current(path, names, now):
        return False
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = folder / f".{os.getpid()}.tmp"
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            # No fsync: what a crash takes from here is read from the CDP again.
            file.write(f"# {now:.0f}\n{names}".encode())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise
    _forget_old(folder, now)
    return True


def _is_current(path: Path, names: str, now: float) -> bool:
    try:
        stamp, _, kept = path.read_bytes().partition(b"\n")
        age = now - int(stamp.removeprefix(b"# "))
    except (OSError, ValueError):
        # None there, or none of ours: it is written anew.
        return False
    return kept == names.encode() and -_DAY < age < _DAY


def _forget_old(folder: Path, now: float) -> None:
    for path in folder.glob("@*"):
        if now - path.stat().st_mtime > _MONTH:
            path.unlink(missing_ok=True)
