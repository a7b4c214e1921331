"""How often the grid is read while somebody waits for it."""

from collections.abc import Callable

_FIRST = 0.05
_SHARE = 0.1
_COSTS = 10.0


class Pace:
    """Gives the pauses between polls: short ones first, then in proportion to the time waited.

    What is there is so reported soon after it is there, and a CDP that is slow to answer, or short of
    memory, is not asked more often than it can bear.

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
        """Take in what the last poll cost."""
        self._cost = seconds
