"""Stores the names of a grid's peers in plain files, for completion in shells."""

import sys
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from pathlib import Path

from cdpctl.errors import ConfigError
from cdpctl.files import absolute_path, write_private
from cdpctl.peers.names import check_name
from cdpctl.settings.model import Settings

_DAY = 24 * 3600
#: Lists for URLs are removed after this many seconds. The completion scripts ignore older ones too.
_MONTH = 30 * _DAY
_PLAIN = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-")


def cache_folder(environ: Mapping[str, str], platform: str = sys.platform) -> Path | None:
    """Return the folder of the lists. The completion scripts follow the same rules.

    With CDPCTL_CONFIG, the lists are beside that file, because its profiles are different ones.

    Returns:
        The folder, or None if there is no home folder.
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
    """Return the name of a run's list: the profile, or the URL if one was given.

    Args:
        settings: the settings of the run.
        typed_url: the URL as typed in --url or CDPCTL_URL, because the shell knows only that.
    """
    if typed_url:
        return "@" + "".join(char if char in _PLAIN else "_" for char in typed_url)
    return settings.profile


def remember_run(
    settings: Settings,
    environ: Mapping[str, str],
    typed_url: str | None,
    peers: Collection[str],
    debug: Callable[[int, str], None],
) -> None:
    """Store the names of the peers that a run has read. The run never fails because of this.

    Args:
        settings: the settings of the run.
        environ: the environment variables.
        typed_url: as for `list_name`.
        peers: the names of the peers.
        debug: takes (level, text).
    """
    folder = cache_folder(environ)
    if not peers or folder is None:
        return
    name = list_name(settings, typed_url)
    try:
        if remember(folder, name, peers):
            debug(1, f"stored {len(peers)} names for completion in {folder / name}")
    except ConfigError as error:
        debug(1, f"names for completion were not stored: {error.message}")


def remember(folder: Path, name: str, peers: Iterable[str], now: float | None = None) -> bool:
    """Write a list, unless the stored one is the same and less than a day old.

    Args:
        folder: the folder of the lists.
        name: the name of this list.
        peers: the names of the peers. Invalid names are left out.
        now: seconds since the epoch.

    Returns:
        Whether the list was written.

    Raises:
        ConfigError: it cannot be written.
    """
    now = time.time() if now is None else now
    names = "".join(f"{peer}\n" for peer in peers if check_name(peer) is None)
    path = folder / name
    if _is_current(path, names, now):
        return False
    write_private(path, f"# {now:.0f}\n{names}".encode())
    _forget_old(folder, now)
    return True


def _is_current(path: Path, names: str, now: float) -> bool:
    try:
        stamp, _, kept = path.read_bytes().partition(b"\n")
        age = now - int(stamp.removeprefix(b"# "))
    except (OSError, ValueError):
        # It is missing or damaged.
        return False
    return kept == names.encode() and -_DAY < age < _DAY


def _forget_old(folder: Path, now: float) -> None:
    # Another run may be removing the same files.
    with suppress(OSError):
        for path in folder.glob("@*"):
            if now - path.stat().st_mtime > _MONTH:
                path.unlink(missing_ok=True)
