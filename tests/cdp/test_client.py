"""The client's methods: the token goes with each call, and is renewed once after a 401."""

import json
import socket
import threading
from collections.abc import Iterator
from typing import cast

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.cdp.client import CdpClient
from cdpctl.credentials.manager import Credentials
from cdpctl.credentials.token import Token
from cdpctl.errors import AuthError, NotFoundError, TokenRefusedError, UnreachableError
from tests.support.strategies import OVER_SOCKETS, answers, end_of
from tests.support.transport import TOKEN, transport_for

_URL = "https://cdp.example.com:38080/baocdp"
_REST = f"{_URL}/rest"
_SUCCESS = {"response": "Success"}


class _Credentials:
    """Gives tokens in turn: the first to begin with, another after each refusal."""

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


class _Echo:
    """Answers every request with the bytes of the moment, and closes."""

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
        patch.setattr("cdpctl.transport.client.time.sleep", lambda seconds: None)
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
