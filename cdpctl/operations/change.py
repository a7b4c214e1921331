"""Stop, start and wait: every peer that is asked for gets a result. Nothing is printed here."""

from cdpctl.operations.follow import follow, state
from cdpctl.operations.inventory import Inventory
from cdpctl.operations.last_running import caution, read_for_stop
from cdpctl.operations.model import STOP, Action, Approve
from cdpctl.operations.preflight import preflight, read_peers, require_status
from cdpctl.operations.run import Run
from cdpctl.operations.send import plan_change, send, settle_planned
from cdpctl.peers.models import Outcome, Peer


def change(run: Run, action: Action, approve: Approve, inventory: Inventory | None = None) -> None:
    """Stop or start the run's peers.

    Args:
        run: the run, with checked names and no repeats.
        action: stop or start.
        approve: called before the first request.
        inventory: the grid, if it has been read for a selection.

    Raises:
        CdpctlError: nothing was sent.
    """
    names = run.unsettled
    if run.options.preflight:
        inventory, names = preflight_change(run, action, inventory)
        if action is STOP:
            caution(run, inventory, [names])
    if run.options.dry_run:
        run.tell_cautions()
        settle_planned(run, plan_change(run, action, names))
    elif names:
        approve(names)
        send(run, action, names)
        follow(run, state(run, action))


def preflight_change(run: Run, action: Action, inventory: Inventory | None) -> tuple[Inventory, list[str]]:
    """Settle every peer that needs no stop or start. Arguments and result as for `preflight`."""

    def judge(peer: Peer) -> tuple[Outcome, str] | None:
        if peer.is_vital:
            return Outcome.REFUSED, f"the grid needs its {peer.type}: cdpctl does not {action.verb} it"
        # A restart starts a peer that is stopped.
        if peer.is_at(action.target) and run.operation != "restart":
            return Outcome.UNCHANGED, f"already {action.done}"
        return None

    read = read_for_stop if action is STOP else read_peers
    inventory, names = preflight(run, inventory, read, judge)
    if run.options.wait:
        require_status(run, names)
    return inventory, names


def wait_for(run: Run, action: Action, approve: Approve, inventory: Inventory | None = None) -> None:
    """Wait until the run's peers reach the target state of `action`. Only reads are sent.

    Arguments and errors as for `change`.
    """
    run.goal = action.done

    def judge(peer: Peer) -> tuple[Outcome, str] | None:
        return (Outcome.CONFIRMED, f"already {action.done}") if peer.is_at(action.target) else None

    _, names = preflight(run, inventory, read_peers, judge, impossible="states cannot be read")
    require_status(run, names)
    if names:
        approve(names)
        for name in names:
            run.follow(run.result(name, Outcome.ACCEPTED, "waiting"), run.known[name].status or "")
        follow(run, state(run, action))
