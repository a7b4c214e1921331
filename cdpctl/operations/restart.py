"""Rolling restart: stop, confirmed, start, confirmed, so many peers at a time."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from cdpctl.errors import UsageError
from cdpctl.models import STOPPED, Outcome
from cdpctl.operations.follow import follow
from cdpctl.operations.run import START, STOP, Action, Run
from cdpctl.operations.send import send


class RestartOptions(NamedTuple):
    """How many at a time, and how many failures are one too many.

    Attributes:
        batch: `N` or `N%` of the peers to restart.
        max_failures: go on as long as no more than this many have failed.
        start_stopped: start a peer that was stopped already.
    """

    batch: str = "1"
    max_failures: int = 0
    start_stopped: bool = False


def batch_size(text: str, count: int) -> int:
    """Turn `N` or `N%` into a number of peers, at least one; a part of a peer is left out.

    Raises:
        UsageError: neither, or nothing at all.
    """
    number = text.strip().removesuffix("%")
    if not number.isascii() or not number.isdigit() or not 0 < int(number) <= 1_000_000:
        raise UsageError(
            f"--batch: {text[:40]!r} is no number of peers", hint="write --batch 2 or --batch 25%"
        )
    if not text.strip().endswith("%"):
        return int(number)
    if int(number) > 100:
        raise UsageError(f"--batch: {text[:40]!r} is more than all of them", hint="write --batch 25%")
    return max(1, math.floor(count * int(number) / 100))


def restart(run: Run, names: Sequence[str], options: RestartOptions) -> None:
    """Restart `names`, a batch at a time; each ends settled.

    Args:
        run: with a preflight done: `names` are peers that may be stopped and started.
        names: in the order in which they are taken down.
        options: the rolling.
    """
    size = batch_size(options.batch, len(names))
    failures = 0
    for begin in range(0, len(names), size):
        if failures > options.max_failures or (failures and run.options.fail_fast):
            break
        if run.deadline.expired:
            run.skip(names, "not touched: the deadline passed before its turn")
            break
        batch = names[begin : begin + size]
        _restart_batch(run, batch, options)
        failures += sum(not run.results[name].ok for name in batch)
    run.skip(
        names, f"not touched: {failures} failed before its turn, and --max-failures is {options.max_failures}"
    )


def _restart_batch(run: Run, batch: Sequence[str], options: RestartOptions) -> None:
    up = [name for name in batch if not run.known[name].is_at(STOPPED)] if run.known else list(batch)
    for name in batch:
        if name not in up and not options.start_stopped:
            run.settle(
                run.result(
                    name, Outcome.SKIPPED, "stopped already, and left so; --start-stopped would start it"
                )
            )
    stopped = [name for name in batch if name not in up and options.start_stopped]
    stopped += _half(run, STOP, up)
    # In the order asked, whichever of them had to be stopped first.
    to_start = [name for name in batch if name in stopped]
    _half(run, START, to_start)


def _half(run: Run, action: Action, names: Sequence[str]) -> list[str]:
    """Send one half of a restart and follow it; return the names that got there.

    A stop that got there is no result yet: it is taken back, and the start gives the peer its own.
    """
    if not names:
        return []
    if action is STOP:
        run.down.update(dict.fromkeys(names))
    for name in names:
        peer = run.known.get(name)
        run.before[name] = peer.status if peer else None
    run.halfway = action is STOP
    try:
        send(run, action, names)
        follow(run, action)
    finally:
        run.halfway = False
    arrived = [name for name in names if run.results[name].outcome is Outcome.CONFIRMED]
    for name in names:
        result = run.results[name]
        if action is STOP and result.outcome is Outcome.CONFIRMED:
            del run.results[name]
        elif (action is STOP and not _may_be_down(result.outcome)) or (action is START and result.ok):
            run.down.pop(name, None)
    return arrived


def _may_be_down(outcome: Outcome) -> bool:
    return outcome in (Outcome.TIMED_OUT, Outcome.UNKNOWN)
