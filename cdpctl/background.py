"""Runs a call in a background thread, so that the caller can stop waiting for it."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

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
        self._done = threading.Event()
        self._results: list[T] = []
        self._error: BaseException | None = None
        try:
            threading.Thread(target=self._run, name=name, daemon=True).start()
        except RuntimeError:
            self._run()

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001 - raised in the thread of the caller
            self._error = error
        finally:
            self._done.set()

    def result(self, seconds: float = threading.TIMEOUT_MAX) -> T:
        """Wait for the work and return its result.

        Args:
            seconds: the most seconds to wait.

        Raises:
            TimeoutError: it takes longer.
            BaseException: any exception of the work.
        """
        if not self._done.wait(min(seconds, threading.TIMEOUT_MAX)):
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._results[0]
