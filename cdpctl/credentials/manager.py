"""Gets, stores and renews the token of a run."""

import threading
from collections.abc import Callable, Mapping
from contextlib import ExitStack

from cdpctl.credentials.console import Console
from cdpctl.credentials.sources import given_password, given_token
from cdpctl.credentials.store import Store
from cdpctl.credentials.token import Token, checked
from cdpctl.deadline import Deadline
from cdpctl.errors import AuthError, Interruption, NotLoggedInError
from cdpctl.redact import redactor
from cdpctl.settings.model import Settings, TokenStore
from cdpctl.text import command_line

_LOCK_SECONDS = 30.0
_ATTEMPTS = 3


class Credentials:
    """The credentials of one run, for one URL and user.

    Args:
        settings: the settings of the run.
        deadline: the deadline of the run.
        console: shows the messages, and asks for the password.
        login: makes the login call with user name and password, and returns the token.
        environ: the environment variables.
        asking: whether the user may be asked for the password.
        passwords: another store for the password. A standby CDP has the same users as the first one.

    Attributes:
        store: the store for this URL and user.
        to_log_out: the token of a session that this run opened and did not store. The run has to end it.
    """

    def __init__(
        self,
        settings: Settings,
        deadline: Deadline,
        console: Console,
        *,
        login: Callable[[str, str], str],
        environ: Mapping[str, str],
        asking: bool,
        passwords: Store | None = None,
    ) -> None:
        self._settings, self._deadline, self._console = settings, deadline, console
        self._login, self._environ, self._asking = login, environ, asking
        self.store, self._passwords = Store(settings, console), passwords
        self._renewing = threading.Lock()
        self._fresh: Token | None = None
        self._refused_login: AuthError | None = None
        self.to_log_out: Token | None = None

    def current(self) -> Token | None:
        """Return the existing token, without any call to the CDP.

        Raises:
            AuthError: the token in a variable or file cannot be used.
            ConfigError: the store that the profile requires cannot be used.
        """
        token = given_token(self._settings, self._environ, self._console.note, self._deadline.remaining())
        return token if token is not None else self.store.token()

    def obtain(self) -> Token:
        """Return the existing token, or log in.

        Raises:
            AuthError: there are no credentials, or the login was refused.
        """
        token = self.current()
        return token if token is not None else self._log_in(None)

    def renew(self, refused: Token) -> Token:
        """Return a new token after the CDP refused one. Concurrent callers share one login.

        Raises:
            AuthError: the token must not be renewed, or the login was refused.
        """
        if refused.provided:
            raise refused_token(refused, self._settings)
        with self._renewing:
            if self._fresh is not None and self._fresh != refused:
                return self._fresh
            return self._log_in(refused)

    def login(self, username: str, password: str) -> Token:
        """Log in, even if there is a token. The run ends the session unless `keep` stores its token."""
        redactor.add(password)
        try:
            token = checked(self._login(username, password), "login")
        except AuthError as error:
            raise error.with_hints(*(error.hints or (login_hint(self._settings),))) from None
        self._fresh = self.to_log_out = token
        return token

    def _log_in(self, refused: Token | None) -> Token:
        if self._refused_login is not None:
            raise self._refused_login
        username = self._settings.username
        # Other runs may log in for the same stored token, so that one login is enough.
        shared = self._settings.token_store is TokenStore.FILE or (
            refused is not None and refused.source in ("keyring", "file")
        )
        # Ask before taking the lock, so that other runs do not have to wait for the user.
        password = self.password(refused) if username and self._asking else None
        with ExitStack() as stack:
            if shared:
                stack.enter_context(self.store.locked(self.patience))
                stored = self.store.token()
                if stored is not None and (refused is None or stored.value != refused.value):
                    self._console.debug(1, "another run has logged in: using its token")
                    self._fresh = stored
                    return stored
            if not username:
                raise self._not_logged_in(refused)
            if password is None:
                password = self.password(refused)
            self._console.debug(1, f"logging in as {username}")
            try:
                token = self.login(username, password)
            except AuthError as error:
                self._refused_login = error
                raise
            self.keep(token)
            return token

    @property
    def patience(self) -> float:
        """Seconds to wait for another run that logs in or out."""
        return min(_LOCK_SECONDS, self._deadline.remaining())

    def password(self, refused: Token | None = None) -> str:
        """Return the password from a variable, a file, a command, the keyring or the user, in this order.

        Args:
            refused: the token that the CDP refused, if any.

        Raises:
            NotLoggedInError: there is no password.
        """
        settings = self._settings
        given = given_password(settings, self._environ, self._console.note, self._deadline.remaining())
        if given:
            return given
        for store in (self.store, self._passwords):
            kept = store.password() if store is not None else None
            if kept:
                return kept
        if not self._asking:
            raise self._not_logged_in(refused)
        if refused is not None:
            self._console.note(expired(settings))
        for _ in range(_ATTEMPTS):
            with self._deadline.paused():
                typed = self._console.ask_secret(f"Password for {settings.username} at {settings.url}: ")
            if typed:
                return typed
            self._console.note("the password is empty")
        raise AuthError("no password given", hint=login_hint(settings))

    def _not_logged_in(self, refused: Token | None) -> NotLoggedInError:
        """Return the error for a run without a token and without a password."""
        settings, environ = self._settings, self._environ
        if not settings.username:
            for name in ("CDPCTL_PASSWORD", "CDPCTL_PASSWORD_FILE"):
                if environ.get(name):
                    return NotLoggedInError(
                        f"{name} is set, but no user name", hint="set CDPCTL_USERNAME too"
                    )
        message = not_logged_in(settings) if refused is None else expired(settings)
        hint = login_hint(settings)
        if settings.username and not settings.profile_exists:
            hint = f"set CDPCTL_PASSWORD or CDPCTL_PASSWORD_FILE, or log in: {hint}"
        return NotLoggedInError(message, hint=hint, http_status=None if refused is None else 401)

    def keep(self, token: Token) -> str | None:
        """Store a token in the store of the profile.

        Returns:
            `keyring`, `file`, or None if it may be stored nowhere.

        Raises:
            ConfigError: the store asked for cannot be used.
        """
        try:
            stored = self.store.keep(token)
            if stored is not None:
                self.to_log_out = None
        except Interruption:
            # It may be stored already.
            self.discard(token)
            raise
        return stored

    def discard(self, token: Token) -> None:
        """Remove a token from the store again. The run will end its session."""
        self.to_log_out = token
        self.store.forget(password=False)


def refused_token(token: Token, settings: Settings) -> AuthError:
    """Return the error for a token that the CDP refused."""
    if token.provided:
        return AuthError(
            f"the CDP refused the token from {token.source} (401)",
            hint="it has expired or belongs to another CDP: replace it, or remove it and log in",
            http_status=401,
        )
    return AuthError(expired(settings), hint=login_hint(settings), http_status=401)


def not_logged_in(settings: Settings) -> str:
    """Return the message for a run without a token and without a password."""
    return "not logged in to the standby" if settings.of_standby else "not logged in"


def expired(settings: Settings) -> str:
    """Return the message for a stored token that the CDP refused."""
    where = " on the standby" if settings.of_standby else ""
    return f"the session of {settings.username or settings.url}{where} has expired"


def login_hint(settings: Settings) -> str:
    """Return a hint with the command to log in."""
    if settings.of_standby:
        # The command logs in to the first CDP, which cannot be reached.
        return "to let commands log in there, set CDPCTL_PASSWORD_FILE or password_command"
    if command_line.of_login is not None:
        return command_line.login()
    if settings.profile_exists and not settings.trust_profile_secrets:
        # A login would give the profile another URL.
        return "set CDPCTL_USERNAME and CDPCTL_PASSWORD_FILE, or CDPCTL_TOKEN_FILE"
    if settings.profile_exists:
        return command_line.login("", ("--profile", settings.profile))
    user = [("--username", settings.username)] if settings.username and settings.url else []
    return command_line.login(settings.url or "", *user)
