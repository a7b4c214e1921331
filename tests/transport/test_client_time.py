"""The transport and time: retries, their pauses, and the deadline."""

import socket
import threading

import pytest

from cdpctl.deadline import Deadline
from cdpctl.errors import DeadlineError, LostAnswerError, NoConnectionError, UnreachableError
from tests.support.fault_server import (
    Close,
    FaultServer,
    Hold,
    Repeat,
    Reset,
    Script,
    Seen,
    closed_port,
    unanswering_port,
)
from tests.support.transport import AUTH, Messages, transport_for
from tests.support.wire_grid import answer

pytestmark = pytest.mark.loopback

_OK: Script = [answer(200, b"{}")]
_BUSY: Script = [answer(503)]


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Replace the pauses between tries by a list of them."""
    kept: list[float] = []
    monkeypatch.setattr("cdpctl.transport.client.sleep", kept.append)
    return kept


@pytest.mark.parametrize("first", [[Reset()], [Close()], [answer(502)], _BUSY, [answer(504)], [answer(429)]])
def test_read_is_tried_again_after_what_may_pass(first: Script, pauses: list[float]) -> None:
    with FaultServer([first, first, _OK]) as server:
        assert transport_for(server.url).send("GET", "/peer").status == 200
    assert len(server.sent()) == 3
    assert pauses == [0.15, 0.35]


def test_read_gives_up_after_three_tries(pauses: list[float]) -> None:
    with FaultServer([_BUSY]) as server:
        assert transport_for(server.url).send("GET", "/peer").status == 503
    assert len(server.sent()) == 3


@pytest.mark.parametrize("status", [400, 401, 403, 404, 500, 501])
def test_read_is_not_repeated_after_a_plain_no(status: int) -> None:
    with FaultServer([[answer(status)]]) as server:
        assert transport_for(server.url).send("GET", "/peer").status == status
    assert len(server.sent()) == 1


def test_read_that_times_out_is_tried_once_more(pauses: list[float]) -> None:
    with FaultServer([[Hold()]]) as server, pytest.raises(UnreachableError, match=r"nothing came for 0\.2 s"):
        transport_for(server.url, read_timeout=0.2).send("GET", "/peer")
    assert len(server.sent()) == 2


def test_retry_after_is_heeded_up_to_a_limit(pauses: list[float]) -> None:
    scripts: list[Script] = [
        [answer(503, headers={"Retry-After": "2"})],
        [answer(503, headers={"Retry-After": "9000"})],
    ]
    with FaultServer([*scripts, _OK]) as server:
        assert transport_for(server.url, seconds=60).send("GET", "/peer").status == 200
    assert pauses == [2.0, 5.0]


def test_retry_after_that_would_pass_the_deadline_ends_the_tries(pauses: list[float]) -> None:
    with FaultServer([[answer(503, headers={"Retry-After": "100000"})]]) as server:
        assert transport_for(server.url, seconds=3).send("GET", "/peer").status == 503
    assert pauses == []
    assert len(server.sent()) == 1


@pytest.mark.parametrize("first", [[Reset()], [Close()]])
def test_send_that_may_have_arrived_is_not_repeated(first: Script, pauses: list[float]) -> None:
    with FaultServer([first, _OK]) as server:
        with pytest.raises(LostAnswerError):
            transport_for(server.url).send("PUT", "/peer/AP1/stop")
        assert len(server.sent()) == 1
    assert pauses == []


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_send_that_was_answered_is_not_repeated(status: int, pauses: list[float]) -> None:
    with FaultServer([[answer(status)], _OK]) as server:
        assert transport_for(server.url).send("PUT", "/peer/AP1/stop").status == status
    assert len(server.sent()) == 1
    assert pauses == []


def test_refused_connection_is_tried_again_even_for_a_send(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[float] = []
    with FaultServer([_OK]) as server:
        true = socket.socket.connect

        def connect(sock: socket.socket, address: tuple[str, int]) -> None:
            tries.append(0)
            if len(tries) < 3:
                raise ConnectionRefusedError
            true(sock, address)

        monkeypatch.setattr(socket.socket, "connect", connect)
        assert transport_for(server.url).send("PUT", "/peer/AP1/stop").status == 200
    assert len(tries) == 3
    assert len(server.sent()) == 1


@pytest.mark.parametrize("seconds", [5.0, None])
def test_refused_connection_ends_after_three_tries(seconds: float | None, pauses: list[float]) -> None:
    port = closed_port()
    with pytest.raises(UnreachableError) as caught:
        transport_for(f"http://127.0.0.1:{port}/baocdp", seconds=seconds).send("PUT", "/peer/AP1/stop")
    assert f"cannot connect to 127.0.0.1:{port}: connection refused; nothing was sent" == caught.value.message
    assert len(pauses) == 2


def test_reset_on_a_kept_alive_connection_is_a_lost_answer_for_a_send() -> None:
    def behave(seen: Seen) -> Script:
        return _OK if seen.number == 0 else [Reset()]

    with FaultServer(behave) as server:
        transport = transport_for(server.url)
        transport.send("GET", "/info/peer")
        with pytest.raises(LostAnswerError):
            transport.send("PUT", "/peer/AP1/stop")
        assert transport.send("GET", "/info/peer").status == 200
    assert len(server.sent("PUT")) == 1


def test_connection_that_the_server_closed_is_replaced_before_anything_is_sent() -> None:
    closed = threading.Event()

    def behave(seen: Seen) -> Script:
        if seen.method == "GET":
            closed.set()
            return [*_OK, Close()]
        return _OK

    with FaultServer(behave) as server:
        transport = transport_for(server.url)
        transport.send("GET", "/info/peer")
        closed.wait(5)
        # The FIN follows the answer at once; loopback delivers both in order.
        _until_closed(transport)
        assert transport.send("PUT", "/peer/AP1/stop").status == 200
    assert server.connections == 2


def _until_closed(transport: object) -> None:
    connection = transport._adapter.pool.pool.queue[-1]  # type: ignore[attr-defined]
    connection.sock.settimeout(5)
    assert connection.sock.recv(1, socket.MSG_PEEK) == b""


@pytest.mark.parametrize(
    "first",
    [
        [b"HTTP/1.1 204 No Content\r\nContent-Length: 23\r\n\r\n", answer(200, b"false")],
        [b"HTTP/1.1 204 No Content\r\n\r\n" + answer(200, b"false")],
        [b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfalse\r\n0\r\n\r\n"],
        [answer(200, b"{}") + answer(200, b"false")],
    ],
)
def test_bytes_beyond_an_answer_are_not_taken_for_the_next(first: Script) -> None:
    with FaultServer([first, [answer(200, b"true")]]) as server:
        transport = transport_for(server.url)
        transport.send("PUT", "/peer/AP1/stop")
        assert transport.send("PUT", "/peer/AP2/stop").body == b"true"


def test_transfer_encoding_of_older_servers_that_changes_nothing_is_taken() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: Identity\r\nContent-Length: 4\r\n\r\n"
    with FaultServer([[head + b"true"]]) as server:
        assert transport_for(server.url).send("GET", "/peer").body == b"true"


def test_chunk_of_a_negative_size_ends_the_answer_at_once() -> None:
    chunked = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n{}\r\n"
    with FaultServer([[chunked, Hold()]]) as server:
        transport = transport_for(server.url, seconds=60, read_timeout=30)
        with pytest.raises(LostAnswerError, match="the size of a chunk is not valid"):
            transport.send("PUT", "/peer/AP1/stop")


def test_idle_connection_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer([_OK]) as server:
        transport = transport_for(server.url)
        transport.send("GET", "/info/peer")
        monkeypatch.setattr("cdpctl.transport.exchange._MAX_IDLE_SECONDS", 0.0)
        transport.send("PUT", "/peer/AP1/stop")
    assert server.connections == 2


def test_deadline_that_has_passed_sends_nothing() -> None:
    with FaultServer([_OK]) as server:
        transport = transport_for(server.url, seconds=0.0)
        with pytest.raises(DeadlineError):
            transport.send("PUT", "/peer/AP1/stop")
        with pytest.raises(DeadlineError):
            transport.send("GET", "/peer")
        assert server.connections == 0


def test_earlier_deadline_of_a_call_ends_it() -> None:
    with FaultServer([[b"HTTP/1.1 200 OK\r\nX: ", Repeat(b"a", 0.02)]]) as server:
        transport = transport_for(server.url, seconds=60)
        with pytest.raises(LostAnswerError, match=r"by the deadline of 0\.7 s"):
            transport.send("PUT", "/peer/AP1/stop", deadline=Deadline(0.7))


def test_logout_is_possible_after_the_deadline_of_the_run() -> None:
    with FaultServer([_OK]) as server:
        transport = transport_for(server.url, seconds=0.0)
        assert transport.send("POST", "/logout", deadline=Deadline(60)).status == 200


def test_connection_that_nobody_answers_ends_with_the_connect_timeout() -> None:
    with (
        unanswering_port() as port,
        pytest.raises(UnreachableError, match=r"no answer within 0\.2 s; nothing was sent"),
    ):
        transport_for(f"http://127.0.0.1:{port}/baocdp", connect_timeout=0.2).send("PUT", "/peer/AP1/stop")


@pytest.mark.parametrize(("seconds", "error"), [(60.0, NoConnectionError), (0.2, DeadlineError)])
def test_name_lookup_that_hangs_ends(
    seconds: float, error: type[Exception], monkeypatch: pytest.MonkeyPatch
) -> None:
    ending = threading.Event()
    true = socket.getaddrinfo

    def look_up(host: str, *args: int, **flags: int) -> object:
        if flags.get("flags"):
            return true(host, *args, **flags)
        ending.wait(10)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(error) as caught:
        transport_for("http://cdp.invalid:1/baocdp", seconds=seconds, connect_timeout=0.3).send(
            "PUT", "/peer"
        )
    ending.set()
    assert type(caught.value) is error


def test_second_address_is_tried_where_the_first_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer([_OK]) as server:
        found = [
            (socket.AF_INET6, socket.SOCK_STREAM, 6, "", ("::1", closed_port(), 0, 0)),
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", server.port)),
        ]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        assert transport_for(f"http://cdp.invalid:{server.port}/baocdp").send("GET", "/peer").status == 200


def test_receiver_that_reads_nothing_cannot_stretch_the_sending() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/baocdp"
        with pytest.raises(LostAnswerError):
            transport_for(url, seconds=1.5).send("POST", "/peer/stop", body=b" " * 30_000_000)


def test_decisions_are_traced(pauses: list[float]) -> None:
    messages = Messages()
    with FaultServer([_BUSY, [Close()], _OK]) as server:
        transport_for(server.url, messages=messages).send("GET", "/peer", auth=AUTH)
    assert "1 GET /peer: 503; trying again in 0.15 s" in messages
    assert "1 GET /peer: closed; trying again in 0.35 s" in messages


def test_handshake_that_is_broken_off_is_tried_again_and_named(pauses: list[float]) -> None:
    messages = Messages()
    with FaultServer([], greeting=[Close()]) as server:
        transport = transport_for(server.url.replace("http:", "https:"), messages=messages)
        with pytest.raises(UnreachableError, match="TLS handshake"):
            transport.send("PUT", "/peer/AP1/stop")
    assert [text for text in messages if "trying again" in text] == [
        f"1 PUT /peer/AP1/stop: closed; trying again in {pause} s" for pause in (0.15, 0.35)
    ]
