"""Warnings before the last running AP or LAP, or the only metrics sync point, is stopped."""

from collections.abc import Collection, Mapping, Sequence

from cdpctl.deadline import Deadline
from cdpctl.errors import CdpctlError
from cdpctl.operations.inventory import Inventory
from cdpctl.operations.run import Run
from cdpctl.peers.changes import SYNC_POINT, is_on
from cdpctl.peers.models import AP, LAP, RUNNING, Peer
from cdpctl.text import join_names

# Reads for a warning take at most this share of the remaining time, and this many seconds.
_SHARE, _SECONDS = 0.25, 5.0


def caution(
    run: Run, inventory: Inventory, settings: Mapping[str, Peer], groups: Sequence[Collection[str]]
) -> None:
    """Add a warning to the run if its peers are the last of their kind.

    Args:
        run: the run, before anything is sent.
        inventory: the grid.
        settings: what `read_settings_of` returned.
        groups: the names that are stopped at the same time. A restart has one group per batch.
    """
    holders = {name for name, peer in settings.items() if is_on(peer.raw, SYNC_POINT)}
    texts: dict[str, None] = {}
    for names in groups:
        for kind in (AP, LAP):
            texts |= dict.fromkeys(_last_running(inventory.peers, kind, names))
        if holders and holders <= set(names):
            known = join_names(sorted(holders))
            only = len(holders) == 1
            text = (
                f"{known} is the only metrics sync point"
                if only
                else f"these are the only metrics sync points: {known}"
            )
            texts[text] = None
    run.cautions += texts


def _last_running(peers: Mapping[str, Peer], kind: str, names: Collection[str]) -> list[str]:
    chosen = set(names)
    alike = [peer for peer in peers.values() if peer.type == kind]
    running = [peer.name for peer in alike if peer.is_at(RUNNING)]
    ending = [name for name in running if name in chosen]
    # A peer without a status may be running.
    others = any(peer.name not in chosen and (peer.status is None or peer.is_at(RUNNING)) for peer in alike)
    if others or not ending:
        return []
    if len(ending) == 1:
        return [f"{join_names(ending)} is the last running {kind}"]
    return [f"these are the last running {kind}s: {join_names(ending)}"]


def read_settings_of(run: Run, inventory: Inventory, names: Sequence[str]) -> Mapping[str, Peer]:
    """Read the peers with their settings, to know the metrics sync points of the grid.

    Returns:
        Every peer, or only the one of `names` if it is not a sync point. Empty if none of them can be
        one, or if the settings cannot be read: a warning is not worth an error.
    """
    peers = inventory.peers
    able = [name for name in names if name in peers and peers[name].type != LAP]
    if not able or inventory.complete:
        return peers if able else {}
    deadline = Deadline(min(_SECONDS, run.deadline.remaining() * _SHARE))
    try:
        if len(able) == 1:
            peer = Peer.from_wire({**run.session.get_peer(able[0], deadline), "name": able[0]})
            if not is_on(peer.raw, SYNC_POINT):
                return {peer.name: peer}
        listed = run.session.list_peers(deadline)
    except CdpctlError as error:
        run.reporter.debug(1, f"cannot read the metrics sync points: {error.message}")
        return {}
    return {} if listed is None else {peer.name: peer for peer in listed.peers}
