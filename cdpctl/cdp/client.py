"""A method for each documented call, with the run's token, renewed once after a 401."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from cdpctl.cdp import calls
from cdpctl.cdp.calls import Call
from cdpctl.cdp.responses import (
    NOT_SERVED,
    SUCCESS,
    Accepted,
    PeerList,
    check_accepted,
    error_from_response,
    read_peer,
    read_peer_list,
    read_token,
)
from cdpctl.deadline import Deadline
from cdpctl.errors import (
    AuthError,
    CdpctlError,
    LostAnswerError,
    NoConnectionError,
    TokenRefusedError,
    UnreachableError,
)
from cdpctl.redact import redactor
from cdpctl.text import command_line

if TYPE_CHECKING:
    # Typed by them and no more: help of a command must not load requests.
    from cdpctl.credentials.manager import Credentials
    from cdpctl.credentials.token import Token
    from cdpctl.transport.client import Transport
    from cdpctl.transport.response import Response

#: A list of peers may be this long.
LIST_CAP = 16 * 1024 * 1024
_CAP = 1024 * 1024
# A courtesy at the end of a run must not hold up the shell.
_LOGOUT_SECONDS = 2.0


#: Takes why the first CDP cannot be reached, and returns the way to the standby and its credentials.
ChangeOver = Callable[[NoConnectionError], "tuple[Transport, Credentials]"]


class _ChangedOverError(Exception):
    """From now on the calls go to the standby: the one under way begins anew."""


class CdpClient:
    """Makes the calls of one run; safe to use from several threads.

    Args:
        transport: carries the calls; it alone knows addresses and time limits.
        debug: takes (level, text).
        token: goes with every call as it is, and is not renewed: `TokenRefusedError` says that it is refused.

    Attributes:
        listed: the names of the peers that the CDP listed last.
        sent: the last call other than a read that may have left; empty as long as there is none.
    """

    def __init__(
        self,
        transport: "Transport",
        debug: Callable[[int, str], None] = lambda _level, _text: None,
        *,
        token: "Token | None" = None,
    ) -> None:
        self.listed: Collection[str] = ()
        self.sent = ""
        self._transport = transport
        self._debug = debug
        self._token = token
        self._credentials: Credentials | None = None
        self._taken: set[Token] = set()
        self._change_over: ChangeOver | None = None
        self._first_call = threading.Lock()
        self._closed = False

    @property
    def credentials(self) -> "Credentials":
        """Where the run's tokens come from and go to."""
        if self._credentials is None:
            raise RuntimeError("this client works with one token, or with none")
        return self._credentials

    def use(self, credentials: "Credentials", change_over: ChangeOver | None = None) -> None:
        """Take tokens from these credentials, which log in by this client.

        Args:
            credentials: of the run.
            change_over: leads to the standby CDP. Once anything may have reached the first one, the calls
                stay there.
        """
        self._credentials, self._change_over = credentials, change_over

    def with_token(self, token: "Token | None") -> "CdpClient":
        """Return a client that uses this token as it is, or none at all, and renews nothing."""
        return CdpClient(self._transport, self._debug, token=token)

    def login(self, username: str, password: str) -> str:
        """Log in and return the token.

        Raises:
            AuthError: refused, or a 200 without a token or with `"login": "false"`.
            UnreachableError: no answer; a login changes nothing in the grid, so nothing is left open.
        """
        from cdpctl.cdp.auth import TOKEN_HEADER

        call = calls.login_call(username, password)
        try:
            answer = self._carry(self._transport, call, None, lost_statuses=False)
        except LostAnswerError as error:
            raise UnreachableError(
                f"login: {error.message}",
                hint=f"nothing was asked of any peer; to check each step: {command_line('doctor')}",
                http_status=error.http_status,
            ) from None
        return read_token(answer, call, TOKEN_HEADER, self._transport.route.shown)

    def logout(self, token: "Token", deadline: Deadline | None = None) -> None:
        """End a session on the server."""
        call = calls.LOGOUT
        answer = _send(self._transport, call, token, deadline=deadline)
        # 401: the session had ended before, which is what was wanted.
        if answer.status not in (*SUCCESS, 401):
            raise error_from_response(answer, call)

    def list_peer_info(self) -> PeerList | None:
        """Read names, types and states; None where this version does not serve it."""
        return self._read_list(calls.LIST_PEER_INFO)

    def list_peers(self, deadline: Deadline | None = None) -> PeerList | None:
        """Read every peer with its settings; None where this version does not serve it."""
        return self._read_list(calls.LIST_PEERS, deadline)

    def get_peer(self, name: str, deadline: Deadline | None = None) -> Mapping[str, Any]:
        """Read one peer with its settings.

        Args:
            name: a checked name.
            deadline: when to give up on the answer, where that is before the run's own.

        Raises:
            NotFoundError: the CDP has no such peer, or does not serve this read.
        """
        call = calls.get_peer_call(name)
        return read_peer(self._exchange(call, cap=LIST_CAP, deadline=deadline), call)

    def stop(self, name: str, deadline: Deadline | None = None) -> Accepted:
        """Ask for one peer to be stopped.

        Args:
            name: a checked name.
            deadline: when to give up on the answer.

        Raises:
            UnreachableError: nothing was sent.
            LostAnswerError: it was sent and no answer came; never send it again.
            UnclearAnswerError: an answer that says neither yes nor no.
            CdpctlError: the CDP said no.
        """
        return self._change(calls.change_call("stop", name), deadline)

    def start(self, name: str, deadline: Deadline | None = None) -> Accepted:
        """Ask for one peer to be started; arguments and errors as for `stop`."""
        return self._change(calls.change_call("start", name), deadline)

    def stop_many(self, names: Sequence[str], deadline: Deadline | None = None) -> Accepted:
        """Ask for many peers to be stopped, in one request; errors as for `stop`."""
        return self._change(calls.change_many_call("stop", names), deadline)

    def start_many(self, names: Sequence[str], deadline: Deadline | None = None) -> Accepted:
        """Ask for many peers to be started, in one request; errors as for `stop`."""
        return self._change(calls.change_many_call("start", names), deadline)

    def update(self, peers: Sequence[Mapping[str, Any]], deadline: Deadline | None = None) -> Accepted:
        """Ask for settings of peers to be changed, in one request; errors as for `stop`."""
        return self._change(calls.update_call(peers), deadline)

    def delete(self, name: str, deadline: Deadline | None = None) -> Accepted:
        """Ask for a peer to be removed from the grid; errors as for `stop`."""
        return self._change(calls.delete_call(name), deadline)

    def raw(self, method: str, path: str, body: bytes | None) -> "Response":
        """Make one call as given and return its answer, whatever its status but 401."""
        return self._exchange(Call(method, path, f"{method} {path}", body), cap=LIST_CAP, lost_statuses=False)

    def ensure_token(self) -> None:
        """Log in where there is no token yet.

        Raises:
            AuthError: no credentials, or the login was refused; nothing else was sent.
        """
        while self._token is None and self._credentials is not None and not self._closed:
            with suppress(_ChangedOverError):
                self._token = self._credentials.obtain()
                redactor.add(self._token.value)

    def close(self) -> None:
        """Log out of a session that this run opened and could keep nowhere, and open no other."""
        self._closed = True
        credentials = self._credentials
        if credentials is None or (token := credentials.to_log_out) is None:
            return
        try:
            self.logout(token, Deadline(_LOGOUT_SECONDS))
        except CdpctlError as error:
            # The session ends by itself when idle; the run's own result must not suffer.
            self._debug(1, f"logging out failed: {error.message}")
        # Not earlier: where a signal comes first, `close` is called again.
        credentials.to_log_out = None

    def _read_list(self, call: Call, deadline: Deadline | None = None) -> PeerList | None:
        answer = self._exchange(call, cap=LIST_CAP, deadline=deadline)
        return None if answer.status in NOT_SERVED else read_peer_list(answer, call)

    def _change(self, call: Call, deadline: Deadline | None) -> Accepted:
        return check_accepted(self._exchange(call, deadline=deadline), call)

    def _carry(self, transport: "Transport", call: Call, token: "Token | None", **limits: Any) -> "Response":
        """Make one call; where provably nothing has reached the first CDP, change over to the standby.

        Args:
            transport: that the call was made ready for.
            call: to make.
            token: goes with it.
            limits: as `Transport.send` takes them.

        Raises:
            _ChangedOverError: the call has to be made ready anew, with a token of the standby.
            CdpctlError: as the transport says.
        """
        if self._change_over is None and transport is self._transport:
            return _send(transport, call, token, **limits)
        # Until the first CDP has been reached, one call at a time finds out whether it can be.
        with self._first_call:
            if transport is not self._transport:
                raise _ChangedOverError
            if self._change_over is not None and not transport.touched:
                try:
                    return _send(transport, call, token, **limits)
                except NoConnectionError as error:
                    if transport.touched:
                        raise
                    change_over, self._change_over = self._change_over, None
                    self._transport, self._credentials = change_over(error)
                    self._token = None
                    raise _ChangedOverError from None
        return _send(transport, call, token, **limits)

    def _exchange(
        self,
        call: Call,
        *,
        cap: int = _CAP,
        deadline: Deadline | None = None,
        lost_statuses: bool = True,
    ) -> "Response":
        """Make one call; after a 401 log in once and make it once more.

        A 401 says that the request was not looked at, which makes this the one repetition allowed. A token
        of this run's own login that was never accepted is not renewed: the next would fare no better.
        """
        renewed = False
        while True:
            transport = self._transport
            self.ensure_token()
            token = self._token
            if call.method != "GET" or call.body is not None:
                self.sent = call.what
            try:
                answer = self._carry(
                    transport, call, token, cap=cap, deadline=deadline, lost_statuses=lost_statuses
                )
            except _ChangedOverError:
                continue
            if answer.status != 401:
                if token is not None:
                    self._taken.add(token)
                return answer
            if self._credentials is None or token is None or self._closed:
                raise TokenRefusedError(f"{call.what}: the CDP refused the token (401)", http_status=401)
            self._debug(1, f"the CDP refused the token from {token.source} (401)")
            if renewed or (token.source == "login" and token not in self._taken):
                raise AuthError(
                    "the CDP refused the token of a login made just now (401)",
                    hint="the login works and the session does not; -vv shows what stands in between",
                    http_status=401,
                )
            self._token = self._credentials.renew(token)
            redactor.add(self._token.value)
            renewed = True


def _send(transport: "Transport", call: Call, token: "Token | None", **limits: Any) -> "Response":
    from cdpctl.cdp.auth import TokenAuth

    auth = None if token is None else TokenAuth(token.value)
    return transport.send(call.method, call.path, auth=auth, body=call.body, **limits)
