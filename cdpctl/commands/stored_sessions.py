"""Reads, ends and forgets stored sessions, without a login."""

from contextlib import closing

from cdpctl.commands.runtime import Runtime
from cdpctl.credentials.store import Store
from cdpctl.credentials.token import Token
from cdpctl.deadline import Deadline
from cdpctl.errors import ConfigError, UsageError
from cdpctl.settings.file import load
from cdpctl.settings.model import Settings
from cdpctl.settings.resolve import resolve

# Variables for this run only. What is stored for a profile does not depend on them.
_OF_THE_RUN = ("CDPCTL_URL", "CDPCTL_USERNAME", "CDPCTL_CA_BUNDLE", "CDPCTL_OUTPUT", "CDPCTL_TIMEOUT")


def profile_settings(runtime: Runtime, name: str) -> Settings:
    """Return the settings of a profile in the file, without the variables of this run.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    environ = {key: value for key, value in runtime.environ.items() if key not in _OF_THE_RUN}
    try:
        return resolve({"profile": name}, environ, interactive=False, creating=True)
    except UsageError as error:
        raise ConfigError(error.message, hint=error.hints) from None


def stored_credentials(runtime: Runtime, name: str, *, standby: bool = False) -> Store | None:
    """Return the store of a profile, if no other profile shares it.

    Args:
        runtime: the command's runtime.
        name: the name of the profile.
        standby: return the store of its standby CDP.

    Returns:
        None if there is no such profile, or another one has the same URL and user.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    first = profile_settings(runtime, name)
    settings = first.standby() if standby else first
    if settings is None or not settings.profile_exists:
        return None
    profiles = load(settings.config_file)["profiles"]
    account = (settings.url, settings.username)
    others = [
        (each.get(key), each.get("username"))
        for other, each in profiles.items()
        for key in ("url", "standby_url")
        if other != name
    ]
    return None if account in others else Store(settings, runtime.output)


def end_session(runtime: Runtime, settings: Settings, token: Token, seconds: float) -> None:
    """End a session on its CDP.

    Args:
        runtime: the command's runtime.
        settings: the settings for the CDP.
        token: the session's token.
        seconds: the time limit.

    Raises:
        CdpctlError: it could not be ended.
    """
    from cdpctl.cdp.client import CdpClient
    from cdpctl.settings.urls import check_plain_http

    check_plain_http(settings.url or "", settings.insecure_http)
    deadline = Deadline(seconds)
    with closing(runtime.transport(settings, deadline, asking=False)) as transport:
        CdpClient(transport).logout(token, deadline)
