"""Stores tokens and passwords between runs: in the keyring, or in a file per URL and user."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from cdpctl.credentials.console import Console
from cdpctl.credentials.keyring import KeyringStore, SecretTooLongError
from cdpctl.credentials.token import Token, usable_token
from cdpctl.credentials.token_file import TokenFile
from cdpctl.errors import ConfigError
from cdpctl.redact import redactor
from cdpctl.settings.model import Settings, TokenStore


class Store:
    """The stored secrets of one URL and user, where the settings say.

    Args:
        settings: the settings of the run.
        console: shows the messages.
    """

    def __init__(self, settings: Settings, console: Console) -> None:
        self._settings, self._console = settings, console
        self._keyring = KeyringStore()
        self._file = TokenFile(settings, console.debug)
        self._account = f"{settings.username}@{settings.url}"

    @property
    def _uses_keyring(self) -> bool:
        store = self._settings.token_store
        return store in (TokenStore.AUTO, TokenStore.KEYRING) and not self._settings.no_keyring

    @contextmanager
    def locked(self, seconds: float) -> Iterator[None]:
        """Keep other runs from replacing or removing the stored token.

        Args:
            seconds: the longest wait.

        Raises:
            ConfigError: the file store cannot be locked. A keyring needs no lock.
        """
        with ExitStack() as stack:
            with self._optional(unless=TokenStore.FILE):
                stack.enter_context(self._file.locked(seconds))
            yield

    @contextmanager
    def _optional(self, *, unless: TokenStore | None = None, said: str = "") -> Iterator[None]:
        """Continue without a store that cannot be used, unless the profile requires it."""
        try:
            yield
        except ConfigError as error:
            if self._settings.token_store is unless:
                raise
            self._console.debug(1, f"{said}{error.message}")

    def token(self) -> Token | None:
        """Return the stored token, if it is valid.

        Raises:
            ConfigError: the store that the profile requires cannot be used.
        """
        store = self._settings.token_store
        if store is TokenStore.FILE:
            return self._file.read()
        if not self._uses_keyring:
            return None
        # A token that is too long for the keyring is in the file.
        kept = self._file.read()
        if kept is not None:
            return kept
        value = None
        with self._optional(unless=TokenStore.KEYRING):
            value = self._keyring.get(f"token:{self._account}")
        return usable_token(value, "keyring", self._console.debug)

    def check(self, seconds: float) -> None:
        """Check that a token can be stored, before the password is asked for.

        Args:
            seconds: the longest wait for other runs.

        Raises:
            ConfigError: it cannot be stored. The message says why.
        """
        store = self._settings.token_store
        if store is TokenStore.FILE:
            with self._file.locked(seconds):
                return
        if store is not TokenStore.NONE:
            self.check_keyring()

    def check_keyring(self) -> None:
        """Check that there is a keyring that works.

        Raises:
            ConfigError: there is none. The message says why.
        """
        if self._settings.no_keyring:
            raise ConfigError("CDPCTL_NO_KEYRING is set, so no keyring is used")
        self._keyring.get(f"token:{self._account}")

    def keep(self, token: Token) -> str | None:
        """Store a token in the store of the profile.

        Returns:
            `keyring`, `file`, or None if it may be stored nowhere.

        Raises:
            ConfigError: the store asked for cannot be used.
        """
        if self._settings.token_store is TokenStore.FILE:
            self._file.write(token)
            return "file"
        if not self._uses_keyring:
            return None
        stored = None
        with self._optional(unless=TokenStore.KEYRING, said="the token is not stored: "):
            try:
                self._keyring.set(f"token:{self._account}", token.value)
                stored = "keyring"
            except SecretTooLongError as error:
                self._file.write(token)
                stored = "file"
                self._console.warn(f"{error.message}: stored in {self._file.path}, which only you can read")
        if stored == "keyring":
            self._file.remove()
        return stored

    def place(self, stored: str) -> str:
        """Return where a token is stored, in words."""
        return "the keyring" if stored == "keyring" else str(self._file.path)

    def password(self) -> str | None:
        """Return the saved password. None if there is none, or no keyring."""
        if not self._uses_keyring:
            return None
        kept = None
        with self._optional():
            kept = self._keyring.get(f"password:{self._account}")
        redactor.add(kept)
        return kept or None

    def keep_password(self, password: str) -> None:
        """Store the password in the keyring, for logins without a terminal.

        Raises:
            ConfigError: the keyring cannot be used.
        """
        self._keyring.set(f"password:{self._account}", password)

    def forget(self, *, password: bool = True) -> list[str]:
        """Remove the stored token, and the saved password, from every store.

        Args:
            password: False keeps the password.

        Returns:
            What was removed, in words.

        Raises:
            ConfigError: the file cannot be removed.
        """
        removed = ["the token file"] if self._file.remove() else []
        if self._settings.no_keyring or not self._settings.username:
            return removed
        for kind in ("token", "password") if password else ("token",):
            with self._optional():
                if self._keyring.delete(f"{kind}:{self._account}"):
                    removed.append(f"the {kind} in the keyring")
        return removed
