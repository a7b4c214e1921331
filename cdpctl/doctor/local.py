"""Checks of this machine: the configuration and the keyring."""

from collections.abc import Callable

from cdpctl.doctor.checks import Examination
from cdpctl.errors import CdpctlError, ConfigError
from cdpctl.settings.model import Settings, TokenStore
from cdpctl.settings.urls import check_plain_http, is_loopback
from cdpctl.text import command_line

# An account that does not exist.
_UNKNOWN_ACCOUNT = "doctor"


def check_configuration(examination: Examination, settings: Callable[[], Settings]) -> Settings | None:
    """Resolve the settings. Return None if they cannot be used or name no CDP."""
    try:
        found = settings()
        if found.url is None:
            raise ConfigError(
                f"{_file(found)}, profile {found.profile}: no CDP URL is set", hint=command_line.login("URL")
            )
        check_plain_http(found.url, found.insecure_http)
    except CdpctlError as error:
        examination.fail("configuration", error)
        return None
    user = f"user {found.username}" if found.username else "no user name"
    message = f"{_file(found)}, profile {found.profile}, {found.url} (from {found.sources['url']}), {user}"
    hint = None
    if not found.verify:
        message += "; the server certificate is not verified"
        hint = "set ca_bundle to the PEM file of the CA, and remove verify and --insecure-skip-verify"
    elif found.url.startswith("http://") and not is_loopback(found.url):
        message += "; anyone between you and the CDP can read the password and the token"
        hint = "use https://"
    examination.passed("configuration", message, hint)
    return found


def _file(settings: Settings) -> str:
    file = settings.config_file
    return str(file) if file.is_file() else f"no file {file}"


def check_keyring(examination: Examination, settings: Settings) -> None:
    """Check that the keyring answers, by asking for a secret that it does not have."""
    store = settings.token_store
    if settings.no_keyring:
        examination.skip("keyring", "not used: CDPCTL_NO_KEYRING is set")
        return
    if store in (TokenStore.FILE, TokenStore.NONE):
        examination.skip("keyring", f"not used: token_store is {store.value}")
        return
    from cdpctl.credentials.keyring import KeyringStore

    try:
        KeyringStore().get(_UNKNOWN_ACCOUNT)
    except ConfigError as error:
        if store is TokenStore.KEYRING:
            examination.fail("keyring", error)
        else:
            examination.passed("keyring", f"{error.message}; tokens are not stored", error.hint)
    else:
        examination.passed("keyring", "the keyring works; tokens are stored in it")
