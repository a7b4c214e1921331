"""The system's keyring: imported late, never trusted to answer, never plain text."""

import threading
from collections.abc import Callable
from typing import Any, TypeVar

from cdpctl.errors import ConfigError

T = TypeVar("T")

_SERVICE = "cdpctl"
_SECONDS = 3.0
_HINT = "`--token-store file` keeps tokens in a file only you can read, `--token-store none` nowhere"
_REFUSED = ("keyring.backends.null", "keyring.backends.fail", "keyrings.alt.file", "keyrings.cryptfile")


# Windows takes 2,560 bytes of UTF-16 a secret.
_WINDOWS_CHARACTERS = 1280


class SecretTooLongError(ConfigError):
    """The keyring is a good one and cannot hold a secret of this length."""


class KeyringStore:
    """Secrets by URL, user and kind, in one keyring.

    Every call runs in a daemon thread with one limit for the whole run: a secret service that never
    answers costs three seconds, once.
    """

    # Of the process, not of one object: two profiles looked at in one run share it.
    _left = _SECONDS

    def get(self, account: str) -> str | None:
        """Return a secret, or None; raises ConfigError where the keyring cannot be used."""

        def work(backend: Any) -> str | None:
            secret = backend.get_password(_SERVICE, account)
            return None if secret is None else str(secret)

        return self._run(work)

    def set(self, account: str, secret: str) -> None:
        """Keep a secret and read it back.

        Raises:
            SecretTooLongError: it is longer than this backend's secrets can be.
            ConfigError: it did not arrive.
        """

        def work(backend: Any) -> str | None:
            if _is_windows(backend) and len(secret) > _WINDOWS_CHARACTERS:
                raise SecretTooLongError(f"a secret of {len(secret)} characters is too long for the keyring")
            backend.set_password(_SERVICE, account, secret)
            return str(backend.get_password(_SERVICE, account))

        if self._run(work) != secret:
            raise ConfigError("the keyring took the secret and does not give it back", hint=_HINT)

    def delete(self, account: str) -> bool:
        """Forget a secret; False where there was none."""

        def work(backend: Any) -> bool:
            if backend.get_password(_SERVICE, account) is None:
                return False
            backend.delete_password(_SERVICE, account)
            return True

        return self._run(work)

    def _run(self, work: Callable[[Any], T]) -> T:
        import time

        results: list[T] = []
        failures: list[BaseException] = []

        def call() -> None:
            try:
                results.append(work(_backend()))
            # Backends raise what they like: D-Bus errors, configparser errors, ModuleNotFoundError.
            except BaseException as error:  # noqa: BLE001 - handed to the caller's thread below
                failures.append(error)

        if self._left <= 0:
            raise ConfigError("the keyring did not answer", hint=_HINT)
        thread = threading.Thread(target=call, name="keyring", daemon=True)
        began = time.monotonic()
        thread.start()
        thread.join(self._left)
        KeyringStore._left -= time.monotonic() - began
        if thread.is_alive():
            KeyringStore._left = 0.0
            raise ConfigError(f"the keyring did not answer within {_SECONDS:.0f} s", hint=_HINT)
        if failures:
            if isinstance(failures[0], ConfigError):
                raise failures[0]
            raise ConfigError(
                f"the keyring cannot be used ({type(failures[0]).__name__})", hint=_HINT
            ) from None
        return results[0]


def _backend() -> Any:
    import keyring

    backend = keyring.get_keyring()
    parts = getattr(backend, "backends", None)
    usable = backend if not parts else next((each for each in parts if not _refused(each)), None)
    if usable is None or _refused(usable):
        raise ConfigError(
            f"no keyring that keeps secrets safely: {type(backend).__module__} is refused or none", hint=_HINT
        )
    return usable


def _is_windows(backend: object) -> bool:
    return any(kind.__module__.startswith("keyring.backends.Windows") for kind in type(backend).__mro__)


def _refused(backend: object) -> bool:
    kind = type(backend)
    return kind.__module__.startswith(_REFUSED) or "plaintext" in kind.__name__.lower()
