"""Rolling restart: stop, confirmed, start, confirmed, so many peers at a time."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from cdpctl.errors import UsageError
from cdpctl.operations.follow import follow
from cdpctl.operations.run import START, STOP, Action, Run
from cdpctl.operations.send import send
from cdpctl.peers.models import STOPPED, Outcome, PeerResult


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


def split(run: Run, batch: Sequence[str], options: RestartOptions) -> tuple[list[str], list[str]]:
    """Part a batch into what has to be stopped first, and what is stopped and may be started.

    A peer that is stopped and is not to be started is settled here: it is left alone.
    """
    up, stopped = [], []
    for name in batch:
        peer = run.known.get(name)
        if peer is None or not peer.is_at(STOPPED):
            up.append(name)
        elif options.start_stopped:
            stopped.append(name)
        else:
            message = "stopped already, and left so; --start-stopped would start it"
            run.settle(run.result(name, Outcome.SKIPPED, message))
    return up, stopped


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
            limit = (
                "--fail-fast was given"
                if run.options.fail_fast
                else f"--max-failures is {options.max_failures}"
            )
            run.skip(names[begin:], f"not touched: {failures} failed before its turn, and {limit}")
            return
        if run.deadline.expired:
            run.skip(names[begin:], "not touched: the deadline passed before its turn")
            return
        batch = names[begin : begin + size]
        untouched = _restart_batch(run, batch, options)
        failures += sum(not run.results[name].ok for name in batch if name not in untouched)


def settle_halfway(run: Run) -> None:
    """Settle what an interrupted restart leaves between stop and start: none of those peers is done."""
    cut = "the run ended before it was started again"
    for name in list(run.down):
        result = run.results.get(name)
        if name in run.in_flight:
            continue
        if not run.halfway:
            if name in run.accepted:
                del run.down[name]
            elif result is None:
                run.settle(run.result(name, Outcome.FAILED, f"stopped, and {cut}"))
        elif name in run.accepted:
            run.settle_again(name, Outcome.UNKNOWN, f"its stop was accepted and goes on in the grid; {cut}")
        elif result is not None and result.outcome is Outcome.CONFIRMED:
            run.settle(result._replace(outcome=Outcome.FAILED, message=f"stopped, and {cut}"))
        elif result is None:
            # Its stop was never sent.
            del run.down[name]


def _restart_batch(run: Run, batch: Sequence[str], options: RestartOptions) -> set[str]:
    """Restart a batch and return the peers of it that were left alone."""
    up, stopped = split(run, batch, options)
    to_start = {*stopped, *_half(run, STOP, up)}
    # In the order asked, whichever of them had to be stopped first.
    _half(run, START, [name for name in batch if name in to_start])
    return {*batch}.difference(up, stopped)


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
    # An interruption leaves it as it is: it tells which half the peers are in.
    run.halfway = action is STOP
    send(run, action, names)
    follow(run, action)
    run.halfway = False
    arrived = [name for name in names if run.results[name].outcome is Outcome.CONFIRMED]
    for name in names:
        result = run.results[name]
        if action is STOP and result.outcome is Outcome.CONFIRMED:
            del run.results[name]
        elif (action is STOP and not _may_be_down(run, result)) or (action is START and result.ok):
            run.down.pop(name, None)
    return arrived


def _may_be_down(run: Run, result: PeerResult) -> bool:
    if result.outcome is Outcome.FAILED:
        # Refused, it is where it was; gone to a fault after its stop was accepted, it is not.
        return result.status != run.before[result.name]
    return result.outcome in (Outcome.TIMED_OUT, Outcome.UNKNOWN)
