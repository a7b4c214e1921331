"""The embedded grid's peers: their fields, the default ones, and peers from a file."""

import json
from dataclasses import dataclass, field
from typing import Any

from cdpctl.errors import UsageError
from cdpctl.peers.changes import SYNC_POINT, is_on
from cdpctl.peers.models import AP, CDP, HA_CDP, LAP, peer_type
from cdpctl.peers.names import check_name
from cdpctl.text import quoted, unknown_value

LONG_TYPES = {
    CDP: "Configuration Distribution Peer",
    HA_CDP: "HA configuration distribution peer",
    AP: "Activity Peer",
    LAP: "Lightweight Activity Peer",
}
VITAL = (CDP, HA_CDP)
_LAP_COMPONENTS = ("Adapter Manager", "Configuration", "Health", "Library Manager")
# In the order of the vendor's documentation.
_COMPONENTS = (
    "Activity Processor",
    "Adapter Manager",
    "Configuration",
    "Context",
    "Health",
    "Job Manager",
    "Library Manager",
    "Metrics",
    "Scheduler",
)
_LOGGED = ("Adapters", "Activity Processor", "Configuration", "Health", "Job Manager", "Scheduler")
_LAP_LOGGED = ("Adapters", "Configuration", "Health")
#: Fields that an update never changes.
FIXED = ("name", "type", "status", "adaptersStatus", "peerComponents")
ROLES = ("metricsyncPoint", "workflowServer")
_MOST_PEERS = 100_000


@dataclass(slots=True)
class SandboxPeer:
    """One peer.

    Attributes:
        given: other fields as `GET /peer` shows them, including log levels and roles.
        then: the status it changes to when the clock reaches `until`.
    """

    name: str
    type: str = AP
    status: str = "RUNNING"
    description: str = ""
    then: str = ""
    until: float = 0.0
    given: dict[str, Any] = field(default_factory=dict)


def default_peers(count: int | None = None, *, standby: bool = False) -> list[SandboxPeer]:
    """Return a CDP, an HA-CDP, a LAP and APs.

    Args:
        count: the number of APs, named AP1, AP2 and so on. None means AP1, AP2 and a stopped AP3.
        standby: whether two CDPs serve the API. Each is then listed as an HA-CDP.

    Raises:
        UsageError: the count is negative or too large.
    """
    if count is not None and not 0 <= count <= _MOST_PEERS:
        raise UsageError(f"--peers: {count} is not between 0 and {_MOST_PEERS}")
    first = SandboxPeer("CDP", HA_CDP if standby else CDP)
    first.given = dict.fromkeys(ROLES, "true")
    peers = [first, SandboxPeer("HACDP", HA_CDP)]
    peers += [SandboxPeer(f"AP{number}", AP) for number in range(1, (3 if count is None else count) + 1)]
    if count is None:
        peers[-1].status = "STOPPED"
    return [*peers, SandboxPeer("LAP", LAP)]


def peers_from_text(data: bytes, source: str) -> list[SandboxPeer]:
    """Read the peers of a grid: lines of `NAME [TYPE [STATUS]]`, or the output of `peer list -o json`.

    Args:
        data: the content of the file. `#` begins a comment. The default is an AP that is RUNNING.
        source: the file's name, for messages.

    Raises:
        UsageError: there are no peers, a name or type is not valid, or a name is repeated.
    """
    text = data.decode("utf-8-sig", "surrogateescape")
    found = _from_json(text, source) if text.lstrip()[:1] in ("{", "[") else _from_lines(text)
    if not found or len(found) > _MOST_PEERS:
        raise UsageError(f"{source}: {len(found) or 'no'} peers in it", hint=f"use 1 to {_MOST_PEERS} peers")
    seen: set[str] = set()
    for peer in found:
        why = check_name(peer.name) or ("it is in the file twice" if peer.name in seen else None)
        if why:
            raise UsageError(f"{source}: invalid peer name {quoted(peer.name)}: {why}")
        if peer.type not in LONG_TYPES:
            raise unknown_value(f"{source}: {peer.name}", peer.type, LONG_TYPES, "type")
        seen.add(peer.name)
    return found


def _from_lines(text: str) -> list[SandboxPeer]:
    peers = []
    for line in text.splitlines():
        words = line.partition("#")[0].split()
        if words:
            kind = (peer_type(words[1]) or "") if len(words) > 1 else AP
            peers.append(SandboxPeer(words[0], kind, " ".join(words[2:]) or "RUNNING"))
    return peers


def _from_json(text: str, source: str) -> list[SandboxPeer]:
    try:
        value = json.loads(text)
        if isinstance(value, dict):
            value = value["peers"] if "peers" in value else value["peerInfoList"]
        return [
            SandboxPeer(
                str(each["name"]),
                peer_type(each.get("type")) or AP,
                str(each.get("status") or "RUNNING"),
                str(each.get("description") or ""),
            )
            for each in value
        ]
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise UsageError(
            f"{source}: this JSON holds no peers",
            hint="use the output of: cdpctl peer list -o json; or lines of NAME [TYPE [STATUS]]",
        ) from None


def apply_update(peer: SandboxPeer, update: dict[str, Any]) -> None:
    """Apply an update, except to fixed fields. Log levels are merged by component.

    Roles do not apply to a LAP. As documented, settings that do not apply are ignored silently.
    """
    for typed, value in update.items():
        # One documented page spells it differently.
        key = "metricsyncPoint" if typed == "metricsynchPoint" else typed
        if key in FIXED or (key in ROLES and peer.type == LAP):
            continue
        if key == "description":
            peer.description = value
        elif key == "loggingInfo":
            levels = {each["componentName"]: each for each in _log_levels(peer)}
            for each in value if isinstance(value, list) else ():
                match each:
                    case {"componentName": str(name), "logLevel": str()}:
                        levels[name] = each
            peer.given[key] = list(levels.values())
        elif key in ROLES and isinstance(value, bool):
            peer.given[key] = "true" if value else "false"
        else:
            peer.given[key] = value


def is_sync_point(peer: SandboxPeer) -> bool:
    """Return whether a peer is a metrics sync point."""
    return is_on(peer.given, SYNC_POINT)


def _log_levels(peer: SandboxPeer) -> list[dict[str, Any]]:
    if "loggingInfo" in peer.given:
        return list(peer.given["loggingInfo"])
    names = _LAP_LOGGED if peer.type == LAP else _LOGGED
    return [{"componentName": name, "logLevel": "WARN"} for name in names]


def info_entry(peer: SandboxPeer) -> dict[str, str]:
    """Return a peer as `GET /info/peer` lists it (vendor's documentation)."""
    return {
        "name": peer.name,
        "status": peer.status,
        "osName": "Linux",
        "productVersion": "8.2.00",
        "hostName": "localhost",
        "type": LONG_TYPES[peer.type],
    }


def plain_entry(peer: SandboxPeer) -> dict[str, object]:
    """Return a peer as `GET /peer` lists it: without a status (vendor's documentation).

    The vendor does not document the entries of `adaptersStatus` and `peerComponents`. Here they have
    a name and a status each, in the vendor's words for the state of a component.
    """
    state = "Running" if peer.status == "RUNNING" else "Stopped"
    components = _LAP_COMPONENTS if peer.type == LAP else _COMPONENTS
    return {
        "name": peer.name,
        "description": peer.description,
        "type": peer.type,
        "metricsyncPoint": "false",
        "workflowServer": "false",
        "adaptersStatus": [{"name": "ro-adapter-ws", "version": "8.2.00", "status": state}],
        "loggingInfo": _log_levels(peer),
        "peerComponents": [{"name": name, "status": state} for name in components],
        **peer.given,
    }
