"""The embedded grid's peers: their states, and the changes of state that take time."""

import threading
import time
from dataclasses import dataclass

from cdpctl.errors import UsageError

_LONG_TYPES = {
    "CDP": "Configuration Distribution Peer",
    "HA-CDP": "High Availability Configuration Distribution Peer",
    "AP": "Activity Peer",
    "LAP": "Lightweight Activity Peer",
}
_MOST_PEERS = 100_000


@dataclass
class SandboxPeer:
    """A peer; `until` is the monotonic second at which `status` becomes `then`."""

    name: str
    type: str
    status: str = "RUNNING"
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
    peers = [SandboxPeer("CDP", "CDP"), SandboxPeer("HACDP", "HA-CDP")]
    peers += [SandboxPeer(f"AP{number}", "AP") for number in range(1, (3 if count is None else count) + 1)]
    if count is None:
        peers[-1].status = "STOPPED"
    return [*peers, SandboxPeer("LAP", "LAP")]


class Grid:
    """The peers; every method may be called from any thread.

    Args:
        peers: to begin with.
        stop_after: seconds until a stopping peer is stopped.
        start_after: seconds until a starting peer runs.
    """

    def __init__(self, peers: list[SandboxPeer], stop_after: float = 2.0, start_after: float = 2.0) -> None:
        self._lock = threading.Lock()
        self._peers = {peer.name: peer for peer in peers}
        self._seconds = {"stop": stop_after, "start": start_after}

    def find(self, name: str) -> SandboxPeer | None:
        """Return a peer as it is now."""
        with self._lock:
            peer = self._peers.get(name)
            if peer is not None and peer.then and time.monotonic() >= peer.until:
                peer.status, peer.then = peer.then, ""
            return peer

    def all(self) -> list[SandboxPeer]:
        """Return every peer as it is now."""
        return [peer for name in list(self._peers) if (peer := self.find(name)) is not None]

    def change(self, names: list[str], verb: str) -> int:
        """Begin to stop or start peers: 204, or 404 or 400 with nothing changed.

        The vendor's page leaves open what becomes of the others where one name is unknown; here nothing does.
        """
        peers = [self.find(name) for name in names]
        if None in peers:
            return 404
        if any(peer is not None and peer.type in ("CDP", "HA-CDP") for peer in peers):
            return 400
        target, moving = ("STOPPED", "STOPPING") if verb == "stop" else ("RUNNING", "STARTING")
        with self._lock:
            for peer in peers:
                if peer is not None and peer.status not in (target, moving):
                    peer.status, peer.then = moving, target
                    peer.until = time.monotonic() + self._seconds[verb]
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
    return {
        "name": peer.name,
        "description": "",
        "type": peer.type,
        "metricsyncPoint": "false",
        "workflowServer": "false",
        "adaptersStatus": [],
        "loggingInfo": [{"componentName": "Adapters", "logLevel": "INFO"}],
        "peerComponents": [],
    }
