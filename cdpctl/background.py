"""A call in a thread of its own: whoever waits for it can give it up and go on."""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")


class BackgroundCall(Generic[T]):
    """Work that begins at once in a daemon thread, which the end of the process does not wait for.

    Where no thread can be started, the work is done in this one before the call exists: the limits of its
    single operations have to do.

    Args:
        work: the call.
        name: of the thread.
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
            seconds: the most to wait.

        Raises:
            TimeoutError: it takes longer.
            BaseException: what the work raised.
        """
        if not self._done.wait(min(seconds, threading.TIMEOUT_MAX)):
            raise TimeoutError
        if self._error is not None:
            raise self._error
        return self._results[0]
