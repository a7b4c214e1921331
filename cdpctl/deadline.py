"""Durations, the deadline of a run, and waits that a signal can end."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from cdpctl.errors import UsageError
from cdpctl.text import quoted

_UNITS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_MAX_SECONDS = 7 * 24 * 3600.0
# Python does not notice a signal that comes just as a wait begins until that wait has ended.
_LONGEST_WAIT = 0.5


def parse_duration(text: str, what: str = "duration", *, zero: bool = False) -> float:
    """Turn `90`, `90s`, `1.5m`, `5m`, `2h` or `250ms` into seconds.

    Args:
        text: what the user typed.
        what: the name of the option or setting, for messages.
        zero: accept a duration of zero.

    Returns:
        Seconds, at most seven days.

    Raises:
        UsageError: it is not a duration, zero, or longer than seven days.
    """
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,6})?)\s*(ms|s|m|h|)\s*", text, re.ASCII)
    seconds = float(match[1]) * _UNITS[match[2]] if match else 0.0
    if not match or seconds > _MAX_SECONDS or (seconds == 0 and not zero):
        raise UsageError(
            f"{what}: {quoted(text)} is not a valid duration",
            hint="use seconds or a unit, up to seven days: 90, 90s, 5m, 2h",
        )
    return seconds


def wait_for(come: Callable[[float], bool], seconds: float) -> bool:
    """Wait in short parts, so that a signal is noticed soon even if it comes as a wait begins.

    Args:
        come: waits at most the given seconds, and returns whether what it waits for has come.
        seconds: the most seconds to wait in all.

    Returns:
        Whether it has come.
    """
    end = time.monotonic() + seconds
    while True:
        left = end - time.monotonic()
        if come(max(0.0, min(left, _LONGEST_WAIT))):
            return True
        if left <= _LONGEST_WAIT:
            return False


def sleep(seconds: float) -> None:
    """Sleep. A signal is noticed soon even if it comes as the sleep begins."""

    def part(left: float) -> bool:
        time.sleep(left)
        return False

    wait_for(part, seconds)


class Deadline:
    """The point in time at which a run has to end.

    Args:
        seconds: seconds from now. None means no limit.
        clock: a monotonic clock in seconds.
    """

    def __init__(self, seconds: float | None, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.seconds = seconds
        self._began = clock()
        self._end = float("inf") if seconds is None else self._began + seconds

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Do not count the time of a question, and allow the whole time after its answer."""
        asked = self._clock()
        yield
        now = self._clock()
        self._began += now - asked
        if self.seconds is not None:
            self._end = now + self.seconds

    @property
    def elapsed(self) -> float:
        """Seconds since the start, without the time of questions."""
        return self._clock() - self._began

    def remaining(self) -> float:
        """Return the seconds left. Never negative, and infinite without a limit."""
        return max(0.0, self._end - self._clock())

    @property
    def expired(self) -> bool:
        """Whether no time is left."""
        return self.remaining() <= 0.0

    def reserve(self, share: float, most: float) -> "Deadline":
        """Return an earlier deadline that leaves time to read the peers once more.

        Its `seconds` are the same, because messages show them.

        Args:
            share: the part of the remaining time to keep, 0 to 1.
            most: the most seconds to keep.
        """
        earlier = Deadline(self.seconds, self._clock)
        earlier._end = self._end - min(self.remaining() * share, most)
        return earlier

    def within(self, seconds: float) -> "Deadline":
        """Return a deadline this many seconds from now, or this one if it is earlier."""
        sooner = Deadline(seconds, self._clock)
        if self._end < sooner._end:
            sooner.seconds, sooner._end = self.seconds, self._end
        return sooner

    @contextmanager
    def extended(self, seconds: float) -> Iterator[None]:
        """Allow at least `seconds` during a `with`, even if less time is left."""
        end = self._end
        later = self._end = max(end, self._clock() + seconds)
        try:
            yield
        finally:
            # A question may have moved it.
            if self._end == later:
                self._end = end
