"""Checks of this machine: the configuration, and the keyring."""

from collections.abc import Callable

from cdpctl.doctor.checks import Examination
from cdpctl.errors import CdpctlError, ConfigError
from cdpctl.settings.model import Settings, TokenStore

# An account that nobody has: a keyring that answers says so.
_NOBODY = "doctor"


def check_configuration(examination: Examination, settings: Callable[[], Settings]) -> Settings | None:
    """Resolve the settings; None where no CDP can be talked to with them."""
    try:
        found = settings()
        if found.url is None:
            raise ConfigError(
                f"{_file(found)}, profile {found.profile}: no URL of a CDP is set",
                hint="`cdpctl login URL` makes a profile; --url or CDPCTL_URL name one for this run",
            )
    except CdpctlError as error:
        examination.fail("configuration", error)
        return None
    user = f"user {found.username}" if found.username else "no user name"
    message = f"{_file(found)}, profile {found.profile}, {found.url} (from {found.url_source}), {user}"
    if not found.verify:
        examination.warn(
            "configuration",
            f"{message}; certificates are not verified",
            "set ca_bundle to the file of the CA, and leave verify and --insecure-skip-verify out",
        )
    elif found.url.startswith("http://") and found.insecure_http:
        examination.warn(
            "configuration", f"{message}; password and token go out readable", "use https:// if you can"
        )
    else:
        examination.ok("configuration", message)
    return found


def _file(settings: Settings) -> str:
    try:
        there = settings.config_file.is_file()
    except OSError:
        there = False
    return str(settings.config_file) if there else f"no file {settings.config_file}"


def check_keyring(examination: Examination, settings: Settings) -> None:
    """Ask the keyring for something it does not have; its own time limit holds."""
    store = settings.token_store
    if settings.no_keyring:
        examination.skip("keyring", "not used: CDPCTL_NO_KEYRING is set")
        return
    if store in (TokenStore.FILE, TokenStore.NONE):
        kept = "in a file" if store is TokenStore.FILE else "nowhere"
        examination.skip("keyring", f"not used: tokens are kept {kept}, token_store = {store.value}")
        return
    from cdpctl.credentials.keyring import KeyringStore

    try:
        KeyringStore().get(_NOBODY)
    except ConfigError as error:
        if store is TokenStore.KEYRING:
            examination.fail("keyring", error)
        else:
            examination.warn("keyring", f"{error.message}; tokens are kept nowhere", error.hint)
        return
    examination.ok("keyring", "it answers")
