"""A small grid for the fault server, so that one call can fail while the others work."""

import json
from collections.abc import Callable, Mapping, Sequence
from urllib.parse import unquote

from tests.support.fault_server import Behaviour, Script, Seen

TOKEN = "fault-server-token-0123456789"
PEERS = {
    "CDP": "Configuration Distribution Peer",
    "AP1": "Activity Peer",
    "AP2": "Activity Peer",
    "LAP1": "Lightweight Activity Peer",
}


def answer(
    status: int = 200, body: bytes = b"", headers: Mapping[str, str] | None = None, reason: str = "OK"
) -> bytes:
    """Return a correct answer, with `Content-Length`."""
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in (headers or {}).items())]
    if status != 204:
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


def healthy(token: str = TOKEN, more: Sequence[str] = ()) -> Behaviour:
    """Return a behaviour that answers the documented calls; peers stop and start at once.

    Args:
        token: the token from a login. Calls with another one get 401.
        more: the names of additional activity peers.
    """
    peers = {**PEERS, **dict.fromkeys(more, "Activity Peer")}
    status = dict.fromkeys(peers, "RUNNING")

    def behave(seen: Seen) -> Script:
        path = seen.target.partition("/rest")[2].partition("?")[0]
        if path == "/login":
            return [answer(200, b'{"login":"true"}', {"Authentication-Token": token})]
        if seen.headers.get("authentication-token") != token:
            return [answer(401, reason="Unauthorized")]
        if seen.method == "GET":
            return [_read(path, peers, status)]
        _change(seen, path, status)
        return [answer(200, b'{"response":"Success"}')]

    return behave


def _read(path: str, kinds: Mapping[str, str], status: Mapping[str, str]) -> bytes:
    if path == "/info/peer":
        peers = [{"name": name, "status": status[name], "type": kind} for name, kind in kinds.items()]
        return answer(200, json.dumps({"peerInfoList": peers}).encode())
    if path == "/peer":
        return answer(
            200, json.dumps([{"name": name, "type": kind} for name, kind in kinds.items()]).encode()
        )
    name = unquote(path.removeprefix("/peer/"))
    if name in kinds:
        return answer(200, json.dumps([{"name": name, "type": kinds[name]}]).encode())
    return answer(404, reason="Not Found")


def _change(seen: Seen, path: str, status: dict[str, str]) -> None:
    verb = path.rpartition("/")[2]
    if verb not in ("stop", "start"):
        return
    many = path == f"/peer/{verb}"
    names = (
        [each["name"] for each in json.loads(seen.body)["peers"]] if many else [unquote(path.split("/")[2])]
    )
    for name in names:
        if name in status:
            status[name] = "STOPPED" if verb == "stop" else "RUNNING"


def faulty(script: Callable[[Seen], Script], on: Callable[[Seen], bool], token: str = TOKEN) -> Behaviour:
    """Return a grid that plays a fault's script for the requests that `on` selects."""
    good = healthy(token)
    return lambda seen: script(seen) if on(seen) else good(seen)


def partial_grid(**statuses: str | None) -> Behaviour:
    """Return a healthy grid whose `/info/peer` lists the CDP alone, and `/peer` these APs too."""
    good = healthy()
    peers: list[dict[str, object]] = [{"name": "CDP", "status": "RUNNING", "type": "CDP"}]
    more = [{"name": name, "status": status, "type": "AP"} for name, status in statuses.items()]
    reads = {"/info/peer": {"peerInfoList": peers}, "/peer": [*peers, *more]}

    def behave(seen: Seen) -> Script:
        listed = reads.get(seen.target.partition("/rest")[2])
        return good(seen) if listed is None else [answer(200, json.dumps(listed).encode())]

    return behave


def twice(*statuses: str) -> Behaviour:
    """Return a healthy grid whose `/info/peer` lists AP1 alone, once with each status."""
    entries = [{"name": "AP1", "status": each, "type": "Activity Peer"} for each in statuses]
    body = json.dumps({"peerInfoList": entries}).encode()
    return faulty(lambda _: [answer(200, body)], lambda seen: seen.target.endswith("/info/peer"))
