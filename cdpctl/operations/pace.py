"""The pauses between polls of the grid."""

from collections.abc import Callable

_FIRST = 0.05
_SHARE = 0.1
_COSTS = 10.0


class Pace:
    """Computes the pauses between polls: short at first, then in proportion to the time waited.

    Fast changes are seen early, and a slow CDP is not polled more often than it can handle.

    Args:
        interval: the most seconds between two polls.
        clock: a monotonic clock.
    """

    def __init__(self, interval: float, clock: Callable[[], float]) -> None:
        self._interval, self._clock = interval, clock
        self._begun = clock()
        self._cost = 0.0

    def pause(self) -> float:
        """Return the seconds until the next poll."""
        waited = self._clock() - self._begun
        return min(self._interval, max(_FIRST, waited * _SHARE, self._cost * _COSTS))

    def took(self, seconds: float) -> None:
        """Record how long the last poll took."""
        self._cost = seconds
