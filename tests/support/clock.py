"""A clock that tests move."""

from collections.abc import Callable


class Clock:
    """A clock that moves only when `sleep` is called."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now
        self.before_sleep: list[Callable[[], None]] = []
        self._due: list[tuple[float, Callable[[], None]]] = []

    def __call__(self) -> float:
        return self.now

    def after(self, seconds: float, call: Callable[[], None]) -> None:
        """Call a function once this much time has passed."""
        self._due.append((self.now + seconds, call))

    def sleep(self, seconds: float) -> None:
        if self.before_sleep:
            self.before_sleep.pop(0)()
        self.now += seconds
        while self._due and self._due[0][0] <= self.now:
            self._due.pop(0)[1]()
