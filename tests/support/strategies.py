"""Any name, any text, any bytes: what has to hold for all of them."""

import socket
import threading
import unicodedata
from collections.abc import Callable, Iterator
from typing import TypeVar
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from cdpctl.cdp.bodies import decode_json
from cdpctl.cdp.calls import bulk_body, change_call, peer_path
from cdpctl.cdp.client import CdpClient
from cdpctl.cdp.responses import check_accepted
from cdpctl.credentials.token import Token
from cdpctl.errors import CdpctlError, UnclearAnswerError
from cdpctl.peers.models import Peer
from cdpctl.peers.names import check_name
from cdpctl.text import printable
from cdpctl.transport.client import Transport
from cdpctl.transport.redirects import redirect_error
from cdpctl.transport.response import Headers, Response, inflate
from cdpctl.transport.route import Route
from cdpctl.transport.trace import answer_text
from tests.support.transport import TOKEN, transport_for

T = TypeVar("T")

# The same examples in every run and on every machine, and nothing written beside the tests.
_SAME = settings(derandomize=True, database=None, deadline=None, max_examples=300)
_OVER_SOCKETS = settings(_SAME, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
_HIDDEN = {"Cc", "Cf", "Cs", "Zl", "Zp"}

texts = st.text(st.characters(exclude_categories=()), max_size=300)
pieces = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b":",
        b",",
        b"null",
        b"true",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"9" * 5000,
        b"\\ud800",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\0",
        b'"response"',
        b'"Success"',
        b"<html>",
        b"[" * 5000,
        b'{"a":' * 5000,
        b"\x1b[2J",
        b'"peerInfoList"',
        b'"name"',
        b'"status"',
        b"0",
        b"-",
        b" ",
    ]
)
bodies = st.one_of(st.binary(max_size=300), st.lists(pieces, max_size=12).map(b"".join))
lines = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 204 No",
        b"HTTP/1.0 200",
        b"HTTP/1.1 302 x",
        b"HTTP/1.1 100 Continue",
        b"HTTP/2 200",
        b"HTTP/1.1 999 \x1b[31m",
        b"HTTP/1.1 503 x",
        b"Content-Length: 5",
        b"Content-Length: 23",
        b"Content-Length: -1",
        b"Content-Length: 99999999999999999999",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: gzip, chunked",
        b"Content-Encoding: gzip",
        b"Content-Encoding: deflate",
        b"Content-Encoding: br",
        b"Location: http://[",
        b"Location: \xff\x1b",
        b"Connection: close",
        b": empty",
        b"no colon",
        b" folded",
        b"",
        b"",
        b"5",
        b"0",
        b"zz",
        b"ffffffff",
        b"5;x=y",
        b'{"response": "Success"}',
        b"hello",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"SSH-2.0-x",
        b"Retry-After: 100000",
        b"Set-Cookie: \xe9",
        b"Authentication-Token: \xff",
        b"\x1f\x8b\x08\x00",
    ]
)
answers = st.one_of(
    st.binary(max_size=400),
    st.tuples(st.lists(lines, max_size=14), st.sampled_from([b"\r\n", b"\n", b"\r"])).map(
        lambda two: two[1].join(two[0]) + two[1]
    ),
    st.tuples(
        bodies, st.sampled_from([b"", b"Content-Encoding: gzip\r\n", b"Content-Type: text/html\r\n"])
    ).map(lambda two: b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (two[1], len(two[0]), two[0])),
)


def end_of(call: Callable[[], T]) -> tuple[T | None, CdpctlError | None]:
    """Return what a call returned, or the known error that ended it; its message is one line of text."""
    try:
        return call(), None
    except CdpctlError as error:
        caught = error
    assert type(caught) is not CdpctlError
    assert printable(caught.message) == caught.message
    return None, caught


@_SAME
@given(texts)
@example(".")
@example("..")
@example("%2e%2e")
@example("\xfc")
@example("u\u0308")
def test_accepted_name_comes_back_from_the_path_sent(name: str) -> None:
    if check_name(name) is not None:
        return
    path = peer_path(name, "stop")
    assert path.isascii()
    assert path.count("/") == 3
    before, segment, verb = path.removeprefix("/").split("/")
    assert (before, unquote(segment, errors="strict"), verb) == ("peer", name, "stop")
    prepared = Transport._prepare(_Anywhere.transport(), "PUT", path, None, None, None)
    assert prepared.path_url == f"/baocdp/rest{path}"
    assert bulk_body([name]).isascii()


class _Anywhere:
    """A transport that is never used to send."""

    _made: Transport | None = None

    @classmethod
    def transport(cls) -> Transport:
        cls._made = cls._made or transport_for("https://cdp.example.com:38080/baocdp")
        return cls._made


@_SAME
@given(texts)
def test_text_leaves_the_sanitizer_without_control_characters(text: str) -> None:
    for shown in (printable(text), printable(text), printable(text, 20)):
        assert not any(unicodedata.category(char) in _HIDDEN for char in shown)
        shown.encode("utf-8")
    assert len(printable(text, 20)) <= 20 or not text[:21].isprintable()


@_SAME
@given(st.one_of(st.none(), texts))
def test_redirect_to_any_text_is_an_error_fit_to_be_shown(location: str | None) -> None:
    error = redirect_error("PUT /x", Route("http://cdp:1/baocdp"), 302, location)
    assert f"{error.message}{error.hint}".isprintable()


@_SAME
@given(bodies, st.booleans())
def test_body_of_any_bytes_is_a_value_or_a_known_error(body: bytes, strict: bool) -> None:
    _, error = end_of(lambda: decode_json(body, reject_duplicates=strict))
    assert error is None or isinstance(error, UnclearAnswerError)


@_SAME
@given(
    bodies,
    st.sampled_from([200, 202, 204, 400, 401, 403, 404, 500, 999]),
    st.sampled_from([None, "text/html", "\x1b"]),
)
def test_answer_of_any_body_is_accepted_or_a_known_error(body: bytes, status: int, kind: str | None) -> None:
    answer = Response(status, Headers([] if kind is None else [("Content-Type", kind)]), body)
    receipt, error = end_of(lambda: check_accepted(answer, change_call("stop", "AP1")))
    assert error is not None or (receipt is not None and receipt.http_status in (200, 202, 204))


@_SAME
@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]), st.integers(0, 100))
def test_compressed_bytes_stay_below_the_cap_or_are_no_such_thing(
    data: bytes, encoding: str, cap: int
) -> None:
    try:
        body, _ = inflate(data, encoding, cap)
    except ValueError:
        return
    assert len(body) <= cap + 1


_odd = st.one_of(st.none(), st.integers(), texts, st.lists(texts))


@_SAME
@given(st.dictionaries(st.sampled_from(["type", "status", "hostName", "osName", "description"]), _odd))
def test_entry_of_any_shape_becomes_a_peer(entry: dict[str, object]) -> None:
    assert Peer.from_wire({"name": "AP1", **entry}).name == "AP1"


@_SAME
@given(bodies)
def test_trace_of_any_bytes_is_fit_to_be_shown(body: bytes) -> None:
    shown = answer_text(200, [("X-Odd\x1b", "\x9b31m")], body)
    assert all(line.isprintable() for line in shown.split("\n"))


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
@_OVER_SOCKETS
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
