"""The configuration file: where it is, what may stand in it, reading it and changing it."""

import os
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from cdpctl.errors import CdpctlError, ConfigError, UsageError
from cdpctl.files import absolute_path
from cdpctl.settings.table import check_value

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_MOST_BYTES = 1024 * 1024
_LOCK_SECONDS = 10.0


def config_path(environ: Mapping[str, str]) -> Path:
    """Return where the configuration is: CDPCTL_CONFIG, else the platform's own place for it."""
    if environ.get("CDPCTL_CONFIG"):
        return absolute_path(environ["CDPCTL_CONFIG"], "CDPCTL_CONFIG")
    if sys.platform in ("win32", "darwin"):
        from platformdirs import user_config_path

        return user_config_path("cdpctl", appauthor=False) / "config.toml"
    base = environ.get("XDG_CONFIG_HOME") or ""
    # The XDG rules: a relative path there counts as not set.
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
        raise ConfigError("no home folder: HOME is not set", hint="set CDPCTL_CONFIG to a file") from None


def check_profile_name(name: str) -> str:
    """Return a name a profile can have.

    Raises:
        UsageError: it cannot.
    """
    if not _NAME.fullmatch(name):
        raise UsageError(
            f"{name[:70]!a} is no name for a profile",
            hint="letters, digits, . _ and -, at most 64 of them",
        )
    return name


def load(path: Path) -> dict[str, Any]:
    """Read the configuration; an empty one where there is no file.

    Returns:
        `{"default_profile": …, "profiles": {name: {key: checked value}}}`, both always there.

    Raises:
        ConfigError: it cannot be read, is no TOML, or something in it is not known; names the place.
    """
    data = _read(path)
    if data is None:
        return {"default_profile": None, "profiles": {}}
    import tomllib

    try:
        found = tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError(f"{path}: it is not UTF-8 text") from None
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        place = re.search(r"\(at [^)]*\)", str(error))
        raise ConfigError(
            f"{path}: it is no TOML {place[0] if place else ''}".rstrip(), hint="mend or remove it"
        ) from None
    return _checked(path, found)


def _read(path: Path) -> bytes | None:
    try:
        if not path.exists():
            return None
        if not path.is_file():
            raise ConfigError(f"{path}: this is no plain file", hint="set CDPCTL_CONFIG to one")
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from None
    if len(data) > _MOST_BYTES:
        raise ConfigError(f"{path}: more than a MiB is no configuration")
    return data


def _checked(path: Path, found: dict[str, Any]) -> dict[str, Any]:
    for key in found:
        if key not in ("default_profile", "profiles"):
            raise ConfigError(f"{path}: {key!r} is not known", hint="default_profile and [profiles.NAME] are")
    profiles = found.get("profiles", {})
    if not isinstance(profiles, dict) or not isinstance(found.get("default_profile", ""), str):
        raise ConfigError(f"{path}: default_profile is a text, profiles are tables [profiles.NAME]")
    result: dict[str, dict[str, Any]] = {}
    for name, values in profiles.items():
        if not isinstance(values, dict):
            raise ConfigError(f"{path}: profile {name!r} is no table")
        try:
            check_profile_name(name)
            result[name] = {key: check_value(key, value) for key, value in values.items()}
        except CdpctlError as error:
            raise ConfigError(
                f"{path}: [profiles.{name}] {error.message}",
                hint=f"{error.hint or 'mend it'}; `cdpctl config unset KEY -p {name}` takes a line out",
            ) from None
    return {"default_profile": found.get("default_profile"), "profiles": result}


def change(path: Path, work: Callable[[Any], None], *, mending: bool = False) -> None:
    """Change the file under a lock, comments and order kept, and replace it whole.

    Args:
        path: of the configuration.
        work: changes the TOML document given to it.
        mending: values that are none for their keys may stand in it: one of them is taken out now.

    Raises:
        ConfigError: it cannot be read or written.
    """
    import tomlkit

    from cdpctl.files import locked, write_private

    with locked(path, _LOCK_SECONDS):
        if not mending:
            load(path)
        try:
            document = tomlkit.parse((_read(path) or b"").decode("utf-8-sig"))
        except (ValueError, RecursionError):
            raise ConfigError(f"{path}: it is no TOML", hint="mend or remove it") from None
        work(document)
        write_private(path, tomlkit.dumps(document).encode())


def table(document: Any, *names: str) -> Any:
    """Return a table of a TOML document, made where it is missing."""
    import tomlkit

    for index, name in enumerate(names):
        if name not in document:
            document[name] = tomlkit.table(is_super_table=index + 1 < len(names))
        document = document[name]
    return document


def save_profile(path: Path, name: str, values: Mapping[str, Any]) -> None:
    """Write values into a profile; the first profile becomes the default one.

    Raises:
        UsageError: a value is none for its key.
        ConfigError: the file cannot be written.
    """
    checked = {key: check_value(key, value) for key, value in values.items()}
    check_profile_name(name)

    def work(document: Any) -> None:
        first = not document.get("profiles")
        if first and "default_profile" not in document:
            document["default_profile"] = name
        table(document, "profiles", name).update(checked)

    change(path, work)
