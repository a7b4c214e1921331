"""The peers of a grid: merges the reads field by field, and keeps contradictions."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from cdpctl.cdp.responses import PeerList
from cdpctl.deadline import Deadline
from cdpctl.errors import AuthError, CdpctlError
from cdpctl.peers.models import RUNNING, STOPPED, VITAL, Peer, normalised
from cdpctl.text import printable, quoted

if TYPE_CHECKING:
    from cdpctl.cdp.client import CdpClient
    from cdpctl.peers.selection import Selection


class Inventory(NamedTuple):
    """The peers of a grid, merged from all reads.

    Attributes:
        peers: the peers by name, in the CDP's order. A peer with contradictory entries has all their
            states, and the type that protects it.
        served: whether the CDP can list its peers.
        complete: whether all reads that the CDP serves were made.
        nameless: how many entries have no name, in the read with most of them.
        contradictions: all entries of each name that is listed with different types or states.
        gap: why `/peer` could not be read, which may list more peers. None if it was read or not needed.
    """

    peers: dict[str, Peer]
    served: bool = True
    complete: bool = False
    nameless: int = 0
    contradictions: Mapping[str, Sequence[Peer]] = {}
    gap: CdpctlError | None = None

    @property
    def entries(self) -> Iterator[Peer]:
        """Every peer. A contradictory peer is replaced by its entries."""
        for name, peer in self.peers.items():
            yield from self.contradictions.get(name, (peer,))

    def matching(self, selection: "Selection") -> list[Peer]:
        """Return the peers that match, once each. A contradictory peer matches if one of its entries does."""
        names = {peer.name for peer in selection.filter(self.entries)}
        return [peer for name, peer in self.peers.items() if name in names]


def read_inventory(session: "CdpClient", names: Collection[str] = ()) -> Inventory:
    """Read names, types and states: `GET /info/peer`, or `GET /peer` if that is not served.

    In some versions, says the vendor, `/info/peer` lists only part of the grid or leaves out a status.

    Args:
        session: the client of the run.
        names: if one of them or its status is missing, `/peer` is read too.
    """
    inventory = _from_one_read(session.list_peer_info(), complete=False)
    if not inventory.served:
        inventory = _from_one_read(session.list_peers())
    session.listed = inventory.peers
    if lacks(inventory, names, type_matters=False):
        inventory = complete_inventory(session, inventory)
    return inventory


def read_settings(
    session: "CdpClient", names: Collection[str] | None = (), *, statuses: bool = False
) -> Inventory:
    """Read the peers with their settings: `GET /peer`, or `GET /info/peer` if that is not served.

    Args:
        session: the client of the run.
        names: if one of them or its type is missing, `/info/peer` is read too. None means all names.
        statuses: always read `/info/peer` too, because `/peer` may have no status.
    """
    inventory = _from_one_read(session.list_peers())
    known = inventory.peers
    asked = known if names is None else names
    untold = any(name not in known or known[name].type is None for name in asked)
    if untold or statuses or not inventory.served:
        inventory = _merge_reads(inventory, _from_one_read(session.list_peer_info()))
    session.listed = inventory.peers
    return inventory


def read_whole_inventory(session: "CdpClient", first: Inventory | None = None) -> Inventory:
    """Read both lists of peers. If only the second read fails, its error is the gap of the inventory.

    Args:
        session: the client of the run.
        first: the first read, if the caller has made it.

    Raises:
        AuthError: the token was refused and could not be renewed.
        CdpctlError: the first read failed.
    """
    inventory = first or read_inventory(session)
    try:
        return complete_inventory(session, inventory)
    except AuthError:
        raise
    except CdpctlError as error:
        # An incomplete list is better than none.
        return inventory._replace(gap=error)


def complete_inventory(
    session: "CdpClient", inventory: Inventory, deadline: Deadline | None = None
) -> Inventory:
    """Read `GET /peer` too and merge it, field by field: each read fills the gaps of the other.

    Args:
        session: the client of the run.
        inventory: the grid as read so far.
        deadline: when to give up on the answer, if not at the run's deadline.
    """
    if inventory.complete:
        return inventory
    merged = _merge_reads(inventory, _from_one_read(session.list_peers(deadline)))
    session.listed = merged.peers
    return merged


def lacks(inventory: Inventory, names: Collection[str], *, type_matters: bool = True) -> bool:
    """Return whether one of `names`, its type or its status is missing, and another read may have it."""
    if inventory.complete:
        return False
    peers = inventory.peers
    for name in names:
        peer = peers.get(name)
        if peer is None or peer.status is None or (type_matters and peer.type is None):
            return True
    return False


def add_details(inventory: Inventory, name: str, details: Mapping[str, Any]) -> Inventory:
    """Merge what `GET /peer/<name>` shows of one peer, except its status."""
    peer = Peer.from_wire({**details, "name": name, "status": None})
    merged = _merge_reads(inventory, Inventory({name: peer}))
    return merged._replace(complete=inventory.complete)


def describe(entries: Sequence[Peer]) -> str:
    """Return the different entries of one name in words: `AP RUNNING and AP STOPPED`."""
    seen = [
        f"{printable(entry.type or 'no type', 60)} {printable(entry.status or 'without a status', 60)}"
        for entry in entries
    ]
    return " and ".join(dict.fromkeys(seen))


def incomplete(inventory: Inventory) -> Iterator[str]:
    """Yield warnings about entries without names, contradictory entries, and a read that failed."""
    if inventory.nameless:
        one = inventory.nameless == 1
        yield (
            f"the CDP listed {inventory.nameless} {'entry' if one else 'entries'} without a usable name; "
            f"{'it was' if one else 'they were'} left out"
        )
    for name, entries in inventory.contradictions.items():
        yield f"the CDP lists {quoted(name)} more than once, as {describe(entries)}"
    if inventory.gap is not None:
        yield f"{inventory.gap.message}; peers that only /peer lists are left out"


def _from_one_read(listed: PeerList | None, *, complete: bool = True) -> Inventory:
    if listed is None:
        return Inventory({}, served=False, complete=True)
    peers = {peer.name: peer for peer in listed.peers}
    contradictions: dict[str, Sequence[Peer]] = {}
    if len(peers) < len(listed.peers):
        by_name: dict[str, list[Peer]] = {}
        for peer in listed.peers:
            by_name.setdefault(peer.name, []).append(peer)
        for name, entries in by_name.items():
            peers[name] = _merge(entries)
            states = {normalised(entry.status) for entry in entries if entry.status is not None}
            if len(states) > 1 or _contradict_in_type(entries):
                contradictions[name] = entries
    return Inventory(peers, complete=complete, nameless=listed.nameless, contradictions=contradictions)


def _merge_reads(first: Inventory, second: Inventory) -> Inventory:
    peers = {**first.peers}
    contradictions = {**second.contradictions, **first.contradictions}
    for name, peer in second.peers.items():
        other = peers.get(name)
        if other is None:
            peers[name] = peer
            continue
        alike = peer.type == other.type and peer.status in (None, other.status)
        if alike and name not in contradictions:
            # Almost all of thousands of peers.
            peers[name] = fill(other, peer)
            continue
        entries = [*first.contradictions.get(name, (other,)), *second.contradictions.get(name, (peer,))]
        # A state may change between two reads, but not from one end to the other.
        ends = {normalised(each.status) for each in entries} >= {RUNNING, STOPPED}
        if name in contradictions or ends or _contradict_in_type(entries):
            contradictions[name] = entries
            peers[name] = _merge(entries)
        else:
            peers[name] = fill(other, peer)
    return Inventory(
        peers,
        served=first.served or second.served,
        complete=True,
        # Both reads may have left out the same entries.
        nameless=max(first.nameless, second.nameless),
        contradictions=contradictions,
    )


def fill(peer: Peer, other: Peer) -> Peer:
    """Return a peer with its missing fields filled from another read, and the details of both."""
    # Without loops and a call of our own, for speed: a grid may have thousands of peers.
    name, kind, status, host, system, version, description, raw = peer
    fields = (
        name,
        other.type if kind is None else kind,
        other.status if status is None else status,
        other.host if host is None else host,
        other.os if system is None else system,
        other.version if version is None else version,
        other.description if description is None else description,
        {**other.raw, **raw},
    )
    return tuple.__new__(Peer, fields)


def _merge(entries: Sequence[Peer]) -> Peer:
    peer = entries[0]
    for other in entries[1:]:
        peer = fill(peer, other)
    types = list(dict.fromkeys(entry.type for entry in entries if entry.type is not None))
    statuses = {normalised(entry.status): entry.status for entry in entries if entry.status is not None}
    vital = next((each for each in types if each in VITAL), None)
    return peer._replace(
        type=vital or (" or ".join(types) if types else None),
        status=" or ".join(str(each) for each in statuses.values()) if statuses else None,
    )


def _contradict_in_type(entries: Sequence[Peer]) -> bool:
    # A CDP may be listed as an HA-CDP, and the other way round.
    types = {"CDP" if entry.type in VITAL else entry.type for entry in entries if entry.type is not None}
    return len(types) > 1
