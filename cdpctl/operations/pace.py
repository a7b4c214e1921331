"""When the grid is read while peers are followed: one rule for every operation."""

from collections.abc import Iterator

from cdpctl.operations.run import Run

#: Time for a last read at or after the deadline, in seconds.
LAST_READ_SECONDS = 2.0
_FIRST = 0.05
_SHARE = 0.1
_COSTS = 10.0
# Seconds before each read if the run does not wait, to find out about a lost answer. A busy CDP may begin
# late. For longer, an operator can use --wait.
_PAUSES = (0.0, 0.7, 1.5)


def reads(run: Run, first: float) -> Iterator[float]:
    """Sleep until each read of the grid is due, as long as peers are followed.

    The pauses are short at first, then in proportion to the time waited. Fast changes are seen early, and a
    slow CDP is not polled more often than it can handle. The last read comes at the deadline, or later if the
    process was suspended until then.

    A run that does not wait follows only peers whose answer was lost, for three reads.

    Args:
        run: the run.
        first: seconds before the first read, if that is more than usual.

    Yields:
        The seconds that a read may take even if the deadline comes earlier.
    """
    if not run.options.wait:
        for pause in _PAUSES:
            if not run.accepted or (pause and pause >= run.deadline.remaining()):
                return
            run.sleep(pause)
            yield 0.0 if pause else LAST_READ_SECONDS
        return
    begun = run.clock()
    pause = 0.0 if run.lost else max(_FIRST, first)
    while run.accepted:
        run.sleep(min(pause, run.options.interval, run.deadline.remaining()))
        last = run.deadline.expired
        asked = run.clock()
        yield LAST_READ_SECONDS if last else 0.0
        if last:
            return
        now = run.clock()
        pause = max(_FIRST, (now - begun) * _SHARE, (now - asked) * _COSTS)
