"""Where a run's token comes from, where it is kept, and how an expired one is renewed: once."""

import json
import threading
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from pathlib import Path

from cdpctl.credentials.keyring import KeyringStore, SecretTooLongError
from cdpctl.credentials.sources import (
    file_name,
    read_secret_file,
    run_password_command,
    secret_path,
    variable,
)
from cdpctl.credentials.token import Token, checked
from cdpctl.deadline import Deadline
from cdpctl.errors import AuthError, ConfigError
from cdpctl.files import locked, read_private, write_private
from cdpctl.redact import redactor
from cdpctl.settings.model import Settings, TokenStore

__all__ = ["Credentials", "Token"]

_LOCK_SECONDS = 30.0


class Credentials:
    """The credentials of one run's profile.

    Args:
        settings: of the run.
        login: takes user name and password, makes the call, returns the token.
        environ: the environment variables.
        note: takes a piece of information.
        warn: takes a warning.
        debug: takes (level, text).
        ask_secret: asks for a password, or None where nobody can be asked.
        deadline: of the run.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        login: Callable[[str, str], str],
        environ: Mapping[str, str],
        note: Callable[[str], None],
        warn: Callable[[str], None],
        debug: Callable[[int, str], None],
        ask_secret: Callable[[str], str] | None,
        deadline: Deadline,
    ) -> None:
        self._settings, self._login, self._environ = settings, login, environ
        self._note, self._warn, self._debug, self._ask = note, warn, debug, ask_secret
        self._deadline = deadline
        self._keyring = KeyringStore()
        self._renewing = threading.Lock()
        self._fresh: Token | None = None
        self._refused_login: AuthError | None = None
        self.to_log_out: Token | None = None

    @property
    def _path(self) -> Path:
        return self._settings.config_dir / "tokens" / file_name(self._settings.profile)

    @property
    def _account(self) -> str:
        return f"{self._settings.username}@{self._settings.url}"

    @property
    def _uses_keyring(self) -> bool:
        store = self._settings.token_store
        return store in (TokenStore.AUTO, TokenStore.KEYRING) and not self._settings.no_keyring

    def current(self) -> Token | None:
        """Return the token there is, without any call to the CDP."""
        value = variable(self._environ, "CDPCTL_TOKEN")
        if value:
            return checked(value, "CDPCTL_TOKEN")
        path = secret_path(self._environ, "CDPCTL_TOKEN_FILE")
        if path:
            return checked(read_secret_file(path, "CDPCTL_TOKEN_FILE", self._note), "CDPCTL_TOKEN_FILE")
        if self._settings.token_file is not None and self._settings.trust_profile_secrets:
            return checked(
                read_secret_file(self._settings.token_file, "token_file", self._note), "token_file"
            )
        return self._stored()

    def obtain(self) -> Token:
        """Return the token there is, or one of a fresh login.

        Raises:
            AuthError: no credentials, or refused.
        """
        token = self.current()
        return token if token is not None else self._log_in(None)

    def renew(self, refused: Token) -> Token:
        """Return another token than the one the CDP refused; many callers at once make one login.

        Raises:
            AuthError: the token is not this program's to renew, or the login was refused.
        """
        if refused.source in ("CDPCTL_TOKEN", "CDPCTL_TOKEN_FILE", "token_file"):
            raise AuthError(
                f"the CDP refused the token from {refused.source} (401)",
                hint="it has expired or is another CDP's: put a good one there, or remove it and log in",
                http_status=401,
            )
        with self._renewing:
            if self._fresh is not None and self._fresh != refused:
                return self._fresh
            return self._log_in(refused)

    def login(self, username: str, password: str) -> Token:
        """Log in whatever there is already, and keep the token."""
        redactor.add(password)
        token = checked(self._login(username, password), "login")
        self._fresh = token
        return token

    def _log_in(self, refused: Token | None) -> Token:
        if self._refused_login is not None:
            raise self._refused_login
        seconds = min(_LOCK_SECONDS, self._deadline.remaining())
        shares = self._shares(refused)
        with locked(self._path, seconds) if shares else nullcontext():
            stored = self._stored() if shares else None
            if stored is not None and (refused is None or stored.value != refused.value):
                self._debug(1, "another run has logged in meanwhile: its token is used")
                self._fresh = stored
                return stored
            if not self._settings.username:
                raise self._nothing()
            password = self.password()
            self._debug(1, f"logging in as {self._settings.username}")
            try:
                token = self.login(self._settings.username, password)
            except AuthError as error:
                self._refused_login = error
                raise
            if self.keep(token) is None:
                self.to_log_out = token
            return token

    def _shares(self, refused: Token | None) -> bool:
        """Whether other runs may be logging in for the same stored token: then one of them is enough."""
        if self._settings.token_store is TokenStore.FILE:
            return True
        return refused is not None and refused.source in ("keyring", "file")

    def password(self) -> str:
        """Return the password: variable, file, command, keyring, then the user.

        Raises:
            AuthError: there is none.
        """
        settings = self._settings
        value = variable(self._environ, "CDPCTL_PASSWORD")
        if value:
            return value
        path = secret_path(self._environ, "CDPCTL_PASSWORD_FILE")
        if path:
            return read_secret_file(path, "CDPCTL_PASSWORD_FILE", self._note)
        if settings.password_command and settings.trust_profile_secrets:
            return run_password_command(settings.password_command, self._deadline.remaining())
        if self._uses_keyring:
            try:
                kept = self._keyring.get(f"password:{self._account}")
            except ConfigError as error:
                self._debug(1, error.message)
            else:
                if kept:
                    redactor.add(kept)
                    return kept
        if self._ask is not None:
            return self._ask(f"Password of {settings.username} at {settings.url}: ")
        raise self._nothing()

    def _nothing(self) -> AuthError:
        return AuthError(
            f"profile {self._settings.profile}: no token, and no user name and password to get one with",
            hint=f"cdpctl login --profile {self._settings.profile}; without a terminal CDPCTL_USERNAME with "
            "CDPCTL_PASSWORD or CDPCTL_PASSWORD_FILE, or CDPCTL_TOKEN_FILE",
        )

    def stored(self) -> Token | None:
        """Return the token kept by an earlier run; one that no header can carry counts as none.

        Raises:
            ConfigError: the store that the profile asks for cannot be used.
        """
        return self._stored()

    def _stored(self) -> Token | None:
        store = self._settings.token_store
        if store is TokenStore.FILE:
            return self._from_file()
        if not self._uses_keyring:
            return None
        # Where a token was too long for the keyring it is in the file.
        kept = self._from_file() if self._path.exists() else None
        if kept is not None:
            return kept
        try:
            value = self._keyring.get(f"token:{self._account}")
        except ConfigError as error:
            if store is TokenStore.KEYRING:
                raise
            self._debug(1, error.message)
            return None
        return self._usable(value, "keyring")

    def _usable(self, value: object, source: str) -> Token | None:
        if not isinstance(value, str) or not value:
            return None
        try:
            return checked(value, source)
        except AuthError as error:
            # What was kept has been spoilt; a login puts a good one in its place.
            self._debug(1, error.message)
            return None

    def _from_file(self) -> Token | None:
        data = read_private(self._path)
        if data is None:
            return None
        try:
            kept = json.loads(data)
            mine = kept["url"] == self._settings.url and kept["username"] == self._settings.username
            value = kept["token"] if mine else None
        except (ValueError, KeyError, TypeError, RecursionError):
            # A file cut short is no token; the next login writes a whole one.
            self._debug(1, f"{self._path}: it holds no token that can be read")
            return None
        return self._usable(value, "file")

    def keep(self, token: Token) -> str | None:
        """Keep a token in the store of the profile.

        Returns:
            `keyring`, `file`, or None where nothing may be kept.

        Raises:
            ConfigError: the store asked for cannot be used.
        """
        store = self._settings.token_store
        if store is TokenStore.FILE:
            return self._to_file(token)
        if store is TokenStore.NONE or not self._uses_keyring:
            return None
        try:
            self._keyring.set(f"token:{self._account}", token.value)
        except SecretTooLongError as error:
            self._warn(f"{error.message}: it is kept in {self._path}, which only you can read")
            return self._to_file(token)
        except ConfigError as error:
            if store is TokenStore.KEYRING:
                raise
            self._debug(1, f"the token is kept nowhere: {error.message}")
            return None
        self._remove_file()
        return "keyring"

    def _to_file(self, token: Token) -> str:
        kept = {"url": self._settings.url, "username": self._settings.username, "token": token.value}
        write_private(self._path, json.dumps(kept).encode())
        return "file"

    def _remove_file(self) -> bool:
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        except OSError as error:
            raise ConfigError(f"{self._path}: cannot be removed: {error.strerror}") from None
        return True

    def keep_password(self, password: str) -> None:
        """Keep the password in the keyring, for logins without a terminal.

        Raises:
            ConfigError: the keyring cannot be used.
        """
        if self._settings.no_keyring:
            raise ConfigError(
                "the password can be kept in a keyring only, and CDPCTL_NO_KEYRING is set",
                hint="leave --save-password out; password_command in the profile is another way",
            )
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
        removed = ["the token file"] if self._remove_file() else []
        if self._settings.no_keyring or not self._settings.username:
            return removed
        for kind in ("token", "password") if password else ("token",):
            try:
                if self._keyring.delete(f"{kind}:{self._account}"):
                    removed.append(f"the {kind} in the keyring")
            except ConfigError as error:
                self._debug(1, error.message)
                break
        return removed
