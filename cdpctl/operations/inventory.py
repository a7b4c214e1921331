"""The peers of a grid: reads that are merged field by field, with contradictions kept visible."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from cdpctl.cdp.responses import PeerList
from cdpctl.errors import CdpctlError
from cdpctl.peers.models import RUNNING, STOPPED, VITAL, Peer, normalised
from cdpctl.text import printable, quoted

if TYPE_CHECKING:
    from cdpctl.cdp.client import CdpClient

_NONE: Mapping[str, tuple[Peer, ...]] = MappingProxyType({})


class Inventory(NamedTuple):
    """What the reads of a grid say together.

    Attributes:
        peers: by name, in the order of the CDP. Where entries of one name contradict each other, no single
            state is shown, and a type that protects the peer stays.
        served: whether the CDP serves a read of its peers at all.
        complete: whether every read that the CDP serves is in it.
        nameless: entries left out for want of a name, in the read that had most of them.
        contradictions: every entry of a name that stands there twice with different types or states.
    """

    peers: dict[str, Peer]
    served: bool = True
    complete: bool = False
    nameless: int = 0
    contradictions: Mapping[str, tuple[Peer, ...]] = _NONE

    @property
    def entries(self) -> Iterator[Peer]:
        """Every peer, and in place of a contradictory one each of its entries."""
        for name, peer in self.peers.items():
            yield from self.contradictions.get(name, (peer,))


def read_inventory(session: "CdpClient", followed: Collection[str] = ()) -> Inventory:
    """Read the peers: `GET /info/peer`, or `GET /peer` where that is not served.

    The vendor says of `/info/peer` that some versions list only a part of the grid there, and some leave
    out a status. Where that concerns one of `followed`, `/peer` is read too.

    Args:
        session: of the run.
        followed: names whose status is asked for.
    """
    listed = session.list_peer_info()
    complete = listed is None
    if listed is None:
        listed = session.list_peers()
    if listed is None:
        return Inventory({}, served=False, complete=True)
    inventory = _from_one_read(listed, complete=complete)
    session.listed = inventory.peers
    if followed and lacks(inventory, followed, type_matters=False):
        inventory = complete_inventory(session, inventory)
    return inventory


def read_settings(
    session: "CdpClient", names: Collection[str] | None = (), *, statuses: bool = False
) -> Inventory:
    """Read the peers with their settings: `GET /peer`, or `GET /info/peer` where that is not served.

    Args:
        session: of the run.
        names: where one of them or its type is missing, `/info/peer` is read too; None stands for all.
        statuses: read it too for what `/peer` may leave out.
    """
    listed = session.list_peers()
    inventory = Inventory({}) if listed is None else _from_one_read(listed, complete=True)
    known = inventory.peers
    asked = known if names is None else names
    if listed is None or statuses or any(name not in known or known[name].type is None for name in asked):
        other = session.list_peer_info()
        if listed is None and other is None:
            return Inventory({}, served=False, complete=True)
        if other is not None:
            inventory = _merge_reads(inventory, _from_one_read(other, complete=True))
    session.listed = inventory.peers
    return inventory


def read_whole_inventory(session: "CdpClient") -> Inventory:
    """Read the peers for showing all of them, `/peer` too where an entry lacks its type or its status."""
    inventory = read_inventory(session)
    if lacks(inventory, inventory.peers):
        try:
            return complete_inventory(session, inventory)
        except CdpctlError:
            # What there is can be shown.
            return inventory
    return inventory


def lacks(inventory: Inventory, names: Collection[str], *, type_matters: bool = True) -> bool:
    """Whether another read may tell more of `names`: one is missing, or its type or its status is."""
    if inventory.complete or not inventory.served:
        return False
    peers = inventory.peers
    for name in names:
        peer = peers.get(name)
        if peer is None or peer.status is None or (type_matters and peer.type is None):
            return True
    return False


def complete_inventory(session: "CdpClient", inventory: Inventory) -> Inventory:
    """Merge what `GET /peer` says, field by field: each read fills the gaps of the other."""
    if inventory.complete or not inventory.served:
        return inventory
    listed = session.list_peers()
    if listed is None:
        return inventory._replace(complete=True)
    merged = _merge_reads(inventory, _from_one_read(listed, complete=True))
    session.listed = merged.peers
    return merged


def describe(entries: Sequence[Peer]) -> str:
    """Return contradictory entries of one name in words, each once: `AP RUNNING and AP STOPPED`."""
    seen = [
        f"{printable(entry.type or 'no type', 60)} {printable(entry.status or 'without a status', 60)}"
        for entry in entries
    ]
    return " and ".join(dict.fromkeys(seen))


def incomplete(inventory: Inventory) -> Iterator[str]:
    """Yield what has to be said of a grid that is to be shown or chosen from as a whole."""
    if inventory.nameless:
        one = inventory.nameless == 1
        yield (
            f"the CDP listed {inventory.nameless} {'entry' if one else 'entries'} without a usable name; "
            f"{'it was' if one else 'they were'} left out"
        )
    for name, entries in inventory.contradictions.items():
        yield f"the CDP lists {quoted(name)} more than once, as {describe(entries)}"


def _from_one_read(listed: PeerList, *, complete: bool) -> Inventory:
    peers = {peer.name: peer for peer in listed.peers}
    if len(peers) == len(listed.peers):
        return Inventory(peers, complete=complete, nameless=listed.nameless)
    by_name: dict[str, list[Peer]] = {}
    for peer in listed.peers:
        by_name.setdefault(peer.name, []).append(peer)
    contradictions: dict[str, tuple[Peer, ...]] = {}
    for name, entries in by_name.items():
        if len(entries) > 1:
            peers[name] = _merge(entries)
            if _contradict(entries):
                contradictions[name] = tuple(entries)
    return Inventory(
        peers, complete=complete, nameless=listed.nameless, contradictions=MappingProxyType(contradictions)
    )


def _merge_reads(first: Inventory, second: Inventory) -> Inventory:
    peers = {**first.peers}
    contradictions = {**second.contradictions, **first.contradictions}
    for name, peer in second.peers.items():
        other = peers.get(name)
        if other is None:
            peers[name] = peer
            continue
        entries = [*first.contradictions.get(name, (other,)), *second.contradictions.get(name, (peer,))]
        # A state may change between two reads, but not from one end to the other.
        ends = {normalised(each.status) for each in entries} >= {RUNNING, STOPPED}
        if name in contradictions or ends or _contradict_in_type(entries):
            contradictions[name] = tuple(entries)
            peers[name] = _merge(entries)
        else:
            peers[name] = fill(other, peer)
    return Inventory(
        peers,
        complete=True,
        # Both reads may have left out the same entries.
        nameless=max(first.nameless, second.nameless),
        contradictions=MappingProxyType(contradictions),
    )


def fill(peer: Peer, other: Peer) -> Peer:
    """Return a peer whose missing fields another read gives; the details of both are kept."""
    return peer._replace(
        **{
            field: getattr(other, field)
            for field in ("type", "status", "host", "os", "version", "description")
            if getattr(peer, field) is None
        },
        raw={**other.raw, **peer.raw} if other.raw else peer.raw,
    )


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


def _contradict(entries: Sequence[Peer]) -> bool:
    states = {normalised(entry.status) for entry in entries if entry.status is not None}
    return len(states) > 1 or _contradict_in_type(entries)


def _contradict_in_type(entries: Sequence[Peer]) -> bool:
    # CDP and HA-CDP are two words for what the grid depends on.
    types = {"CDP" if entry.type in VITAL else entry.type for entry in entries if entry.type is not None}
    return len(types) > 1
