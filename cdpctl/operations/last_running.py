"""Warnings before the last running AP or LAP, or the only metrics sync point, is stopped or deleted."""

from collections.abc import Collection, Mapping, Sequence

from cdpctl.deadline import Deadline
from cdpctl.errors import CdpctlError
from cdpctl.operations.inventory import Inventory, add_details, complete_inventory
from cdpctl.operations.preflight import read_peers
from cdpctl.operations.run import Run
from cdpctl.peers.changes import SYNC_POINT, is_on
from cdpctl.peers.models import AP, LAP, RUNNING, STOPPED, Peer, normalised
from cdpctl.text import are_the

# Reads for a warning take at most this share of the remaining time, and this many seconds.
_SHARE, _SECONDS = 0.25, 5.0


def caution(run: Run, inventory: Inventory, groups: Sequence[Collection[str]]) -> None:
    """Add a warning to the run if its peers are the last of their kind.

    Args:
        run: the run, before anything is sent.
        inventory: the grid.
        groups: the names that are stopped or deleted at the same time. A restart has one group per batch.
    """
    holders: set[str] = set()
    if inventory.complete:
        holders = {name for name, peer in inventory.peers.items() if is_on(peer.raw, SYNC_POINT)}
    texts: dict[str, None] = {}
    for names in groups:
        for kind in (AP, LAP):
            texts |= dict.fromkeys(_last_running(inventory.peers, kind, names))
        if holders and holders <= set(names):
            texts[are_the(sorted(holders), "only metrics sync point")] = None
    run.cautions += texts


def _last_running(peers: Mapping[str, Peer], kind: str, names: Collection[str]) -> list[str]:
    chosen = set(names)
    # A peer without a status may be running, and one without a type may be of this kind.
    up, kinds = ("", RUNNING), (None, kind)
    running = [peer for peer in peers.values() if peer.type in kinds and normalised(peer.status) in up]
    if any(peer.name not in chosen for peer in running):
        return []
    ending = [peer.name for peer in running if peer.type == kind and peer.status is not None]
    return [are_the(ending, f"last running {kind}")] if ending else []


def read_for_stop(run: Run, inventory: Inventory | None) -> Inventory:
    """Read what a stop must know: its peers, and if possible which peers are metrics sync points.

    This comes before the peers are judged: what protects a peer counts in this read as in any other.

    Args:
        run: the run, before anything is sent.
        inventory: the grid, if it has been read for a selection.
    """
    inventory = read_peers(run, inventory)
    peers = inventory.peers
    able = [
        name
        for name in run.unsettled
        if (peer := peers.get(name)) is not None
        and not peer.is_vital
        and peer.type != LAP
        and (run.operation == "restart" or not peer.is_at(STOPPED))
        and name not in inventory.contradictions
    ]
    if inventory.complete:
        # What both lists leave out, the read of a single peer may show.
        able = [name for name in able if peers[name].type is None]
    if not able:
        return inventory
    deadline = Deadline(min(_SECONDS, run.deadline.remaining() * _SHARE))
    try:
        if len(able) == 1 or inventory.complete:
            for name in able:
                details = run.session.get_peer(name, deadline)
                # Without its settings: only the list of all peers shows who else is a sync point.
                inventory = add_details(inventory, name, {"type": details.get("type")})
            if not is_on(details, SYNC_POINT):
                return inventory
        return complete_inventory(run.session, inventory, deadline)
    except CdpctlError as error:
        run.reporter.debug(1, f"cannot read the settings of the peers: {error.message}")
        return inventory
