"""One request and its answer through requests and urllib3, so that what left is told from what did not."""

import io
import re
import socket
import ssl
import time
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError
from urllib3.util import parse_url

from cdpctl.transport import addresses
from cdpctl.transport.failures import Failure, TransportError, after_sending, before_sending, in_tunnel
from cdpctl.transport.guard import Attempt, current
from cdpctl.transport.proxies import Proxy
from cdpctl.transport.response import Response, inflate
from cdpctl.transport.route import Route

_PIECE = 65536
_HEAD_BYTES = 65536
_MOST_INTERIM = 10
_LENGTH = re.compile(r"[0-9]{1,18}")
# Whatever stands between may drop a quiet connection without a word. A request that then vanishes is
# an answer lost, while a new connection costs a few milliseconds.
_MAX_IDLE_SECONDS = 10.0
_BROKEN = (HTTPError, HTTPException, OSError, ValueError)


class _Received(io.RawIOBase):
    """The receiving end of a socket, with a limit of bytes and of time.

    Attributes:
        left: how many bytes may still come.
        ended: the end of the connection was read.
        stopped: nothing more is wanted.
    """

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__()
        self._raw = raw
        self.attempt = current()
        self.left = _HEAD_BYTES
        self.ended = False
        self.stopped = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.stopped:
            return 0
        self.attempt.cut(1.0)
        count = self._raw.readinto(buffer) or 0
        self.left -= count
        self.ended = not count
        if self.left < 0:
            raise TransportError(Failure.TOO_LONG)
        return count

    def close(self) -> None:
        try:
            self._raw.close()
        finally:
            super().close()


class _Buffer(io.BufferedReader):
    """What was received and is not read yet; more than the answer spoils the connection."""

    def __init__(self, received: _Received) -> None:
        super().__init__(received)
        self._received = received

    def read(self, size: int | None = -1) -> bytes:
        """Read what one part of the answer holds; without a size only a chunk of a negative one is read."""
        if size is None or size < 0:
            raise TransportError(Failure.FRAMING, "the size of a chunk is not valid")
        return super().read(size)

    def close(self) -> None:
        if not self.closed and not self._received.stopped:
            self._received.stopped = True
            if self.peek(1):
                self._received.attempt.shut_down()
        super().close()


class _Answer(HTTPResponse):
    """An answer whose head leaves no doubt about where its body ends; else it is refused."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._received = _Received(self.fp.detach())
        self.fp = _Buffer(self._received)

    def begin(self) -> None:
        """Read the head, past interim ones."""
        super().begin()
        for _ in range(_MOST_INTERIM):
            if not 101 < self.status < 200:
                break
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()
        if self._received.ended:
            raise TransportError(Failure.CUT, again=True)
        if self.status < 200 or self.msg.defects:
            raise TransportError(Failure.FRAMING, "its header is not valid HTTP/1.1")
        length = _announced(self.msg)
        if length is not None and self.length is None:
            self.length = length
        if self.status == 204 and (length or self.chunked):
            # No body may follow; one that does would be read as the next answer.
            self.chunked, self.will_close = False, True
        # A chunk of one byte takes six; nobody honest sends more than that around a body.
        self._received.left = 8 * self._received.attempt.cap + _HEAD_BYTES


def _announced(headers: HTTPMessage) -> int | None:
    """Return the length a head announces, and refuse what two readers could read in two ways."""
    codings = {each.strip().lower() for each in ",".join(headers.get_all("Transfer-Encoding", [])).split(",")}
    codings -= {"", "identity"}
    lengths = {each.strip() for value in headers.get_all("Content-Length", []) for each in value.split(",")}
    if codings - {"chunked"} or (codings and lengths):
        raise TransportError(Failure.FRAMING, "its Transfer-Encoding is not one that was asked for")
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(each) for each in lengths):
        raise TransportError(Failure.FRAMING, "its Content-Length is not a single number")
    return int(lengths.pop()) if lengths else None


class _Guarded(HTTPConnection):
    """A connection that connects first, marks its request as sent, and only then sends."""

    response_class = _Answer

    def __init__(self, host: str, port: int | None = None, **kwargs: Any) -> None:
        super().__init__(host, port, **kwargs)
        # The library drops a final dot, which means something to a resolver.
        self._name = host
        self._used = 0.0
        self._spoken = False

    @property
    def is_connected(self) -> bool:
        """Whether the connection can carry one more request: open, in step, and not idle for long."""
        if self.sock is None or time.monotonic() - self._used > _MAX_IDLE_SECONDS:
            return False
        return super().is_connected

    def connect(self) -> None:
        """Connect, through a proxy's tunnel where there is one."""
        attempt = current()
        attempt.opening(self)
        self.timeout = attempt.cut(attempt.connect_timeout)
        self._spoken = False
        attempt.where = Proxy(self._name, self.port or 0).shown if self.proxy else None
        try:
            self._open(attempt)
        except _BROKEN as error:
            raise attempt.ended(before_sending(error.__cause__ or error, attempt.where)) from None

    def _open(self, attempt: Attempt) -> None:
        if attempt.where is None or self.proxy_is_forwarding:
            attempt.step = " to the name look-up"
            found = addresses.resolve(self._name, self.port or 0)
            attempt.step = ""
            self.sock = addresses.connect(found, attempt.cut(attempt.connect_timeout))
            return
        try:
            HTTPConnection.connect(self)
        except (*_BROKEN, TransportError) as error:
            # Before that the proxy itself was not reached.
            if not self.has_connected_to_proxy and "Tunnel connection failed" not in str(error):
                raise
            raise attempt.ended(in_tunnel(error, attempt.where)) from None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        """Send a request, after checking what its first line will say."""
        attempt = current()
        if url != attempt.target:
            raise TransportError(Failure.FRAMING, "the address of the request changed on its way")
        if self.is_closed:
            self.connect()
        self.timeout = attempt.cut(attempt.read_timeout)
        attempt.leave(self)
        try:
            super().request(method, url, *args, **kwargs)
        except (BrokenPipeError, ConnectionResetError):
            # The server may have answered before it closed: urllib3 goes on to read.
            raise
        except OSError as error:
            raise self._broken(error) from None

    def getresponse(self) -> Any:
        """Read the head of the answer."""
        try:
            answer = super().getresponse()
        except _BROKEN as error:
            raise self._broken(error) from None
        self._spoken = True
        self._used = time.monotonic()
        return answer

    def _broken(self, error: Exception) -> TransportError:
        plain = not isinstance(self.sock, ssl.SSLSocket)
        return current().ended(after_sending(error, fresh=not self._spoken, plain=plain))


class Connection(_Guarded):
    """Plain http."""


class SecureConnection(_Guarded, HTTPSConnection):
    """TLS, with nothing but the run's own context to say what is trusted."""

    def _open(self, attempt: Attempt) -> None:
        super()._open(attempt)
        attempt.step, attempt.where = " to the TLS handshake", None
        context, sock = self.ssl_context, self.sock
        if context is None or sock is None:
            raise RuntimeError("a TLS connection has its context and a socket")
        # A zone index is the network's business, and a trailing dot the resolver's.
        name = (self.server_hostname or self._name).partition("%")[0].rstrip(".")
        try:
            self.sock = context.wrap_socket(sock, server_hostname=name)
        except ConnectionError as error:
            raise TransportError(Failure.TLS_DROPPED, again=True, cause=error) from None
        # Where verification is off the run has given its own warning.
        self.is_verified = True


def open_socket(route: Route, context: ssl.SSLContext | None) -> socket.socket:
    """Open a connection to the CDP along its route, in an attempt; nothing of a request is sent.

    Raises:
        TransportError: at any step.
    """
    proxy = route.proxy
    host, port = (route.host, route.port) if proxy is None else (proxy.host, proxy.port)
    by = None if proxy is None else parse_url(proxy.url)
    connection: _Guarded = (
        SecureConnection(host, port, proxy=by, ssl_context=context, server_hostname=route.host)
        if route.secure
        else Connection(host, port, proxy=by)
    )
    if proxy is not None and route.secure:
        connection.set_tunnel(route.host, route.port, proxy.headers, "http")
    connection.connect()
    if connection.sock is None:
        raise RuntimeError("a connection that is open has a socket")
    return connection.sock


class _ConnectionPool(HTTPConnectionPool):
    ConnectionCls = Connection


class _SecureConnectionPool(HTTPSConnectionPool):
    ConnectionCls = SecureConnection


_POOLS = {"http": _ConnectionPool, "https": _SecureConnectionPool}


class Adapter(HTTPAdapter):
    """What requests sends through: no retries, no cookies, nothing taken from the environment.

    Args:
        route: where everything goes.
        size: how many connections are kept.
    """

    def __init__(self, route: Route, size: int) -> None:
        self._route = route
        self._pool: Any = None
        super().__init__(pool_connections=1, pool_maxsize=size, max_retries=0)

    def open(self, context: ssl.SSLContext | None) -> None:
        """Make the pool of connections, trusting what `context` says; once."""
        if self._pool is not None:
            return
        route, proxy = self._route, self._route.proxy
        manager = self.poolmanager if proxy is None else self.proxy_manager_for(proxy.url)
        manager.pool_classes_by_scheme = _POOLS
        tls = {} if context is None else {"ssl_context": context, "server_hostname": route.host}
        self._pool = manager.connection_from_host(
            route.host, route.port, "https" if route.secure else "http", pool_kwargs=tls
        )

    def proxy_headers(self, proxy: str) -> dict[str, str]:  # noqa: ARG002 - the one of the route
        """Return what the proxy alone gets to see."""
        return {} if self._route.proxy is None else self._route.proxy.headers

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        """Return the one pool there is."""
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Do nothing: the context says what is trusted."""

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:  # noqa: ARG002
        """Return what the request line holds."""
        return str(request.url if self._route.forwarded else request.path_url)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Wrap urllib3's response and no more: no cookie is kept, no header interpreted."""
        response = requests.Response()
        response.status_code = resp.status
        response.raw = resp
        response.request = req
        return response

    def close(self) -> None:
        """Close every connection."""
        super().close()
        if self._pool is not None:
            # The library closes those of a pool when the pool itself is collected.
            self._pool.close()

    def exchange(self, request: requests.PreparedRequest, attempt: Attempt) -> Response:
        """Send one request and read its answer to the end; `attempt.head` holds what is known before.

        Raises:
            TransportError: it broke; `attempt.sent` says whether anything may have left.
        """
        try:
            timeout = (attempt.cut(attempt.connect_timeout), attempt.cut(attempt.read_timeout))
            raw: Any = self.send(request, stream=True, timeout=timeout).raw
        except (requests.RequestException, *_BROKEN) as error:
            raise _unexpected(error, attempt) from None
        try:
            attempt.head = Response(raw.status, raw.headers, b"")
            if 300 <= raw.status < 400:
                raw.close()
                return attempt.head
            body = _body(raw, attempt)
        except BaseException:
            raw.close()
            raise
        raw.release_conn()
        return Response(raw.status, raw.headers, body)


def _unexpected(error: Exception, attempt: Attempt) -> TransportError:
    return after_sending(error, fresh=False, plain=True) if attempt.sent else before_sending(error)


def _body(raw: Any, attempt: Attempt) -> bytes:
    """Read a body to its end, within the cap before and after decompression."""
    cap = attempt.cap
    if (raw.length_remaining or 0) > cap:
        raise TransportError(Failure.TOO_LONG)
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := raw.read(_PIECE, decode_content=False):
            pieces.append(piece)
            size += len(piece)
            if size > cap:
                raise TransportError(Failure.TOO_LONG)
    except _BROKEN as error:
        broken = attempt.ended(after_sending(error, fresh=False, plain=False))
        if broken.failure is Failure.RESET:
            broken = TransportError(Failure.CUT, again=True)
        raise broken from None
    body = b"".join(pieces)
    encoding = raw.headers.get("Content-Encoding", "").strip().lower().removeprefix("x-")
    if not body or encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "deflate"):
        raise TransportError(Failure.FRAMING, "its body is encoded in a way that was not asked for")
    try:
        body, whole = inflate(body, encoding, cap)
    except ValueError:
        raise TransportError(Failure.FRAMING, "its body does not decompress") from None
    if not whole:
        raise TransportError(Failure.TOO_LONG if len(body) > cap else Failure.CUT, again=len(body) <= cap)
    return body
