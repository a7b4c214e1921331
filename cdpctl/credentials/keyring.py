"""The system's keyring. It is imported late, has a time limit, and never stores plain text."""

import os
import sys
import time
from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from cdpctl.background import BackgroundCall
from cdpctl.errors import ConfigError

T = TypeVar("T")

_SERVICE = "cdpctl"
_SECONDS = 3.0
_HINT = "use --token-store file to store tokens in a file that only you can read, or --token-store none"
_REFUSED = ("keyring.backends.null", "keyring.backends.fail", "keyrings.alt.file", "keyrings.cryptfile")
_SECRET_SERVICE = ("keyring.backends.SecretService.Keyring",)
_KWALLET = ("keyring.backends.kwallet.DBusKeyring", "keyring.backends.kwallet.DBusKeyringKWallet4")
_OTHER_PLATFORMS = {
    "darwin": ("keyring.backends.macOS.Keyring",),
    "win32": ("keyring.backends.Windows.WinVaultKeyring",),
}
# On Windows, a secret has at most 2,560 bytes of UTF-16.
_WINDOWS_CHARACTERS = 1280


class SecretTooLongError(ConfigError):
    """The keyring works, but cannot hold a secret of this length."""


class KeyringStore:
    """Secrets by URL, user and kind, in one keyring.

    Every call runs in a daemon thread, with one time limit for the whole run: a secret service that never
    answers takes three seconds, once.
    """

    # Shared by all objects, because a run may use two profiles.
    _left = _SECONDS

    def get(self, account: str) -> str | None:
        """Return a secret, or None. Raise ConfigError if the keyring cannot be used."""
        secret = self._run(lambda backend: backend.get_password(_SERVICE, account))
        return None if secret is None else str(secret)

    def set(self, account: str, secret: str) -> None:
        """Store a secret and read it back.

        Raises:
            SecretTooLongError: it is longer than this backend allows.
            ConfigError: it cannot be read back, or the keyring cannot be used.
        """

        def work(backend: Any) -> str | None:
            if _is_windows(backend) and len(secret) > _WINDOWS_CHARACTERS:
                raise SecretTooLongError(f"a secret of {len(secret)} characters is too long for the keyring")
            backend.set_password(_SERVICE, account, secret)
            return str(backend.get_password(_SERVICE, account))

        if self._run(work) != secret:
            raise ConfigError("the keyring does not return what was stored in it", hint=_HINT)

    def delete(self, account: str) -> bool:
        """Remove a secret. Return False if there was none."""

        def work(backend: Any) -> bool:
            if backend.get_password(_SERVICE, account) is None:
                return False
            backend.delete_password(_SERVICE, account)
            return True

        return self._run(work)

    def _run(self, work: Callable[[Any], T]) -> T:
        if self._left <= 0:
            raise ConfigError("the keyring did not answer", hint=_HINT)
        began = time.monotonic()
        try:
            return BackgroundCall(lambda: work(_backend()), "keyring").result(self._left)
        except ConfigError:
            raise
        except TimeoutError:
            raise ConfigError(f"the keyring did not answer within {_SECONDS:.0f} s", hint=_HINT) from None
        # Backends raise all kinds of errors: of D-Bus, of configparser, ModuleNotFoundError.
        except Exception as error:  # noqa: BLE001 - told by its class
            raise ConfigError(f"the keyring cannot be used ({type(error).__name__})", hint=_HINT) from None
        finally:
            KeyringStore._left -= time.monotonic() - began


@cache
def _backend() -> Any:
    """Return the backend that the user has chosen, or else the platform's own.

    keyring's own search tries the backends of all platforms, and the one for macOS starts compilers to
    find libraries.

    Raises:
        ConfigError: there is none, or it does not store secrets safely.
    """
    from keyring import core

    backend = core.load_env() or core.load_config() or _of_platform()
    if backend is None:
        raise ConfigError("there is no keyring on this machine", hint=_HINT)
    parts = getattr(backend, "backends", None)
    usable = backend if not parts else next((each for each in parts if not _refused(each)), None)
    if usable is None or _refused(usable):
        raise ConfigError(
            f"the keyring is not safe for secrets: {type(backend).__module__} is refused", hint=_HINT
        )
    return usable


def _of_platform() -> Any:
    from keyring import core

    for name in _names(sys.platform, os.environ.get("XDG_CURRENT_DESKTOP", "")):
        try:
            return core.load_keyring(name)
        # If a library or a service is missing, a backend may raise any exception.
        except Exception:  # noqa: BLE001, S112 - the next one may do
            continue
    return None


def _names(platform: str, desktop: str) -> tuple[str, ...]:
    """Return the backends of a platform, the most likely first."""
    if platform in _OTHER_PLATFORMS:
        return _OTHER_PLATFORMS[platform]
    kde = "KDE" in desktop.split(":")
    return (*_KWALLET, *_SECRET_SERVICE) if kde else (*_SECRET_SERVICE, *_KWALLET)


def _is_windows(backend: object) -> bool:
    return any(kind.__module__.startswith("keyring.backends.Windows") for kind in type(backend).__mro__)


def _refused(backend: object) -> bool:
    kind = type(backend)
    return kind.__module__.startswith(_REFUSED) or "plaintext" in kind.__name__.lower()
