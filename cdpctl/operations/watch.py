"""Polls the grid and finds the changes between two polls."""

import time
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from cdpctl.cdp.client import CdpClient
from cdpctl.deadline import Deadline
from cdpctl.errors import AuthError, CdpctlError, ForbiddenError
from cdpctl.operations.inventory import Inventory, fill, lacks, read_inventory, read_whole_inventory
from cdpctl.peers.models import Peer


class Change(NamedTuple):
    """A change of a peer between two polls.

    Attributes:
        kind: `listed` in the first poll, then `changed`, `added` or `removed`.
        peer: the peer as it is now, or as it was before it was removed.
    """

    kind: str
    peer: Peer


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
    answered = False
    whole: Inventory | None = None
    while True:
        try:
            inventory = _read(session, whole)
            if inventory.gap is None:
                whole = inventory
            yield inventory
            answered = True
        except (AuthError, ForbiddenError):
            raise
        except CdpctlError as error:
            if not answered:
                raise
            if not deadline.expired:
                yield error
        left = deadline.remaining()
        time.sleep(min(left, interval))
        if left <= interval:
            # There is no time for another read.
            return


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


def changes(before: Mapping[str, Peer] | None, peers: Iterable[Peer]) -> Iterator[Change]:
    """Yield the changes between two reads, in the order of the second. Removed peers come last.

    Args:
        before: the peers of the first read by name, or None.
        peers: the peers of the second read.
    """
    now = set()
    for peer in peers:
        now.add(peer.name)
        was = None if before is None else before.get(peer.name)
        if before is None:
            yield Change("listed", peer)
        elif was is None:
            yield Change("added", peer)
        elif was.to_json() != peer.to_json():
            yield Change("changed", peer)
    for name, peer in (before or {}).items():
        if name not in now:
            yield Change("removed", peer)
