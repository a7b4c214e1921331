"""Reading the grid's peers as well as this CDP can: `/info/peer`, else `/peer`, else not at all."""

from typing import NamedTuple

from cdpctl.cdp.client import CdpClient
from cdpctl.peers.models import Peer


class Inventory(NamedTuple):
    """A look at the grid.

    Attributes:
        peers: by name, in the order of the CDP.
        served: whether the CDP serves a read of its peers at all.
        complete: whether the read is one that lists every peer.
        nameless: entries left out for want of a name.
    """

    peers: dict[str, Peer]
    served: bool = True
    complete: bool = False
    nameless: int = 0


def read_inventory(session: CdpClient) -> Inventory:
    """Read the peers once: `GET /info/peer`, or `GET /peer` where that is not served.

    The vendor says of `/info/peer` that some versions list only a part of the grid there, so a peer
    missing from it is not unknown yet: see `complete_inventory`.
    """
    listed = session.list_peer_info()
    complete = listed is None
    if listed is None:
        listed = session.list_peers()
    if listed is None:
        return Inventory({}, served=False)
    peers = {peer.name: peer for peer in listed.peers}
    session.listed = peers
    return Inventory(peers, complete=complete, nameless=listed.nameless)


def complete_inventory(session: CdpClient, inventory: Inventory) -> Inventory:
    """Add what `GET /peer` lists and `/info/peer` did not; what is known already stays."""
    if inventory.complete or not inventory.served:
        return inventory
    listed = session.list_peers()
    if listed is None:
        return Inventory(inventory.peers, complete=True, nameless=inventory.nameless)
    peers = {**inventory.peers}
    for peer in listed.peers:
        peers.setdefault(peer.name, peer)
    session.listed = peers
    return Inventory(peers, complete=True, nameless=inventory.nameless + listed.nameless)
