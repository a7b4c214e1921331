"""Stop, start, restart and wait: every peer that is asked for gets a result. Nothing is printed here."""

from collections.abc import Callable, Sequence

from cdpctl.errors import InterruptedRunError, Interruption, UsageError
from cdpctl.operations.follow import follow, state
from cdpctl.operations.inventory import Inventory, read_inventory
from cdpctl.operations.last_running import caution, read_sync_points
from cdpctl.operations.model import START, STOP, Action, Report
from cdpctl.operations.preflight import fill_gaps, look_up, nothing_sent_hint, preflight, settle_missing
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


def change(run: Run, action: Action, approve: Approve, inventory: Inventory | None = None) -> Report:
    """Stop or start the run's peers.

    Args:
        run: the run, with checked names and no repeats.
        action: stop or start.
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
            if action is STOP:
                inventory = read_for_stop(run, inventory)
            inventory = inventory or read_grid(run)
            names = preflight(run, action, inventory)
            if action is STOP and names:
                caution(run, inventory, [names])
        if run.options.dry_run:
            run.tell_cautions()
            settle_planned(run, plan_change(run, action, names))
        elif names:
            approve(names)
            send(run, action, names)
            follow(run, state(run, action))
    except Interruption as interruption:
        return interrupted_report(run, interruption)
    return run.report()


def read_for_stop(run: Run, inventory: Inventory | None) -> Inventory:
    """Read what a stop needs before anything is sent: its peers, and which are metrics sync points."""
    inventory = inventory or read_grid(run)
    with nothing_sent_hint():
        inventory = fill_gaps(run, inventory)
    return read_sync_points(run, inventory)


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


def interrupted_report(run: Run, interruption: Interruption) -> Report:
    """Give every peer of an interrupted run its result."""
    error = _interrupted_error(run, interruption)
    if run.operation == "wait":
        for name in list(run.accepted):
            status = run.known[name].status
            run.settle_again(name, Outcome.UNKNOWN, f"still {status} when the run was interrupted")
    _settle_half_restarted(run)
    return run.report(error)


def _settle_half_restarted(run: Run) -> None:
    """Settle the peers that an interrupted restart has stopped and not started again."""
    cut = "the run was interrupted before it was started again"
    for name in list(run.down):
        result, verb = run.results.get(name), run.sent.get(name)
        accepted = name in run.accepted
        if verb is None:
            # Its stop was never sent.
            del run.down[name]
        elif name in run.lost or (name in run.in_flight and not accepted):
            continue
        elif verb == START.verb:
            if accepted or (result is not None and result.ok):
                del run.down[name]
        elif accepted:
            run.settle_again(name, Outcome.UNKNOWN, f"the stop was accepted, but not confirmed; {cut}")
        elif result is None:
            run.settle(run.result(name, Outcome.FAILED, f"stopped, but {cut}"))
        elif result.outcome is Outcome.CONFIRMED:
            run.settle(result._replace(outcome=Outcome.FAILED, message=f"stopped, but {cut}"))
        elif not run.may_be_down(result):
            del run.down[name]


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
