"""Logins to the embedded grid, and the end of sessions."""

import json

import pytest

from cdpctl.sandbox import sessions as module
from cdpctl.sandbox.sessions import Sessions
from tests.support.clock import Clock


def _log_in(sessions: Sessions) -> str:
    token = sessions.log_in(json.dumps({"username": "operator", "password": sessions.password}).encode())
    assert isinstance(token, str)
    return token


def test_session_ends_when_idle_and_after_its_longest_time() -> None:
    clock = Clock(0.0)
    sessions = Sessions(idle=10, longest=25, clock=clock)
    token = _log_in(sessions)
    for clock.now in (9.0, 18.0, 25.0):
        assert sessions.user_of(token) == "operator"
    clock.now = 25.1
    assert sessions.user_of(token) is None
    token = _log_in(sessions)
    clock.now += 10.1
    assert sessions.user_of(token) is None


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"null",
        b'{"username": "operator"}',
        b"[" * 200_000,
        b'{"username": ' * 50_000,
        b"\xff\xfe",
        b'{"username": 1' + b"0" * 5000 + b"}",
    ],
    ids=["empty", "list", "null", "no_password", "brackets", "objects", "no_text", "digits"],
)
def test_login_that_is_not_one_is_a_bad_request(body: bytes) -> None:
    assert Sessions().log_in(body) == 400


@pytest.mark.parametrize("password", ['"wrong"', '"\\ud800"', "null", '["a"]', "{}"])
def test_wrong_password_of_any_kind_is_unauthorized(password: str) -> None:
    body = f'{{"username": "operator", "password": {password}}}'
    assert Sessions().log_in(body.encode()) == 401


def test_oldest_of_too_many_sessions_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_MOST_SESSIONS", 2)
    sessions = Sessions()
    first, second, third = (_log_in(sessions) for _ in range(3))
    assert [sessions.user_of(token) for token in (first, second, third)] == [None, "operator", "operator"]
