"""Rolling restart: stops and starts a few peers at a time, and confirms each step."""

import math
from collections.abc import Sequence
from typing import NamedTuple

from cdpctl.errors import CdpctlError, UsageError
from cdpctl.operations.change import preflight_change
from cdpctl.operations.follow import follow, state
from cdpctl.operations.inventory import Inventory, read_inventory
from cdpctl.operations.last_running import caution
from cdpctl.operations.model import START, STOP, Action, Approve
from cdpctl.operations.pace import LAST_READ_SECONDS
from cdpctl.operations.run import Run
from cdpctl.operations.send import plan_change, send, settle_planned
from cdpctl.peers.models import STOPPED, Outcome, normalised
from cdpctl.text import plural, quoted


class RestartOptions(NamedTuple):
    """Options of a rolling restart.

    Attributes:
        batch: `N` or `N%` of the peers, restarted at a time.
        max_failures: continue as long as no more than this many have failed.
        batch_timeout: seconds for the stop and the start of a batch together.
    """

    batch: str = "1"
    max_failures: int = 0
    batch_timeout: float = 600.0


def rolling_restart(
    run: Run, approve: Approve, rolling: RestartOptions, inventory: Inventory | None = None
) -> None:
    """Stop and start the run's peers in batches, confirming each. Arguments as for `change`.

    Raises:
        CdpctlError: nothing was sent.
    """
    batch_size(rolling.batch, 1)
    inventory, names = preflight_change(run, STOP, inventory)
    groups = batches(rolling.batch, names)
    caution(run, inventory, groups)
    if run.options.dry_run:
        run.tell_cautions()
        _plan_restart(run, groups)
    elif names:
        approve(names)
        _restart(run, groups, rolling)


def batch_size(text: str, count: int) -> int:
    """Turn `N` or `N%` into a number of peers, rounded down, at least one.

    Raises:
        UsageError: it is not a valid batch size.
    """
    number = text.strip().removesuffix("%")
    if not number.isascii() or not number.isdigit() or not 0 < int(number) <= 1_000_000:
        raise UsageError(
            f"--batch: {quoted(text, 40)} is not a valid batch size",
            hint="for example --batch 2 or --batch 25%",
        )
    if not text.strip().endswith("%"):
        return int(number)
    if int(number) > 100:
        raise UsageError(
            f"--batch: {quoted(text, 40)} is more than all peers", hint="for example --batch 25%"
        )
    return max(1, math.floor(count * int(number) / 100))


def batches(text: str, names: Sequence[str]) -> list[Sequence[str]]:
    """Return names in batches of `N` or `N%`."""
    size = batch_size(text, len(names))
    return [names[begin : begin + size] for begin in range(0, len(names), size)]


def _not_stopped(run: Run, batch: Sequence[str]) -> list[str]:
    return [name for name in batch if not run.known[name].is_at(STOPPED)]


def _plan_restart(run: Run, groups: Sequence[Sequence[str]]) -> None:
    for batch in groups:
        stops = plan_change(run, STOP, _not_stopped(run, batch))
        starts = plan_change(run, START, batch)
        both = {name: f"{stops[name]}, then {start}" for name, start in starts.items() if name in stops}
        settle_planned(run, starts | both)


def _restart(run: Run, groups: Sequence[Sequence[str]], options: RestartOptions) -> None:
    """Restart the batches one after another, and settle each peer."""
    failures = 0
    for batch in groups:
        if failures > options.max_failures or (failures and run.options.fail_fast):
            limit = f"--max-failures is {options.max_failures}"
            if run.options.fail_fast:
                limit = "--fail-fast was given"
            run.skip(run.names, f"not attempted: {plural(failures, 'restart')} failed, and {limit}")
            break
        if run.overall.expired:
            run.skip(run.names, "not attempted: the time limit was reached")
            break
        run.deadline = run.overall.within(options.batch_timeout)
        _half(run, STOP, _not_stopped(run, batch))
        _half(run, START, [name for name in batch if name not in run.results])
        failures += sum(not run.results[name].ok for name in batch)
    _recheck_down(run)


def _half(run: Run, action: Action, names: Sequence[str]) -> None:
    """Do one half of a restart. A confirmed stop is not a result yet: the start gives the peer its result."""
    if action is STOP:
        run.down.update(dict.fromkeys(names))
    for name in names:
        run.before[name] = run.known[name].status
    send(run, action, names)
    follow(run, state(run, action))
    for name in names:
        result = run.results[name]
        if action is STOP and result.outcome is Outcome.CONFIRMED:
            del run.results[name]
        elif (action is STOP and not run.may_be_down(result)) or (action is START and result.ok):
            run.down.pop(name, None)


def _recheck_down(run: Run) -> None:
    """Read the peers that seem to be down once more: another run may have started them."""
    if not run.down:
        return
    try:
        with run.overall.extended(LAST_READ_SECONDS):
            inventory = read_inventory(run.session, run.down)
    except CdpctlError as error:
        run.reporter.debug(1, f"reading the peers failed: {error.message}")
        return
    run.update_known(inventory.peers)
    for name in list(run.down):
        peer = inventory.peers.get(name)
        up = peer is not None and normalised(peer.status) in (START.target, START.transition)
        if up and not _may_stop(run, name):
            del run.down[name]


def _may_stop(run: Run, name: str) -> bool:
    """Return whether the CDP accepted a stop that no read has shown any effect of."""
    accepted = run.is_half_restarted(name) and run.results[name].outcome is Outcome.TIMED_OUT
    return accepted and name not in run.changed
