"""The documented calls of the embedded grid, except login."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs, unquote

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import VITAL, info_entry, plain_entry
from cdpctl.sandbox.sessions import Sessions

#: The reads that a version serves: all peers in both, only one of them, only the CDPs
#: in `/info/peer`, as the vendor documents for some versions, or none.
READS = ("both", "info", "peer", "part", "none")


def _json(body: bytes) -> Mapping[str, Any]:
    value = json.loads(body)
    if not isinstance(value, Mapping):
        raise TypeError("an object is wanted")
    return value


def _updates(body: bytes) -> list[dict[str, Any]]:
    peers = _json(body)["peers"]
    if not isinstance(peers, list) or not all(
        isinstance(each, dict) and isinstance(each.get("name"), str) for each in peers
    ):
        raise TypeError("a list of peers with names is wanted")
    return peers


class Routes:
    """Answers every call but the login. Safe to use from several threads.

    Args:
        grid: the peers.
        sessions: the sessions.
        reads: one of `READS`.
        accepted: the status of an accepted change: 200, 202 or 204.
    """

    def __init__(self, grid: Grid, sessions: Sessions, reads: str = "both", accepted: int = 204) -> None:
        self._grid, self._sessions = grid, sessions
        self._reads = reads
        self._success = accepted, None if accepted == 204 else {"response": "Success"}

    def answer(self, method: str, path: str, query: str, token: str | None, body: bytes) -> tuple[int, Any]:
        """Answer a call.

        Args:
            method: the HTTP method.
            path: the path below the REST root, still quoted.
            query: the query, without the question mark.
            token: the token in the header.
            body: the received body.

        Returns:
            A status, and a JSON value or None if there is no body.
        """
        user = self._sessions.user_of(token)
        if user is None:
            return 401, None
        if path == "/logout":
            if method != "POST":
                return 405, None
            self._sessions.log_out(token)
            return 200, {"logout": "true"}
        parts = path.strip("/").split("/")
        if method == "GET":
            return self._read(path, parts, query)
        if parts[0] != "peer" or len(parts) > 3:
            return 404, None
        if user == self._sessions.viewer:
            return 403, None
        return self._change(method, parts, body)

    def _read(self, path: str, parts: list[str], query: str) -> tuple[int, Any]:
        if path == "/info/peer":
            if self._reads in ("peer", "none"):
                return 404, None
            vital = self._reads == "part"
            peers = [peer for peer in self._grid.all() if not vital or peer.type in VITAL]
            return 200, {"peerInfoList": [info_entry(peer) for peer in peers]}
        if parts[0] != "peer" or len(parts) > 2 or self._reads in ("info", "none"):
            return 404, None
        if len(parts) == 2:
            peer = self._grid.find(unquote(parts[1]))
            return (200, [plain_entry(peer)]) if peer is not None else (404, None)
        asked = parse_qs(query)
        if "pattern" not in asked:
            return 200, [plain_entry(peer) for peer in self._grid.all()]
        matching = self._grid.matching(asked["pattern"][0], asked.get("matchon", ["name"])[0])
        return (400, None) if matching is None else (200, [plain_entry(peer) for peer in matching])

    def _change(self, method: str, parts: list[str], body: bytes) -> tuple[int, Any]:
        try:
            if len(parts) == 3 and parts[2] in ("stop", "start"):
                return self._taken([unquote(parts[1])], parts[2]) if method == "PUT" else (405, None)
            if len(parts) == 2 and parts[1] in ("stop", "start") and method == "POST":
                return self._taken([str(peer["name"]) for peer in _json(body)["peers"]], parts[1])
            if len(parts) == 2 and method == "DELETE":
                return self._grid.remove(unquote(parts[1])), None
            if len(parts) == 1 and method == "PUT":
                self._grid.update(_updates(body))
                return self._success
        except (ValueError, KeyError, TypeError, RecursionError):
            return 400, None
        return (404 if len(parts) == 3 else 405), None

    def _taken(self, names: list[str], verb: str) -> tuple[int, Any]:
        status = self._grid.change(names, verb)
        return self._success if status == 204 else (status, None)
