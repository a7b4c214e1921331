"""The embedded grid's peers and sessions, with clocks that tests move."""

import json

import pytest

from cdpctl.errors import UsageError
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers, peers_from_text
from cdpctl.sandbox.routes import Routes
from cdpctl.sandbox.sessions import Sessions


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _log_in(sessions: Sessions, user: str = "operator") -> str:
    token = sessions.log_in(json.dumps({"username": user, "password": sessions.password}).encode())
    assert isinstance(token, str)
    return token


def test_peer_takes_its_time_to_stop() -> None:
    clock = Clock()
    grid = Grid(default_peers(), 2.0, 5.0, clock)
    assert grid.change(["AP1"], "stop") == 204
    states = []
    for clock.now in (0.0, 1.9, 2.0):
        peer = grid.find("AP1")
        assert peer is not None
        states.append(peer.status)
    assert states == ["STOPPING", "STOPPING", "STOPPED"]


def test_unknown_name_among_many_changes_nobody() -> None:
    grid = Grid(default_peers(), 0.0, 0.0)
    assert grid.change(["AP1", "NOPE"], "stop") == 404
    assert grid.change(["AP1", "HACDP"], "stop") == 400
    assert {peer.status for peer in grid.all() if peer.name == "AP1"} == {"RUNNING"}


def test_peers_come_from_lines_with_types_and_states() -> None:
    text = b"CDP cdp\nNODE-1 # an AP\nlap-2 LAP STOPPED\nodd ap Fault State\n"
    peers = peers_from_text(text, "file")
    assert [(peer.name, peer.type, peer.status) for peer in peers] == [
        ("CDP", "CDP", "RUNNING"),
        ("NODE-1", "AP", "RUNNING"),
        ("lap-2", "LAP", "STOPPED"),
        ("odd", "AP", "Fault State"),
    ]


def test_peers_come_from_what_a_list_printed() -> None:
    printed = {"schema": "cdpctl.peers/1", "peers": [{"name": "a b", "type": "LAP", "status": "STOPPED"}]}
    [peer] = peers_from_text(json.dumps(printed).encode(), "file")
    assert (peer.name, peer.type, peer.status) == ("a b", "LAP", "STOPPED")


@pytest.mark.parametrize(
    "text", [b"", b"# none\n", b"AP1\nAP1\n", b"AP1 MAINFRAME\n", b"a/b\n", b"{}", b"[1]"]
)
def test_file_that_holds_no_grid_is_refused(text: bytes) -> None:
    with pytest.raises(UsageError, match="file"):
        peers_from_text(text, "file")


def test_session_ends_when_idle_and_after_its_longest_time() -> None:
    clock = Clock()
    sessions = Sessions(idle=10, longest=25, clock=clock)
    token = _log_in(sessions)
    for clock.now in (9.0, 18.0, 25.0):
        assert sessions.user_of(token) == "operator"
    clock.now = 25.1
    assert sessions.user_of(token) is None
    token = _log_in(sessions)
    clock.now += 10.1
    assert sessions.user_of(token) is None


@pytest.mark.parametrize("body", [b"", b"[]", b'{"username": "operator"}'])
def test_login_that_is_none_is_a_bad_request(body: bytes) -> None:
    assert Sessions().log_in(body) == 400


def _routes(reads: str = "both") -> tuple[Routes, str, str]:
    sessions = Sessions()
    routes = Routes(Grid(default_peers(), 0.0, 0.0), sessions, reads)
    return routes, _log_in(sessions), _log_in(sessions, "viewer")


@pytest.mark.parametrize(
    ("reads", "statuses"),
    [
        ("both", (200, 200)),
        ("info", (200, 404)),
        ("peer", (404, 200)),
        ("part", (200, 200)),
        ("none", (404, 404)),
    ],
)
def test_versions_serve_different_reads(reads: str, statuses: tuple[int, int]) -> None:
    routes, token, _ = _routes(reads=reads)
    found = [routes.answer("GET", path, "", token, b"")[0] for path in ("/info/peer", "/peer")]
    assert tuple(found) == statuses


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/peer/AP1", b"", 200),
        ("GET", "/peer/NOPE", b"", 404),
        ("GET", "/else", b"", 404),
        ("PUT", "/peer/AP1/stop", b"", 204),
        ("POST", "/peer/AP1/stop", b"", 405),
        ("PUT", "/peer/stop", b"", 405),
        ("PUT", "/peer/AP1/pause", b"", 404),
        ("POST", "/peer/stop", b"{", 400),
        ("POST", "/peer/stop", b"[]", 400),
        ("DELETE", "/peer/AP2", b"", 204),
        ("DELETE", "/peer/CDP", b"", 400),
        ("PUT", "/peer", b'{"peers": [{"name": "AP1", "description": "x"}]}', 204),
        ("PATCH", "/peer", b"", 405),
        ("GET", "/logout", b"", 405),
    ],
)
def test_call_has_its_documented_status(method: str, path: str, body: bytes, status: int) -> None:
    routes, token, _ = _routes()
    assert routes.answer(method, path, "", token, body)[0] == status


def test_viewer_reads_and_changes_nothing() -> None:
    routes, _, viewer = _routes()
    assert routes.answer("GET", "/info/peer", "", viewer, b"")[0] == 200
    assert routes.answer("PUT", "/peer/AP1/stop", "", viewer, b"")[0] == 403
    assert routes.answer("DELETE", "/peer/AP1", "", viewer, b"")[0] == 403


def test_no_token_is_unauthorized_everywhere() -> None:
    routes, _, _ = _routes()
    assert routes.answer("GET", "/peer", "", None, b"")[0] == 401
    assert routes.answer("PUT", "/peer/AP1/stop", "", "made up", b"")[0] == 401


def test_pattern_filters_on_the_server() -> None:
    routes, token, _ = _routes()
    _, found = routes.answer("GET", "/peer", "pattern=%5EAP&matchon=name", token, b"")
    assert [each["name"] for each in found] == ["AP1", "AP2", "AP3"]
    _, found = routes.answer("GET", "/peer", "pattern=STOPPED&matchon=status", token, b"")
    assert [each["name"] for each in found] == ["AP3"]
    assert routes.answer("GET", "/peer", "pattern=(", token, b"")[0] == 400
