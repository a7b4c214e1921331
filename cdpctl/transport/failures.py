"""How a call can fail: two ordered tables of errors, and the messages for users."""

import errno
import socket
import ssl
from enum import Enum, auto
from http.client import BadStatusLine, HTTPException, IncompleteRead, RemoteDisconnected
from typing import TYPE_CHECKING, NamedTuple

from requests import RequestException
from urllib3.exceptions import HTTPError

from cdpctl.errors import CdpctlError, DeadlineError, LostAnswerError, NoConnectionError, UnreachableError
from cdpctl.text import command_line

if TYPE_CHECKING:
    from cdpctl.transport.guard import Attempt
    from cdpctl.transport.route import Route

#: What requests, urllib3, http.client and sockets raise where a connection breaks.
BROKEN = (HTTPError, HTTPException, OSError, ValueError)


class Failure(Enum):
    """How a connection or an exchange failed."""

    DEADLINE = auto()
    DNS = auto()
    REFUSED = auto()
    NO_ROUTE = auto()
    NETWORK = auto()
    PROXY = auto()
    TLS = auto()
    TLS_ANSWER = auto()
    TIMEOUT = auto()
    CLOSED = auto()
    CUT = auto()
    FRAMING = auto()
    TOO_LONG = auto()


# Bytes may have been sent, but no CDP can have understood them.
_NEVER_ARRIVED = (Failure.PROXY, Failure.TLS, Failure.TLS_ANSWER)
_NO_CONNECTION = (Failure.DNS, Failure.REFUSED, Failure.NO_ROUTE, Failure.TIMEOUT)


class TransportError(Exception):
    """A failure of sockets and bytes. The transport turns it into a message.

    Args:
        failure: the kind of failure.
        words: safe words for the message, if the kind is not enough.
        again: whether another try may help. After sending, only reads are tried again.
        cause: the library's error. It is never shown.
    """

    def __init__(
        self, failure: Failure, words: str = "", *, again: bool = False, cause: BaseException | None = None
    ) -> None:
        super().__init__(failure.name)
        self.failure = failure
        self.words = words
        self.again = again
        self.cause = cause


class _Row(NamedTuple):
    errors: type[BaseException] | tuple[type[BaseException], ...]
    failure: Failure
    words: str = ""
    again: bool = False
    numbers: tuple[int, ...] = ()


_TLS_RECORDS = ("\x15\x03", "\x16\x03")
_NO_ROUTE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EADDRNOTAVAIL)
_NOT_ALLOWED = (errno.EACCES, errno.EPERM)
_NO_DNS = "the DNS of this machine does not answer"
# The first matching row is used. Without numbers, any number matches.
_BEFORE_SENDING = (
    _Row(ConnectionRefusedError, Failure.REFUSED, "connection refused", again=True),
    # Older versions of Python raise the second of these when a handshake is broken off.
    _Row((ssl.SSLEOFError, ssl.SSLZeroReturnError, ConnectionError), Failure.CLOSED, again=True),
    _Row(ssl.SSLError, Failure.TLS),
    _Row(socket.gaierror, Failure.DNS, _NO_DNS, again=True, numbers=(socket.EAI_AGAIN,)),
    _Row((socket.gaierror, UnicodeError), Failure.DNS, "host name not found"),
    _Row(TimeoutError, Failure.TIMEOUT),
    _Row(OSError, Failure.NO_ROUTE, "no route to the host", numbers=_NO_ROUTE),
    _Row(OSError, Failure.NETWORK, "this system does not allow the connection", numbers=_NOT_ALLOWED),
    _Row(OSError, Failure.NETWORK, "this process has too many open files", numbers=(errno.EMFILE,)),
    _Row(Exception, Failure.NETWORK, "the connection failed"),
)
_AFTER_SENDING = (
    _Row(TimeoutError, Failure.TIMEOUT, again=True),
    _Row(RemoteDisconnected, Failure.CLOSED, again=True),
    _Row(IncompleteRead, Failure.CUT, again=True),
    _Row(BadStatusLine, Failure.FRAMING, "something that is not HTTP/1.1 answers there"),
    _Row(OSError, Failure.CLOSED, again=True),
    _Row(Exception, Failure.FRAMING, "its header is not valid HTTP/1.1"),
)


def failure_of(error: BaseException, attempt: "Attempt") -> TransportError:
    """Return what an error in an attempt means."""
    # The libraries raise errors of their own while they handle the one that says what happened.
    while isinstance(error, HTTPError | RequestException) and error.__context__ is not None:
        error = error.__context__
    table = _AFTER_SENDING if attempt.sent else _BEFORE_SENDING
    number = getattr(error, "errno", None)
    fitting = (row for row in table if not row.numbers or number in row.numbers)
    row = next(row for row in fitting if isinstance(error, row.errors))
    failure = row.failure
    if attempt.head is not None:
        failure = Failure.CUT if failure is Failure.CLOSED else failure
    elif attempt.fresh and about_client_certificate(error):
        # In TLS 1.3 the server may refuse the client's certificate after the client has begun to send. Such
        # an alert on a new connection means that the request was not read.
        failure = Failure.TLS
    elif attempt.fresh and isinstance(error, BadStatusLine) and str(error).startswith(_TLS_RECORDS):
        failure = Failure.TLS_ANSWER
    return TransportError(failure, row.words, again=row.again, cause=error)


def in_tunnel(error: Exception) -> TransportError:
    """Return the failure of a proxy to open a tunnel.

    The library gives the proxy's status only in the text of its error.
    """
    status = str(error).partition("Tunnel connection failed: ")[2][:3]
    if status.isdecimal():
        return proxy_refused(int(status))
    words = "it did not answer" if isinstance(error, OSError) else "it does not speak HTTP"
    return TransportError(Failure.PROXY, words)


def proxy_refused(status: int) -> TransportError:
    """Return the failure of a proxy that answered with this status."""
    words = "it refused the connection"
    if status == 407:
        words = "it wants a user name and a password, or different ones"
    return TransportError(Failure.PROXY, f"{words} ({status})")


def about_client_certificate(error: BaseException | None) -> bool:
    """Return whether an error is a TLS alert that refuses the client's certificate, or asks for one."""
    reason = str(getattr(error, "reason", ""))
    return "ALERT" in reason and ("CERTIFICATE" in reason or "UNKNOWN_CA" in reason)


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
    failure = broken.failure
    slow = "allow more time with --read-timeout 60s"
    if not attempt.sent:
        slow = "check address and firewall, or add --connect-timeout 30s"
    advice = {
        Failure.DEADLINE: "allow more time with --timeout 5m",
        Failure.TIMEOUT: slow,
        Failure.REFUSED: "check that it is running and that this is its port",
        Failure.DNS: "check the name in the URL and the DNS of this machine",
        Failure.CLOSED: "it may speak another protocol, or a firewall stops it",
    }.get(failure)
    hint = (*filter(None, [advice]), command_line.to_doctor)
    if not attempt.sent or failure in _NEVER_ARRIVED:
        return _never_arrived(broken, attempt, what, route, hint)
    happened = {
        Failure.DEADLINE: f"no complete answer came by the deadline of {attempt.deadline.seconds or 0:.3g} s",
        Failure.TIMEOUT: f"nothing came for {attempt.read_timeout:.3g} s",
        Failure.CLOSED: "the connection was closed before the answer came",
        Failure.CUT: "the answer was cut off",
        Failure.TOO_LONG: f"the answer is longer than {attempt.cap / 1048576:.3g} MiB",
    }.get(failure, f"the answer cannot be understood: {broken.words}")
    if not reading:
        check = f"it may have been done; check before you retry: {command_line('peer list')}"
        return LostAnswerError(f"{what} was sent to {route.shown}, and {happened}", hint=check)
    kind = DeadlineError if failure is Failure.DEADLINE else UnreachableError
    return kind(f"{what} at {route.shown}: {happened}", hint=hint, reason=happened)


def _never_arrived(
    broken: TransportError, attempt: "Attempt", what: str, route: "Route", hint: tuple[str, ...]
) -> CdpctlError:
    failure, who = broken.failure, attempt.where or route.shown
    if failure is Failure.DEADLINE:
        seconds = attempt.deadline.seconds or 0
        message = f"the deadline of {seconds:.3g} s passed before {what} was sent to {who}"
        return DeadlineError(message, hint=hint, says_sent=True)
    if failure is Failure.TLS_ANSWER:
        return UnreachableError(f"{route.shown} speaks TLS, and the URL says http", hint=route.use("https"))
    if failure is Failure.PROXY:
        return UnreachableError(
            f"{who} did not let the call through: {broken.words}; nothing reached the CDP",
            hint="use another proxy with --proxy URL, or none with --proxy '' or NO_PROXY",
        )
    words = {
        Failure.TIMEOUT: f"no answer{attempt.step} within {attempt.connect_timeout:.3g} s",
        Failure.CLOSED: f"no answer{attempt.step}: the connection was closed",
    }.get(failure, broken.words)
    # A proxy that failed says nothing about the CDP, and a CDP that began a handshake is there.
    absent = failure in _NO_CONNECTION and attempt.where is None and "TLS" not in attempt.step
    error = NoConnectionError if absent else UnreachableError
    message = f"cannot connect to {who}: {words}; nothing was sent"
    return error(message, hint=hint, reason=words, says_sent=True)
