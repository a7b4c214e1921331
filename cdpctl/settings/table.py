"""The table of settings: the option, variable, profile key, kind, default and help of each."""

import math
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, NamedTuple

from cdpctl.deadline import parse_duration
from cdpctl.errors import UsageError
from cdpctl.peers.names import check_name
from cdpctl.redact import without_user_info
from cdpctl.settings.model import TokenStore
from cdpctl.text import command_line, did_you_mean, near_misses, quoted, unknown_value

# The groups of options in help.
GENERAL, OUTPUT, CONNECTION = "General", "Output", "Connection"

_MOST_TEXT = 4096


class Kind(StrEnum):
    """The kind of a setting's value."""

    TEXT = "text"
    URL = "URL"
    PATH = "path"
    DURATION = "duration"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    COUNT = "count"
    GROUPS = "groups"


class Setting(NamedTuple):
    """A setting of a run.

    Attributes:
        name: its key in a profile, and its attribute in `Settings`.
        kind: the kind of its value.
        help: its help line, without the default and the full stop.
        spelled: its option as help shows it, the long name first. Empty if there is none.
        variable: its environment variable. Empty if there is none.
        default: the default value, or None.
        words: the allowed values of a choice.
        group: its group in help. Only commands that call a CDP have options of CONNECTION.
        shared: whether all commands, or all that call a CDP, have the option.
        in_profile: whether profiles can have it.
        of_url: whether it is for the profile's own CDP only. With another URL it might send a secret there
            or relax a check, so it is not used.
        runs: whether it is a command to run, so that the file must not be writable for other users.
        flag: the value that its boolean option sets.
    """

    name: str
    kind: Kind
    help: str
    spelled: str = ""
    variable: str = ""
    default: Any = None
    words: tuple[str, ...] = ()
    group: str = CONNECTION
    shared: bool = True
    in_profile: bool = True
    of_url: bool = False
    runs: bool = False
    flag: bool = True

    @property
    def option(self) -> tuple[str, ...]:
        """The names of the option."""
        return tuple(word for word in self.spelled.split() if word.startswith("-"))

    @property
    def parameter(self) -> str:
        """The option as the name of a parameter: `insecure_skip_verify`."""
        return self.option[0].removeprefix("--").replace("-", "_")

    @property
    def takes_value(self) -> bool:
        """Whether the option takes a value."""
        return self.kind not in (Kind.BOOLEAN, Kind.COUNT)

    @property
    def calls(self) -> bool:
        """Whether the option is for commands that call a CDP only."""
        return self.group == CONNECTION

    @property
    def help_line(self) -> str:
        """The option's line in help, with the default."""
        shown = self.default
        if self.kind is Kind.DURATION and shown is not None:
            shown = f"{shown:g}s"
        plain = shown is None or self.kind in (Kind.BOOLEAN, Kind.COUNT)
        return f"{self.help}." if plain else f"{self.help} (default {shown})."


# These can only be given as options.
_OF_OUTPUT: Any = {"group": OUTPUT, "in_profile": False}

#: All settings, in the order of `config list` and help.
SETTINGS = (
    Setting(
        "profile", Kind.TEXT,
        "Profile to use, instead of the default one; to read several grids, a list or a pattern",
        "--profile -p P", "CDPCTL_PROFILE", group=GENERAL, in_profile=False,
    ),
    Setting("url", Kind.URL, "URL of the CDP; a host name is enough", "--url URL", "CDPCTL_URL"),
    Setting(
        "standby_url", Kind.URL, "URL of the standby CDP, used when the first cannot be reached", of_url=True,
    ),
    Setting(
        "username", Kind.TEXT, "User to log in as", "--username U", "CDPCTL_USERNAME", shared=False,
        of_url=True,
    ),
    Setting(
        "ca_bundle", Kind.PATH, "PEM file of the CAs to trust for this CDP", "--ca-bundle F",
        "CDPCTL_CA_BUNDLE", of_url=True,
    ),
    Setting(
        "client_cert", Kind.PATH, "PEM file of the client certificate", "--client-cert F", of_url=True,
    ),
    Setting(
        "client_key", Kind.PATH, "PEM file of the client certificate's key", "--client-key F", of_url=True,
    ),
    Setting(
        "verify", Kind.BOOLEAN, "Do not verify the server certificate; prefer --ca-bundle",
        "--insecure-skip-verify", default=True, of_url=True, flag=False,
    ),
    Setting(
        "proxy", Kind.URL, "Proxy to reach the CDP through; an empty value means none", "--proxy URL",
        of_url=True,
    ),
    Setting(
        "insecure_http", Kind.BOOLEAN, "Allow http:// to other machines, which exposes password and token",
        "--insecure-http", default=False, of_url=True,
    ),
    Setting(
        "token_store", Kind.CHOICE, "Where to store the token: auto, keyring, file or none",
        "--token-store S",
        default=TokenStore.AUTO.value, words=tuple(TokenStore), shared=False,
    ),
    Setting("password_command", Kind.TEXT, "Command that prints the password", of_url=True, runs=True),
    Setting("token_file", Kind.PATH, "File to read the token from", of_url=True),
    Setting("protected", Kind.BOOLEAN, "Ask before every operation", default=False),
    Setting("audit", Kind.CHOICE, "Where to log operations: syslog", words=("syslog",)),
    Setting(
        "groups", Kind.GROUPS,
        'Peers for --group, such as web = ["AP1", "WEB-*"] in [profiles.NAME.groups]',
    ),
    Setting(
        "timeout", Kind.DURATION,
        "Deadline for the whole run, such as 90s or 5m",
        "--timeout D", "CDPCTL_TIMEOUT",
    ),
    Setting(
        "connect_timeout", Kind.DURATION, "Time to wait for a connection", "--connect-timeout D",
        default=10.0,
    ),
    Setting(
        "read_timeout", Kind.DURATION, "Time to wait for each part of a response", "--read-timeout D",
        default=30.0,
    ),
    Setting(
        "output", Kind.CHOICE,
        "Output format: table, tsv, json, jsonl or name (default table on a terminal, tsv elsewhere)",
        "--output -o FORMAT", "CDPCTL_OUTPUT", words=("table", "tsv", "json", "jsonl", "name"), group=OUTPUT,
    ),
    Setting("fields", Kind.TEXT, "Show only these fields, in this order", "--fields A,B", **_OF_OUTPUT),
    Setting(
        "no_headers", Kind.BOOLEAN, "Leave out the header row of table and tsv", "--no-headers", **_OF_OUTPUT,
    ),
    Setting("no_color", Kind.BOOLEAN, "Do not use colours", "--no-color", **_OF_OUTPUT),
    Setting("quiet", Kind.BOOLEAN, "Show no notes and no progress", "--quiet -q", **_OF_OUTPUT),
    Setting(
        "verbose", Kind.COUNT, "Explain decisions; -vv lists requests; -vvv traces HTTP", "--verbose -v",
        **_OF_OUTPUT
    ),
    Setting(
        "all_profiles", Kind.BOOLEAN, "Read the grids of all profiles", "--all-profiles", group=GENERAL,
        in_profile=False, shared=False,
    ),
    Setting(
        "no_input", Kind.BOOLEAN, "Never ask; fail where an answer is needed", "--no-input", group=GENERAL,
        in_profile=False,
    ),
    Setting(
        "no_keyring", Kind.BOOLEAN, "Do not use the system keyring if set to 1", variable="CDPCTL_NO_KEYRING",
        default=False, in_profile=False,
    ),
)  # fmt: skip

#: Variables that are not settings: they contain secrets, or are shared with other programs.
OTHER_VARIABLES = {
    "CDPCTL_PASSWORD": "Password to log in with.",
    "CDPCTL_PASSWORD_FILE": "File to read the password from.",
    "CDPCTL_TOKEN": "Token to use as it is. No login ever replaces it.",
    "CDPCTL_TOKEN_FILE": "File to read such a token from.",
    "CDPCTL_CONFIG": "Configuration file, instead of the one in your home folder.",
    "NO_COLOR": "Do not use colours if set.",
    "FORCE_COLOR": "Use colours even without a terminal.",
    "HTTPS_PROXY": "Proxy for https:// URLs. HTTP_PROXY is the one for http://, NO_PROXY lists exceptions.",
}

#: The settings by name.
BY_NAME = {each.name: each for each in SETTINGS}
#: The settings with options for all commands, or for all that call a CDP.
SHARED = tuple(each for each in SETTINGS if each.option and each.shared)
#: The keys of a profile.
KEYS = tuple(each.name for each in SETTINGS if each.in_profile)


def variables() -> dict[str, str]:
    """Return the variables and their meanings."""
    return {each.variable: each.help_line for each in SETTINGS if each.variable} | OTHER_VARIABLES


def options_in_use(profile: str | None, typed: Mapping[str, Any]) -> tuple[tuple[str, ...], ...]:
    """Return the options that a command in a hint needs to reach the same CDP in the same way.

    Args:
        profile: the profile in use, if it exists or was asked for.
        typed: the values of the options of the connection, by parameter.
    """
    found: list[tuple[str, ...]] = [("--profile", profile)] if profile else []
    for each in SHARED:
        value = typed.get(each.parameter)
        if not each.calls or each.kind is Kind.DURATION or value is None or value is False:
            continue
        name = each.option[0]
        found.append((name,) if value is True else (name, without_user_info(value)))
    return tuple(found)


def profile_setting(key: str) -> Setting:
    """Return the setting for a key of a profile.

    Raises:
        UsageError: there is no such key.
    """
    if key not in KEYS:
        raise UsageError(
            f"unknown setting {quoted(key)}{did_you_mean(near_misses(key, KEYS, 1))}",
            hint=command_line("config list"),
        )
    return BY_NAME[key]


def check_value(key: str, value: object, where: str = "") -> Any:
    """Check a value from TOML or as typed, and return it as profiles store it.

    Args:
        key: the key in a profile.
        value: the value.
        where: the option or variable, for messages. The default is the key.

    Raises:
        UsageError: the key is unknown, or the value is not valid for it.
    """
    setting = profile_setting(key)
    where = where or key
    if setting.kind is Kind.GROUPS:
        return _groups(where, value)
    if setting.kind is Kind.BOOLEAN:
        if isinstance(value, bool):
            return value
        if str(value).lower() not in ("true", "false"):
            raise UsageError(f"{where}: {quoted(str(value))} is not valid: use true or false")
        return str(value).lower() == "true"
    if setting.kind is Kind.DURATION and isinstance(value, (int, float)) and not isinstance(value, bool):
        value = f"{value:g}" if math.isfinite(value) else str(value)
    if not isinstance(value, str):
        raise UsageError(f"{where}: the value must be text in quotes")
    return _text(setting, where, value)


def _text(setting: Setting, where: str, value: str) -> str:
    if setting.kind is Kind.URL and setting.name != "proxy":
        try:
            from cdpctl.settings.urls import base_url

            return base_url(value)
        except UsageError as error:
            raise UsageError(f"{where}: {error.message}", hint=error.hints) from None
    if setting.kind is Kind.DURATION:
        parse_duration(value, where)
    if setting.kind is Kind.CHOICE and value not in setting.words:
        raise unknown_value(where, value, setting.words)
    if not value.strip() and (value or setting.name != "proxy"):
        raise UsageError(
            f"{where}: the value is empty", hint=f"to remove it: {command_line('config unset', setting.name)}"
        )
    if any(ord(char) < 32 or ord(char) == 127 for char in value):
        raise UsageError(f"{where}: the value contains a control character")
    if len(value) > _MOST_TEXT:
        raise UsageError(f"{where}: the value is longer than {_MOST_TEXT} characters")
    return value


def _groups(where: str, value: object) -> dict[str, tuple[str, ...]]:
    if not isinstance(value, Mapping):
        raise UsageError(f"{where}: must be a table of lists", hint='for example: web = ["AP1", "WEB-*"]')
    groups = {}
    for name, members in value.items():
        label = f"{where}: {quoted(name)}"
        if not name or not name.isprintable() or "," in name or name != name.strip():
            raise UsageError(f"{label} is not a valid group name")
        if not isinstance(members, (list, tuple)) or not all(isinstance(each, str) for each in members):
            raise UsageError(f"{label} must be a list of names", hint='for example: web = ["AP1", "WEB-*"]')
        for each in members:
            why = check_name(each)
            if why is not None:
                raise UsageError(f"{label}: {quoted(each)} cannot match a peer: {why}")
        groups[name] = tuple(str(each) for each in members)
    return groups
