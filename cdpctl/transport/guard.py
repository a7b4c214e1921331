"""Limits the time of an attempt, and tracks whether anything may have been sent."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Protocol, TypeVar

from cdpctl.background import BackgroundCall
from cdpctl.deadline import Deadline
from cdpctl.transport.failures import Failure, TransportError

if TYPE_CHECKING:
    from cdpctl.transport.response import Response

T = TypeVar("T")
# A socket with a time-out of zero does not wait at all.
_SHORTEST_WAIT = 0.001
# Time-outs are not exact.
_ABOUT = 0.005


class _Connection(Protocol):
    sock: socket.socket | None


class _Current(threading.local):
    attempt: "Attempt | None" = None


_current = _Current()


def current() -> "Attempt":
    """Return the attempt of this thread."""
    if _current.attempt is None:
        raise RuntimeError("a connection is used outside of an attempt")
    return _current.attempt


class Attempt:
    """One attempt to make a request, or only to connect.

    The work runs in a daemon thread, and the caller waits for it no longer than the connect time-out
    until it leaves, and no longer than the deadline until it ends. So look-up, connecting, a proxy's
    tunnel, the handshake, and heads and bodies that drip are all bounded in one place. An attempt that
    was given up can never send: `leave` raises.

    Args:
        deadline: the deadline of the run, or an earlier one for a single call.
        connect_timeout: seconds for everything before the request is sent.
        read_timeout: seconds for each part of the answer.
        target: the exact target for the request line.
        cap: the most bytes of the body.

    Attributes:
        sent: whether anything of the request may have been sent.
        step: the current step before sending, such as ` to the TLS handshake`. Empty while connecting.
        where: the proxy it is talking to, or None.
        head: the status and the headers, once known.
    """

    def __init__(
        self,
        deadline: Deadline,
        connect_timeout: float,
        read_timeout: float,
        *,
        target: str = "/",
        cap: int = 0,
    ) -> None:
        self.deadline = deadline
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.target = target
        self.cap = cap
        self.sent = False
        self.step = ""
        self.where: str | None = None
        self.head: Response | None = None
        self._lock = threading.Lock()
        self._given_up = False
        self._connection: _Connection | None = None
        self._left = threading.Event()

    def cut(self, seconds: float) -> float:
        """Return the time-out for one operation, limited by the deadline.

        Raises:
            TransportError: the deadline has passed.
        """
        left = self.deadline.remaining()
        if left <= 0.0:
            raise TransportError(Failure.DEADLINE)
        return max(_SHORTEST_WAIT, min(seconds, left))

    def ended(self, broken: TransportError) -> TransportError:
        """Return the error of an operation: of the deadline, of a time-out, or any other."""
        waited = broken.failure in (Failure.CONNECT_TIMEOUT, Failure.TIMEOUT, Failure.PROXY)
        if waited and self.deadline.remaining() <= _ABOUT:
            return TransportError(Failure.DEADLINE, where=broken.where)
        if broken.failure is Failure.CONNECT_TIMEOUT:
            broken.words = f"no answer{self.step} within {self.connect_timeout:.3g} s"
        return broken

    def opening(self, connection: _Connection) -> None:
        """Record the connection of this attempt."""
        with self._lock:
            self._check()
            self._connection = connection

    def leave(self, connection: _Connection) -> None:
        """Mark the request as sent, before the first byte is sent.

        Raises:
            TransportError: the attempt was given up. Nothing may be sent.
        """
        with self._lock:
            self._check()
            self._connection = connection
            self.sent = True
        self._left.set()

    def _check(self) -> None:
        if self._given_up:
            raise TransportError(Failure.DEADLINE)

    def give_up(self) -> None:
        """End the attempt: send nothing from now on, and shut its socket down."""
        with self._lock:
            self._given_up = True
        self.shut_down()

    def shut_down(self) -> None:
        """Shut the socket down, so that its connection is not used again."""
        connection = self._connection
        sock = None if connection is None else connection.sock
        if sock is not None:
            with suppress(OSError):
                # Not with the TLS socket's own method, which would leave a plain socket for a moment.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def run(self, work: Callable[[], T]) -> T:
        """Do the work of the attempt within its time limits.

        Where no thread can be started, the work is done in this one: the time-outs of its single
        operations still hold.

        Raises:
            TransportError: it failed or took too long.
        """
        self.cut(self.connect_timeout)

        def attempt() -> T:
            _current.attempt = self
            try:
                return work()
            finally:
                self._left.set()

        try:
            call = BackgroundCall(attempt, "call")
            self._wait_until_sent()
            return call.result(self.deadline.remaining())
        except TimeoutError:
            self.give_up()
            raise TransportError(Failure.DEADLINE) from None
        except BaseException:
            # Even if a signal ends the run while the thread is being started.
            self.give_up()
            raise

    def _wait_until_sent(self) -> None:
        if self._left.wait(min(self.connect_timeout, self.deadline.remaining())):
            return
        with self._lock:
            self._given_up = not self.sent
        if self._given_up:
            raise self.ended(TransportError(Failure.CONNECT_TIMEOUT, where=self.where))
