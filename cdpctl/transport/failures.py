"""How a call can fail: two ordered tables of errors, and the messages for users."""

import errno
import socket
import ssl
from enum import Enum, auto
from http.client import BadStatusLine, HTTPException, IncompleteRead, LineTooLong, RemoteDisconnected
from typing import TYPE_CHECKING, NamedTuple

from urllib3.exceptions import HTTPError

from cdpctl.errors import CdpctlError, DeadlineError, LostAnswerError, NoConnectionError, UnreachableError
from cdpctl.text import command_line

if TYPE_CHECKING:
    from cdpctl.transport.guard import Attempt
    from cdpctl.transport.route import Route

_NOT_HTTP = "something that is not HTTP/1.1 answers there"
_TLS_RECORDS = ("\x15\x03", "\x16\x03")


class Failure(Enum):
    """How a connection or an exchange failed."""

    DEADLINE = auto()
    DNS = auto()
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


# Bytes may have been sent, but no CDP can have understood them.
_NEVER_ARRIVED = (Failure.PROXY, Failure.TLS_ALERT, Failure.TLS_ANSWER)


_NO_ROUTE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL, errno.ETIMEDOUT)


class TransportError(Exception):
    """A failure of sockets and bytes. The transport turns it into a message.

    Args:
        failure: the kind of failure.
        words: safe words for the message, if the kind is not enough.
        again: whether another try may help. After sending, only reads are tried again.
        where: what failed, if it was not the CDP: `the proxy p:3128`.
        cause: the library's error. It is never shown.
    """

    def __init__(
        self,
        failure: Failure,
        words: str = "",
        *,
        again: bool = False,
        where: str | None = None,
        cause: BaseException | None = None,
    ) -> None:
        super().__init__(failure.name)
        self.failure = failure
        self.words = words
        self.again = again
        self.where = where
        self.cause = cause


class _Row(NamedTuple):
    error: type[BaseException]
    number: int | None
    failure: Failure
    words: str
    again: bool


# The first matching row is used. None matches any number.
_BEFORE_SENDING = (
    _Row(ssl.SSLEOFError, None, Failure.TLS_DROPPED, "", True),
    _Row(ssl.SSLError, None, Failure.TLS, "", False),
    _Row(socket.gaierror, socket.EAI_AGAIN, Failure.DNS, "the DNS of this machine does not answer", True),
    _Row(socket.gaierror, None, Failure.DNS, "host name not found", False),
    _Row(UnicodeError, None, Failure.DNS, "host name not found", False),
    _Row(TimeoutError, errno.ETIMEDOUT, Failure.NETWORK, "no answer", False),
    _Row(TimeoutError, None, Failure.CONNECT_TIMEOUT, "", False),
    _Row(ConnectionRefusedError, None, Failure.REFUSED, "connection refused", True),
    _Row(ConnectionResetError, None, Failure.NETWORK, "the connection was reset at once", False),
    _Row(OSError, errno.EHOSTUNREACH, Failure.NETWORK, "no route to the host", False),
    _Row(OSError, errno.ENETUNREACH, Failure.NETWORK, "no route to its network", False),
    _Row(OSError, errno.EADDRNOTAVAIL, Failure.NETWORK, "no route to its network", False),
    _Row(OSError, errno.EACCES, Failure.NETWORK, "this system does not allow the connection", False),
    _Row(OSError, errno.EPERM, Failure.NETWORK, "this system does not allow the connection", False),
    _Row(OSError, errno.EMFILE, Failure.NETWORK, "this process has too many open files", False),
    _Row(Exception, None, Failure.NETWORK, "the connection failed", False),
)
_AFTER_SENDING = (
    _Row(TimeoutError, None, Failure.TIMEOUT, "", True),
    _Row(RemoteDisconnected, None, Failure.EOF, "", True),
    _Row(IncompleteRead, None, Failure.CUT, "", True),
    _Row(LineTooLong, None, Failure.FRAMING, "one of its lines is longer than 64 KB", False),
    _Row(BadStatusLine, None, Failure.FRAMING, _NOT_HTTP, False),
    _Row(HTTPException, None, Failure.FRAMING, "its header is not valid HTTP/1.1", False),
    _Row(OSError, None, Failure.RESET, "", True),
    _Row(Exception, None, Failure.FRAMING, "its header is not valid HTTP/1.1", False),
)


def before_sending(error: BaseException, where: str | None = None) -> TransportError:
    """Return the failure of name resolution, connecting or the handshake. Nothing was sent."""
    row = _row(_BEFORE_SENDING, error)
    return TransportError(row.failure, row.words, again=row.again, where=where, cause=error)


def in_tunnel(error: BaseException, where: str) -> TransportError:
    """Return the failure of a proxy to open a tunnel.

    The library gives the proxy's status only in the text of its error.
    """
    said = str(error).partition("Tunnel connection failed: ")[2][:3]
    if isinstance(error, TransportError) or type(error) is HTTPException:
        # Python 3.13 and later stop after a hundred lines by themselves, with this class alone.
        words = "it gave an endless answer"
    elif isinstance(error, TimeoutError):
        words = "no answer in time"
    elif said == "407":
        words = "it wants a user name and a password, or others (407)"
    elif said.isascii() and said.isdigit():
        words = f"it refused the connection ({said})"
    elif isinstance(error, RemoteDisconnected):
        words = "it closed the connection"
    elif isinstance(error, HTTPException | ValueError):
        words = "it does not speak HTTP"
    else:
        words = "it broke the connection"
    return TransportError(Failure.PROXY, words, where=where)


def after_sending(error: BaseException, *, fresh: bool, plain: bool) -> TransportError:
    """Return the failure of an exchange whose request may have arrived.

    Args:
        error: the error of the socket, http.client or urllib3.
        fresh: whether this is the first answer on the connection.
        plain: whether the connection is plain http.
    """
    if isinstance(error, HTTPError) and error.__cause__ is not None:
        error = error.__cause__
    # In TLS 1.3 the server may refuse the client's certificate after the client has begun to send. Such an
    # alert on a new connection means that the request was not read.
    if fresh and isinstance(error, ssl.SSLError) and about_client_certificate(getattr(error, "reason", None)):
        return TransportError(Failure.TLS_ALERT, cause=error)
    row = _row(_AFTER_SENDING, error)
    words = row.words
    if isinstance(error, BadStatusLine):
        line = str(error)
        if fresh and plain and line.startswith(_TLS_RECORDS):
            return TransportError(Failure.TLS_ANSWER)
        if line.startswith("SSH-"):
            words = "an SSH server answers there"
    return TransportError(row.failure, words, again=row.again, cause=error)


def _row(table: tuple[_Row, ...], error: BaseException) -> _Row:
    number = getattr(error, "errno", None)
    return next(row for row in table if isinstance(error, row.error) and row.number in (None, number))


def about_client_certificate(reason: str | None) -> bool:
    """Return whether a TLS alert refuses the client's certificate, or asks for one."""
    return reason is not None and "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason)


def explain(
    broken: TransportError, attempt: "Attempt", what: str, route: "Route", *, reading: bool
) -> CdpctlError:
    """Return the error for a failed exchange.

    Args:
        broken: the failure.
        attempt: the attempt.
        what: the method and the path.
        route: the route to the CDP.
        reading: whether it is a GET, which changes nothing.
    """
    if not attempt.sent or broken.failure in _NEVER_ARRIVED:
        return _never_arrived(broken, attempt, what, route)
    happened = _happened(broken, attempt)
    if not reading:
        return LostAnswerError(f"{what} was sent to {route.shown}, and {happened}", hint=check_first())
    kind = DeadlineError if broken.failure is Failure.DEADLINE else UnreachableError
    return kind(f"{what} at {route.shown}: {happened}", hint=_hint_after(broken.failure), reason=happened)


def check_first() -> str:
    """Return the hint after a change whose answer was lost."""
    return f"it may have been done; check before you retry: {command_line('peer list')}"


def _never_arrived(broken: TransportError, attempt: "Attempt", what: str, route: "Route") -> CdpctlError:
    failure, who = broken.failure, broken.where or route.shown
    doctor = f"to check each step: {command_line('doctor')}"
    if failure is Failure.DEADLINE:
        return DeadlineError(
            f"the deadline of {attempt.deadline.seconds or 0:.3g} s passed before {what} was sent to {who}",
            hint=f"allow more time with --timeout 5m; {doctor}",
        )
    if failure is Failure.TLS_ANSWER:
        return UnreachableError(f"{route.shown} speaks TLS, and the URL says http", hint=route.use("https"))
    if failure is Failure.TLS_DROPPED:
        return UnreachableError(
            f"{who} closed the connection during the TLS handshake",
            hint=f"it may speak plain http or another protocol, or a firewall stops it; {doctor}",
        )
    if failure is Failure.PROXY:
        return UnreachableError(
            f"{who} did not let the call through: {broken.words}; nothing reached the CDP",
            hint="use another proxy with --proxy URL, or none with --proxy '' or NO_PROXY",
        )
    hints = {
        Failure.REFUSED: f"check that it is running and that this is its port; {doctor}",
        Failure.DNS: f"check the name in the URL and the DNS of this machine; {doctor}",
        Failure.CONNECT_TIMEOUT: f"check address and firewall, or add --connect-timeout 30s; {doctor}",
    }
    words = broken.words or "the connection failed"
    error = NoConnectionError if _without_connection(broken, attempt) else UnreachableError
    return error(
        f"cannot connect to {who}: {words}; nothing was sent", hint=hints.get(failure, doctor), reason=words
    )


def _without_connection(broken: TransportError, attempt: "Attempt") -> bool:
    """Return whether there was no connection to the CDP: refused, no route, no such name, or too slow."""
    if broken.where is not None or "TLS" in attempt.step:
        # Either the proxy failed, which says nothing about the CDP, or something answered.
        return False
    if broken.failure is Failure.NETWORK:
        return getattr(broken.cause, "errno", None) in _NO_ROUTE
    return broken.failure in (Failure.REFUSED, Failure.DNS, Failure.CONNECT_TIMEOUT)


def _happened(broken: TransportError, attempt: "Attempt") -> str:
    words = {
        Failure.DEADLINE: f"no complete answer came by the deadline of {attempt.deadline.seconds or 0:.3g} s",
        Failure.TIMEOUT: f"nothing came for {attempt.read_timeout:.3g} s",
        Failure.EOF: "the connection was closed without an answer",
        Failure.CUT: "the answer was cut off",
        Failure.TOO_LONG: f"the answer is longer than {attempt.cap / 1048576:.3g} MiB",
        Failure.FRAMING: f"the answer cannot be understood: {broken.words}",
    }
    return words.get(broken.failure, "the connection was reset before the answer came")


def _hint_after(failure: Failure) -> str:
    longer = {
        Failure.DEADLINE: "allow more time with --timeout 5m; ",
        Failure.TIMEOUT: "wait longer with --read-timeout 60s; ",
    }
    return f"{longer.get(failure, '')}to check each step: {command_line('doctor')}"
