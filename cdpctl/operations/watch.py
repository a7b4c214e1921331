"""Reading the grid again and again, and what has changed between two reads."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from cdpctl.cdp.client import CdpClient
from cdpctl.deadline import Deadline
from cdpctl.errors import AuthError, CdpctlError, ForbiddenError
from cdpctl.operations.inventory import Inventory, read_whole_inventory
from cdpctl.peers.models import Peer


class Change(NamedTuple):
    """What a read shows of a peer.

    Attributes:
        kind: `listed` by the first read, then `changed`, `added` or `removed`.
        peer: as it is now; of a removed one, as it was.
    """

    kind: str
    peer: Peer


def polls(
    session: CdpClient,
    deadline: Deadline,
    interval: float,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Inventory | CdpctlError]:
    """Read the grid once per interval until the deadline, and yield what came of each read.

    Args:
        session: of the run; its connection is kept.
        deadline: without a limit it goes on until the caller stops.
        interval: seconds between the end of a read and the next one.
        sleep: waits for a number of seconds.

    Raises:
        AuthError: the token is refused, and there is no other.
        ForbiddenError: this user may not read the peers.
        CdpctlError: the very first read failed.
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
            # Another read could not end in time.
            sleep(left)
            return
        sleep(interval)


def changes(before: Mapping[str, Peer] | None, peers: Iterable[Peer]) -> Iterator[Change]:
    """Compare two reads, in the order of the second; what is gone comes last.

    Args:
        before: by name, or None at the first read.
        peers: as they are now.
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
