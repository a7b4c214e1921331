"""The documented calls of the embedded grid, except login."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import parse_qs, unquote

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import VITAL, SandboxPeer, info_entry, plain_entry
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
        parts = [unquote(part) for part in path.strip("/").split("/")]
        if user == self._sessions.viewer and method != "GET" and parts[0] == "peer":
            return 403, None
        if parts == ["logout"] and method == "POST":
            self._sessions.log_out(token)
            return 200, {"logout": "true"}
        try:
            return (
                self._read(parts, parse_qs(query)) if method == "GET" else self._change(method, parts, body)
            )
        except (ValueError, KeyError, TypeError, RecursionError):
            return 400, None

    def _read(self, parts: list[str], query: Mapping[str, list[str]]) -> tuple[int, Any]:
        match parts:
            case ["info", "peer"] if self._reads not in ("peer", "none"):
                vital = self._reads == "part"
                peers = [peer for peer in self._grid.all() if not vital or peer.type in VITAL]
                return 200, {"peerInfoList": [info_entry(peer) for peer in peers]}
            case ["peer"] if self._reads not in ("info", "none"):
                found: Sequence[SandboxPeer] | None = self._grid.all()
                if "pattern" in query:
                    found = self._grid.matching(query["pattern"][0], query.get("matchon", ["name"])[0])
                return (400, None) if found is None else (200, [plain_entry(peer) for peer in found])
            case ["peer", name] if self._reads not in ("info", "none"):
                one = self._grid.find(name)
                return (404, None) if one is None else (200, [plain_entry(one)])
        return (405 if parts == ["logout"] else 404), None

    def _change(self, method: str, parts: list[str], body: bytes) -> tuple[int, Any]:
        match (method, *parts):
            case ("PUT", "peer"):
                self._grid.update(_updates(body))
                return self._success
            case ("DELETE", "peer", name):
                return self._grid.remove(name), None
            case ("PUT", "peer", name, "stop" | "start" as verb):
                return self._accept(self._grid.change([name], verb))
            case ("POST", "peer", "stop" | "start" as verb):
                names = [str(peer["name"]) for peer in _json(body)["peers"]]
                return self._accept(self._grid.change(names, verb))
            case (_, "logout") | (_, "peer") | (_, "peer", _) | (_, "peer", _, "stop" | "start"):
                return 405, None
        return 404, None

    def _accept(self, status: int) -> tuple[int, Any]:
        return self._success if status == 204 else (status, None)
