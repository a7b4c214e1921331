"""The guard of an attempt: it bounds its time, and knows whether anything of the request may have left."""

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
# A socket with a time-out of zero does not wait at all, which is another thing than a short wait.
_SHORTEST_WAIT = 0.001
# Time-outs end a little before or after the point they were computed for.
_ABOUT = 0.005


class _Connection(Protocol):
    sock: socket.socket | None


class _Current(threading.local):
    attempt: "Attempt | None" = None


_current = _Current()


def current() -> "Attempt":
    """Return the attempt that this thread is making."""
    if _current.attempt is None:
        raise RuntimeError("a connection is used outside of an attempt")
    return _current.attempt


class Attempt:
    """One attempt at one request, or at connecting alone.

    The work runs in a daemon thread, and the caller waits for it no longer than the connect time-out
    until it leaves, and no longer than the deadline until it ends. So look-up, connecting, a proxy's
    tunnel, the handshake, and heads and bodies that drip are all bounded in one place. An attempt that
    was given up can never send: `leave` raises.

    Args:
        deadline: the deadline of the run, or an earlier one of a single call.
        connect_timeout: seconds for everything before the request leaves.
        read_timeout: seconds for each part of the answer.
        target: exactly what the request line must hold.
        cap: the most bytes of body wanted.

    Attributes:
        sent: bytes of the request may have left this machine.
        step: what an answer is waited for before it leaves: ` to the TLS handshake`; empty while connecting.
        where: the proxy it is busy with, or None.
        head: status and headers, as soon as they are known.
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
        """Return a time-out for one operation, cut by what the deadline leaves.

        Raises:
            TransportError: the deadline has passed.
        """
        left = self.deadline.remaining()
        if left <= 0.0:
            raise TransportError(Failure.DEADLINE)
        return max(_SHORTEST_WAIT, min(seconds, left))

    def ended(self, broken: TransportError) -> TransportError:
        """Return the error of a wait that may have ended: the deadline's, the single wait's, or any other."""
        waited = broken.failure in (Failure.CONNECT_TIMEOUT, Failure.TIMEOUT, Failure.PROXY)
        if waited and self.deadline.remaining() <= _ABOUT:
            return TransportError(Failure.DEADLINE, where=broken.where)
        if broken.failure is Failure.CONNECT_TIMEOUT:
            broken.words = f"no answer{self.step} within {self.connect_timeout:.3g} s"
        return broken

    def opening(self, connection: _Connection) -> None:
        """Note which connection is being opened for this attempt."""
        with self._lock:
            self._check()
            self._connection = connection

    def leave(self, connection: _Connection) -> None:
        """Mark the request as sent, before its first byte leaves.

        Raises:
            TransportError: the attempt was given up; nothing may be sent.
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
        """End the attempt: nothing of it is sent from now on, and its socket is shut down."""
        with self._lock:
            self._given_up = True
        self.shut_down()

    def _give_up_unless_sent(self) -> bool:
        with self._lock:
            if not self.sent:
                self._given_up = True
        if self._given_up:
            self.shut_down()
        return self._given_up

    def shut_down(self) -> None:
        """Shut the socket down, so that its connection is not used again."""
        connection = self._connection
        sock = None if connection is None else connection.sock
        if sock is not None:
            with suppress(OSError):
                # Not the TLS socket's own way, which would leave the thread a plain socket for a moment.
                socket.socket.shutdown(sock, socket.SHUT_RDWR)

    def run(self, work: Callable[[], T]) -> T:
        """Do the work of the attempt within its time.

        Where no thread can be started, the work is done in this one: the time-outs of its single
        operations still hold.

        Raises:
            TransportError: it broke, or took too long.
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
            # Also where a signal ends the run while the thread is being started.
            self.give_up()
            raise

    def _wait_until_sent(self) -> None:
        seconds = min(self.connect_timeout, self.deadline.remaining())
        if not self._left.wait(seconds) and self._give_up_unless_sent():
            raise self.ended(TransportError(Failure.CONNECT_TIMEOUT, where=self.where))
