"""The embedded grid: its peers and their changes, which take time."""

import copy
import re
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any

from cdpctl.sandbox.peers import VITAL, SandboxPeer, apply_update, is_sync_point

_MOST_PATTERN = 1000
# The longest default time of an update or a deletion.
_CHANGE_SECONDS = 0.5


class Grid:
    """The peers of the grid. Safe to use from several threads.

    Every change is accepted at once and takes effect later, as documented.

    Args:
        peers: the initial peers.
        stop_after: seconds until a stopping peer is stopped.
        start_after: seconds until a starting peer runs.
        clock: a monotonic clock in seconds.
        change_after: seconds until an update or a deletion takes effect. None means the time of a stop, but
            half a second at most.
    """

    def __init__(
        self,
        peers: Sequence[SandboxPeer],
        stop_after: float = 2.0,
        start_after: float = 2.0,
        clock: Callable[[], float] = time.monotonic,
        *,
        change_after: float | None = None,
    ) -> None:
        self._lock = threading.RLock()
        self._peers = {peer.name: peer for peer in peers}
        self._seconds = {"stop": stop_after, "start": start_after}
        self._change_after = min(stop_after, _CHANGE_SECONDS) if change_after is None else change_after
        self._clock = clock
        # Pending updates and deletions, in order.
        self._pending: list[tuple[float, Callable[[], object]]] = []

    def _settle(self) -> None:
        now = self._clock()
        while self._pending and now >= self._pending[0][0]:
            self._pending.pop(0)[1]()

    def find(self, name: str) -> SandboxPeer | None:
        """Return the current state of a peer."""
        with self._lock:
            self._settle()
            peer = self._peers.get(name)
            if peer is not None and peer.then and self._clock() >= peer.until:
                peer.status, peer.then = peer.then, ""
            return peer

    def all(self) -> list[SandboxPeer]:
        """Return the current state of all peers."""
        with self._lock:
            self._settle()
            return [peer for name in list(self._peers) if (peer := self.find(name)) is not None]

    def matching(self, pattern: str, what: str) -> list[SandboxPeer] | None:
        """Return the peers whose name, type or status matches (`GET /peer?pattern=...&matchon=...`).

        Returns:
            The peers. None if the pattern or the field to match is not valid.
        """
        if what not in ("name", "type", "status") or len(pattern) > _MOST_PATTERN:
            return None
        try:
            expression = re.compile(pattern)
        except (re.error, OverflowError, RecursionError):
            return None
        return [peer for peer in self.all() if expression.search(getattr(peer, what))]

    def change(self, names: list[str], verb: str) -> int:
        """Begin to stop or start peers: 204, or 404 or 400 with nothing changed.

        The vendor does not document what happens to the others if one name is unknown. Here, nothing happens.
        """
        with self._lock:
            peers = [peer for name in names if (peer := self.find(name)) is not None]
            if len(peers) < len(names):
                return 404
            if any(peer.type in VITAL for peer in peers):
                return 400
            target, moving = ("STOPPED", "STOPPING") if verb == "stop" else ("RUNNING", "STARTING")
            for peer in peers:
                if peer.status not in (target, moving):
                    peer.status, peer.then = moving, target
                    peer.until = self._clock() + self._seconds[verb]
        return 204

    def update(self, updates: Sequence[dict[str, Any]]) -> None:
        """Begin to change peers. As documented, settings that do not apply are ignored."""
        # The caller may change its objects later.
        kept = copy.deepcopy(list(updates))
        self._later(lambda: self._update(kept))

    def _update(self, updates: list[dict[str, Any]]) -> None:
        before = {peer.name for peer in self._peers.values() if is_sync_point(peer)}
        for update in updates:
            peer = self._peers.get(update["name"])
            if peer is not None:
                apply_update(peer, update)
        if before and not any(is_sync_point(peer) for peer in self._peers.values()):
            # A grid needs at least one, so a change that would remove the last one is ignored.
            for name in before:
                self._peers[name].given["metricsyncPoint"] = "true"

    def remove(self, name: str) -> int:
        """Begin to delete a peer: 204, or 404, or 400 for a CDP or the only metrics sync point."""
        with self._lock:
            peer = self.find(name)
            if peer is None:
                return 404
            others = any(is_sync_point(each) for each in self._peers.values() if each is not peer)
            if peer.type in VITAL or (is_sync_point(peer) and not others):
                return 400
            self._later(lambda: self._peers.pop(name, None))
        return 204

    def _later(self, change: Callable[[], object]) -> None:
        with self._lock:
            self._pending.append((self._clock() + self._change_after, change))
            self._settle()
