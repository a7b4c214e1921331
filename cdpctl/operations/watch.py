"""Looking at the grid again and again, and what has changed between two looks."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from cdpctl.cdp.client import CdpClient
from cdpctl.deadline import Deadline
from cdpctl.errors import AuthError, CdpctlError, ForbiddenError
from cdpctl.operations.inventory import Inventory, read_inventory
from cdpctl.peers.models import Peer


class Change(NamedTuple):
    """What a look shows of a peer.

    Attributes:
        kind: `listed` at the first look, then `changed`, `added` or `removed`.
        peer: as it is now; of a removed one, as it was.
    """

    kind: str
    peer: Peer


class Voice(NamedTuple):
    """Who is told of a look that fails, and of the one that works again."""

    note: Callable[[str], None]
    warn: Callable[[str], None]


def looks(
    session: CdpClient,
    deadline: Deadline,
    interval: float,
    voice: Voice,
    sleep: Callable[[float], None] = time.sleep,
) -> Iterator[Inventory]:
    """Read the grid once an interval until the deadline; a read that fails is told of and made again.

    Args:
        session: of the run; its connection is kept.
        deadline: without a limit it goes on until the caller stops.
        interval: seconds between the end of a read and the next one.
        voice: a streak of failed reads is told of once.
        sleep: waits so many seconds.

    Raises:
        AuthError: the token is refused, and there is no other.
        ForbiddenError: this user may not look.
        CdpctlError: the very first read failed.
    """
    seen = failing = False
    while True:
        try:
            inventory = read_inventory(session)
        except (AuthError, ForbiddenError):
            raise
        except CdpctlError as error:
            if not seen:
                raise
            if not failing and not deadline.expired:
                voice.warn(f"{error.message}; trying again every {interval:g} s")
            failing = True
        else:
            if failing:
                voice.note("the peers can be read again")
            seen, failing = True, False
            yield inventory
        left = deadline.remaining()
        if left <= interval:
            # Another look could not end in time.
            sleep(left)
            return
        sleep(interval)


def changes(before: Mapping[str, Peer] | None, peers: Iterable[Peer]) -> Iterator[Change]:
    """Compare two looks, in the order of the second; what is gone comes last.

    Args:
        before: by name, or None at the first look.
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
