"""Reads one peer in full: `GET /peer/<name>`, and its status from the list."""

from collections.abc import Callable, Mapping
from typing import Any

from cdpctl.cdp.client import CdpClient
from cdpctl.errors import AuthError, CdpctlError, ForbiddenError, NotFoundError, RejectedError
from cdpctl.operations.inventory import Inventory, complete_inventory, describe, fill, read_inventory
from cdpctl.peers.models import Peer
from cdpctl.peers.not_found import separate_names, what_was_meant
from cdpctl.text import NearMisses, command_line, has_wildcard, quoted, shell_words


def read_details(
    session: CdpClient, name: str, warn: Callable[[str], None]
) -> tuple[Peer, Mapping[str, Any]]:
    """Read one peer. If the CDP does not serve `GET /peer/<name>`, use its entry in the list.

    Args:
        session: the client of the run.
        name: a checked name.
        warn: takes a warning if the status cannot be read.

    Returns:
        The peer, merged from all reads, and the server's own object, unchanged.

    Raises:
        NotFoundError: the grid has no peer with this name.
        RejectedError: this CDP cannot list its peers.
        CdpctlError: the peer cannot be read.
    """
    try:
        raw: Mapping[str, Any] | None = session.get_peer(name)
    except NotFoundError:
        # Either the peer or the call does not exist. The list will show which.
        raw = None
    if raw is not None and raw.get("name", name) != name:
        # The server ignores case and has answered with another peer.
        raw = None
    try:
        inventory = read_inventory(session)
    except (AuthError, ForbiddenError):
        raise
    except CdpctlError as error:
        if raw is None:
            raise
        warn(f"the status of {name} cannot be read: {error.message}")
        inventory = Inventory({}, complete=True)
    if name not in inventory.peers and (raw is None or raw.get("status") is None):
        inventory = complete_inventory(session, inventory)
    listed = inventory.peers.get(name)
    if name in inventory.contradictions:
        warn(f"the CDP lists {quoted(name)} more than once, as {describe(inventory.contradictions[name])}")
    if raw is None:
        if listed is None:
            raise _missing(name, inventory)
        return listed, listed.raw
    detail = Peer.from_wire({**raw, "name": name})
    return detail if listed is None else fill(listed, detail), raw


def _missing(name: str, inventory: Inventory) -> CdpctlError:
    if not inventory.served:
        return RejectedError(
            "this CDP serves neither /info/peer nor /peer: it cannot show its peers",
            hint=command_line("doctor"),
        )
    known = NearMisses(inventory.peers)
    names = separate_names(name)
    meant = "" if names else what_was_meant(name, known, selects=False)
    chosen = ",".join(names) if names else name if has_wildcard(name) else None
    return NotFoundError(
        f"no peer is named {quoted(name)}{meant}",
        hint=command_line(f"peer list --match {shell_words([chosen])}" if chosen else "peer list"),
        http_status=404,
    )
