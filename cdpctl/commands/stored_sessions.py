"""What is kept for a profile between runs: looked at and forgotten, never logged in with."""

from cdpctl.commands.runtime import Runtime
from cdpctl.credentials.manager import Credentials
from cdpctl.deadline import Deadline
from cdpctl.errors import CdpctlError, ConfigError, UsageError
from cdpctl.settings.model import Settings
from cdpctl.settings.resolve import resolve

# Variables that say where this run goes: what is kept for a profile does not depend on them.
_OF_THE_RUN = ("CDPCTL_URL", "CDPCTL_USERNAME", "CDPCTL_CA_BUNDLE", "CDPCTL_OUTPUT", "CDPCTL_TIMEOUT")


def stored_credentials(runtime: Runtime, name: str) -> Credentials | None:
    """Return the credentials of a profile as the file has it, whatever the environment says.

    Raises:
        ConfigError: the configuration cannot be used.
    """
    environ = {key: value for key, value in runtime.environ.items() if key not in _OF_THE_RUN}
    try:
        settings = resolve({"profile": name}, environ, interactive=False, creating=True)
    except UsageError as error:
        raise ConfigError(error.message, hint=error.hint) from None
    return credentials_of(runtime, settings) if settings.profile_exists else None


def forget_kept(runtime: Runtime, name: str, *, keeping_password: bool = False) -> list[str]:
    """Forget what is kept for a profile."""
    credentials = stored_credentials(runtime, name)
    return [] if credentials is None else credentials.forget(password=not keeping_password)


def credentials_of(runtime: Runtime, settings: Settings) -> Credentials:
    """Return the credentials of a profile, for looking at them and forgetting them; they never log in."""

    def no_login(_username: str, _password: str) -> str:
        raise CdpctlError("a login was tried where only stored secrets are looked at")

    return Credentials(
        settings,
        login=no_login,
        environ=runtime.environ,
        note=runtime.output.note,
        warn=runtime.output.warn,
        debug=runtime.output.debug,
        ask_secret=None,
        deadline=Deadline(None),
    )
