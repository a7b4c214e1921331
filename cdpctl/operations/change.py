"""Stop, start, restart and wait: every peer that is asked for gets a result. Nothing is printed here."""

from cdpctl.errors import UsageError
from cdpctl.operations.follow import follow, state
from cdpctl.operations.inventory import Inventory, read_inventory
from cdpctl.operations.last_running import caution, read_sync_points
from cdpctl.operations.model import STOP, Action, Approve
from cdpctl.operations.preflight import fill_gaps, look_up, nothing_sent_hint, preflight, settle_missing
from cdpctl.operations.run import Run
from cdpctl.operations.send import plan_change, send, settle_planned
from cdpctl.peers.models import Outcome
from cdpctl.text import command_line


def read_grid(run: Run) -> Inventory:
    """Read the grid before anything is sent.

    Raises:
        CdpctlError: it cannot be read. The hint says that nothing was sent, and how to skip this read.
    """
    with nothing_sent_hint():
        return read_inventory(run.session)


def change(run: Run, action: Action, approve: Approve, inventory: Inventory | None = None) -> None:
    """Stop or start the run's peers.

    Args:
        run: the run, with checked names and no repeats.
        action: stop or start.
        approve: called before the first request.
        inventory: the grid, if the caller has read it.

    Raises:
        CdpctlError: nothing was sent.
    """
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


def read_for_stop(run: Run, inventory: Inventory | None) -> Inventory:
    """Read what a stop needs before anything is sent: its peers, and which are metrics sync points."""
    inventory = inventory or read_grid(run)
    with nothing_sent_hint():
        inventory = fill_gaps(run, inventory)
    return read_sync_points(run, inventory)


def wait_for(run: Run, action: Action) -> None:
    """Wait until the run's peers reach the target state of `action`. Only reads are sent.

    Raises:
        UsageError: the CDP reports no status.
        CdpctlError: the grid cannot be read.
    """
    run.goal = action.done
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
