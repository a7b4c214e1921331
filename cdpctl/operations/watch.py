"""Polls the grid and finds the changes between two polls."""

from collections.abc import Iterable, Iterator, Mapping

from cdpctl.cdp.client import CdpClient
from cdpctl.deadline import Deadline, sleep
from cdpctl.errors import AuthError, CdpctlError, ForbiddenError
from cdpctl.operations.inventory import Inventory, fill, lacks, read_inventory, read_whole_inventory
from cdpctl.peers.models import Peer


def polls(session: CdpClient, deadline: Deadline, interval: float) -> Iterator[Inventory | CdpctlError]:
    """Read the grid once per interval until the deadline, and yield the peers or the error of each read.

    Args:
        session: the client of the run.
        deadline: when to end. It may have no limit.
        interval: seconds between the end of a read and the next one.

    Raises:
        AuthError: the token was refused and could not be renewed.
        ForbiddenError: this user may not read the peers.
        CdpctlError: the first read failed.
    """
    whole: Inventory | None = None
    poll: Inventory | CdpctlError = read_whole_inventory(session)
    while True:
        if isinstance(poll, Inventory) and poll.gap is None:
            whole = poll
        yield poll
        left = deadline.remaining()
        sleep(min(left, interval))
        if left <= interval:
            # There is no time for another read.
            return
        try:
            poll = _read(session, whole)
        except (AuthError, ForbiddenError):
            raise
        except CdpctlError as error:
            if deadline.expired:
                return
            poll = error


def _read(session: CdpClient, whole: Inventory | None) -> Inventory:
    """Read the grid. `/peer` is left out where `/info/peer` lists all peers that both listed before.

    Args:
        session: the client of the run.
        whole: the latest inventory without a gap, or None.
    """
    inventory = read_inventory(session)
    if whole is not None and not whole.contradictions and inventory.peers.keys() == whole.peers.keys():
        before = whole.peers
        peers = {
            name: fill(peer, before[name]._replace(status=None)) for name, peer in inventory.peers.items()
        }
        inventory = inventory._replace(peers=peers)
        if not lacks(inventory, peers):
            return inventory
    now = read_whole_inventory(session, inventory)
    if now.gap is not None and whole is not None and not whole.peers.keys() <= inventory.peers.keys():
        # The peers that only `/peer` lists would seem to be removed.
        raise now.gap
    return now


def changes(before: Mapping[str, Peer] | None, peers: Iterable[Peer]) -> Iterator[tuple[str, Peer]]:
    """Yield the changes between two reads, in the order of the second. Removed peers come last.

    Args:
        before: the peers of the first read by name, or None.
        peers: the peers of the second read.

    Yields:
        `listed` if there is no first read, else `changed`, `added` or `removed`, and the peer as last read.
    """
    if before is None:
        yield from (("listed", peer) for peer in peers)
        return
    gone = dict(before)
    for peer in peers:
        was = gone.pop(peer.name, None)
        if was is None:
            yield "added", peer
        elif was.to_json() != peer.to_json():
            yield "changed", peer
    yield from (("removed", peer) for peer in gone.values())
