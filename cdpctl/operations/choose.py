"""Chooses the peers of a run by a selection, before anything is sent."""

from collections.abc import Callable

from cdpctl.cdp.client import CdpClient
from cdpctl.errors import ForbiddenError, UsageError
from cdpctl.operations.inventory import Inventory, incomplete, read_whole_inventory
from cdpctl.operations.preflight import nothing_sent_hint
from cdpctl.operations.run import Run
from cdpctl.peers.models import RUNNING, STOPPED, Outcome
from cdpctl.peers.names import check_name
from cdpctl.peers.selection import Selection
from cdpctl.text import join_names

#: Reads the peers that a selection chooses from.
Read = Callable[[CdpClient, Selection], Inventory]


def read_all(session: CdpClient, _selection: Selection) -> Inventory:
    """Read both lists of peers, because each may have only part of the grid."""
    return read_whole_inventory(session)


def choose(run: Run, selection: Selection, read: Read, *, running_only: bool) -> Inventory:
    """Make the peers that a selection chooses those of the run, and warn of peers that it cannot see.

    Args:
        run: the run.
        selection: which peers to choose.
        read: reads the grid.
        running_only: leave out peers that are not running.

    Returns:
        The grid.

    Raises:
        CdpctlError: this CDP cannot list its peers, or this user may not read all of them.
    """
    with nothing_sent_hint():
        inventory = read(run.session, selection)
    if not inventory.served:
        raise UsageError(
            "this CDP serves neither /info/peer nor /peer, so there is nothing to select from",
            hint="nothing was sent; give names",
        )
    if isinstance(inventory.gap, ForbiddenError):
        raise inventory.gap
    peers = inventory.peers.values()
    for text in (*incomplete(inventory), *selection.unknown(inventory.entries)):
        run.warn(text)
    of_any_type = selection._replace(all_peers=False).filter(peers)
    typeless = [peer.name for peer in of_any_type if peer.type is None]
    if typeless:
        run.warn(f"not selected, because the CDP does not show their type: {join_names(typeless)}")
    chosen = selection.choose(peers)
    run.names = _running(run, selection, inventory, chosen) if running_only else chosen
    if run.operation != "wait":
        _refuse_invalid(run, inventory)
    return inventory


def _running(run: Run, selection: Selection, inventory: Inventory, names: list[str]) -> list[str]:
    """Return the peers that are running, or that `--status` asked for unless they are stopped."""
    kept: list[str] = []
    left: list[str] = []
    for name in names:
        peer = inventory.peers[name]
        asked = bool(selection.statuses) and not peer.is_at(STOPPED)
        (kept if peer.status is None or peer.is_at(RUNNING) or asked else left).append(name)
    if left:
        what = f"not running, and left out: {join_names(left)}"
        run.reporter.note(f"{what} (use --start-stopped to restart them too)")
    return kept


def _refuse_invalid(run: Run, inventory: Inventory) -> None:
    """Settle every name from the CDP that cannot be in a request as refused."""
    for name in run.names:
        if why := check_name(name):
            run.known[name] = inventory.peers[name]
            run.settle(run.result(name, Outcome.REFUSED, f"invalid peer name: {why}"))
