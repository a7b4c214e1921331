"""Sends one request with requests and urllib3, and tracks whether anything was sent."""

import socket
import ssl
import time
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from cdpctl.transport import addresses
from cdpctl.transport.failures import Failure, TransportError, after_sending, before_sending, in_tunnel
from cdpctl.transport.framing import BROKEN, Answer, read_body
from cdpctl.transport.guard import Attempt, current
from cdpctl.transport.proxies import Proxy
from cdpctl.transport.response import Response
from cdpctl.transport.route import Route

# A firewall or proxy may drop an idle connection silently, and the next request on it would be lost. A new
# connection takes only a few milliseconds.
_MAX_IDLE_SECONDS = 10.0


class _Guarded(HTTPConnection):
    """A connection that connects first, marks its request as sent, and only then sends."""

    response_class = Answer

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
        except BROKEN as error:
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
        except (*BROKEN, TransportError) as error:
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
        except BROKEN as error:
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

    def open(self, context: ssl.SSLContext | None) -> Any:
        """Return the connection pool. It is created once, with a TLS context."""
        if self._pool is None:
            route, proxy = self._route, self._route.proxy
            manager = self.poolmanager if proxy is None else self.proxy_manager_for(proxy.url)
            manager.pool_classes_by_scheme = _POOLS
            tls = {} if context is None else {"ssl_context": context, "server_hostname": route.host}
            self._pool = manager.connection_from_host(
                route.host, route.port, "https" if route.secure else "http", pool_kwargs=tls
            )
        return self._pool

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
        except (requests.RequestException, *BROKEN) as error:
            raise _unexpected(error, attempt) from None
        try:
            attempt.head = Response(raw.status, raw.headers, b"")
            if 300 <= raw.status < 400:
                raw.close()
                return attempt.head
            body = read_body(raw, attempt)
        except BaseException:
            raw.close()
            raise
        raw.release_conn()
        return Response(raw.status, raw.headers, body)


def open_socket(route: Route, context: ssl.SSLContext | None) -> socket.socket:
    """Open a connection to the CDP in an attempt, without sending a request.

    Raises:
        TransportError: any step failed.
    """
    pool, proxy = Adapter(route, 1).open(context), route.proxy
    host, port = (route.host, route.port) if proxy is None else (proxy.host, proxy.port)
    connection = pool.ConnectionCls(host, port, **pool.conn_kw)
    if proxy is not None and route.secure:
        connection.set_tunnel(route.host, route.port, proxy.headers, "http")
    connection.connect()
    opened: socket.socket = connection.sock
    return opened


def _unexpected(error: Exception, attempt: Attempt) -> TransportError:
    return after_sending(error, fresh=False, plain=True) if attempt.sent else before_sending(error)
