"""`cdpctl config`: profiles and their settings, seen and changed."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.stored_sessions import forget_kept
from cdpctl.deadline import parse_duration
from cdpctl.errors import ConfigError, ExitCode, NotFoundError, UsageError
from cdpctl.files import absolute_path
from cdpctl.output.document import Document, Format
from cdpctl.redact import without_user_info
from cdpctl.settings.file import change, check_profile_name, config_path, load, save_profile
from cdpctl.settings.table import KEYS, Kind, check_value, profile_setting
from cdpctl.text import did_you_mean, near_misses, quoted

EXAMPLES = {
    "show": ("cdpctl config list", "cdpctl config list --profile prod -o json"),
    "get": ("cdpctl config get url",),
    "put": ("cdpctl config set timeout 5m", "cdpctl config set protected true --profile prod"),
    "unset": ("cdpctl config unset proxy --profile prod",),
    "path": ('$EDITOR "$(cdpctl config path)"',),
    "profiles": ("cdpctl config profiles",),
    "use": ("cdpctl config use prod",),
    "remove": ("cdpctl config remove old",),
}
# Of these the stored secrets depend: they are another account's, or in another place, after a change.
_OF_SECRETS = ("url", "username", "token_store")
_Key = Annotated[str, typer.Argument(metavar="KEY", help="Of a setting; `cdpctl config list` shows them.")]
_Profile = Annotated[str, typer.Argument(metavar="PROFILE", help="The profile's name.")]


@command(calls=False)
def show(runtime: Runtime) -> ExitCode:
    """List the settings of the profile in use, and where each comes from."""
    settings = runtime.settings
    records = [
        {"key": key, "value": _shown(key, getattr(settings, key)), "source": settings.sources[key]}
        for key in KEYS
    ]
    runtime.output.document(
        Document(
            schema="cdpctl.config/1",
            head={"profile": settings.profile, "path": str(settings.config_file)},
            key="settings",
            records=records,
            columns=("key", "value", "source"),
        )
    )
    return ExitCode.OK


@command(calls=False)
def get(runtime: Runtime, key: _Key) -> ExitCode:
    """Print one setting of the profile in use, as a run would have it.

    Nothing is printed, and the exit code is 5, where it is not set.
    """
    setting = profile_setting(key)
    settings = runtime.settings
    value = _shown(key, getattr(settings, key))
    if value is None:
        raise NotFoundError(
            f"{key} is not set in profile {settings.profile}",
            hint=f"cdpctl config set {key} VALUE --profile {settings.profile}"
            if setting.kind is not Kind.GROUPS
            else _edit_groups(settings.config_file, settings.profile),
        )
    _one(runtime, {"profile": settings.profile, "key": key}, "value", value)
    return ExitCode.OK


@command(calls=False)
def put(
    runtime: Runtime,
    key: _Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="As it stands in the file, without quotes.")],
) -> ExitCode:
    """Set one setting of the profile in use; a profile that does not exist is made.

    A relative path is taken from here and kept whole. After a change of url, username or token_store
    the token kept before is forgotten.
    """
    setting = profile_setting(key)
    if setting.kind is Kind.GROUPS:
        file, name = config_path(runtime.environ), runtime.shared.profile or "NAME"
        raise UsageError("groups are edited in the configuration file", hint=_edit_groups(file, name))
    if setting.kind is Kind.PATH:
        value = str(absolute_path(value, key))
    kept = check_value(key, value)
    settings = runtime.configure(creating=True)
    if key in _OF_SECRETS:
        forget_kept(runtime, settings.profile, keeping_password=key == "token_store")
    save_profile(settings.config_file, settings.profile, {key: kept})
    runtime.output.say(f"profile {settings.profile}: {key} is set")
    _one(runtime, {"profile": settings.profile, "key": key}, "value", _shown(key, kept))
    return ExitCode.OK


@command(calls=False)
def unset(runtime: Runtime, key: _Key) -> ExitCode:
    """Take one setting out of the profile in use, a value that is none for it too."""
    path = config_path(runtime.environ)
    found: dict[str, str] = {}

    def work(document: Any) -> None:
        profiles = document.get("profiles", {})
        asked = runtime.shared.profile or runtime.environ.get("CDPCTL_PROFILE")
        name = asked or document.get("default_profile") or next(iter(profiles), "default")
        found["profile"] = str(name)
        if name not in profiles:
            raise ConfigError(
                f"there is no profile {str(name)[:64]!a} in {path}", hint="cdpctl config profiles"
            )
        if key not in profiles[name]:
            profile_setting(key)
            raise NotFoundError(f"{key} is not set in profile {name}")
        del profiles[name][key]

    change(path, work, mending=True)
    runtime.output.say(f"profile {found['profile']}: {key} is taken out")
    _one(runtime, {"profile": found["profile"], "key": key}, "value", None)
    return ExitCode.OK


@command(calls=False)
def path(runtime: Runtime) -> ExitCode:
    """Print where the configuration file is, whether there is one or not."""
    _one(runtime, {}, "path", str(config_path(runtime.environ)))
    return ExitCode.OK


@command(calls=False)
def profiles(runtime: Runtime) -> ExitCode:
    """List the profiles."""
    file = config_path(runtime.environ)
    found = load(file)
    records = [
        {
            "name": name,
            "default": name == found["default_profile"],
            "url": values.get("url"),
            "username": values.get("username"),
            "protected": values.get("protected", False),
        }
        for name, values in found["profiles"].items()
    ]
    runtime.output.document(
        Document(
            schema="cdpctl.profiles/1",
            head={"path": str(file)},
            key="profiles",
            records=records,
            columns=("name", "default", "url", "username", "protected"),
        )
    )
    return ExitCode.OK


@command(calls=False)
def use(runtime: Runtime, name: _Profile) -> ExitCode:
    """Make a profile the default one."""
    file = config_path(runtime.environ)
    _existing(load(file), name, file)

    def work(document: Any) -> None:
        document["default_profile"] = name

    change(file, work)
    runtime.output.say(f"{name} is the default profile")
    _one(runtime, {}, "profile", name)
    return ExitCode.OK


@command(calls=False)
def remove(runtime: Runtime, name: _Profile) -> ExitCode:
    """Remove a profile, and the token and password kept for it.

    Its session on the CDP goes on until it ends by itself: `cdpctl logout` before ends it at once.
    """
    file = config_path(runtime.environ)
    _existing(load(file), name, file)
    removed = forget_kept(runtime, name)

    def work(document: Any) -> None:
        del document["profiles"][name]
        if document.get("default_profile") == name:
            del document["default_profile"]

    change(file, work)
    runtime.output.say(f"profile {name} is removed" + (f", with {' and '.join(removed)}" if removed else ""))
    _one(runtime, {"removed": removed}, "profile", name)
    return ExitCode.OK


def _existing(found: Mapping[str, Any], name: str, file: Path) -> None:
    if name in found["profiles"]:
        return
    check_profile_name(name)
    raise ConfigError(
        f"{file}: unknown profile {quoted(name)}{did_you_mean(near_misses(name, found['profiles'], 1))}",
        hint="cdpctl config profiles",
    )


def _edit_groups(file: Path, profile: str) -> str:
    return f'add lines such as web = ["AP1", "WEB-*"] below [profiles.{profile}.groups] in {file}'


def _shown(key: str, value: object) -> object:
    """Return a setting's value for people and scripts; None where it is not set."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {', '.join(members)}" for name, members in value.items()) or None
    if isinstance(value, float):
        return f"{value:g}s"
    if profile_setting(key).kind is Kind.DURATION:
        return f"{parse_duration(str(value), key):g}s"
    return without_user_info(str(value)) if key == "proxy" else str(value)


def _one(runtime: Runtime, head: Mapping[str, object], key: str, value: object) -> None:
    """Print one value alone, as a shell wants it, or a document where JSON is asked for."""
    if runtime.output.format in (Format.JSON, Format.JSONL):
        runtime.output.document(Document("cdpctl.config/1", head, None, [{key: value}]))
    elif value is not None:
        text = (
            {True: "true", False: "false"}.get(value, str(value)) if isinstance(value, bool) else str(value)
        )
        runtime.output.raw(os.fsencode(text) + b"\n")
