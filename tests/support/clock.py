"""A clock that tests move."""

from collections.abc import Callable


class Clock:
    """Time that passes only while somebody sleeps, or when a test sets `now`."""

    def __init__(self, now: float = 100.0) -> None:
        self.now = now
        self.before_sleep: list[Callable[[], None]] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        if self.before_sleep:
            self.before_sleep.pop(0)()
        self.now += seconds
