"""`cdpctl logout`: ends sessions on the CDP, and removes their tokens and passwords."""

from contextlib import ExitStack
from typing import Any

from cdpctl.commands.options import command, flag
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.stored_sessions import end_session, profile_settings
from cdpctl.credentials.store import Store
from cdpctl.errors import CdpctlError, ConfigError
from cdpctl.output.document import Document
from cdpctl.settings.file import config_path, load
from cdpctl.settings.model import Settings
from cdpctl.text import cannot_combine, command_line

# The time limit for each session, so that secrets are removed soon if the CDP does not answer.
_SECONDS = 10.0


@command(timeout="10s for each session")
def run(runtime: Runtime, everything: bool = flag("--all", "Log out of every profile.")) -> None:
    """End the session on the CDP, and remove the stored token and password.

    They are removed even if the CDP does not answer. Tokens from variables, and from files that cdpctl
    did not write, are kept.

    Examples:
        cdpctl logout
        cdpctl logout --profile prod
        cdpctl logout --all
    """
    if everything and runtime.shared.profile:
        raise cannot_combine("--all", "--profile")
    if everything:
        found = load(config_path(runtime.environ))
        if not found["profiles"] and not found["broken"]:
            raise ConfigError("there are no profiles to log out of", hint=command_line.login("URL"))
        runtime.warn_once(f"{error.message}; not logged out of it" for error in found["broken"].values())
        # Runs with a profile without a user name used the one in the variable.
        user = runtime.environ.get("CDPCTL_USERNAME") or None
        profiles = [profile_settings(runtime, name) for name in found["profiles"]]
        chosen = [each._replace(username=each.username or user) for each in profiles]
    else:
        chosen = [runtime.settings]
    # Profiles with the same URL and user share a session.
    ended: set[tuple[str | None, str | None]] = set()
    records = [_log_out(runtime, settings, ended) for settings in chosen]
    # Runs that switched to a standby have sessions there.
    standbys = [standby for settings in chosen if (standby := settings.standby()) is not None]
    others = [_log_out(runtime, settings, ended) for settings in standbys]
    records += [record for record in others if record["ended"] or record["removed"]]
    if runtime.output.sentences:
        for record in records:
            runtime.output.say(record["message"])
    else:
        columns = ("name", "ended", "removed", "message")
        runtime.output.document(Document("cdpctl.logout/1", {}, "profiles", records, columns=columns))


def _log_out(
    runtime: Runtime, settings: Settings, ended: set[tuple[str | None, str | None]]
) -> dict[str, Any]:
    store = Store(settings, runtime.output)
    account = (settings.url, settings.username)
    seconds = min(_SECONDS, settings.timeout or _SECONDS)
    reason = ""
    with ExitStack() as stack:
        try:
            # Do not remove the token of a login at the same time: its session would stay open.
            stack.enter_context(store.locked(seconds))
        except ConfigError as error:
            runtime.output.debug(1, error.message)
        try:
            token = store.token() if settings.url is not None else None
            if token is not None:
                end_session(runtime, settings, token, seconds)
                ended.add(account)
        except ConfigError as error:
            reason = error.message
        except CdpctlError as error:
            reason = f"the session could not be ended on the CDP: {error.message}"
        removed = store.forget()
    return {
        "name": settings.profile,
        "url": settings.url,
        "ended": account in ended,
        "removed": removed,
        "message": _sentence(settings, account in ended, removed, reason),
    }


def _sentence(settings: Settings, ended: bool, removed: list[str], reason: str) -> str:
    who = f" as {settings.username}" if settings.username else ""
    where = f"{settings.url or 'any CDP'}{who} (profile {settings.profile})"
    gone = f"removed {' and '.join(removed)}" if removed else ""
    if ended:
        said = f"Logged out of {where}"
    elif removed:
        said, gone = f"R{gone[1:]} for {where}", ""
    else:
        said = f"Not logged in to {where}"
    return "; ".join(filter(None, (said, gone, reason)))
