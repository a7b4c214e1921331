"""Sends one request with requests and urllib3, and tracks whether anything was sent."""

import socket
import ssl
import time
from contextlib import closing
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3 import PoolManager, ProxyManager
from urllib3.connection import HTTPConnection, HTTPSConnection

from cdpctl.transport import addresses
from cdpctl.transport.failures import BROKEN, Failure, TransportError, in_tunnel
from cdpctl.transport.framing import Answer, read_body
from cdpctl.transport.guard import current
from cdpctl.transport.response import Response
from cdpctl.transport.route import Route

# A firewall or proxy may drop an idle connection silently, and the next request on it would be lost. A new
# connection takes only a few milliseconds.
_MAX_IDLE_SECONDS = 10.0


class _Connection(HTTPConnection):
    """A connection that connects first, marks its request as sent, and only then sends."""

    response_class = Answer

    _used = 0.0

    @property
    def is_connected(self) -> bool:
        """Whether the connection can be reused: open, without extra bytes, and not idle for long."""
        return time.monotonic() - self._used < _MAX_IDLE_SECONDS and super().is_connected

    def connect(self) -> None:
        """Connect, through a proxy's tunnel if there is one."""
        attempt = current()
        attempt.fresh = True
        if not self.proxy_is_tunneling:
            attempt.step = " to the name look-up"
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            attempt.step = ""
            self.sock = addresses.connect(found, attempt.cut(attempt.connect_timeout))
            return
        try:
            HTTPConnection.connect(self)
        except (*BROKEN, TransportError) as error:
            # Until now, the proxy was being reached.
            if not self.has_connected_to_proxy and "Tunnel connection failed" not in str(error):
                raise
            raise in_tunnel(error) from None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> None:
        """Send a request, after checking its first line."""
        attempt = current()
        if url != attempt.target:
            raise TransportError(Failure.NETWORK, "the address of the request changed on its way")
        if self.is_closed:
            self.connect()
        self.timeout, self._used = attempt.cut(attempt.read_timeout), time.monotonic()
        attempt.leave(self.sock)
        super().request(method, url, *args, **kwargs)


class _SecureConnection(_Connection, HTTPSConnection):
    """TLS, with the run's own context for certificates."""

    def connect(self) -> None:
        """Connect, and shake hands."""
        super().connect()
        attempt = current()
        attempt.step, attempt.where = " to the TLS handshake", None
        context: Any = self.ssl_context
        self.sock = context.wrap_socket(self.sock, server_hostname=self.server_hostname)
        # If verification is off, the run has already shown its own warning.
        self.is_verified = True


class Adapter(HTTPAdapter):
    """The adapter for requests, with one pool of connections. It does not retry or read the environment.

    Args:
        route: the route to the CDP.
        context: the TLS context, for https.
        size: the most connections to keep.
    """

    def __init__(self, route: Route, context: ssl.SSLContext | None, size: int = 1) -> None:
        super().__init__()
        manager = PoolManager(maxsize=size)
        if route.proxy is not None:
            manager = ProxyManager(route.proxy.url, proxy_headers=route.proxy.headers, maxsize=size)
        # A zone index is not part of the name in the certificate.
        tls = {"ssl_context": context, "server_hostname": route.host.partition("%")[0]}
        self.pool: Any = manager.connection_from_url(route.base, pool_kwargs=tls if route.secure else None)
        self.pool.ConnectionCls = _SecureConnection if route.secure else _Connection

    def get_connection_with_tls_context(self, *_: Any, **__: Any) -> Any:
        """Return the pool of connections."""
        return self.pool

    def cert_verify(self, *_: Any, **__: Any) -> None:
        """Do nothing, because the context verifies certificates."""

    def request_url(self, *_: Any, **__: Any) -> str:
        """Return the target for the request line."""
        return current().target

    def close(self) -> None:
        """Close every connection."""
        self.pool.close()

    def exchange(self, request: requests.PreparedRequest) -> Response:
        """Send the request of this thread's attempt and read its answer to the end. It sets `head` before."""
        attempt = current()
        timeout = (attempt.cut(attempt.connect_timeout), attempt.cut(attempt.read_timeout))
        # A connection whose answer was read to its end is in the pool again, and is not closed.
        with closing(self.send(request, stream=True, timeout=timeout).raw) as raw:
            attempt.head = Response(raw.status, raw.headers, b"")
            if 300 <= raw.status < 400:
                return attempt.head
            return Response(raw.status, raw.headers, read_body(raw, attempt))


def open_socket(route: Route, context: ssl.SSLContext | None) -> Any:
    """Open a connection to the CDP in an attempt, without sending a request, and return its socket."""
    pool, to = Adapter(route, context).pool, route.proxy or route
    connection = pool.ConnectionCls(to.host, to.port, **pool.conn_kw)
    if route.proxy is not None and route.secure:
        connection.set_tunnel(route.host, route.port, route.proxy.headers, "http")
    connection.connect()
    return connection.sock
