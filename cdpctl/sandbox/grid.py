"""The embedded grid's peers: their states, and the changes of state that take time."""

import json
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from cdpctl.errors import UsageError
from cdpctl.peers.models import AP, CDP, HA_CDP, LAP, peer_type
from cdpctl.peers.names import check_name

_LONG_TYPES = {
    CDP: "Configuration Distribution Peer",
    HA_CDP: "High Availability Configuration Distribution Peer",
    AP: "Activity Peer",
    LAP: "Lightweight Activity Peer",
}
_MOST_PEERS = 100_000


@dataclass(slots=True)
class SandboxPeer:
    """A peer; `until` is the monotonic second at which `status` becomes `then`."""

    name: str
    type: str = AP
    status: str = "RUNNING"
    description: str = ""
    then: str = ""
    until: float = 0.0


def default_peers(count: int | None = None) -> list[SandboxPeer]:
    """Return CDP, HACDP, LAP and activity peers.

    Args:
        count: so many activity peers AP1…; None for AP1 and AP2, and AP3 which is stopped.

    Raises:
        UsageError: fewer than none, or more than a sandbox holds.
    """
    if count is not None and not 0 <= count <= _MOST_PEERS:
        raise UsageError(f"--peers: {count} is not between 0 and {_MOST_PEERS}")
    peers = [SandboxPeer("CDP", CDP), SandboxPeer("HACDP", HA_CDP)]
    peers += [SandboxPeer(f"AP{number}", AP) for number in range(1, (3 if count is None else count) + 1)]
    if count is None:
        peers[-1].status = "STOPPED"
    return [*peers, SandboxPeer("LAP", LAP)]


def peers_from_text(data: bytes, source: str) -> list[SandboxPeer]:
    """Read the peers of a grid: `NAME [TYPE [STATUS]]` a line, or what `peer list -o json` printed.

    Args:
        data: of the file. `#` begins a comment; a type left out is AP, a status RUNNING.
        source: the file's name, for messages.

    Raises:
        UsageError: no peers, a name that no peer can have, a type that is none, a name given twice.
    """
    text = data.decode("utf-8-sig", "surrogateescape")
    found = _from_json(text, source) if text.lstrip()[:1] in ("{", "[") else _from_lines(text)
    if not found or len(found) > _MOST_PEERS:
        raise UsageError(
            f"{source}: {len(found) or 'no'} peers in it", hint=f"1 to {_MOST_PEERS} are allowed"
        )
    seen: set[str] = set()
    for peer in found:
        why = check_name(peer.name) or ("it stands there twice" if peer.name in seen else None)
        if why:
            raise UsageError(f"{source}: {peer.name[:60]!a} is no name for a peer: {why}")
        if peer.type not in _LONG_TYPES:
            raise UsageError(
                f"{source}: {peer.name}: {peer.type[:40]!a} is no type", hint="one of CDP, HA-CDP, AP, LAP"
            )
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
            f"{source}: it looks like JSON and holds no peers",
            hint="give what `cdpctl peer list -o json` prints, or lines NAME [TYPE [STATUS]]",
        ) from None


class Grid:
    """The peers; every method may be called from any thread.

    Args:
        peers: to begin with.
        stop_after: seconds until a stopping peer is stopped.
        start_after: seconds until a starting peer runs.
        clock: a monotonic clock in seconds.
    """

    def __init__(
        self,
        peers: list[SandboxPeer],
        stop_after: float = 2.0,
        start_after: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._lock = threading.RLock()
        self._peers = {peer.name: peer for peer in peers}
        self._seconds = {"stop": stop_after, "start": start_after}
        self._clock = clock

    def find(self, name: str) -> SandboxPeer | None:
        """Return a peer as it is now."""
        with self._lock:
            peer = self._peers.get(name)
            if peer is not None and peer.then and self._clock() >= peer.until:
                peer.status, peer.then = peer.then, ""
            return peer

    def all(self) -> list[SandboxPeer]:
        """Return every peer as it is now."""
        with self._lock:
            return [peer for name in self._peers if (peer := self.find(name)) is not None]

    def matching(self, pattern: str, what: str) -> list[SandboxPeer] | None:
        """Return the peers whose name, type or status matches (`GET /peer?pattern=…&matchon=…`).

        Returns:
            The peers; None where the pattern or what it is to match is none.
        """
        try:
            expression = re.compile(pattern)
        except re.error:
            return None
        if what not in ("name", "type", "status"):
            return None
        return [peer for peer in self.all() if expression.search(getattr(peer, what))]

    def change(self, names: list[str], verb: str) -> int:
        """Begin to stop or start peers: 204, or 404 or 400 with nothing changed.

        The vendor's page leaves open what becomes of the others where one name is unknown; here nothing does.
        """
        with self._lock:
            peers = [peer for name in names if (peer := self.find(name)) is not None]
            if len(peers) < len(names):
                return 404
            if any(peer.type in (CDP, HA_CDP) for peer in peers):
                return 400
            target, moving = ("STOPPED", "STOPPING") if verb == "stop" else ("RUNNING", "STARTING")
            for peer in peers:
                if peer.status not in (target, moving):
                    peer.status, peer.then = moving, target
                    peer.until = self._clock() + self._seconds[verb]
        return 204

    def describe(self, name: str, description: str) -> None:
        """Change a peer's description; of an unknown one nothing is said, as the documents have it."""
        with self._lock:
            peer = self._peers.get(name)
            if peer is not None:
                peer.description = description

    def remove(self, name: str) -> int:
        """Remove a peer for good: 204, 404, or 400 for a CDP."""
        with self._lock:
            peer = self._peers.get(name)
            if peer is None:
                return 404
            if peer.type in (CDP, HA_CDP):
                return 400
            del self._peers[name]
            return 204


def info_entry(peer: SandboxPeer) -> dict[str, str]:
    """Return a peer as `GET /info/peer` lists it (vendor's documentation)."""
    return {
        "name": peer.name,
        "status": peer.status,
        "osName": "Linux",
        "productVersion": "8.2.00",
        "hostName": "localhost",
        "type": _LONG_TYPES[peer.type],
    }


def plain_entry(peer: SandboxPeer) -> dict[str, object]:
    """Return a peer as `GET /peer` lists it: without a status (vendor's documentation)."""
    running = "Running" if peer.status == "RUNNING" else "Stopped"
    components = ["Adapter Manager", "Configuration", "Health", "Library Manager"]
    if peer.type != LAP:
        components = ["Activity Processor", *components, "Job Manager", "Scheduler"]
    return {
        "name": peer.name,
        "description": peer.description,
        "type": peer.type,
        "metricsyncPoint": "false",
        "workflowServer": "false",
        "adaptersStatus": [],
        "loggingInfo": [{"componentName": "Adapters", "logLevel": "INFO"}],
        "peerComponents": [{"name": name, "status": running} for name in components],
    }
