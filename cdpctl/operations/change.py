"""Stop, start, restart and wait: every peer that is asked for gets a result. Nothing is printed here."""

from collections.abc import Callable, Sequence

from cdpctl.errors import InterruptedRunError, Interruption, UsageError
from cdpctl.operations.follow import follow, state
from cdpctl.operations.inventory import Inventory, read_inventory
from cdpctl.operations.last_running import caution, read_sync_points
from cdpctl.operations.model import START, STOP, Action, Report
from cdpctl.operations.preflight import look_up, nothing_sent_hint, preflight, settle_missing
from cdpctl.operations.restart import (
    RestartOptions,
    batch_size,
    batches,
    restart,
    settle_half_restarted,
    split,
)
from cdpctl.operations.run import Run
from cdpctl.operations.send import plan_change, send, settle_planned
from cdpctl.peers.models import Outcome
from cdpctl.text import command_line, join_names, plural

#: Called once, with the names that a request would be sent for. Raises UsageError if the user says no.
Approve = Callable[[Sequence[str]], None]


def read_grid(run: Run) -> Inventory:
    """Read the grid before anything is sent.

    Raises:
        CdpctlError: it cannot be read. The hint says that nothing was sent, and how to skip this read.
    """
    with nothing_sent_hint():
        return read_inventory(run.session)


def change(
    run: Run, action: Action, root: str, approve: Approve, inventory: Inventory | None = None
) -> Report:
    """Stop or start the run's peers.

    Args:
        run: the run, with checked names and no repeats.
        action: stop or start.
        root: the CDP's REST root, for the URLs of a dry run.
        approve: called before the first request.
        inventory: the grid, if the caller has read it.

    Returns:
        The report, even of an interrupted run.

    Raises:
        CdpctlError: nothing was sent.
    """
    try:
        names = run.unsettled
        if run.options.preflight:
            inventory = _looked_up(run, inventory, stops=action is STOP)
            names = preflight(run, action, inventory)
            if action is STOP and names:
                caution(run, inventory, [names])
        if run.options.dry_run:
            run.tell_cautions()
            settle_planned(run, plan_change(run, action, names, root))
        elif names:
            approve(names)
            send(run, action, names)
            follow(run, state(run, action))
    except Interruption as interruption:
        return interrupted_report(run, interruption)
    return run.report()


def rolling_restart(
    run: Run,
    root: str,
    approve: Approve,
    rolling: RestartOptions,
    inventory: Inventory | None = None,
) -> Report:
    """Stop and start the run's peers in batches, confirming each. Arguments as for `change`.

    Raises:
        CdpctlError: nothing was sent.
    """
    batch_size(rolling.batch, 1)
    if not run.options.preflight:
        raise UsageError(
            "restart cannot be combined with --no-preflight: it has to read the peers first",
            hint="nothing was sent; leave out --no-preflight",
        )
    try:
        inventory = _looked_up(run, inventory, stops=True)
        names = preflight(run, STOP, inventory, keep_there=True)
        caution(run, inventory, batches(rolling.batch, names))
        if run.options.dry_run:
            run.tell_cautions()
            _plan_restart(run, batches(rolling.batch, names), root)
        elif names:
            approve(names)
            restart(run, names, rolling)
    except Interruption as interruption:
        return interrupted_report(run, interruption)
    return run.report()


def wait_for(run: Run, action: Action) -> Report:
    """Wait until the run's peers reach the target state of `action`. Only reads are sent.

    Raises:
        UsageError: the CDP reports no status.
        CdpctlError: the grid cannot be read.
    """
    run.goal = action.done
    try:
        inventory = read_inventory(run.session)
        if not inventory.served:
            raise UsageError(
                "cannot wait: this CDP serves neither /info/peer nor /peer, so states cannot be read",
                hint=command_line("doctor"),
            )
        inventory = look_up(run, inventory)
        settle_missing(run, inventory)
        for name in run.unsettled:
            peer = inventory.peers[name]
            if peer.is_at(action.target):
                run.settle(run.result(name, Outcome.CONFIRMED, f"already {action.done}"))
            elif peer.status is None:
                raise UsageError(f"cannot wait for {name}: this CDP does not report its status")
            else:
                run.follow(run.result(name, Outcome.ACCEPTED, "waiting"), peer.status)
        follow(run, state(run, action))
    except Interruption as interruption:
        return interrupted_report(run, interruption)
    return run.report()


def _looked_up(run: Run, inventory: Inventory | None, *, stops: bool) -> Inventory:
    inventory = inventory or read_grid(run)
    with nothing_sent_hint():
        inventory = look_up(run, inventory)
    return read_sync_points(run, inventory) if stops else inventory


def _plan_restart(run: Run, groups: Sequence[Sequence[str]], root: str) -> None:
    for batch in groups:
        up, _ = split(run, batch)
        stops = plan_change(run, STOP, up, root)
        starts = plan_change(run, START, batch, root)
        both = {name: f"{stops[name]}, then {start}" for name, start in starts.items() if name in stops}
        settle_planned(run, starts | both)


def interrupted_report(run: Run, interruption: Interruption) -> Report:
    """Give every peer of an interrupted run its result."""
    error = _interrupted_error(run, interruption)
    if run.operation == "wait":
        for name in list(run.accepted):
            status = run.known[name].status
            run.settle_again(name, Outcome.UNKNOWN, f"still {status} when the run was interrupted")
    settle_half_restarted(run)
    return run.report(error)


def _interrupted_error(run: Run, interruption: Interruption) -> InterruptedRunError:
    """Return the error of an interrupted run: what was accepted, or that nothing was sent."""
    done = [name for name, result in run.results.items() if result.outcome is Outcome.ACCEPTED]
    known = [name for name in dict.fromkeys((*done, *run.accepted)) if name in run.sent]
    accepted = [name for name in known if name not in run.lost]
    unanswered = {*run.in_flight, *run.lost}
    parts = ["interrupted"]
    if accepted:
        parts.append(f"accepted, but not confirmed: {join_names(accepted)}")
    if unanswered:
        parts.append(f"no answer yet for {plural(len(unanswered), 'peer')}")
    if not run.sent:
        parts.append("nothing was sent")
    return InterruptedRunError(
        "; ".join(parts),
        hint=command_line("peer list") if accepted or unanswered else None,
        exit_code=interruption.exit_code,
    )
