"""Runs a call in a background thread, so that the caller can stop waiting for it."""

import sys
import threading
from collections.abc import Callable
from math import inf
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

from cdpctl.deadline import wait_for

T = TypeVar("T")


class BackgroundCall(Generic[T]):
    """A call that runs in a daemon thread, so that the process can end without waiting for it.

    If no thread can be started, the call is made in this thread, and only its own time limits apply.

    Args:
        work: the call.
        name: the name of the thread.
    """

    def __init__(self, work: Callable[[], T], name: str) -> None:
        self._work = work
        # Not an event: a signal that comes while one is waited for may release the lock of another thread.
        self._done: SimpleQueue[None] = SimpleQueue()
        self._results: list[T] = []
        self._error: BaseException | None = None
        self._begun = threading.Lock()
        handled = sys.exc_info()[1]
        try:
            threading.Thread(target=self._run, name=name, daemon=True).start()
        except RuntimeError as error:
            if error.__context__ is not None and error.__context__ is not handled:
                # Not the thread: a signal came while it started, and spoilt the lock that was waited for.
                raise error.__context__ from None
            self._run()

    def _run(self) -> None:
        if not self._begun.acquire(blocking=False):
            return
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised in the thread of the caller
            self._error = error
        finally:
            self._done.put(None)

    def _is_done(self, seconds: float) -> bool:
        try:
            self._done.get(timeout=seconds)
        except Empty:
            return False
        # The result may be asked for again.
        self._done.put(None)
        return True

    def result(self, seconds: float = inf) -> T:
        """Wait for the work and return its result.

        Args:
            seconds: the most seconds to wait.

        Raises:
            TimeoutError: it takes longer.
            BaseException: any exception of the work.
        """
        if not wait_for(self._is_done, seconds):
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._results[0]
