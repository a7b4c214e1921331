"""The embedded grid with odd, hostile and slow clients, over raw sockets."""

import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from cdpctl.sandbox import protocol
from cdpctl.sandbox.cdp import Conduct
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox

pytestmark = pytest.mark.loopback
_READ = "GET /baocdp/rest/info/peer"


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Grid(default_peers(), 0.0, 0.0)) as running:
        yield running


def exchange(sandbox: Sandbox, data: bytes, *, then: bytes = b"") -> bytes:
    """Send bytes, and `then` after the first answer. Return everything received."""
    with socket.create_connection(("127.0.0.1", sandbox.port), timeout=20) as sock:
        sock.sendall(data)
        answer = b""
        while piece := sock.recv(65536):
            answer += piece
            if then:
                sock.sendall(then)
                then = b""
    return answer


def status(answer: bytes) -> int:
    return int(answer.split(b" ", 2)[1])


def request(line: str, *headers: str, body: bytes = b"", host: str = "127.0.0.1") -> bytes:
    lines = [f"{line} HTTP/1.1", f"Host: {host}", "Connection: close", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def logged_in(sandbox: Sandbox) -> str:
    body = f'{{"username": "{sandbox.username}", "password": "{sandbox.password}"}}'.encode()
    token = sandbox.sessions.log_in(body)
    assert isinstance(token, str)
    return f"Authentication-Token: {token}"


@pytest.mark.parametrize(
    "host",
    ["cdp.example.com", "127.0.0.1.example.com", "localhost.example.com:80", "", "0.0.0.0", "10.0.0.1:80"],
)
def test_another_host_name_is_refused(sandbox: Sandbox, host: str) -> None:
    assert status(exchange(sandbox, request(_READ, logged_in(sandbox), host=host))) == 421


@pytest.mark.parametrize("host", ["127.0.0.1:1", "localhost", "LOCALHOST:8080", "[::1]:80", "127.0.0.2"])
def test_loopback_names_are_served(sandbox: Sandbox, host: str) -> None:
    assert status(exchange(sandbox, request(_READ, logged_in(sandbox), host=host))) == 200


def test_absolute_target_of_another_host_is_refused(sandbox: Sandbox) -> None:
    line = "GET http://cdp.example.com/baocdp/rest/peer"
    assert status(exchange(sandbox, request(line, logged_in(sandbox)))) == 421


@pytest.mark.parametrize(
    "head",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: localhost\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: [::1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: \xb2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n0\r\n\r\n",
        b"nonsense\r\n\r\n",
    ],
)
def test_doubtful_framing_is_a_bad_request(sandbox: Sandbox, head: bytes) -> None:
    assert status(exchange(sandbox, head)) == 400


def test_unknown_coding_and_method_are_not_implemented(sandbox: Sandbox) -> None:
    assert status(exchange(sandbox, request("POST /", "Transfer-Encoding: gzip, chunked"))) == 501
    assert status(exchange(sandbox, request("BREW /"))) == 501


def test_login_of_brackets_is_a_bad_request(sandbox: Sandbox) -> None:
    body = b"[" * 200_000
    data = request("POST /baocdp/rest/login", f"Content-Length: {len(body)}", body=body)
    assert status(exchange(sandbox, data)) == 400


@pytest.mark.parametrize("declared", [16 * 1024 * 1024 + 1, 150_000_000, 10**30])
def test_body_is_bounded(sandbox: Sandbox, declared: int) -> None:
    data = request("POST /baocdp/rest/login", f"Content-Length: {declared}")
    assert status(exchange(sandbox, data)) == 413
    assert sandbox.journal[-1].body == b""


@pytest.mark.parametrize("framing", ["Content-Length: 300000", "Transfer-Encoding: chunked"])
def test_long_body_of_an_expired_session_is_unauthorized(sandbox: Sandbox, framing: str) -> None:
    token = logged_in(sandbox)
    sandbox.sessions.end_all()
    body = b" " * 300_000
    if "chunked" in framing:
        body = b"493e0\r\n" + body + b"\r\n0\r\n\r\n"
    data = request("POST /baocdp/rest/peer/stop", token, framing, body=body)
    assert status(exchange(sandbox, data)) == 401


def test_chunks_are_bounded(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_MOST_BYTES", 256 * 1024)
    piece = b"8000\r\n" + b"a" * 0x8000 + b"\r\n"
    data = request("POST /baocdp/rest/login", "Transfer-Encoding: chunked", body=piece * 9)
    assert status(exchange(sandbox, data)) == 413


def test_body_may_be_long(sandbox: Sandbox) -> None:
    body = b" " * 1_000_000 + b'{"peers": [{"name": "AP1"}]}'
    data = request(
        "POST /baocdp/rest/peer/stop", logged_in(sandbox), f"Content-Length: {len(body)}", body=body
    )
    assert status(exchange(sandbox, data)) == 204


def test_expected_continue_comes_before_the_body(sandbox: Sandbox) -> None:
    body = b'{"peers": [{"name": "AP1"}]}'
    headers = (logged_in(sandbox), "Expect: 100-continue", f"Content-Length: {len(body)}")
    answer = exchange(sandbox, request("POST /baocdp/rest/peer/stop", *headers), then=body)
    assert answer.startswith(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 ")


@pytest.mark.parametrize("ending", ["0\r\n\r\n", "0;a=b\r\nX-Trailer: 1\r\n\r\n"])
def test_chunked_body_is_read(sandbox: Sandbox, ending: str) -> None:
    body = b'{"peers": \r\n[{"name": "AP1"}]}'
    chunks = b"".join(b"%x;x\r\n%b\r\n" % (len(piece), piece) for piece in (body[:10], body[10:]))
    data = request(
        "POST /baocdp/rest/peer/stop",
        logged_in(sandbox),
        "transfer-ENCODING: Chunked",
        body=chunks + ending.encode(),
    )
    assert status(exchange(sandbox, data)) == 204
    assert sandbox.journal[-1].body == body


def test_head_has_no_body_and_options_name_the_methods(sandbox: Sandbox) -> None:
    head = exchange(sandbox, request("HEAD /baocdp/rest/info/peer", logged_in(sandbox)))
    read = exchange(sandbox, request(_READ, logged_in(sandbox)))
    assert head.endswith(b"\r\n\r\n")
    length = len(read.partition(b"\r\n\r\n")[2])
    assert f"Content-Length: {length}".encode() in head
    assert b"Content-Type: application/json;charset=UTF-8" in head
    options = exchange(sandbox, request("OPTIONS /baocdp/rest/peer"))
    assert status(options) == 200
    assert b"Allow: GET, HEAD, PUT, POST, DELETE, OPTIONS" in options


def test_body_of_a_get_and_cookies_are_fine(sandbox: Sandbox) -> None:
    headers = (
        logged_in(sandbox).lower().split(":")[0] + ":" + logged_in(sandbox).split(":")[1],
        "Cookie: a=b",
    )
    answer = exchange(sandbox, request(_READ, *headers, "Content-Length: 2", body=b"{}"))
    assert status(answer) == 200


def test_answers_come_in_chunks_on_request() -> None:
    with Sandbox(Grid(default_peers(50)), conduct=Conduct(chunked=True)) as sandbox:
        answer = exchange(sandbox, request(_READ, logged_in(sandbox)))
        assert b"Transfer-Encoding: chunked" in answer
        assert b"Content-Length" not in answer
        assert answer.endswith(b"\r\n0\r\n\r\n")
        empty = exchange(sandbox, request("PUT /baocdp/rest/peer/AP1/stop", logged_in(sandbox)))
        assert b"chunked" not in empty


@pytest.mark.parametrize(
    "beginning",
    [b"", b"GET /baocdp", b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"],
    ids=["nothing", "half_a_head", "half_a_body"],
)
def test_slow_client_is_let_go(sandbox: Sandbox, beginning: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol.Handler, "timeout", 0.3)
    monkeypatch.setattr(protocol, "_LAST_SECONDS", 0.1)
    answer = exchange(sandbox, beginning)
    assert not answer or status(answer) == 408


def test_connections_beyond_the_limit_are_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(protocol, "_MOST_CONNECTIONS", 2)
    with Sandbox(Grid(default_peers())) as sandbox:
        held = [socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) for _ in range(2)]
        try:
            for sock in held:
                sock.sendall(request(_READ).replace(b"Connection: close\r\n", b""))
                assert sock.recv(12) == b"HTTP/1.1 401"
            with socket.create_connection(("127.0.0.1", sandbox.port), timeout=10) as third:
                assert third.recv(1) == b""
        finally:
            for sock in held:
                sock.close()


def test_many_clients_are_served_side_by_side(sandbox: Sandbox) -> None:
    token = logged_in(sandbox)
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda _: exchange(sandbox, request(_READ, token)), range(64)))
    assert {status(each) for each in answers} == {200}
