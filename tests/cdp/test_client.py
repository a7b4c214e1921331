"""The client's methods: each call has the token, which is renewed once after a 401."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import cast

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.cdp.client import CdpClient
from cdpctl.credentials.manager import Credentials
from cdpctl.credentials.token import Token
from cdpctl.deadline import Deadline
from cdpctl.errors import (
    AuthError,
    CdpctlError,
    LostAnswerError,
    NoConnectionError,
    NotFoundError,
    TokenRefusedError,
    UnreachableError,
)
from cdpctl.redact import redactor
from cdpctl.transport.client import Transport
from tests.support.fault_server import Close, FaultServer, Script, Seen, closed_port
from tests.support.strategies import OVER_SOCKETS, answers, end_of
from tests.support.transport import TOKEN, transport_for
from tests.support.wire_grid import TOKEN as TOKEN_OF_GRID
from tests.support.wire_grid import healthy

_URL = "https://cdp.example.com:38080/baocdp"
_REST = f"{_URL}/rest"
_SUCCESS = {"response": "Success"}


class _Credentials:
    """Returns tokens in turn, the next one after each refusal."""

    def __init__(self, *tokens: Token) -> None:
        self._tokens = list(tokens)
        self.to_log_out: Token | None = None
        self.refused: list[str] = []

    def obtain(self) -> Token:
        return self._tokens.pop(0)

    def renew(self, refused: Token) -> Token:
        self.refused.append(refused.value)
        return self.obtain()


def client(*tokens: Token) -> tuple[CdpClient, _Credentials]:
    """Return a client with credentials that give these tokens."""
    cdp, credentials = CdpClient(transport_for(_URL)), _Credentials(*tokens)
    cdp.use(cast(Credentials, credentials))
    return cdp, credentials


def sent() -> list[str]:
    """Return the requests as `METHOD path token body`."""
    return [
        " ".join(
            [
                f"{call.request.method} {(call.request.url or '').removeprefix(_REST)}",
                call.request.headers.get("Authentication-Token", "-"),
                *([call.request.body.decode()] if isinstance(call.request.body, bytes) else []),
            ]
        )
        for call in responses.calls
    ]


@responses.activate
def test_each_call_has_a_method_and_carries_the_token() -> None:
    responses.get(f"{_REST}/info/peer", json={"peerInfoList": [{"name": "AP1"}]})
    responses.get(f"{_REST}/peer", json=[{"name": "AP1"}])
    responses.get(f"{_REST}/peer/AP1", json=[{"name": "AP1", "type": "AP"}])
    for verb in ("stop", "start"):
        responses.put(f"{_REST}/peer/AP1/{verb}", json=_SUCCESS)
        responses.post(f"{_REST}/peer/{verb}", status=204)
    responses.put(f"{_REST}/peer", status=202)
    responses.delete(f"{_REST}/peer/AP1", status=204)
    cdp, _ = client(Token("t1", "file"))
    for found in (cdp.list_peer_info(), cdp.list_peers()):
        assert found is not None
        assert [peer.name for peer in found.peers] == ["AP1"]
    assert cdp.get_peer("AP1") == {"name": "AP1", "type": "AP"}
    accepted = [
        cdp.stop("AP1"),
        cdp.start("AP1"),
        cdp.stop_many(["AP1"]),
        cdp.start_many(["AP1"]),
        cdp.update([{"name": "AP1", "description": "x"}]),
        cdp.delete("AP1"),
    ]
    assert [each.http_status for each in accepted] == [200, 200, 204, 204, 202, 204]
    many = '{"peers": [{"name": "AP1"}]}'
    assert sent() == [
        "GET /info/peer t1",
        "GET /peer t1",
        "GET /peer/AP1 t1",
        "PUT /peer/AP1/stop t1",
        "PUT /peer/AP1/start t1",
        f"POST /peer/stop t1 {many}",
        f"POST /peer/start t1 {many}",
        'PUT /peer t1 {"peers": [{"name": "AP1", "description": "x"}]}',
        "DELETE /peer/AP1 t1",
    ]


@responses.activate
@pytest.mark.parametrize("status", [404, 405, 501])
def test_list_that_a_version_does_not_serve_is_none(status: int) -> None:
    responses.get(f"{_REST}/peer", status=status)
    cdp, _ = client(Token("t1", "file"))
    assert cdp.list_peers() is None


@responses.activate
def test_refused_token_is_renewed_once_and_the_call_made_again() -> None:
    responses.put(f"{_REST}/peer/AP1/stop", status=401)
    responses.put(f"{_REST}/peer/AP1/stop", status=204)
    cdp, credentials = client(Token("old", "keyring"), Token("new", "login"))
    assert cdp.stop("AP1").http_status == 204
    assert sent() == ["PUT /peer/AP1/stop old", "PUT /peer/AP1/stop new"]
    assert credentials.refused == ["old"]


@responses.activate
def test_renewed_token_that_is_refused_too_ends_the_call() -> None:
    responses.put(f"{_REST}/peer/AP1/stop", status=401)
    cdp, credentials = client(Token("old", "keyring"), Token("new", "login"), Token("never", "login"))
    with pytest.raises(AuthError, match="just issued"):
        cdp.stop("AP1")
    assert len(responses.calls) == 2
    assert credentials.refused == ["old"]


@responses.activate
def test_fresh_login_that_is_refused_is_not_renewed() -> None:
    responses.get(f"{_REST}/peer", status=401)
    cdp, credentials = client(Token("new", "login"), Token("never", "login"))
    with pytest.raises(AuthError, match="just issued"):
        cdp.list_peers()
    assert credentials.refused == []


@responses.activate
@pytest.mark.parametrize("status", [502, 504])
def test_change_that_a_gateway_gave_up_on_is_a_lost_answer(status: int) -> None:
    responses.put(f"{_REST}/peer/AP1/stop", status=status)
    with pytest.raises(LostAnswerError, match=f"stop AP1: the server answered {status}") as caught:
        client(Token("t1", "file"))[0].stop("AP1")
    assert caught.value.http_status == status
    assert len(responses.calls) == 1


@responses.activate
def test_token_of_another_run_that_is_refused_too_ends_the_call() -> None:
    responses.get(f"{_REST}/peer", status=401)
    cdp, credentials = client(Token("old", "keyring"), Token("other", "file"), Token("never", "login"))
    with pytest.raises(AuthError):
        cdp.list_peers()
    assert credentials.refused == ["old"]


@responses.activate
def test_own_session_that_ends_in_the_middle_is_renewed() -> None:
    responses.get(f"{_REST}/peer", json=[])
    responses.get(f"{_REST}/peer", status=401)
    responses.get(f"{_REST}/peer", json=[])
    cdp, credentials = client(Token("first", "login"), Token("second", "login"))
    cdp.list_peers()
    cdp.list_peers()
    assert credentials.refused == ["first"]


@responses.activate
def test_given_token_is_used_as_it_is() -> None:
    responses.get(f"{_REST}/peer", status=401)
    cdp, credentials = client(Token("unused", "file"))
    with pytest.raises(TokenRefusedError):
        cdp.with_token(Token("given", "CDPCTL_TOKEN")).list_peers()
    with pytest.raises(TokenRefusedError):
        cdp.with_token(None).list_peers()
    assert sent() == ["GET /peer given", "GET /peer -"]
    assert credentials.refused == []


@responses.activate
def test_login_returns_the_token_of_the_header() -> None:
    responses.post(f"{_REST}/login", json={"login": "true"}, headers={"Authentication-Token": "t/1=="})
    cdp, _ = client()
    assert cdp.login("ann", "pw") == "t/1=="
    assert sent() == ['POST /login - {"username": "ann", "password": "pw"}']


@responses.activate
def test_login_without_an_answer_left_nothing_open() -> None:
    responses.post(f"{_REST}/login", status=502)
    cdp, _ = client()
    with pytest.raises(UnreachableError):
        cdp.login("ann", "pw")
    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize("status", [200, 204, 401, 500])
def test_close_logs_out_once_whatever_the_server_says(status: int) -> None:
    responses.post(f"{_REST}/logout", status=status)
    cdp, credentials = client()
    credentials.to_log_out = Token("own", "login")
    cdp.close()
    cdp.close()
    assert sent() == ["POST /logout own"]


@responses.activate
def test_logout_that_is_refused_is_an_error() -> None:
    responses.post(f"{_REST}/logout", status=404)
    with pytest.raises(NotFoundError):
        client()[0].logout(Token("own", "login"))


@responses.activate
@pytest.mark.parametrize("status", [200, 404, 500, 502])
def test_raw_call_returns_any_answer(status: int) -> None:
    responses.post(f"{_REST}/x", status=status, body=json.dumps([1]))
    answer = client(Token("t1", "file"))[0].raw("POST", "/x", b"{}")
    assert (answer.status, answer.body) == (status, b"[1]")
    assert sent() == ["POST /x t1 {}"]


@responses.activate
def test_change_is_noted_before_it_leaves_and_a_read_is_not() -> None:
    noted: dict[str, None] = {}
    seen: list[list[str]] = []

    def answer(_request: object) -> tuple[int, dict[str, str], str]:
        seen.append(list(noted))
        return 500, {}, ""

    responses.add_callback("PUT", f"{_REST}/peer/AP1/stop", answer)
    responses.get(f"{_REST}/peer", json=[])
    responses.add_callback("GET", f"{_REST}/x", answer)
    cdp = CdpClient(transport_for(_URL), token=Token("given", "CDPCTL_TOKEN"), sent=noted)
    cdp.list_peers()
    cdp.raw("GET", "/x", None)
    assert noted == {}
    with pytest.raises(CdpctlError):
        cdp.stop("AP1")
    cdp.raw("GET", "/x", b"{}")
    assert seen == [[], ["stop AP1"], ["stop AP1", "GET /x"]]


@responses.activate
def test_list_may_be_long_and_the_answer_to_a_change_may_not() -> None:
    names = [f"AP{number}-{'x' * 200}" for number in range(6000)]
    peers = [{"name": name} for name in names]
    responses.get(f"{_REST}/peer", json=peers)
    responses.get(f"{_REST}/info/peer", json={"peerInfoList": peers})
    responses.get(f"{_REST}/peer/AP1", json={"name": "AP1", "text": "x" * 1_200_000})
    responses.put(f"{_REST}/peer/AP1/stop", json={"response": "Success", "text": "x" * 1_000_000})
    responses.put(f"{_REST}/peer/AP2/stop", json={"response": "Success", "text": "x" * 1_100_000})
    cdp, _ = client(Token("t1", "file"))
    for found in (cdp.list_peers(), cdp.list_peer_info()):
        assert found is not None
        assert [peer.name for peer in found.peers] == names
    assert len(cdp.get_peer("AP1")["text"]) == 1_200_000
    assert len(cdp.raw("GET", "/peer/AP1", None).body) > 1_200_000
    assert cdp.stop("AP1").http_status == 200
    with pytest.raises(CdpctlError):
        cdp.stop("AP2")


@responses.activate
@pytest.mark.parametrize("close_first", [False, True])
def test_client_without_a_token_logs_in_until_it_is_closed(close_first: bool) -> None:
    responses.get(f"{_REST}/peer", json=[])
    cdp, _ = client(Token("t1", "login"))
    if close_first:
        cdp.close()
    cdp.ensure_token()
    cdp.ensure_token()
    cdp.list_peers()
    assert sent() == ["GET /peer -" if close_first else "GET /peer t1"]


@responses.activate
def test_token_that_is_refused_after_the_end_is_not_renewed() -> None:
    responses.get(f"{_REST}/peer", status=401)
    cdp, credentials = client(Token("old", "keyring"), Token("never", "login"))
    cdp.ensure_token()
    cdp.close()
    with pytest.raises(TokenRefusedError):
        cdp.list_peers()
    assert credentials.refused == []


@responses.activate
def test_tokens_of_the_run_are_masked() -> None:
    responses.get(f"{_REST}/peer", status=401)
    responses.get(f"{_REST}/peer", json=[])
    cdp, _ = client(Token("first-token", "keyring"), Token("second-token", "login"))
    cdp.list_peers()
    assert redactor.mask("first-token second-token") == "***** *****"


@responses.activate
def test_refusal_of_a_token_is_told_with_its_source() -> None:
    responses.get(f"{_REST}/peer", status=401)
    responses.get(f"{_REST}/peer", json=[])
    said: list[str] = []
    cdp = CdpClient(transport_for(_URL), lambda level, text: said.append(f"{level} {text}"))
    cdp.use(cast(Credentials, _Credentials(Token("old", "keyring"), Token("new", "login"))))
    cdp.list_peers()
    assert said == ["1 the CDP refused the token from keyring (401)"]


@responses.activate
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_refusal_carries_its_status(method: str) -> None:
    responses.add(method, f"{_REST}/x", status=401)
    with pytest.raises(AuthError) as caught:
        client(Token("new", "login"))[0].raw(method, "/x", None)
    assert caught.value.http_status == 401
    with pytest.raises(TokenRefusedError) as refused:
        client()[0].with_token(Token("given", "CDPCTL_TOKEN")).raw(method, "/x", None)
    assert refused.value.http_status == 401


def test_client_with_one_token_has_no_credentials() -> None:
    with pytest.raises(RuntimeError):
        _ = CdpClient(transport_for(_URL), token=Token("given", "CDPCTL_TOKEN")).credentials
    cdp, credentials = client()
    assert cdp.credentials is cast(Credentials, credentials)


@pytest.mark.loopback
def test_login_whose_answer_is_lost_changed_nothing() -> None:
    with FaultServer([[Close()]]) as server:
        cdp = CdpClient(transport_for(server.url))
        with pytest.raises(UnreachableError, match="login: POST /login was sent") as caught:
            cdp.login("ann", "pw")
    assert len(server.sent()) == 1
    assert "cdpctl doctor" in (caught.value.hint or "")


@responses.activate
@pytest.mark.parametrize("status", [404, 405, 500, 501])
def test_login_that_is_answered_with_something_else_says_what_to_check(status: int) -> None:
    responses.post(f"{_REST}/login", status=status)
    with pytest.raises(AuthError, match="cannot log in to cdp") as caught:
        client()[0].login("ann", "pw")
    assert caught.value.http_status == status
    hint = caught.value.hint or ""
    assert ("/baocdp" in hint.partition(_URL)[2]) is (status != 500)
    assert hint.endswith("cdpctl doctor")


@responses.activate
@pytest.mark.parametrize("status", [200, 202, 204, 401])
def test_session_that_has_ended_already_is_logged_out(status: int) -> None:
    responses.post(f"{_REST}/logout", status=status)
    client()[0].logout(Token("own", "login"))
    assert sent() == ["POST /logout own"]


@responses.activate
@pytest.mark.parametrize("status", [502, 504])
def test_login_that_a_gateway_answers_is_told_as_its_status(status: int) -> None:
    responses.post(f"{_REST}/login", status=status)
    with pytest.raises(UnreachableError, match=f"login: the server answered {status}") as caught:
        client()[0].login("ann", "pw")
    assert caught.value.http_status == status


@responses.activate
def test_logout_that_fails_is_told_as_a_decision_and_not_repeated() -> None:
    responses.post(f"{_REST}/logout", status=500)
    said: list[str] = []
    cdp = CdpClient(transport_for(_URL), lambda level, text: said.append(f"{level} {text}"))
    credentials = _Credentials()
    credentials.to_log_out = Token("own", "login")
    cdp.use(cast(Credentials, credentials))
    cdp.close()
    assert [text.partition(":")[0] for text in said] == ["1 logging out failed"]
    assert credentials.to_log_out is None


def test_end_of_a_run_waits_two_seconds_at_most_for_its_logout(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Deadline] = []

    def send(_transport: Transport, method: str, path: str, *, deadline: Deadline, **_: object) -> None:
        given.append(deadline)
        raise UnreachableError("no answer")

    monkeypatch.setattr(Transport, "send", send)
    cdp, credentials = client()
    credentials.to_log_out = Token("own", "login")
    cdp.close()
    assert [deadline.seconds for deadline in given] == [2.0]


def test_deadline_and_most_bytes_of_an_answer_go_with_a_call(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[tuple[object, int]] = []

    def send(_transport: Transport, *_: object, deadline: object, cap: int, **__: object) -> None:
        given.append((deadline, cap))
        raise UnreachableError("no answer")

    monkeypatch.setattr(Transport, "send", send)
    cdp, _ = client(Token("t1", "file"))
    deadline = Deadline(7.0)
    reads: list[Callable[[], object]] = [
        lambda: cdp.list_peers(deadline),
        lambda: cdp.get_peer("AP1", deadline),
    ]
    changes: list[Callable[[], object]] = [
        lambda: cdp.stop("AP1", deadline),
        lambda: cdp.start("AP1", deadline),
        lambda: cdp.stop_many(["AP1"], deadline),
        lambda: cdp.start_many(["AP1"], deadline),
        lambda: cdp.update([{"name": "AP1"}], deadline),
        lambda: cdp.delete("AP1", deadline),
    ]
    others: list[Callable[[], object]] = [cdp.list_peer_info, lambda: cdp.raw("PUT", "/x", None)]
    for call in (*reads, *changes, *others):
        with pytest.raises(UnreachableError):
            call()
    long, short = 16 * 1024 * 1024, 1024 * 1024
    assert given == [(deadline, long)] * 2 + [(deadline, short)] * 6 + [(None, long)] * 2


class _LoggingIn(_Credentials):
    """Gets its tokens by logging in with the client, as the real ones do."""

    def __init__(self, cdp: CdpClient) -> None:
        super().__init__()
        self._cdp = cdp

    def obtain(self) -> Token:
        return Token(self._cdp.login("ann", "pw"), "login")


class _Standby:
    """A client with two CDPs, and the switches that it has made.

    Args:
        first: the URL of the first CDP.
        second: the URL of the standby.
    """

    def __init__(self, first: str, second: str) -> None:
        self.second = second
        self.switched: list[NoConnectionError] = []
        self.cdp = CdpClient(transport_for(first, parallel=8))
        self.credentials = [cast(Credentials, _LoggingIn(self.cdp)) for _ in range(2)]
        self.cdp.use(self.credentials[0], self.switch)

    def switch(self, error: NoConnectionError) -> tuple[Transport, Credentials]:
        self.switched.append(error)
        return transport_for(self.second, parallel=8), self.credentials[1]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out the pauses between tries."""
    monkeypatch.setattr("cdpctl.transport.client.sleep", lambda seconds: None)


def _closed() -> str:
    return f"http://127.0.0.1:{closed_port()}/baocdp"


@pytest.mark.loopback
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("given", [False, True])
def test_standby_gets_every_call_where_the_first_cdp_cannot_be_reached(given: bool) -> None:
    with FaultServer(healthy()) as server:
        both = _Standby(_closed(), server.url)
        if given:
            both.cdp._token = Token("token-of-the-first", "file")
        with ThreadPoolExecutor(8) as threads:
            done = list(threads.map(both.cdp.stop, ["AP1", "AP2"] * 4))
        both.cdp.logout(Token(TOKEN_OF_GRID, "login"))
    assert [each.http_status for each in done] == [200] * 8
    assert len(both.switched) == 1
    assert both.cdp.credentials is both.credentials[1]
    assert len(server.sent("PUT")) == 8
    assert {seen.headers.get("authentication-token") for seen in server.requests} == {None, TOKEN_OF_GRID}


@pytest.mark.loopback
@pytest.mark.usefixtures("quick")
def test_standby_that_cannot_be_reached_either_is_the_error() -> None:
    both = _Standby(_closed(), standby := _closed())
    with pytest.raises(NoConnectionError, match=standby.split("/")[2]):
        both.cdp.list_peers()
    assert len(both.switched) == 1


@pytest.mark.loopback
@pytest.mark.usefixtures("quick")
def test_standby_gets_nothing_once_the_first_cdp_was_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(healthy()) as first, FaultServer(healthy()) as standby:
        both = _Standby(first.url, standby.url)
        both.cdp.list_peers()
        monkeypatch.setattr("cdpctl.transport.exchange._MAX_IDLE_SECONDS", 0.0)

        def refuse(_socket: socket.socket, _address: object) -> None:
            raise ConnectionRefusedError

        monkeypatch.setattr(socket.socket, "connect", refuse)
        with pytest.raises(NoConnectionError):
            both.cdp.stop("AP1")
    assert both.switched == []
    assert standby.requests == []
    assert both.cdp.credentials is both.credentials[0]


@pytest.mark.loopback
def test_calls_go_out_at_the_same_time_once_the_first_cdp_was_reached() -> None:
    good, both_are_there = healthy(), threading.Barrier(2, timeout=20)

    def behave(seen: Seen) -> Script:
        if seen.method == "PUT":
            both_are_there.wait()
        return good(seen)

    with FaultServer(behave) as server:
        both = _Standby(server.url, server.url)
        both.cdp.list_peers()
        with ThreadPoolExecutor(2) as threads:
            done = list(threads.map(both.cdp.stop, ["AP1", "AP2"]))
    assert [each.http_status for each in done] == [200, 200]


class _Echo:
    """Answers every request with the current bytes, and closes the connection."""

    def __init__(self) -> None:
        self.reply = b""
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/baocdp"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            with sock:
                try:
                    data = b""
                    while b"\r\n\r\n" not in data and (piece := sock.recv(65536)):
                        data += piece
                    sock.sendall(self.reply)
                    sock.shutdown(socket.SHUT_WR)
                    while sock.recv(65536):
                        pass
                except OSError:
                    continue

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture(scope="module")
def echo() -> Iterator[_Echo]:
    server = _Echo()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cdpctl.transport.client.sleep", lambda seconds: None)
        yield server
    server.close()


@pytest.mark.loopback
@OVER_SOCKETS
@given(reply=answers, reading=st.booleans())
def test_answer_of_any_bytes_ends_in_a_value_or_a_known_error(
    echo: _Echo, reply: bytes, reading: bool
) -> None:
    echo.reply = reply
    transport = transport_for(echo.url, seconds=20, read_timeout=10.0)
    cdp = CdpClient(transport, token=Token(TOKEN, "CDPCTL_TOKEN"))
    try:
        if reading:
            end_of(cdp.list_peer_info)
        else:
            end_of(lambda: cdp.stop("AP1"))
    finally:
        transport.close()
