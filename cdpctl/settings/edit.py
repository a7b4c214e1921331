"""Changes the user's configuration file, and keeps its comments and order."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cdpctl.errors import ConfigError, NotFoundError, UsageError
from cdpctl.files import locked, write_private
from cdpctl.settings.exposure import check_exposure
from cdpctl.settings.file import (
    SYSTEM_CONFIG,
    check_profile_name,
    checked_content,
    load,
    load_file,
    parse,
    read_file,
    unknown_profile,
)
from cdpctl.settings.table import check_value, profile_setting
from cdpctl.text import quoted

_LOCK_SECONDS = 10.0
#: Takes a level and a text.
Debug = Callable[[int, str], None]
_BOM = b"\xef\xbb\xbf"


def change(
    path: Path,
    work: Callable[[Any], None],
    *,
    mending: bool = False,
    debug: Debug | None = None,
) -> None:
    """Change the user's file under a lock, and replace it atomically. Comments and order are kept.

    The new text is parsed and compared with the intended result before it is written.

    Args:
        path: the path of the configuration.
        work: changes a document. It is called for a plain document and for one with comments.
        mending: accept invalid values in the file, because one of them is being removed.
        debug: takes (level, text), if the file system has no locks.

    Raises:
        ConfigError: it cannot be read or written, or the change cannot be made safely.
    """
    import tomlkit

    with locked(path, _LOCK_SECONDS, debug):
        if not mending:
            load_file(path)
        old = read_file(path) or b""
        meant = parse(path, old)
        work(meant)
        text = old.decode("utf-8-sig")
        new = _edited(text, work, meant)
        if new is None and "#" not in text:
            new = tomlkit.dumps(meant)
        if new is None:
            raise ConfigError(
                f"{path}: this change cannot be made without losing something else; nothing was written",
                hint=f"write every profile as a table [profiles.NAME], or edit {path}",
            )
        if "\r\n" in text and "\n" not in text.replace("\r\n", ""):
            new = new.replace("\r\n", "\n").replace("\n", "\r\n")
        if not mending:
            check_exposure(path, checked_content(path, meant))
        write_private(path, (_BOM if old.startswith(_BOM) else b"") + new.encode())


def _edited(text: str, work: Callable[[Any], None], meant: Mapping[str, Any]) -> str | None:
    """Return the text after changing it in place. None if the library cannot change this form correctly."""
    import tomllib

    import tomlkit

    try:
        document = tomlkit.parse(text)
        work(document)
        new = tomlkit.dumps(document)
        found = tomllib.loads(new)
    except (
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        RecursionError,
        ConfigError,
        tomlkit.exceptions.TOMLKitError,
    ):
        return None
    # An empty table of profiles is the same as none.
    return new if {"profiles": {}, **found} == {"profiles": {}, **meant} else None


def table(document: Any, *names: str) -> Any:
    """Return a table of a document. Create it if it is missing."""
    for index, name in enumerate(names):
        if name not in document:
            document[name] = _new_table(document, super_table=index + 1 < len(names))
        document = document[name]
    return document


def _new_table(parent: Any, *, super_table: bool) -> Any:
    if type(parent) is dict:
        return {}
    import tomlkit
    from tomlkit.items import InlineTable

    if isinstance(parent, InlineTable):
        return tomlkit.inline_table()
    return tomlkit.table(is_super_table=super_table)


def save_profile(path: Path, name: str, values: Mapping[str, Any], debug: Debug | None = None) -> None:
    """Write values into a profile. The first one becomes the default, if there is none for all users.

    Args:
        path: the path of the configuration.
        name: the name of the profile.
        values: the values by key.
        debug: takes (level, text), if the file system has no locks.

    Raises:
        UsageError: a value is not valid, or not UTF-8 text.
        ConfigError: the file cannot be written.
    """
    checked = {key: check_value(key, value) for key, value in values.items()}
    check_profile_name(name)
    for key, value in checked.items():
        if isinstance(value, str) and not value.isascii():
            try:
                value.encode()
            except UnicodeEncodeError:
                raise UsageError(f"{key}: {quoted(value)} is not text in UTF-8") from None

    system = load_file(SYSTEM_CONFIG)
    others = {**system["profiles"], **system["broken"]}

    def work(document: Any) -> None:
        # Commands without --profile must not go to another CDP than before.
        if not document.get("profiles") and not others and "default_profile" not in document:
            document["default_profile"] = name
        table(document, "profiles", name).update(checked)

    change(path, work, debug=debug)


def unset(path: Path, asked: str | None, key: str, debug: Debug) -> str:
    """Remove a setting from a profile, even an invalid one. Return the profile's name.

    Args:
        path: the path of the configuration.
        asked: the profile asked for. None means the default one.
        key: the setting.
        debug: takes (level, text), if the file system has no locks.

    Raises:
        ConfigError: there is no such profile, its setting comes from the file for all users, or the file
            cannot be written.
        NotFoundError: the setting is not set.
    """
    system = load_file(SYSTEM_CONFIG)
    name = ""

    def work(document: Any) -> None:
        nonlocal name
        profiles = document.get("profiles", {})
        profiles = profiles if isinstance(profiles, Mapping) else {}
        only = next(iter(profiles)) if len(profiles) == 1 else "default"
        name = str(asked or document.get("default_profile") or system["default_profile"] or only)
        mine = profiles.get(name)
        if key in system["profiles"].get(name, ()) and not (isinstance(mine, Mapping) and key in mine):
            raise _of_all_users(f"{key} of profile {name}")
        if not isinstance(mine, Mapping):
            raise unknown_profile(path, check_profile_name(name), profiles)
        if key not in mine:
            profile_setting(key)
            raise NotFoundError(f"{path}: {key} is not set in profile {name}")
        del profiles[name][key]

    change(path, work, mending=True, debug=debug)
    return name


def existing_profile(path: Path, name: str) -> dict[str, Any]:
    """Return the configuration, after checking that it has this profile. It may be a broken one.

    Raises:
        ConfigError: it does not.
    """
    found = load(path)
    known = found["profiles"] | found["broken"]
    if name not in known:
        raise unknown_profile(path, check_profile_name(name), known)
    return found


def check_own_profile(path: Path, name: str) -> None:
    """Check that a profile is in the user's file.

    Raises:
        ConfigError: it comes from the file for all users.
    """
    own = load_file(path)
    if name not in own["profiles"] | own["broken"]:
        raise _of_all_users(f"profile {name}")


def _of_all_users(what: str) -> ConfigError:
    return ConfigError(f"{what} comes from {SYSTEM_CONFIG}", hint=f"sudoedit {SYSTEM_CONFIG}")


def remove_profile(path: Path, name: str, debug: Debug) -> None:
    """Remove a profile from the user's file. If it was the default, there is none any more."""

    def work(document: Any) -> None:
        del document["profiles"][name]
        if document.get("default_profile") == name:
            del document["default_profile"]

    change(path, work, debug=debug)
