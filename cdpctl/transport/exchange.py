"""Sends one request with requests and urllib3, and tracks whether anything was sent."""

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
# A firewall or proxy may drop an idle connection silently, and the next request on it would be lost. A new
# connection takes only a few milliseconds.
_MAX_IDLE_SECONDS = 10.0
_BROKEN = (HTTPError, HTTPException, OSError, ValueError)


class _Received(io.RawIOBase):
    """The receiving side of a socket, with limits for bytes and time.

    Attributes:
        left: how many more bytes may come.
        ended: whether the connection was closed by the peer.
        stopped: whether reading has ended.
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
    """The received bytes that were not read yet. After extra bytes, the connection is not reused."""

    def __init__(self, received: _Received) -> None:
        super().__init__(received)
        self._received = received

    def read(self, size: int | None = -1) -> bytes:
        """Read one part of the answer. Without a size, it is a chunk with a negative size: refuse it."""
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
    """An answer. It is refused if its head is ambiguous about the end of the body."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._received = _Received(self.fp.detach())
        self.fp = _Buffer(self._received)

    def begin(self) -> None:
        """Read the head, and skip interim answers."""
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
            # No body may follow. It would be read as the next answer.
            self.chunked, self.will_close = False, True
        # A chunk of one byte takes six bytes. A larger overhead is refused.
        self._received.left = 8 * self._received.attempt.cap + _HEAD_BYTES


def _announced(headers: HTTPMessage) -> int | None:
    """Return the length of the body, and refuse a head that is ambiguous about it."""
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

    _used = 0.0
    _spoken = False

    @property
    def is_connected(self) -> bool:
        """Whether the connection can be reused: open, without extra bytes, and not idle for long."""
        if self.sock is None or time.monotonic() - self._used > _MAX_IDLE_SECONDS:
            return False
        return super().is_connected

    def connect(self) -> None:
        """Connect, through a proxy's tunnel if there is one."""
        attempt = current()
        attempt.opening(self)
        self.timeout = attempt.cut(attempt.connect_timeout)
        self._spoken = False
        attempt.where = Proxy(self.host, self.port or 0).shown if self.proxy else None
        try:
            self._open(attempt)
        except _BROKEN as error:
            raise attempt.ended(before_sending(error.__cause__ or error, attempt.where)) from None

    def _open(self, attempt: Attempt) -> None:
        if attempt.where is None or self.proxy_is_forwarding:
            attempt.step = " to the name look-up"
            found = addresses.resolve(self.host, self.port or 0)
            attempt.step = ""
            self.sock = addresses.connect(found, attempt.cut(attempt.connect_timeout))
            return
        try:
            HTTPConnection.connect(self)
        except (*_BROKEN, TransportError) as error:
            # Until now, the proxy was being reached.
            if not self.has_connected_to_proxy and "Tunnel connection failed" not in str(error):
                raise
            raise attempt.ended(in_tunnel(error, attempt.where)) from None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        """Send a request, after checking its first line."""
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
            # The server may have answered before it closed. urllib3 reads the answer.
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
    """TLS, with the run's own context for certificates."""

    def _open(self, attempt: Attempt) -> None:
        super()._open(attempt)
        attempt.step, attempt.where = " to the TLS handshake", None
        context, sock = self.ssl_context, self.sock
        if context is None or sock is None:
            raise RuntimeError("a TLS connection has its context and a socket")
        # A zone index is not part of the name in the certificate.
        name = (self.server_hostname or self.host).partition("%")[0]
        try:
            self.sock = context.wrap_socket(sock, server_hostname=name)
        except ConnectionError as error:
            raise TransportError(Failure.TLS_DROPPED, again=True, cause=error) from None
        # If verification is off, the run has already shown its own warning.
        self.is_verified = True


def open_socket(route: Route, context: ssl.SSLContext | None) -> socket.socket:
    """Open a connection to the CDP in an attempt, without sending a request.

    Raises:
        TransportError: any step failed.
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
    """The adapter for requests. It does not retry, keep cookies or read the environment.

    Args:
        route: the route to the CDP.
        size: the most connections to keep.
    """

    def __init__(self, route: Route, size: int) -> None:
        self._route = route
        self._pool: Any = None
        super().__init__(pool_connections=1, pool_maxsize=size, max_retries=0)

    def open(self, context: ssl.SSLContext | None) -> None:
        """Create the connection pool with a TLS context, once."""
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
        """Return the headers for the proxy only."""
        return {} if self._route.proxy is None else self._route.proxy.headers

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        """Return the connection pool."""
        return self._pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Do nothing, because the context verifies certificates."""

    def request_url(self, request: requests.PreparedRequest, proxies: Any) -> str:  # noqa: ARG002
        """Return the target for the request line."""
        return str(request.url if self._route.forwarded else request.path_url)

    def build_response(self, req: requests.PreparedRequest, resp: Any) -> requests.Response:
        """Wrap urllib3's response, without keeping cookies or interpreting headers."""
        response = requests.Response()
        response.status_code = resp.status
        response.raw = resp
        response.request = req
        return response

    def close(self) -> None:
        """Close every connection."""
        super().close()
        if self._pool is not None:
            # The library closes the connections only when the pool is garbage-collected.
            self._pool.close()

    def exchange(self, request: requests.PreparedRequest, attempt: Attempt) -> Response:
        """Send one request and read its answer to the end. `attempt.head` is set before that.

        Raises:
            TransportError: it failed. `attempt.sent` tells whether anything may have been sent.
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
    """Read a body to its end, within the limit before and after decompression."""
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
