"""`cdpctl config`: shows and changes profiles and their settings."""

import os
from collections.abc import Mapping
from pathlib import Path

from cdpctl.commands.command_line import typed_values
from cdpctl.commands.options import argument, command
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.stored_sessions import stored_credentials
from cdpctl.deadline import parse_duration
from cdpctl.errors import NotFoundError, UsageError
from cdpctl.files import absolute_path
from cdpctl.output.document import Document
from cdpctl.redact import without_user_info
from cdpctl.settings import edit
from cdpctl.settings.file import config_path, load, no_default
from cdpctl.settings.table import KEYS, Kind, check_value, profile_setting
from cdpctl.text import command_line, printable, quoted

# When one of these changes, stored secrets belong to another account or are in another place.
_OF_SECRETS = ("url", "username", "token_store")
_KEY = argument("KEY", "Name of a setting; see `cdpctl config list` and `cdpctl help environment`.")
_PROFILE = argument("PROFILE", "Name of the profile.")


@command(calls=False)
def show(runtime: Runtime) -> None:
    """List the settings of the current profile and their sources.

    Examples:
        cdpctl config list
        cdpctl config list --profile prod -o json
    """
    settings = runtime.settings
    records = [
        {"key": key, "value": _shown(key, getattr(settings, key)), "source": settings.sources[key]}
        for key in KEYS
    ]
    head = {"profile": settings.profile, "path": str(settings.config_file)}
    columns = ("key", "value", "source")
    runtime.output.document(Document("cdpctl.config/1", head, "settings", records, columns=columns))


@command(calls=False)
def get(runtime: Runtime, key: str = _KEY) -> None:
    """Print one setting of the current profile.

    The exit code is 5 if it is not set.

    Examples:
        cdpctl config get url
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


@command(calls=False)
def put(
    runtime: Runtime, key: str = _KEY, value: str = argument("VALUE", "New value, without TOML quotes.")
) -> None:
    """Set one setting of the current profile, creating the profile if needed.

    A relative path is stored as an absolute one. Changing url, username or token_store removes the
    stored token.

    Examples:
        cdpctl config set timeout 5m
        cdpctl config set protected true --profile prod
    """
    runtime.check_fields({"value": None})
    setting = profile_setting(key)
    if setting.kind is Kind.GROUPS:
        where = runtime.configure(creating=True)
        hint = _edit_groups(where.config_file, where.profile)
        raise UsageError("groups cannot be set here; edit the file", hint=hint)
    if setting.kind is Kind.PATH and value:
        value = str(absolute_path(value, key))
    kept = check_value(key, value)
    settings = runtime.configure(creating=True)
    # Write the file first: if that fails, the stored token still belongs to its account.
    credentials = stored_credentials(runtime, settings.profile) if key in _OF_SECRETS else None
    edit.save_profile(settings.config_file, settings.profile, {key: kept}, runtime.output.debug)
    if credentials is not None:
        credentials.forget(password=key != "token_store")
    runtime.output.say(f"profile {settings.profile}: {key} set")
    _one(runtime, {"profile": settings.profile, "key": key}, "value", _shown(key, kept))


@command(calls=False)
def unset(runtime: Runtime, key: str = _KEY) -> None:
    """Remove a setting from the current profile, even an invalid one.

    Examples:
        cdpctl config unset proxy --profile prod
    """
    runtime.check_fields({"value": None})
    asked = runtime.shared.profile or runtime.environ.get("CDPCTL_PROFILE")
    name = edit.unset(config_path(runtime.environ), asked, key, runtime.output.debug)
    runtime.output.say(f"profile {name}: {printable(key)} removed")
    _one(runtime, {"profile": name, "key": key}, "value", None)


@command(calls=False)
def path(runtime: Runtime) -> None:
    """Print the path of your configuration file, whether it exists or not.

    Examples:
        $EDITOR "$(cdpctl config path)"
    """
    runtime.check_fields({"path": None})
    _one(runtime, {}, "path", str(config_path(runtime.environ)))


@command(calls=False)
def profiles(runtime: Runtime) -> None:
    """List the profiles.

    Examples:
        cdpctl config profiles
    """
    file = config_path(runtime.environ)
    found = load(file)
    records = []
    for name in [*found["profiles"], *found["broken"]]:
        values, error = found["profiles"].get(name, {}), found["broken"].get(name)
        if error:
            # On a narrow terminal, the table cuts the reason.
            runtime.output.warn(error.message)
        records.append(
            {
                "name": name,
                "default": name == found["default_profile"],
                "url": values.get("url"),
                "username": values.get("username"),
                "protected": None if error else values.get("protected", False),
                "problem": error.message if error else None,
            }
        )
    columns = ("name", "default", "url", "username", "protected", *(["problem"] if found["broken"] else ()))
    head = {"path": str(file)}
    runtime.output.document(Document("cdpctl.profiles/1", head, "profiles", records, columns=columns))


@command(calls=False)
def use(runtime: Runtime, name: str = _PROFILE) -> None:
    """Make a profile the default.

    Examples:
        cdpctl config use prod
    """
    _check_one_profile(runtime, name)
    file = config_path(runtime.environ)
    edit.existing_profile(file, name)
    edit.change(file, lambda document: document.update(default_profile=name), debug=runtime.output.debug)
    runtime.output.say(f"default profile: {name}")
    _one(runtime, {}, "profile", name)


@command(calls=False)
def remove(runtime: Runtime, name: str = _PROFILE) -> None:
    """Remove a profile with its stored token and password.

    Its session on the CDP stays open until it expires. To end it at once, run `cdpctl logout` first.

    Examples:
        cdpctl config remove old
    """
    _check_one_profile(runtime, name)
    file = config_path(runtime.environ)
    found = edit.existing_profile(file, name)
    edit.check_own_profile(file, name)
    # What belongs to a broken profile cannot be known.
    both = () if name in found["broken"] else (False, True)
    stores = [stored_credentials(runtime, name, standby=standby) for standby in both]
    edit.remove_profile(file, name, runtime.output.debug)
    removed = [each for store in stores if store is not None for each in store.forget()]
    runtime.output.say(f"profile {name} removed" + (f", with {' and '.join(removed)}" if removed else ""))
    left = load(file)
    if found["default_profile"] == name and left["default_profile"] is None and len(left["profiles"]) > 1:
        error = no_default(left["profiles"])
        runtime.output.note(f"{error.message}; {error.hint}")
    _one(runtime, {"removed": removed}, "profile", name)


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
    text = str(value).lower() if isinstance(value, bool) else str(value)
    line = b"" if value is None else os.fsencode(f"{text}\n")
    runtime.output.document_or(line, Document("cdpctl.config/1", head, None, [{key: value}]))
