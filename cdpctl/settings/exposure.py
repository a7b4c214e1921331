"""Whether other users can change a configuration file, and so decide what it says."""

import os
import stat
from collections.abc import Mapping
from pathlib import Path
from shlex import quote
from typing import Any, NamedTuple

from cdpctl.errors import ConfigError
from cdpctl.settings.table import SETTINGS
from cdpctl.text import reason_of

_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
_RUNS = frozenset(each.name for each in SETTINGS if each.runs)


def check_exposure(path: Path, found: Mapping[str, Any]) -> list[str]:
    """Return warnings about a file that other users can change. If it contains a command, raise an error.

    Raises:
        ConfigError: it contains a command that other users can change, or belongs to another user.
    """
    try:
        exposed = exposure(path)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be examined: {reason_of(error)}") from None
    if exposed is None:
        return []
    if exposed.foreign:
        raise ConfigError(f"{path}: not read, because {exposed.reason}", hint=exposed.fix)
    for name, values in found["profiles"].items():
        for key in _RUNS & values.keys():
            raise ConfigError(
                f"{path}: not read, because {exposed.reason} and [profiles.{name}] {key} is a command to run",
                hint=exposed.fix,
            )
    return [f"{exposed.reason}, and so decide where your password goes; to fix it: {exposed.fix}"]


class Exposure(NamedTuple):
    """Why other users can change a file.

    Attributes:
        reason: what is wrong, with the path.
        fix: the command that fixes it.
        foreign: whether the file itself belongs to another user.
    """

    reason: str
    fix: str
    foreign: bool


def exposure(path: Path) -> Exposure | None:
    """Return why other users could change or replace a file: its mode, its owner or its folders.

    Folders of root or this user are safe, and so are world-writable folders with the sticky bit.

    Args:
        path: the path of the file. Missing parts are safe.

    Raises:
        OSError: it cannot be examined.
    """
    if not hasattr(os, "getuid"):
        return None
    # The owner of / can change everything anyway. In a user namespace that is not user 0.
    trusted = {0, os.getuid(), Path("/").stat().st_uid}
    # A symbolic link can be changed in its folder.
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
