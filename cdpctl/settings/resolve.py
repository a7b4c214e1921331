"""Resolves the settings of a run from options, variables, the profile and defaults, in this order."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from cdpctl.deadline import parse_duration
from cdpctl.files import absolute_path
from cdpctl.settings.file import check_profile_name, config_path, load, unknown_profile
from cdpctl.settings.model import Settings, TokenStore
from cdpctl.settings.table import BY_NAME, SETTINGS, Kind, Setting, check_value
from cdpctl.text import command_line

BUILT_IN, PROFILE = "built-in", "profile"
#: The source of a profile's value that is not used, because the run has another URL.
LEFT_ALONE = "ignored: the URL is not the profile's"
# Values that turn CDPCTL_NO_KEYRING off. Any other value turns it on.
_NO = ("", "0", "false", "no")


def choose_profile(found: Mapping[str, Any], asked: str | None, *, creating: bool, path: Path) -> str:
    """Return the name of the run's profile.

    Args:
        found: the configuration.
        asked: the name in an option or variable.
        creating: accept a profile that does not exist.
        path: the path of the configuration, for messages.

    Raises:
        UsageError: the name is not valid.
        ConfigError: the profile does not exist, or is not valid.
    """
    profiles = [*found["profiles"], *found["broken"]]
    name = asked or found["default_profile"] or (profiles[0] if len(profiles) == 1 else "default")
    if name in found["broken"]:
        raise found["broken"][name]
    check_profile_name(name)
    if name in profiles or creating or (asked is None and found["default_profile"] is None):
        return str(name)
    raise unknown_profile(
        path, name, profiles, f"to create it: {command_line.login('URL', ('--profile', name))}"
    )


def resolve(
    given: Mapping[str, Any], environ: Mapping[str, str], *, interactive: bool, creating: bool = False
) -> Settings:
    """Return the settings of a run.

    If an option or a variable gives another URL than the profile's, the profile's settings for its CDP are
    not used: user name, certificates, proxy, relaxed checks and sources of secrets.

    Args:
        given: the options as typed, by parameter. None and False mean not given.
        environ: the environment variables.
        interactive: whether questions can be asked.
        creating: accept a profile that does not exist, for `login`.

    Raises:
        UsageError: the value of an option or a variable is not valid.
        ConfigError: the file cannot be used, or has no such profile.
    """
    path = config_path(environ)
    found = load(path)
    asked = given.get("profile") or environ.get("CDPCTL_PROFILE") or None
    name = choose_profile(found, asked, creating=creating, path=path)
    profile: Mapping[str, Any] = found["profiles"].get(name, {})
    url = _typed(BY_NAME["url"], given, environ)
    own = url is None or url[0] == profile.get("url")
    values: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for setting in SETTINGS:
        if not setting.in_profile:
            continue
        value, source = _typed(setting, given, environ) or (profile.get(setting.name), PROFILE)
        if source == PROFILE and value is not None and setting.of_url and not own:
            value, source = None, LEFT_ALONE
        if value is None:
            value, source = setting.default, BUILT_IN if source == PROFILE else source
        values[setting.name] = _in_use(setting, value)
        sources[setting.name] = source
    return Settings(
        config_file=path,
        config_dir=path.parent,
        profile=name,
        profile_exists=name in found["profiles"],
        trust_profile_secrets=own,
        no_keyring=(environ.get("CDPCTL_NO_KEYRING") or "").lower() not in _NO,
        interactive=interactive,
        sources=sources,
        warnings=tuple(found["warnings"]),
        **values,
    )


def _typed(setting: Setting, given: Mapping[str, Any], environ: Mapping[str, str]) -> tuple[Any, str] | None:
    """Return a setting's value and source, from its option or variable. None if neither is given."""
    option = given.get(setting.parameter) if setting.option else None
    if option is True:
        return setting.flag, setting.option[0]
    if option is not None and option is not False:
        return _checked(setting, option, setting.option[0])
    value = environ.get(setting.variable) if setting.variable else None
    return _checked(setting, value, setting.variable) if value else None


def _checked(setting: Setting, value: str, source: str) -> tuple[Any, str]:
    if setting.kind is Kind.PATH:
        # An argument may contain bytes that are not text.
        return absolute_path(value, source), source
    return check_value(setting.name, value, source), source


def _in_use(setting: Setting, value: Any) -> Any:
    """Return a value as the run uses it."""
    if value is None:
        return {} if setting.kind is Kind.GROUPS else None
    if setting.kind is Kind.PATH:
        return Path(value)
    if setting.kind is Kind.DURATION and isinstance(value, str):
        return parse_duration(value, setting.name)
    return TokenStore(value) if setting.name == "token_store" else value
