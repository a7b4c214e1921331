"""A method for each documented call. It sends the run's token and renews it once after a 401."""

import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from functools import partial
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
)
from cdpctl.deadline import Deadline
from cdpctl.errors import (
    AuthError,
    CdpctlError,
    ForbiddenError,
    LostAnswerError,
    NoConnectionError,
    NotFoundError,
    RejectedError,
)
from cdpctl.redact import redactor

if TYPE_CHECKING:
    # For type hints only: the help of a command must not load requests.
    from cdpctl.credentials.manager import Credentials
    from cdpctl.credentials.token import Token
    from cdpctl.transport.client import Transport
    from cdpctl.transport.response import Response

#: The most bytes of a list of peers.
LIST_CAP = 16 * 1024 * 1024
_CAP = 1024 * 1024
# A logout must not keep the user waiting at the end of a run. It is made even after the run's deadline.
_LOGOUT_SECONDS = 2.0
# What answers to a login may mean without a token.
_NO_LOGIN = (LostAnswerError, RejectedError, NotFoundError, ForbiddenError)
#: Takes the error of the first CDP, and returns the transport to the standby and its credentials.
SwitchToStandby = Callable[[NoConnectionError], "tuple[Transport, Credentials]"]


class _SwitchedError(Exception):
    """Calls now go to the standby, so the current one has to be prepared again."""


class CdpClient:
    """Makes the calls of one run. Safe to use from several threads.

    Args:
        transport: sends the calls.
        debug: takes (level, text).
        token: sent with every call and never renewed. If it is refused, calls raise `TokenRefusedError`.
        sent: gets the name of every call other than a read before it is sent. That of a login is removed
            once its token is stored or logged out.

    Attributes:
        listed: the names of the peers in the CDP's latest list.
    """

    def __init__(
        self,
        transport: "Transport",
        debug: Callable[[int, str], None] = lambda _level, _text: None,
        *,
        token: "Token | None" = None,
        sent: "dict[str, None] | None" = None,
    ) -> None:
        self.listed: Collection[str] = ()
        self._sent = {} if sent is None else sent
        self._transport = transport
        self._debug = debug
        self._token = token
        self._credentials: Credentials | None = None
        self._accepted: set[Token] = set()
        self._switch: SwitchToStandby | None = None
        self._first_call = threading.Lock()
        self._closed = False

    @property
    def root(self) -> str:
        """The URL that the paths of calls follow. It changes when the standby takes over."""
        return self._transport.route.root

    @property
    def _login_sent(self) -> str:
        """How a login is called among the calls that were sent. Several grids share them."""
        return f"the login to {self._transport.route.shown}"

    @property
    def unanswered_login(self) -> str:
        """The name of a login that the CDP has not answered. Empty if no login is open."""
        return self._login_sent if self._login_sent in self._sent else ""

    @property
    def credentials(self) -> "Credentials":
        """Where the run's tokens come from and are stored."""
        if self._credentials is None:
            raise RuntimeError("this client has no credentials")
        return self._credentials

    def use(self, credentials: "Credentials", switch: SwitchToStandby | None = None) -> None:
        """Take tokens from these credentials, which log in with this client.

        Args:
            credentials: the run's credentials.
            switch: switches to the standby CDP. It is not called once anything may have reached the
                first CDP.
        """
        self._credentials, self._switch = credentials, switch

    def with_token(self, token: "Token | None") -> "CdpClient":
        """Return a client that uses this token, or none, and never renews it."""
        return CdpClient(self._transport, self._debug, token=token)

    def login(self, username: str, password: str) -> str:
        """Log in and return the token.

        Raises:
            AuthError: the login was refused, or the answer has no token or says `"login": "false"`.
            UnreachableError: there was no answer. A login changes nothing in the grid.
        """
        from cdpctl.cdp.login import login_error, read_token

        call = calls.login_call(username, password)
        sent = self._login_sent
        self._sent[sent] = None
        try:
            answer = self._send_or_switch(self._transport, _prepared(self._transport, call, None))
            return read_token(answer, call, self._transport.route.shown)
        except (CdpctlError, _SwitchedError) as error:
            self._sent.pop(sent, None)
            if isinstance(error, _NO_LOGIN):
                raise login_error(error, call, self._transport.route) from None
            raise

    def logout(self, token: "Token", deadline: Deadline | None = None) -> None:
        """End a session on the server."""
        call = calls.LOGOUT
        answer = _prepared(self._transport, call, token, deadline=deadline)()
        # 401: the session had already ended.
        if answer.status not in (*SUCCESS, 401):
            raise error_from_response(answer, call)

    def list_peer_info(self) -> PeerList | None:
        """Read names, types and states. None: this version does not serve them."""
        return self._read_list(calls.LIST_PEER_INFO)

    def list_peers(self, deadline: Deadline | None = None) -> PeerList | None:
        """Read every peer with its settings. None: this version does not serve them."""
        return self._read_list(calls.LIST_PEERS, deadline)

    def get_peer(self, name: str, deadline: Deadline | None = None) -> Mapping[str, Any]:
        """Read one peer with its settings.

        Args:
            name: a checked name.
            deadline: when to give up on the answer, if not at the run's deadline.

        Raises:
            NotFoundError: the CDP has no such peer, or does not serve this read.
        """
        call = calls.get_peer_call(name)
        return read_peer(self._exchange(call, cap=LIST_CAP, deadline=deadline), call)

    def stop(self, name: str, deadline: Deadline | None = None) -> Accepted:
        """Ask the CDP to stop one peer.

        Args:
            name: a checked name.
            deadline: when to give up on the answer.

        Raises:
            UnreachableError: nothing was sent.
            LostAnswerError: it was sent, but no answer came. Never send it again.
            UnclearAnswerError: the answer is neither a success nor a refusal.
            CdpctlError: the CDP refused.
        """
        return self._change(calls.change_call("stop", name), deadline)

    def start(self, name: str, deadline: Deadline | None = None) -> Accepted:
        """Ask the CDP to start one peer. Arguments and errors as for `stop`."""
        return self._change(calls.change_call("start", name), deadline)

    def stop_many(self, names: Sequence[str], deadline: Deadline | None = None) -> Accepted:
        """Ask the CDP to stop many peers, in one request. Errors as for `stop`."""
        return self._change(calls.change_many_call("stop", names), deadline)

    def start_many(self, names: Sequence[str], deadline: Deadline | None = None) -> Accepted:
        """Ask the CDP to start many peers, in one request. Errors as for `stop`."""
        return self._change(calls.change_many_call("start", names), deadline)

    def update(self, peers: Sequence[Mapping[str, Any]], deadline: Deadline | None = None) -> Accepted:
        """Ask the CDP to change settings of peers, in one request. Errors as for `stop`."""
        return self._change(calls.update_call(peers), deadline)

    def delete(self, name: str, deadline: Deadline | None = None) -> Accepted:
        """Ask the CDP to delete a peer. Errors as for `stop`."""
        return self._change(calls.delete_call(name), deadline)

    def raw(self, method: str, path: str, body: bytes | None) -> "Response":
        """Make one call as given and return its answer. A 401 is an error, any other status is not."""
        return self._exchange(Call(method, path, f"{method} {path}", body), cap=LIST_CAP)

    def ensure_token(self) -> None:
        """Log in if there is no token yet.

        Raises:
            AuthError: there are no credentials, or the login was refused. Nothing else was sent.
        """
        while self._token is None and self._credentials is not None and not self._closed:
            with suppress(_SwitchedError):
                self._token = self._credentials.obtain()
                # If there was a login, its token is stored or will be logged out.
                self._sent.pop(self._login_sent, None)
                redactor.add(self._token.value)

    def close(self) -> None:
        """Log out if this run opened a session and could not store its token. Never log in again."""
        self._closed = True
        credentials = self._credentials
        if credentials is None or (token := credentials.to_log_out) is None:
            return
        try:
            self.logout(token, Deadline(_LOGOUT_SECONDS))
            self._sent.pop(self._login_sent, None)
        except CdpctlError as error:
            # An idle session expires, and a failed logout must not change the result of the run.
            self._debug(1, f"logging out failed: {error.message}")
        # Only now: if a signal comes earlier, `close` is called again.
        credentials.to_log_out = None

    def _read_list(self, call: Call, deadline: Deadline | None = None) -> PeerList | None:
        answer = self._exchange(call, cap=LIST_CAP, deadline=deadline)
        return None if answer.status in NOT_SERVED else read_peer_list(answer, call)

    def _change(self, call: Call, deadline: Deadline | None) -> Accepted:
        return check_accepted(self._exchange(call, deadline=deadline), call)

    def _send_or_switch(self, transport: "Transport", send: Callable[[], "Response"]) -> "Response":
        """Make one call. Switch to the standby if nothing can have reached the first CDP.

        Args:
            transport: the transport that the call was prepared for.
            send: makes the call.

        Raises:
            _SwitchedError: the call has to be prepared again, with a token of the standby.
            CdpctlError: any error of the transport.
        """
        if self._switch is None and transport is self._transport:
            return send()
        # One call at a time, until it is known whether the first CDP can be reached.
        with self._first_call:
            if transport is not self._transport:
                raise _SwitchedError
            if self._switch is not None and not transport.touched:
                try:
                    return send()
                except NoConnectionError as error:
                    if transport.touched:
                        raise
                    switch, self._switch = self._switch, None
                    self._transport, self._credentials = switch(error)
                    self._token = None
                    raise _SwitchedError from None
        return send()

    def _exchange(self, call: Call, *, cap: int = _CAP, deadline: Deadline | None = None) -> "Response":
        """Make one call. After a 401, log in and repeat it once.

        This repetition is safe because a 401 means that the request was not carried out. A token that this
        run got from a login and that was never accepted is not renewed: the next one would be refused too.
        """
        renewed = False
        while True:
            transport = self._transport
            self.ensure_token()
            token = self._token
            if call.method != "GET" or call.body is not None:
                self._sent[call.what] = None
            try:
                send = _prepared(transport, call, token, cap=cap, deadline=deadline)
                answer = self._send_or_switch(transport, send)
            except _SwitchedError:
                continue
            if answer.status != 401:
                if token is not None:
                    self._accepted.add(token)
                return answer
            if self._credentials is None or token is None or self._closed:
                raise error_from_response(answer, call)
            self._debug(1, f"the CDP refused the token from {token.source} (401)")
            if renewed or (token.source == "login" and token not in self._accepted):
                raise AuthError(
                    "the CDP refused the token that it had just issued (401)",
                    hint="something between you and the CDP may drop the token; -vv shows the requests",
                    http_status=401,
                )
            self._token = self._credentials.renew(token)
            self._sent.pop(self._login_sent, None)
            redactor.add(self._token.value)
            renewed = True


def _prepared(
    transport: "Transport", call: Call, token: "Token | None", **limits: Any
) -> Callable[[], "Response"]:
    """Return a function that makes a call. `limits` are arguments of `Transport.send`."""
    from cdpctl.cdp.auth import TokenAuth

    auth = None if token is None else TokenAuth(token.value)
    return partial(transport.send, call.method, call.path, auth=auth, body=call.body, **limits)
