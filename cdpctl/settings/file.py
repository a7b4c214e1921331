"""Finds, reads and checks the configuration files."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from cdpctl.errors import ConfigError, UsageError
from cdpctl.files import absolute_path, file_mode
from cdpctl.settings.table import SETTINGS, Kind, check_value
from cdpctl.text import (
    did_you_mean,
    has_wildcard,
    join_names,
    near_misses,
    printable,
    quoted,
    reason_of,
    shell_words,
)

#: The configuration for all users of this machine. The user's own overrides it.
SYSTEM_CONFIG = Path("/etc/cdpctl/config.toml")
_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_MOST_BYTES = 1024 * 1024
_OF_URL = frozenset(each.name for each in SETTINGS if each.of_url)
_PATHS = frozenset(each.name for each in SETTINGS if each.kind is Kind.PATH)


def config_path(environ: Mapping[str, str]) -> Path:
    """Return the path of the user's configuration: CDPCTL_CONFIG, or else the platform's default.

    Raises:
        UsageError: CDPCTL_CONFIG is not a valid path.
        ConfigError: there is no home folder.
    """
    if environ.get("CDPCTL_CONFIG"):
        return absolute_path(environ["CDPCTL_CONFIG"], "CDPCTL_CONFIG")
    if sys.platform in ("win32", "darwin"):
        from platformdirs import user_config_path

        return user_config_path("cdpctl", appauthor=False) / "config.toml"
    base = environ.get("XDG_CONFIG_HOME") or ""
    # By the XDG rules, a relative path counts as not set.
    return (
        (Path(base) if base.startswith("/") else Path(_home(environ)) / ".config") / "cdpctl" / "config.toml"
    )


def _home(environ: Mapping[str, str]) -> str:
    if environ.get("HOME"):
        return environ["HOME"]
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        raise ConfigError(
            "no home folder: HOME is not set", hint="export CDPCTL_CONFIG=/path/to/config.toml"
        ) from None


def check_profile_name(name: str) -> str:
    """Check the name of a profile.

    Raises:
        UsageError: it is not valid.
    """
    if not re.fullmatch(_NAME, name):
        raise UsageError(
            f"{quoted(name)} is not a valid profile name",
            hint="use 1 to 64 letters, digits, '.', '_' and '-'; start with a letter or a digit",
        )
    return name


def unknown_profile(
    path: Path, name: str, known: Iterable[str], hint: str = "cdpctl config profiles"
) -> ConfigError:
    """Return the error for a profile that does not exist, or a pattern that matches none."""
    what = "no profile matches" if has_wildcard(name) else "unknown profile"
    near = did_you_mean(near_misses(name, known, 1))
    return ConfigError(f"{path}: {what} {quoted(name)}{near}", hint=hint)


def no_default(profiles: Iterable[str]) -> ConfigError:
    """Return the error for several profiles of which none is the default."""
    names = list(profiles)
    return ConfigError(
        f"no default profile is set; there are {join_names(names)}",
        hint=f"add --profile NAME, or set the default: cdpctl config use {names[0]}",
    )


def load(path: Path) -> dict[str, Any]:
    """Read the user's configuration and the one for all users, which it overrides.

    Args:
        path: the path of the user's configuration. The file may be missing.

    Returns:
        `{"default_profile": …, "profiles": {name: {key: checked value}}, "broken": {name: error},
        "warnings": [text]}`, all of them always present, and with absolute paths. A profile that is not
        valid is among the broken ones: it is an error only where it is used.

    Raises:
        ConfigError: a file cannot be read or trusted, or something outside its profiles is not valid.
    """
    own, system = load_file(path), load_file(SYSTEM_CONFIG)
    profiles = own["profiles"]
    for name, below in system["profiles"].items():
        above = profiles.get(name, {})
        other = "url" in above and above["url"] != below.get("url")
        # Settings for the URL of the machine's profile must not be used for the user's URL.
        kept = {key: value for key, value in below.items() if not (other and key in _OF_URL)}
        profiles[name] = {**kept, **above}
    broken = {**system["broken"], **own["broken"]}
    profiles = {name: values for name, values in profiles.items() if name not in broken}
    return {
        "default_profile": own["default_profile"] or system["default_profile"],
        "profiles": profiles,
        "broken": broken,
        "warnings": [*own["warnings"], *system["warnings"]],
    }


def load_file(path: Path) -> dict[str, Any]:
    """Read one configuration file. Result and errors as for `load`.

    Raises:
        ConfigError: as for `load`.
    """
    data = read_file(path)
    if data is None:
        return {"default_profile": None, "profiles": {}, "broken": {}, "warnings": []}
    from cdpctl.settings.exposure import check_exposure

    found = checked_content(path, parse(path, data))
    return {**found, "warnings": check_exposure(path, found)}


def parse(path: Path, data: bytes) -> dict[str, Any]:
    """Return the content of a configuration file as plain values.

    Args:
        path: its path, for messages.
        data: its content.

    Raises:
        ConfigError: it is not TOML.
    """
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: not a text file in UTF-8", hint="save it as UTF-8") from None
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        place = re.search(r"\(at [^)]*\)", str(error))
        raise ConfigError(
            f"{path}: not valid TOML {place[0] if place else ''}".rstrip(), hint="correct or remove the file"
        ) from None


def read_file(path: Path) -> bytes | None:
    """Return the bytes of a configuration file, or None if there is none.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        mode = file_mode(path)
        if mode is None:
            return None
        if not stat.S_ISREG(mode):
            raise ConfigError(f"{path}: not a regular file", hint="export CDPCTL_CONFIG=/path/to/config.toml")
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {reason_of(error)}") from None
    if len(data) > _MOST_BYTES:
        raise ConfigError(f"{path}: larger than 1 MiB")
    return data


def checked_content(path: Path, found: dict[str, Any]) -> dict[str, Any]:
    """Return the default profile, the profiles with checked values, and the broken ones.

    Raises:
        ConfigError: something outside the profiles is not valid.
    """
    for key in found:
        if key not in ("default_profile", "profiles"):
            raise ConfigError(
                f"{path}: unknown key {quoted(key)}", hint="use default_profile and [profiles.NAME]"
            )
    default, profiles = found.get("default_profile"), found.get("profiles", {})
    if not isinstance(profiles, dict):
        raise ConfigError(f"{path}: profiles must be tables", hint="write them as [profiles.NAME]")
    if default is not None and not isinstance(default, str):
        raise ConfigError(f"{path}: default_profile must be text in quotes")
    result: dict[str, dict[str, Any]] = {}
    broken: dict[str, ConfigError] = {}
    for name, values in profiles.items():
        try:
            result[name] = _profile(path, name, values)
        except ConfigError as error:
            broken[name] = error
    return {"default_profile": default, "profiles": result, "broken": broken}


def _profile(path: Path, name: str, values: object) -> dict[str, Any]:
    if not isinstance(values, dict):
        raise ConfigError(
            f"{path}: profile {quoted(name)} must be a table", hint="write it as [profiles.NAME]"
        )
    try:
        check_profile_name(name)
    except UsageError as error:
        raise ConfigError(f"{path}: {error.message}", hint=error.hints) from None
    return {key: _value(path, name, key, value) for key, value in values.items()}


def _value(path: Path, name: str, key: str, value: object) -> Any:
    try:
        checked = check_value(key, value)
        return str(absolute_path(checked, key, path.parent)) if key in _PATHS else checked
    except UsageError as error:
        how = f"edit {path}"
        if path != SYSTEM_CONFIG:
            how = printable(shell_words(["cdpctl", "config", "unset", key, "--profile", name]))
        raise ConfigError(f"{path}: [profiles.{name}] {error.message}", hint=how) from None
