"""Logins and tokens that fail, through the program: known errors, few logins, no secret shown."""

from functools import partial
from pathlib import Path

import pytest

from tests.support.catalogue import by_name
from tests.support.fault_server import Close, FaultServer, Reset, Script, Seen
from tests.support.program import (
    CANARY_PASSWORD,
    CANARY_TOKEN,
    StrictInProcess,
    StrictProgram,
    problems,
    together,
)
from tests.support.wire_grid import TOKEN, answer, healthy

pytestmark = pytest.mark.loopback

_USER = {"CDPCTL_TOKEN": "", "CDPCTL_USERNAME": "operator", "CDPCTL_PASSWORD": CANARY_PASSWORD}
_LONG = "aZ/+=.*_-" * 167
_NAME = "Authentication-Token"


def logged_in(value: str | None, body: bytes = b'{"login":"true"}', cookies: str = "") -> Script:
    headers = {} if value is None else {_NAME: value}
    return [answer(200, body, {**headers, "Set-Cookie": cookies} if cookies else headers)]


def logins(server: FaultServer) -> int:
    return sum(line.startswith("POST /baocdp/rest/login ") for line in server.sent())


# The answer to the login, and the exit code of a stop.
_LOGINS: dict[str, tuple[Script, int]] = {
    "no_token_header": (logged_in(None), 4),
    "empty_token": (logged_in(""), 4),
    "two_tokens": (
        [b"HTTP/1.1 200 OK\r\n%b: one\r\n%b: two\r\nContent-Length: 0\r\n\r\n" % ((_NAME.encode(),) * 2)],
        4,
    ),
    "token_with_a_blank": (logged_in(f"{CANARY_TOKEN} x"), 4),
    "token_not_ascii": (logged_in(f"{CANARY_TOKEN}\xe9"), 4),
    "token_with_an_escape": (logged_in(f"{CANARY_TOKEN}\x1b[31m"), 4),
    "token_of_20000_characters": (logged_in("x" * 20000), 4),
    "false": (logged_in(TOKEN, b'{"login":"false"}'), 4),
    "really_false": (logged_in(TOKEN, b'{"login": false}'), 4),
    "html": (by_name("body_html").script, 4),
    "refused_401": ([answer(401)], 4),
    "refused_403": ([answer(403)], 4),
    "refused_400_echoing_the_password": (
        [answer(400, b'{"message": "bad %b"}' % CANARY_PASSWORD.encode())],
        4,
    ),
    "error_500_echoing_the_password": ([answer(500, b'{"message": "bad %b"}' % CANARY_PASSWORD.encode())], 4),
    **{f"error_{status}": ([answer(status)], 4) for status in (404, 405, 501)},
    "single_sign_on": (by_name("redirect_302_sso").script, 4),
    "redirect_307": (by_name("redirect_307_other_host").script, 4),
    "redirect_308": (by_name("redirect_308_half_an_address").script, 4),
    "reset": ([Reset()], 6),
    "end": ([Close()], 6),
    "502": ([answer(502)], 6),
    "503": ([answer(503)], 6),
    "silent": (by_name("silent").script, 6),
    "dripped_headers": (by_name("dripped_headers").script, 6),
    "dripped_body": (by_name("dripped_body").script, 6),
    "gzip_bomb": (by_name("gzip_bomb").script, 6),
}
_SLOW = ("silent", "dripped_headers", "dripped_body")


def test_login_that_goes_wrong_sends_nothing_else(tmp_path: Path) -> None:
    def log_in(kind: type[StrictProgram], name: str) -> None:
        script, code = _LOGINS[name]
        with FaultServer([script]) as server:
            program = kind(tmp_path, server.url, **_USER).hurried(name in _SLOW)
            program("peer", "stop", "AP1", code=code)
            assert server.sent() == ["POST /baocdp/rest/login HTTP/1.1"]

    together({name: partial(log_in, StrictProgram, name) for name in _SLOW})
    quick = [name for name in _LOGINS if name not in _SLOW]
    together({name: partial(log_in, StrictInProcess, name) for name in quick}, at_a_time=1)


@pytest.mark.parametrize("body", [b'{"login":"tr', b"[" * 100_000, b"OK", b"\xff\xfe", b""])
def test_login_with_a_token_and_any_other_body_is_a_login(body: bytes, tmp_path: Path) -> None:
    good = healthy()

    def behave(seen: Seen) -> Script:
        return logged_in(TOKEN, body) if seen.target.endswith("/login") else good(seen)

    with FaultServer(behave) as server:
        StrictInProcess(tmp_path, server.url, **_USER)("peer", "stop", "AP1", code=0)
        assert logins(server) == 1


@pytest.mark.parametrize("token", [TOKEN, _LONG, "same"], ids=["short", "1500_characters", "twice_the_same"])
def test_login_that_works_is_used_without_its_cookies(token: str, tmp_path: Path) -> None:
    good = healthy(token)
    cookies = f"JSESSIONID=stale; Path=/\r\nSet-Cookie: {_NAME}=stale" + (
        f"\r\n{_NAME}: same" if token == "same" else ""
    )

    def behave(seen: Seen) -> Script:
        login = seen.target.endswith("/login")
        return logged_in(token, cookies=cookies) if login else good(seen)

    with FaultServer(behave) as server:
        StrictProgram(tmp_path, server.url, **_USER)("peer", "stop", "AP1", code=0)
        assert [line.split(" ")[:2] for line in server.sent("PUT", "POST")] == [
            ["POST", "/baocdp/rest/login"],
            ["PUT", "/baocdp/rest/peer/AP1/stop"],
            ["POST", "/baocdp/rest/logout"],
        ]
        assert {seen.headers["authentication-token"] for seen in server.requests[1:]} == {token}
        assert not any("cookie" in seen.headers for seen in server.requests)


@pytest.mark.parametrize(
    "token", ["line\nend", "carriage\rreturn", "blank in it", "caf\xe9-token", "euro\u20ac-token"]
)
def test_token_that_no_header_can_carry_is_sent_nowhere(token: str, tmp_path: Path) -> None:
    with FaultServer(healthy()) as server:
        run = StrictInProcess(tmp_path, server.url, CDPCTL_TOKEN=token)("peer", "stop", "AP1", code=4)
        assert server.connections == 0
    assert problems(run, (token, repr(token)[1:-1])) == []


def _kept(program: StrictProgram, server: FaultServer) -> None:
    """Log in for later runs, and clear the server's journal."""
    program(
        "login",
        server.url,
        "--username",
        "operator",
        "--password-stdin",
        "--token-store",
        "file",
        stdin=CANARY_PASSWORD.encode(),
        code=0,
    )
    server.requests.clear()


def _profiled(home: Path) -> StrictProgram:
    return StrictInProcess(home, CDPCTL_TOKEN="", CDPCTL_PASSWORD=CANARY_PASSWORD)


def test_expired_token_is_renewed_once_and_the_stop_goes_out_once(tmp_path: Path) -> None:
    grids = [healthy("first-token-0123456789"), healthy("second-token-0123456789")]

    def behave(seen: Seen) -> Script:
        return grids[0](seen)

    with FaultServer(behave) as server:
        program = _profiled(tmp_path)
        _kept(program, server)
        del grids[0]
        program("peer", "stop", "AP1", code=0)
        assert logins(server) == 1
        assert len(server.sent("PUT")) == 1


def test_token_that_expires_before_the_stop_is_renewed_and_the_stop_made_again(tmp_path: Path) -> None:
    first, second = healthy("first-token-0123456789"), healthy("second-token-0123456789")

    def behave(seen: Seen) -> Script:
        return second(seen) if server.sent("PUT") else first(seen)

    with FaultServer(behave) as server:
        program = _profiled(tmp_path)
        _kept(program, server)
        program("peer", "stop", "AP1", code=0)
        assert logins(server) == 1
        # After a 401 the request is repeated once: it was not carried out.
        assert len(server.sent("PUT")) == 2


def test_token_refused_for_ever_costs_one_login(tmp_path: Path) -> None:
    good = healthy()
    with FaultServer(lambda seen: good(seen) if seen.target.endswith("/login") else [answer(401)]) as server:
        program = _profiled(tmp_path)
        _kept(program, server)
        program("peer", "stop", "AP1", code=4)
        assert logins(server) == 1
        assert server.sent("PUT") == []


def test_fresh_login_that_is_refused_is_not_repeated(tmp_path: Path) -> None:
    good = healthy()
    with FaultServer(lambda seen: good(seen) if seen.target.endswith("/login") else [answer(401)]) as server:
        run = StrictInProcess(tmp_path, server.url, **_USER)("peer", "stop", "AP1", code=4)
        assert logins(server) == 1
        assert server.sent("PUT") == []
    assert "that it had just issued" in run.document["error"]["message"]


def test_token_of_the_environment_is_not_replaced_by_a_login(tmp_path: Path) -> None:
    with FaultServer(healthy("another-token-0123456789")) as server:
        program = StrictInProcess(
            tmp_path, server.url, CDPCTL_USERNAME="operator", CDPCTL_PASSWORD=CANARY_PASSWORD
        )
        program("peer", "stop", "AP1", code=4)
        assert logins(server) == 0


def test_forbidden_stop_is_neither_repeated_nor_followed_by_a_login(tmp_path: Path) -> None:
    good = healthy()
    with FaultServer(lambda seen: [answer(403)] if seen.method == "PUT" else good(seen)) as server:
        StrictInProcess(tmp_path, server.url, **_USER)("peer", "stop", "AP1", code=9)
        assert len(server.sent("PUT")) == 1
        assert logins(server) == 1
