"""One identity for one run: a token with every call, one fresh login after a 401, an end that is clean."""

from collections.abc import Callable, Collection
from typing import Concatenate, ParamSpec, TypeVar

from cdpctl.cdp.calls import CdpCalls
from cdpctl.credentials.manager import Credentials
from cdpctl.credentials.token import Token
from cdpctl.deadline import Deadline
from cdpctl.errors import AuthError, CdpctlError, TokenRefusedError
from cdpctl.redact import redactor

P = ParamSpec("P")
T = TypeVar("T")

# A courtesy at the end of a run must not hold up the shell.
_LOGOUT_SECONDS = 2.0


class CdpClient:
    """Makes calls with the run's token; safe to use from several threads.

    Args:
        cdp: the calls.
        credentials: where tokens come from and go to.
        debug: takes (level, text).

    Attributes:
        listed: the names of the peers that the CDP listed last.
    """

    def __init__(self, cdp: CdpCalls, credentials: Credentials, debug: Callable[[int, str], None]) -> None:
        self.cdp = cdp
        self.credentials = credentials
        self._debug = debug
        self.listed: Collection[str] = ()
        self._token: Token | None = None
        self._taken: set[Token] = set()

    def ensure_token(self) -> Token:
        """Return the run's token, logging in where there is none.

        Raises:
            AuthError: no credentials, or the login was refused; nothing else was sent.
        """
        if self._token is None:
            self._token = self.credentials.obtain()
            redactor.add(self._token.value)
        return self._token

    def call(self, method: Callable[Concatenate[str, P], T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Make one call; after a 401 log in once and make it once more.

        A 401 says that the request was not looked at, which makes this the one repetition allowed. A token
        of this run's own login that has never been taken is not renewed: the next would fare no better.

        Raises:
            AuthError: the token is not ours to renew, or the fresh one was refused as well.
        """
        token = self.ensure_token()
        try:
            return self._made(token, method, *args, **kwargs)
        except TokenRefusedError:
            self._debug(1, f"the CDP refused the token from {token.source} (401)")
            if token.source == "login" and token not in self._taken:
                raise self._useless() from None
            self._token = fresh = self.credentials.renew(token)
            redactor.add(fresh.value)
        try:
            return self._made(fresh, method, *args, **kwargs)
        except TokenRefusedError:
            raise self._useless() from None

    def _made(
        self, token: Token, method: Callable[Concatenate[str, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        value = method(token.value, *args, **kwargs)
        self._taken.add(token)
        return value

    @staticmethod
    def _useless() -> AuthError:
        return AuthError(
            "the CDP refused the token of a login made just now (401)",
            hint="the login works and the session does not: `-vv` shows what stands in between",
            http_status=401,
        )

    def close(self) -> None:
        """Log out a session that this run opened and could keep nowhere."""
        token = self.credentials.to_log_out
        if token is None:
            return
        self.credentials.to_log_out = None
        try:
            self.cdp.logout(token.value, Deadline(_LOGOUT_SECONDS))
        except CdpctlError as error:
            # The session ends by itself when idle; the run's own result must not suffer.
            self._debug(1, f"logging out did not work: {error.message}")
