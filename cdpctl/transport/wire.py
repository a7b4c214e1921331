"""The part of requests and urllib3 that this program makes its own: connections, their pool, the adapter."""

import ssl
import time
from typing import Any

import requests
import requests.adapters
from urllib3.connection import HTTPConnection
from urllib3.connectionpool import HTTPConnectionPool

from cdpctl.transport.dial import Failure, Route, TransportError, open_socket
from cdpctl.transport.replies import Call, Reply, current, enter

_SEND_PIECE = 65536
# Whatever stands between may drop a quiet connection without a word; a request that then vanishes is
# an answer lost, while a new connection costs a few milliseconds.
_MAX_IDLE_SECONDS = 10.0


class Connection(HTTPConnection):
    """One connection along a route; it never opens itself, and sends no target but the call's.

    Args:
        route: where to.
    """

    response_class = Reply
    auto_open = 0

    def __init__(self, route: Route) -> None:
        super().__init__(route.host, route.port)
        self.route = route
        self._reply: Reply | None = None
        self._used = 0.0

    def connect(self) -> None:
        """Open the socket within the limits of the current call."""
        route = self.route
        context = None if route.context is None else route.context()
        call = current()
        self.sock = open_socket(route, call, context)
        call.fresh = True
        self._reply = None

    @property
    def is_connected(self) -> bool:
        """Whether the connection can carry one more request: open, in step, and not idle for long."""
        if self.sock is None or (self._reply is not None and self._reply.excess):
            return False
        if time.monotonic() - self._used > _MAX_IDLE_SECONDS:
            return False
        if isinstance(self.sock, ssl.SSLSocket) and self.sock.pending():
            return False
        return super().is_connected

    def putrequest(
        self, method: str, url: str, skip_host: bool = False, skip_accept_encoding: bool = False
    ) -> None:
        """Begin a request, after a last look at what the request line will say."""
        if url != current().target:
            raise TransportError(Failure.FRAMING, "the address of the request changed on its way to the wire")
        super().putrequest(method, url, skip_host, skip_accept_encoding)

    def send(self, data: Any) -> None:
        """Send bytes in pieces, each within the limits of the current call."""
        sock, call = self.sock, current()
        if sock is None:
            raise TransportError(Failure.RESET)
        try:
            for start in range(0, len(data), _SEND_PIECE):
                sock.settimeout(call.piece())
                call.sent = True
                sock.sendall(data[start : start + _SEND_PIECE])
        except TimeoutError:
            raise call.timed_out(Failure.TIMEOUT) from None

    def getresponse(self) -> Any:
        """Read the head of the answer."""
        response = super().getresponse()
        self._reply = response._original_response  # type: ignore[assignment]  # noqa: SLF001
        self._used = time.monotonic()
        return response


class Pool(HTTPConnectionPool):
    """The connections to one CDP.

    Args:
        route: where to.
        size: how many are kept.
    """

    def __init__(self, route: Route, size: int) -> None:
        super().__init__(route.host, route.port, maxsize=size, block=False)
        self._route = route

    def _new_conn(self) -> Any:
        return Connection(self._route)

    def _validate_conn(self, conn: Any) -> None:
        # Connecting here, and not on the first byte sent, keeps "never left" apart from "may have".
        if conn.is_closed:
            conn.connect()


class Adapter(requests.adapters.HTTPAdapter):
    """What requests sends through: one pool, no retries, no cookies, nothing taken from the environment.

    Args:
        route: where everything goes.
        size: how many connections are kept.
        forwarded: requests go to a proxy with their whole URL.
    """

    def __init__(self, route: Route, size: int, *, forwarded: bool) -> None:
        super().__init__(pool_connections=1, pool_maxsize=1, max_retries=0)
        self._pool = Pool(route, size)
        self._forwarded = forwarded

    def exchange(
        self, request: requests.PreparedRequest, call: Call, verify: bool | str
    ) -> tuple[Any, Reply]:
        """Send one request and read the head of its answer.

        Returns:
            urllib3's response, its body still unread, and the reply below it.

        Raises:
            TransportError: it broke; `call.sent` says whether anything may have left.
        """
        enter(call)
        response = self.send(
            request,
            stream=True,
            timeout=(call.connect_timeout, call.read_timeout),
            verify=verify,
            proxies={},
        )
        raw: Any = response.raw
        return raw, raw._original_response  # noqa: SLF001 - urllib3 has no public way to it

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        """Return the one pool there is."""
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Do nothing: the route's TLS context says what is trusted."""

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:  # noqa: ARG002
        """Return what the request line holds."""
        return str(request.url if self._forwarded else request.path_url)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Wrap urllib3's response and no more: no cookie is looked at, no header interpreted."""
        response = requests.Response()
        response.status_code = resp.status
        response.raw = resp
        response.request = req
        return response

    def close(self) -> None:
        """Close every connection."""
        super().close()
        self._pool.close()
