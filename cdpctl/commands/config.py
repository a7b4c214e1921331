"""`cdpctl config`: profiles and their settings, seen and changed."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.stored_sessions import forget_kept
from cdpctl.errors import ConfigError, ExitCode, NotFoundError
from cdpctl.output.document import Document, Format
from cdpctl.redact import without_user_info
from cdpctl.settings.file import (
    DURATIONS,
    KEYS,
    PATHS,
    change,
    check_profile_name,
    check_value,
    config_path,
    load,
    save_profile,
)

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
_VARIABLES = {
    "url": "CDPCTL_URL",
    "username": "CDPCTL_USERNAME",
    "ca_bundle": "CDPCTL_CA_BUNDLE",
    "output": "CDPCTL_OUTPUT",
    "timeout": "CDPCTL_TIMEOUT",
}
# Of these the stored secrets depend: they are another account's, or in another place, after a change.
_OF_SECRETS = ("url", "username", "token_store")
_Key = Annotated[str, typer.Argument(metavar="KEY", help="Of a setting; `cdpctl config list` shows them.")]
_Profile = Annotated[str, typer.Argument(metavar="PROFILE", help="The profile's name.")]


@command
def show(runtime: Runtime) -> ExitCode:
    """List the settings of the profile in use, and where each comes from."""
    settings = runtime.settings
    kept = load(settings.config_file)["profiles"].get(settings.profile, {})
    records = [_setting(runtime, key, kept) for key in KEYS]
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


@command
def get(runtime: Runtime, key: _Key) -> ExitCode:
    """Print one setting of the profile in use, as a run would have it.

    Nothing is printed, and the exit code is 5, where it is not set.
    """
    _known(key)
    settings = runtime.settings
    record = _setting(runtime, key, load(settings.config_file)["profiles"].get(settings.profile, {}))
    if record["value"] is None:
        raise NotFoundError(
            f"{key} is not set in profile {settings.profile}", hint=f"cdpctl config set {key} VALUE"
        )
    _one(runtime, {"profile": settings.profile, "key": key}, "value", record["value"])
    return ExitCode.OK


@command
def put(
    runtime: Runtime,
    key: _Key,
    value: Annotated[str, typer.Argument(metavar="VALUE", help="As it stands in the file, without quotes.")],
) -> ExitCode:
    """Set one setting of the profile in use; a profile that does not exist is made.

    A relative path is taken from here and kept whole. After a change of url, username or token_store
    the token kept before is forgotten.
    """
    _known(key)
    if key in PATHS:
        value = str(Path(value).expanduser().absolute())
    kept = check_value(key, value)
    settings = runtime.configure(creating=True)
    if key in _OF_SECRETS:
        forget_kept(runtime, settings.profile, keeping_password=key == "token_store")
    save_profile(settings.config_file, settings.profile, {key: kept})
    runtime.output.note(f"profile {settings.profile}: {key} is set")
    _one(runtime, {"profile": settings.profile, "key": key}, "value", _shown(key, kept))
    return ExitCode.OK


@command
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
            if key not in KEYS:
                check_value(key, "")
            raise NotFoundError(f"{key} is not set in profile {name}: nothing to take out")
        del profiles[name][key]

    change(path, work, mending=True)
    runtime.output.note(f"profile {found['profile']}: {key} is taken out")
    _one(runtime, {"profile": found["profile"], "key": key}, "value", None)
    return ExitCode.OK


@command
def path(runtime: Runtime) -> ExitCode:
    """Print where the configuration file is, whether there is one or not."""
    _one(runtime, {}, "path", str(config_path(runtime.environ)))
    return ExitCode.OK


@command
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


@command
def use(runtime: Runtime, name: _Profile) -> ExitCode:
    """Make a profile the default one."""
    file = config_path(runtime.environ)
    _existing(load(file), name, file)

    def work(document: Any) -> None:
        document["default_profile"] = name

    change(file, work)
    runtime.output.note(f"{name} is the default profile")
    _one(runtime, {}, "profile", name)
    return ExitCode.OK


@command
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
    runtime.output.note(f"profile {name} is removed" + (f", with {' and '.join(removed)}" if removed else ""))
    _one(runtime, {"removed": removed}, "profile", name)
    return ExitCode.OK


def _known(key: str) -> None:
    if key not in KEYS:
        check_value(key, "")


def _existing(found: Mapping[str, Any], name: str, file: Path) -> None:
    if name in found["profiles"]:
        return
    from difflib import get_close_matches

    check_profile_name(name)
    close = get_close_matches(name, list(found["profiles"]), n=1, cutoff=0.5)
    guess = f"did you mean {close[0]}? " if close else ""
    raise ConfigError(
        f"there is no profile {name!r} in {file}", hint=f"{guess}`cdpctl config profiles` lists them"
    )


def _setting(runtime: Runtime, key: str, kept: Mapping[str, Any]) -> dict[str, Any]:
    """Return a setting as a run would have it, and where that comes from."""
    settings = runtime.settings
    value = getattr(settings, key)
    option = "--insecure-skip-verify" if key == "verify" else f"--{key.replace('_', '-')}"
    given = getattr(runtime.shared, "insecure_skip_verify" if key == "verify" else key, None)
    variable = _VARIABLES.get(key)
    if given:
        source = option
    elif variable and runtime.environ.get(variable):
        source = variable
    elif key in kept:
        source = "profile"
    else:
        source = "built-in"
    if key in kept and source == "profile" and value is None:
        # It belongs to the profile's own CDP, and this run talks to another one.
        source = "left alone: the URL is another one"
    if value is None or isinstance(value, bool):
        return {"key": key, "value": value, "source": source}
    return {"key": key, "value": _shown(key, value), "source": source}


def _shown(key: str, value: object) -> object:
    if isinstance(value, bool):
        return value
    if key in DURATIONS and isinstance(value, float):
        return f"{value:g}s"
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
