"""`cdpctl config`: shows and changes profiles and their settings."""

import os
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Annotated, Any

import typer

from cdpctl.commands.command_line import typed_values
from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.stored_sessions import stored_credentials
from cdpctl.credentials.store import Store
from cdpctl.deadline import parse_duration
from cdpctl.errors import CdpctlError, ConfigError, ExitCode, NotFoundError, UsageError
from cdpctl.files import absolute_path
from cdpctl.output.document import Document, Format
from cdpctl.redact import without_user_info
from cdpctl.settings.edit import change, save_profile
from cdpctl.settings.file import (
    SYSTEM_CONFIG,
    check_profile_name,
    config_path,
    load,
    load_file,
    no_default,
    unknown_profile,
)
from cdpctl.settings.table import KEYS, Kind, check_value, profile_setting
from cdpctl.text import command_line, printable, quoted

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
# When one of these changes, stored secrets belong to another account or are in another place.
_OF_SECRETS = ("url", "username", "token_store")
_Key = Annotated[str, typer.Argument(metavar="KEY", help="Setting; see `cdpctl config list`.")]
_Profile = Annotated[str, typer.Argument(metavar="PROFILE", help="Name of the profile.")]


@command(calls=False)
def show(runtime: Runtime) -> ExitCode:
    """List the settings of the current profile and their sources."""
    settings = runtime.settings
    records = [
        {"key": key, "value": _shown(key, getattr(settings, key)), "source": settings.sources[key]}
        for key in KEYS
    ]
    head = {"profile": settings.profile, "path": str(settings.config_file)}
    columns = ("key", "value", "source")
    runtime.output.document(Document("cdpctl.config/1", head, "settings", records, columns=columns))
    return ExitCode.OK


@command(calls=False)
def get(runtime: Runtime, key: _Key) -> ExitCode:
    """Print one setting of the current profile.

    The exit code is 5 if it is not set.
    """
    runtime.check_fields({"value": None})
    setting = profile_setting(key)
    settings = runtime.settings
    value = _shown(key, getattr(settings, key))
    if value is None:
        how = command_line("config set", key, "VALUE")
        if setting.kind is Kind.GROUPS:
            how = _edit_groups(settings.config_file, settings.profile)
        raise NotFoundError(f"{key} is not set in profile {settings.profile}", hint=how)
    _one(runtime, {"profile": settings.profile, "key": key}, "value", value)
    return ExitCode.OK


@command(calls=False)
def put(
    runtime: Runtime,
    key: _Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="New value, without TOML quotes.")],
) -> ExitCode:
    """Set one setting of the current profile, creating the profile if needed.

    A relative path is stored as an absolute one. Changing url, username or token_store removes the
    stored token.
    """
    runtime.check_fields({"value": None})
    setting = profile_setting(key)
    if setting.kind is Kind.GROUPS:
        file, name = config_path(runtime.environ), runtime.shared.profile or "NAME"
        raise UsageError("groups cannot be set here; edit the file", hint=_edit_groups(file, name))
    if setting.kind is Kind.PATH and value:
        value = str(absolute_path(value, key))
    kept = check_value(key, value)
    settings = runtime.configure(creating=True)
    # Write the file first: if that fails, the stored token still belongs to its account.
    credentials = stored_credentials(runtime, settings.profile) if key in _OF_SECRETS else None
    save_profile(settings.config_file, settings.profile, {key: kept}, _say(runtime))
    if credentials is not None:
        credentials.forget(password=key != "token_store")
    runtime.output.say(f"profile {settings.profile}: {key} set")
    _one(runtime, {"profile": settings.profile, "key": key}, "value", _shown(key, kept))
    return ExitCode.OK


@command(calls=False)
def unset(runtime: Runtime, key: _Key) -> ExitCode:
    """Remove a setting from the current profile, even an invalid one."""
    runtime.check_fields({"value": None})
    path = config_path(runtime.environ)
    below, found = load_file(SYSTEM_CONFIG)["default_profile"], {"profile": ""}

    def work(document: Any) -> None:
        profiles = document.get("profiles", {})
        name = runtime.shared.profile or runtime.environ.get("CDPCTL_PROFILE")
        name = str(name or document.get("default_profile") or below or _only(profiles))
        found["profile"] = name
        if not isinstance(profiles, Mapping) or not isinstance(profiles.get(name), Mapping):
            raise _unknown(path, name, profiles if isinstance(profiles, Mapping) else {})
        if key not in profiles[name]:
            profile_setting(key)
            raise NotFoundError(f"{path}: {key} is not set in profile {name}")
        del profiles[name][key]

    change(path, work, mending=True, say=_say(runtime))
    runtime.output.say(f"profile {found['profile']}: {printable(key)} removed")
    _one(runtime, {"profile": found["profile"], "key": key}, "value", None)
    return ExitCode.OK


@command(calls=False)
def path(runtime: Runtime) -> ExitCode:
    """Print the path of your configuration file, whether it exists or not."""
    runtime.check_fields({"path": None})
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
            "problem": None,
        }
        for name, values in found["profiles"].items()
    ]
    records += [
        {"name": name, "default": name == found["default_profile"], "url": None, "username": None}
        | {"protected": None, "problem": error.message}
        for name, error in found["broken"].items()
    ]
    columns = ("name", "default", "url", "username", "protected", *(["problem"] if found["broken"] else ()))
    runtime.output.document(
        Document("cdpctl.profiles/1", {"path": str(file)}, "profiles", records, columns=columns)
    )
    return ExitCode.OK


@command(calls=False)
def use(runtime: Runtime, name: _Profile) -> ExitCode:
    """Make a profile the default."""
    _check_one_profile(runtime, name)
    file = config_path(runtime.environ)
    found = load(file)
    known = found["profiles"] | found["broken"]
    if name not in known:
        raise _unknown(file, name, known)
    change(file, lambda document: document.update(default_profile=name), say=_say(runtime))
    runtime.output.say(f"default profile: {name}")
    _one(runtime, {}, "profile", name)
    return ExitCode.OK


@command(calls=False)
def remove(runtime: Runtime, name: _Profile) -> ExitCode:
    """Remove a profile with its stored token and password.

    Its session on the CDP stays open until it expires. To end it at once, run `cdpctl logout` first.
    """
    _check_one_profile(runtime, name)
    file = config_path(runtime.environ)
    found, own = load(file), load_file(file)
    if name not in (known := found["profiles"] | found["broken"]):
        raise _unknown(file, name, known)
    if name not in own["profiles"] | own["broken"]:
        raise ConfigError(f"profile {name} comes from {SYSTEM_CONFIG}", hint=f"sudoedit {SYSTEM_CONFIG}")
    stores: list[Store | None] = []
    # What belongs to a broken profile cannot be known.
    if name not in found["broken"]:
        stores = [stored_credentials(runtime, name), stored_credentials(runtime, name, standby=True)]

    def work(document: Any) -> None:
        del document["profiles"][name]
        if document.get("default_profile") == name:
            del document["default_profile"]

    was_default = load(file)["default_profile"] == name
    change(file, work, say=_say(runtime))
    removed = [each for store in stores if store is not None for each in store.forget()]
    runtime.output.say(f"profile {name} removed" + (f", with {' and '.join(removed)}" if removed else ""))
    found = load(file)
    if was_default and found["default_profile"] is None and len(found["profiles"]) > 1:
        error = no_default(found["profiles"])
        runtime.output.note(f"{error.message}; {error.hint}")
    _one(runtime, {"removed": removed}, "profile", name)
    return ExitCode.OK


def _check_one_profile(runtime: Runtime, name: str) -> None:
    """Check that no other profile is asked for than the argument.

    Raises:
        UsageError: `--profile` names another one, or `--fields` an unknown field.
    """
    runtime.check_fields({"profile": None})
    typed = typed_values(runtime.invocation.words).get("--profile", name)
    if typed != name:
        raise UsageError(
            f"{quoted(name)} and --profile {printable(typed)} are different profiles",
            hint="leave out --profile",
        )


def _say(runtime: Runtime) -> Callable[[str], None]:
    return partial(runtime.output.debug, 1)


def _only(profiles: Any) -> str:
    """Return the profile to use if none is given."""
    return str(next(iter(profiles))) if isinstance(profiles, Mapping) and len(profiles) == 1 else "default"


def _unknown(file: Path, name: str, known: Mapping[str, Any]) -> CdpctlError:
    return unknown_profile(file, check_profile_name(name), known)


def _edit_groups(file: Path, profile: str) -> str:
    return f'add lines such as web = ["AP1", "WEB-*"] below [profiles.{profile}.groups] in {file}'


def _shown(key: str, value: object) -> object:
    """Return the value of a setting to print, or None if it is not set."""
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
    """Print a single value, or a document if the format is JSON."""
    if runtime.output.format in (Format.JSON, Format.JSONL):
        runtime.output.document(Document("cdpctl.config/1", head, None, [{key: value}]))
    elif value is not None:
        text = str(value).lower() if isinstance(value, bool) else str(value)
        runtime.output.text(os.fsencode(text) + b"\n")
