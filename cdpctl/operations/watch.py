"""Polls the grid and finds the changes between two polls."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from cdpctl.cdp.client import CdpClient
from cdpctl.deadline import Deadline
from cdpctl.errors import AuthError, CdpctlError, ForbiddenError
from cdpctl.operations.inventory import Inventory, read_whole_inventory
from cdpctl.peers.models import Peer


class Change(NamedTuple):
    """A change of a peer between two polls.

    Attributes:
        kind: `listed` in the first poll, then `changed`, `added` or `removed`.
        peer: the peer as it is now, or as it was before it was removed.
    """

    kind: str
    peer: Peer


def polls(
    session: CdpClient,
    deadline: Deadline,
    interval: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Inventory | CdpctlError]:
    """Read the grid once per interval until the deadline, and yield the peers or the error of each read.

    Args:
        session: the client of the run.
        deadline: when to end. It may have no limit.
        interval: seconds between the end of a read and the next one.
        sleep: waits for a number of seconds.

    Raises:
        AuthError: the token was refused and could not be renewed.
        ForbiddenError: this user may not read the peers.
        CdpctlError: the first read failed.
    """
    answered = False
    while True:
        try:
            yield read_whole_inventory(session)
            answered = True
        except (AuthError, ForbiddenError):
            raise
        except CdpctlError as error:
            if not answered:
                raise
            if not deadline.expired:
                yield error
        left = deadline.remaining()
        if left <= interval:
            # There is no time for another read.
            sleep(left)
            return
        sleep(interval)


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
