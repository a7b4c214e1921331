"""Deletes peers from the grid: one DELETE per peer, confirmed by reading the grid."""

from collections.abc import Mapping, Sequence
from functools import partial

from cdpctl.cdp.calls import delete_call
from cdpctl.errors import RejectedError
from cdpctl.operations.follow import Effect, follow
from cdpctl.operations.inventory import Inventory, complete_inventory, read_inventory
from cdpctl.operations.last_running import caution
from cdpctl.operations.model import DELETE, Approve
from cdpctl.operations.preflight import preflight
from cdpctl.operations.run import Run
from cdpctl.operations.send import plan, send_each, settle_planned
from cdpctl.peers.models import STOPPED, Outcome, Peer


def delete(run: Run, approve: Approve, inventory: Inventory | None = None, *, force: bool = False) -> None:
    """Delete the run's peers from the grid.

    Args:
        run: the run, with checked names and no repeats.
        approve: called before the first request.
        inventory: the grid, if the caller has read it.
        force: also delete peers that are not stopped.

    Raises:
        CdpctlError: nothing was sent.
    """

    def judge(peer: Peer) -> tuple[Outcome, str] | None:
        why = _why_not(peer, force=force)
        return (Outcome.REFUSED, why) if why else None

    inventory, names = preflight(run, inventory, _read, judge, impossible="types cannot be checked")
    caution(run, inventory, [names])
    if run.options.dry_run:
        run.tell_cautions()
        for name in names:
            settle_planned(run, plan(run, delete_call(name), [name]))
    elif names:
        approve(names)
        run.session.ensure_token()
        send_each(run, DELETE, names, run.session.delete)
        follow(run, Effect(DELETE.done, partial(_missing, run)))


def _read(run: Run, inventory: Inventory | None) -> Inventory:
    """Use both reads, so that a peer that only one of them calls a CDP is not deleted."""
    return complete_inventory(run.session, inventory or read_inventory(run.session))


def _why_not(peer: Peer, *, force: bool) -> str:
    if peer.is_vital:
        return f"the grid needs its {peer.type}: cdpctl does not delete it"
    if peer.type is None:
        return "the CDP does not show its type, and it may be a CDP: cdpctl does not delete it"
    if force or peer.is_at(STOPPED):
        return ""
    if peer.status is None:
        return "the CDP does not show its status; --force deletes it anyway"
    return f"it is {peer.status}: stop it first, or use --force"


def _missing(run: Run, names: Sequence[str]) -> Mapping[str, str]:
    """Read the peers, and return which of them are still listed."""
    inventory = read_inventory(run.session)
    if any(name not in inventory.peers for name in names):
        # The first read may show only part of the grid.
        inventory = complete_inventory(run.session, inventory)
    if not inventory.peers:
        # Every grid has a CDP, so an empty list proves nothing.
        raise RejectedError("the CDP lists no peers")
    run.update_known(inventory.peers)
    listed = {name: inventory.peers.get(name) for name in names}
    return {
        name: f"still listed as {peer.status or 'a peer'}" if peer else "" for name, peer in listed.items()
    }
