"""Opening a connection: names, addresses, a proxy's tunnel, TLS, each step within the deadline."""

import errno
import socket
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, auto
from typing import TYPE_CHECKING, Any

from cdpctl.deadline import Deadline
from cdpctl.text import printable

if TYPE_CHECKING:
    import ssl

    from cdpctl.transport.proxies import Proxy

_MAX_TUNNEL_ANSWER = 65536
# A socket with a timeout of zero does not wait at all, which is another thing than a short wait.
_SHORTEST_WAIT = 0.001


class Failure(Enum):
    """How a connection or an exchange broke."""

    DEADLINE = auto()
    DNS = auto()
    DNS_AGAIN = auto()
    REFUSED = auto()
    NETWORK = auto()
    CONNECT_TIMEOUT = auto()
    PROXY = auto()
    TLS = auto()
    TLS_DROPPED = auto()
    TLS_ALERT = auto()
    TLS_ANSWER = auto()
    TIMEOUT = auto()
    RESET = auto()
    EOF = auto()
    CUT = auto()
    FRAMING = auto()
    TOO_LONG = auto()


class TransportError(Exception):
    """What went wrong at the level of sockets and bytes; the transport makes a message of it.

    Args:
        kind: the class of it.
        detail: harmless words of our own for the message, where the kind alone says too little.
        where: who it was that failed, where that was not the CDP: `the proxy p:3128`.
        cause: the TLS library's error; never shown, only looked at.
    """

    def __init__(
        self, kind: Failure, detail: str = "", *, where: str | None = None, cause: Exception | None = None
    ) -> None:
        super().__init__(kind.name)
        self.kind = kind
        self.detail = detail
        self.where = where
        self.cause = cause


@dataclass(slots=True)
class Limits:
    """How long single waits may take: each is cut by what the deadline leaves.

    Attributes:
        deadline: of the whole run, or an earlier one of a single call.
        connect_timeout: seconds for each of name look-up, connecting and TLS handshake.
        read_timeout: seconds for each piece received or sent.
    """

    deadline: Deadline
    connect_timeout: float
    read_timeout: float

    def _cut(self, seconds: float) -> float:
        left = self.deadline.remaining()
        if left <= 0.0:
            raise TransportError(Failure.DEADLINE)
        return max(_SHORTEST_WAIT, min(seconds, left))

    def connecting(self, share: int = 1) -> float:
        """Return the seconds for a step of connecting, leaving `share - 1` others as much of the deadline."""
        left = self.deadline.remaining()
        return self._cut(min(self.connect_timeout, left / share))

    def piece(self) -> float:
        """Return the seconds to wait for the next piece; raises TransportError when the deadline is over."""
        return self._cut(self.read_timeout)

    def timed_out(self, kind: Failure, detail: str = "", where: str | None = None) -> TransportError:
        """Return the error of a wait that ended: the deadline's, or the single wait's own."""
        return TransportError(Failure.DEADLINE if self.deadline.expired else kind, detail, where=where)


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes, and by which way.

    Attributes:
        host: a name or an address, without brackets.
        proxy: the one in between, or None.
        context: makes or returns the TLS context; None for plain http.
    """

    host: str
    port: int
    proxy: "Proxy | None" = None
    context: "Callable[[], ssl.SSLContext] | None" = None

    @property
    def shown(self) -> str:
        """`host:port` as a message shows it."""
        return host_port(self.host, self.port)


def host_port(host: str, port: int) -> str:
    """Return `host:port` for a message or a CONNECT line, an IPv6 address in brackets."""
    host = printable(host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def resolve(host: str, port: int, limits: Limits, where: str | None = None) -> list[tuple[Any, ...]]:
    """Look a name up, for at most the connect time-out.

    The system's resolver cannot be interrupted; it runs in a daemon thread that is left behind when it
    takes too long. An address is no name: it needs neither thread nor wait.

    Returns:
        What `socket.getaddrinfo` returns: at least one entry.

    Raises:
        TransportError: no such name, no answer, or no time left.
    """
    try:
        return socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, UnicodeError):
        pass
    import threading

    seconds = limits.connecting()
    answer: list[list[tuple[Any, ...]]] = []
    failure: list[Exception] = []
    done = threading.Event()

    def look_up() -> None:
        try:
            answer.append(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failure.append(error)
        finally:
            done.set()

    threading.Thread(target=look_up, name="resolver", daemon=True).start()
    if not done.wait(seconds):
        raise limits.timed_out(Failure.DNS, f"no answer to the name look-up within {seconds:.3g} s", where)
    if failure:
        again = isinstance(failure[0], socket.gaierror) and failure[0].errno == socket.EAI_AGAIN
        raise TransportError(
            Failure.DNS_AGAIN if again else Failure.DNS, "the resolver knows no such name", where=where
        )
    if not answer or not answer[0]:
        raise TransportError(Failure.DNS, "the name has no address", where=where)
    return answer[0]


def connect(host: str, port: int, limits: Limits, where: str | None = None) -> socket.socket:
    """Connect to the first address of `host` that answers.

    Raises:
        TransportError: none does; of several reasons the one that says most.
    """
    addresses = resolve(host, port, limits, where)
    failures: list[TransportError] = []
    for index, (family, kind, protocol, _, address) in enumerate(addresses):
        seconds = limits.connecting(len(addresses) - index)
        try:
            sock = socket.socket(family, kind, protocol)
        except OSError as error:
            failures.append(_connect_failure(error, where))
            continue
        try:
            sock.settimeout(seconds)
            sock.connect(address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except TimeoutError:
            sock.close()
            failures.append(
                limits.timed_out(Failure.CONNECT_TIMEOUT, f"no answer within {seconds:.3g} s", where)
            )
        except OSError as error:
            sock.close()
            failures.append(_connect_failure(error, where))
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    order = (Failure.DEADLINE, Failure.REFUSED, Failure.CONNECT_TIMEOUT, Failure.NETWORK)
    raise min(failures, key=lambda failure: order.index(failure.kind))


def _connect_failure(error: OSError, where: str | None) -> TransportError:
    if isinstance(error, ConnectionRefusedError):
        return TransportError(Failure.REFUSED, "connection refused", where=where)
    words = {
        errno.EHOSTUNREACH: "no route to the host",
        errno.ENETUNREACH: "no route to its network",
        errno.EADDRNOTAVAIL: "no route to its network",
        errno.EACCES: "this system does not allow the connection",
        errno.EPERM: "this system does not allow the connection",
        errno.EMFILE: "this process has too many open files",
        errno.ECONNRESET: "the connection was reset at once",
        errno.ETIMEDOUT: "no answer",
    }
    name = errno.errorcode.get(error.errno or 0, type(error).__name__)
    return TransportError(
        Failure.NETWORK, words.get(error.errno or 0, f"it cannot be connected to ({name})"), where=where
    )


def open_socket(route: Route, limits: Limits, context: "ssl.SSLContext | None") -> socket.socket:
    """Connect along a route: to the proxy or the host, through the tunnel, through the handshake.

    Args:
        route: where to; a plain http request to a proxy needs no tunnel.
        limits: of this call.
        context: for TLS with the host itself; None for plain http.

    Returns:
        A connected socket; nothing of a request has been sent on it.

    Raises:
        TransportError: at any step.
    """
    proxy = route.proxy
    if proxy is None:
        sock = connect(route.host, route.port, limits)
    else:
        sock = connect(proxy.host, proxy.port, limits, where=proxy.shown)
    if context is None:
        return sock
    try:
        if proxy is not None:
            _tunnel(sock, route, proxy, limits)
        return _handshake(sock, route.host, limits, context)
    except BaseException:
        sock.close()
        raise


def _handshake(sock: socket.socket, host: str, limits: Limits, context: "ssl.SSLContext") -> socket.socket:
    import ssl

    sock.settimeout(limits.connecting())
    try:
        # A zone index is the network's business, a trailing dot the resolver's; no certificate has either.
        return context.wrap_socket(sock, server_hostname=host.partition("%")[0].rstrip("."))
    except TimeoutError:
        raise limits.timed_out(Failure.CONNECT_TIMEOUT, "the TLS handshake got no answer") from None
    except (ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError):
        raise TransportError(Failure.TLS_DROPPED) from None
    except ssl.SSLError as error:
        raise TransportError(Failure.TLS, cause=error) from None
    except (OSError, ValueError) as error:
        raise TransportError(Failure.TLS, f"the TLS handshake failed ({type(error).__name__})") from None


def about_client_certificate(reason: str | None) -> bool:
    """Say whether a TLS alert turns down the client's certificate, or the lack of one."""
    return reason is not None and "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason)


def _tunnel(sock: socket.socket, route: Route, proxy: "Proxy", limits: Limits) -> None:
    """Ask a proxy for a connection to the host, and read no byte more than its answer."""
    host = f"[{route.host}]" if ":" in route.host else route.host
    lines = [f"CONNECT {host}:{route.port} HTTP/1.1", f"Host: {host}:{route.port}"]
    if proxy.authorization:
        lines.append(f"Proxy-Authorization: {proxy.authorization}")
    answer = b""
    try:
        sock.settimeout(limits.piece())
        sock.sendall("\r\n".join([*lines, "", ""]).encode("latin-1"))
        while not answer.endswith((b"\r\n\r\n", b"\n\n")):
            if len(answer) >= _MAX_TUNNEL_ANSWER:
                raise TransportError(Failure.PROXY, "it gave an endless answer", where=proxy.shown)
            sock.settimeout(limits.piece())
            # Byte by byte, once a connection: what follows the blank line belongs to the tunnel.
            piece = sock.recv(1)
            if not piece:
                raise TransportError(Failure.PROXY, "it closed the connection", where=proxy.shown)
            answer += piece
    except TimeoutError:
        raise limits.timed_out(Failure.PROXY, "it gave no answer in time", where=proxy.shown) from None
    except OSError:
        raise TransportError(Failure.PROXY, "it broke the connection", where=proxy.shown) from None
    words = answer.partition(b"\n")[0].decode("latin-1").split(None, 2)
    if len(words) < 2 or not words[0].startswith("HTTP/") or not (words[1].isascii() and words[1].isdigit()):
        raise TransportError(Failure.PROXY, "it does not speak HTTP", where=proxy.shown)
    if words[1] == "407":
        raise TransportError(
            Failure.PROXY, "it wants a user name and a password, or others (407)", where=proxy.shown
        )
    if not words[1].startswith("2"):
        raise TransportError(
            Failure.PROXY, f"it refused to connect to {route.shown} ({words[1][:3]})", where=proxy.shown
        )
