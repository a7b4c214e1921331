"""Limits the time of an attempt, and tracks whether anything may have been sent."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, TypeVar

from cdpctl.background import BackgroundCall
from cdpctl.deadline import Deadline, wait_for
from cdpctl.transport.failures import BROKEN, Failure, TransportError, failure_of

if TYPE_CHECKING:
    from cdpctl.transport.response import Response

T = TypeVar("T")
# Time-outs are not exact.
_ABOUT = 0.005
_current = threading.local()


def current() -> "Attempt":
    """Return the attempt of this thread."""
    attempt: Attempt = _current.attempt
    return attempt


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
        where: the proxy it is talking to, or None.

    Attributes:
        fresh: whether it opened a connection of its own.
        sent: whether anything of the request may have been sent.
        step: the current step before sending, such as ` to the TLS handshake`. Empty while connecting.
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
        where: str | None = None,
    ) -> None:
        self.deadline = deadline
        self.connect_timeout = connect_timeout
        self.read_timeout = read_timeout
        self.target = target
        self.cap = cap
        self.where = where
        self.fresh = False
        self.sent = False
        self.step = ""
        self.head: Response | None = None
        self._lock = threading.Lock()
        self._given_up = False
        self._sock: socket.socket | None = None
        self._left = threading.Event()

    def cut(self, seconds: float) -> float:
        """Return the time-out for one operation, limited by the deadline.

        Raises:
            TransportError: the deadline has passed.
        """
        left = self.deadline.remaining()
        if left <= 0.0:
            raise TransportError(Failure.DEADLINE)
        return min(seconds, left)

    def leave(self, sock: socket.socket | None) -> None:
        """Mark the request as sent, before the first byte is sent.

        Raises:
            TransportError: the attempt was given up. Nothing may be sent.
        """
        with self._lock:
            if self._given_up:
                raise TransportError(Failure.DEADLINE)
            self._sock = sock
            self.sent = True
        self._left.set()

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
            except BROKEN as error:
                raise failure_of(error, self) from None
            finally:
                self._left.set()

        try:
            call = BackgroundCall(attempt, "call")
            if not wait_for(self._left.wait, min(self.connect_timeout, self.deadline.remaining())):
                with self._lock:
                    self._given_up = not self.sent
                if self._given_up:
                    raise TransportError(Failure.TIMEOUT)
            return call.result(self.deadline.remaining())
        except BaseException as error:
            # Even if a signal ends the run while the thread is being started.
            self._give_up()
            waited = isinstance(error, TransportError) and error.failure in (Failure.TIMEOUT, Failure.PROXY)
            if isinstance(error, TimeoutError) or (waited and self.deadline.remaining() <= _ABOUT):
                raise TransportError(Failure.DEADLINE) from None
            raise

    def _give_up(self) -> None:
        """Send nothing from now on, and shut the socket down."""
        with self._lock:
            self._given_up = True
        if self._sock is not None:
            with suppress(OSError):
                # Not with the TLS socket's own method, which would leave a plain socket for a moment.
                socket.socket.shutdown(self._sock, socket.SHUT_RDWR)
