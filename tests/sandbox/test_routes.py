"""The embedded grid's calls: requests and their answers."""

import json

import pytest

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import SandboxPeer, default_peers
from cdpctl.sandbox.routes import Routes
from cdpctl.sandbox.sessions import Sessions


def _log_in(sessions: Sessions, user: str = "operator") -> str:
    token = sessions.log_in(json.dumps({"username": user, "password": sessions.password}).encode())
    assert isinstance(token, str)
    return token


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


def test_change_is_answered_with_the_status_that_the_version_has() -> None:
    sessions = Sessions()
    routes = Routes(Grid(default_peers()), sessions, accepted=202)
    token = _log_in(sessions)
    for method, path, body in (
        ("PUT", "/peer/AP1/stop", b""),
        ("PUT", "/peer", b'{"peers": [{"name": "AP1"}]}'),
    ):
        assert routes.answer(method, path, "", token, body) == (202, {"response": "Success"})


def test_session_is_over_after_its_logout() -> None:
    routes, token, _ = _routes()
    assert routes.answer("POST", "/logout", "", token, b"")[0] == 200
    assert routes.answer("GET", "/peer", "", token, b"")[0] == 401


def test_quoted_name_is_the_name() -> None:
    sessions = Sessions()
    routes = Routes(Grid([SandboxPeer("a b/ü")]), sessions)
    token = _log_in(sessions)
    assert routes.answer("GET", "/peer/a%20b%2F%C3%BC", "", token, b"")[0] == 200
