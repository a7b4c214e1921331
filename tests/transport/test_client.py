"""The transport without faults: the requests, which only the settings decide."""

import socket
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import responses

from cdpctl import __version__
from cdpctl.cdp.auth import TokenAuth
from cdpctl.errors import ConfigError, RedirectError, UnreachableError, UsageError
from cdpctl.text import command_line
from tests.support.certificates import Authority
from tests.support.fault_server import Close, FaultServer, Hold, Pause, Seen
from tests.support.transport import AUTH, TOKEN, Messages, transport_for
from tests.support.wire_grid import answer

pytestmark = pytest.mark.loopback

_OK = [answer(200, b'{"response": "Success"}')]


def test_stop_path_uses_one_kept_alive_connection_and_the_documented_headers() -> None:
    with FaultServer([[answer(200, b"[]")], [answer(204, reason="No Content")], _OK]) as server:
        transport = transport_for(server.url)
        assert transport.send("GET", "/info/peer", auth=AUTH).body == b"[]"
        assert transport.send("PUT", "/peer/AP1/stop", auth=AUTH).status == 204
        assert transport.send("POST", "/peer/stop", auth=AUTH, body=b"{}").status == 200
        transport.close()
    assert server.connections == 1
    assert server.sent() == [
        "GET /baocdp/rest/info/peer HTTP/1.1",
        "PUT /baocdp/rest/peer/AP1/stop HTTP/1.1",
        "POST /baocdp/rest/peer/stop HTTP/1.1",
    ]
    get, put, post = server.requests
    assert get.headers == {
        "host": f"127.0.0.1:{server.port}",
        "user-agent": f"cdpctl/{__version__}",
        "accept": "application/json",
        "accept-encoding": "identity",
        "content-type": "application/json",
        "authentication-token": TOKEN,
    }
    assert put.headers["content-length"] == "0"
    assert (post.headers["content-length"], post.body) == ("2", b"{}")


@pytest.mark.parametrize(
    "path",
    [
        "/peer/./stop",
        "/peer/../stop",
        "/peer/%2e%2E/stop",
        "/peer/a b",
        "/peer/a\r\nX: y",
        "peer",
        "",
        "/%zz",
        "/ü",
    ],
)
def test_call_is_refused_where_the_path_would_change(path: str) -> None:
    with FaultServer([_OK]) as server:
        with pytest.raises(UsageError):
            transport_for(server.url).send("PUT", path, auth=AUTH)
        with pytest.raises(UsageError):
            transport_for(server.url).send("GET", path, auth=AUTH)
        assert server.connections == 0


def test_escapes_in_a_path_arrive_as_they_were_meant() -> None:
    with FaultServer([_OK]) as server:
        transport_for(server.url).send("PUT", "/peer/%2Fa%3f%25+~b/stop", auth=AUTH)
    assert server.sent() == ["PUT /baocdp/rest/peer/%2Fa%3F%25+~b/stop HTTP/1.1"]


def test_token_of_1500_characters_arrives_whole() -> None:
    token = TOKEN * 75
    with FaultServer([_OK]) as server:
        transport_for(server.url).send("GET", "/peer", auth=TokenAuth(token))
    assert server.requests[0].headers["authentication-token"] == token


def test_cookies_are_not_kept() -> None:
    cookies = {"Set-Cookie": "JSESSIONID=1; Path=/", "Authentication-Token": "t"}
    with FaultServer([[answer(200, b"{}", cookies)]]) as server:
        transport = transport_for(server.url)
        first = transport.send("POST", "/login", body=b"{}")
        transport.send("GET", "/peer")
        transport.close()
    assert first.headers.get("authentication-token") == "t"
    assert "cookie" not in server.requests[1].headers


def test_repeated_headers_are_all_kept() -> None:
    head = (
        b"HTTP/1.1 200 OK\r\nauthentication-token: a\r\nAUTHENTICATION-TOKEN: b\r\nContent-Length: 0\r\n\r\n"
    )
    with FaultServer([[head]]) as server:
        headers = transport_for(server.url).send("GET", "/peer").headers
    assert headers.getlist("Authentication-Token") == ["a", "b"]
    assert headers.get("X-None") is None


def test_environment_does_not_change_a_call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / ".netrc").write_text(
        "machine 127.0.0.1 login u password hunter2\ndefault login u password hunter2\n"
    )
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(tmp_path / ".netrc"))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    monkeypatch.setenv("CURL_CA_BUNDLE", "/nowhere")
    with FaultServer([_OK]) as server:
        transport_for(server.url).send("GET", "/peer", auth=AUTH)
    assert "authorization" not in server.requests[0].headers


def test_calls_from_several_threads_get_their_own_answers() -> None:
    def behave(seen: Seen) -> list[bytes | Pause]:
        return [Pause(0.01), answer(200, seen.target.encode())]

    with FaultServer(behave) as server:
        transport = transport_for(server.url, parallel=8)
        paths = [f"/peer/AP{number}" for number in range(64)]
        with ThreadPoolExecutor(8) as threads:
            bodies = list(threads.map(lambda path: transport.send("PUT", path).body, paths))
        transport.close()
    assert bodies == [f"/baocdp/rest{path}".encode() for path in paths]
    assert server.connections <= 8


def test_body_up_to_the_cap_is_taken_and_one_byte_more_is_not() -> None:
    with FaultServer([[answer(400, b"x" * 1000)]]) as server:
        transport = transport_for(server.url)
        whole, cut = transport.send("GET", "/a", cap=1000), transport.send("GET", "/a", cap=999)
    assert len(whole.body) == 1000
    assert cut.body == b""


def test_answer_that_only_its_end_delimits_is_taken() -> None:
    with FaultServer([[b"HTTP/1.0 200 OK\r\n\r\n{}", Close()]]) as server:
        got = transport_for(server.url).send("PUT", "/peer/AP1/stop")
    assert got.body == b"{}"


@pytest.mark.parametrize("length", ["2 ", "2\r\nContent-Length: 2"])
def test_length_that_is_padded_or_repeated_is_clear(length: str) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {length}\r\n\r\n"
    with FaultServer([[head.encode() + b"{}"]]) as server:
        transport = transport_for(server.url)
        for _ in range(2):
            assert transport.send("PUT", "/peer/AP1/stop").body == b"{}"
    assert server.connections == 1


def test_length_that_is_too_long_for_python_is_refused() -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {'9' * 5000}\r\n\r\n"
    with FaultServer([[head.encode() + b"{}", Hold()]]) as server:
        with pytest.raises(UnreachableError, match="its header is not valid"):
            transport_for(server.url).send("GET", "/peer")


@pytest.mark.parametrize("encoding", ["gzip", "x-gzip", "deflate", "GZIP"])
def test_compressed_answer_is_decompressed(encoding: str) -> None:
    import gzip
    import zlib

    data = zlib.compress(b'{"a": 1}') if encoding == "deflate" else gzip.compress(b'{"a": 1}')
    with FaultServer([[answer(200, data, {"Content-Encoding": encoding})]]) as server:
        assert transport_for(server.url).send("GET", "/peer").body == b'{"a": 1}'


def test_trace_shows_the_exchange_without_its_secrets() -> None:
    headers = {
        "Authentication-Token": "fresh-token",
        "Set-Cookie": "Authentication-Token=fresh-token",
        "X-E": "\x1b[2J",
    }
    messages = Messages()
    with FaultServer([[answer(200, b'{"login": "true"}', headers)]]) as server:
        transport = transport_for(server.url, messages=messages)
        transport.send("POST", "/login", body=b'{"username": "u", "password": "hun\\"ter2"}')
        transport.send("GET", "/peer", auth=AUTH)
    text = "\n".join(messages)
    assert f"2 POST {server.url}/rest/login 200 " in text
    assert "3 > POST /baocdp/rest/login\n" in text
    assert '> {"username": "u", "password": "*****"}' in text
    assert "> Authentication-Token: *****" in text
    assert "< Authentication-Token: *****" in text
    assert "< X-E: \\x1b[2J" in text
    for secret in ("hun", "ter2", "fresh-token", TOKEN):
        assert secret not in text


def test_missing_url_is_a_config_error() -> None:
    with pytest.raises(ConfigError):
        transport_for(None)  # type: ignore[arg-type]


def test_ipv6_address_is_reached() -> None:
    with FaultServer([_OK], host="::1") as server:
        assert transport_for(server.url).send("GET", "/peer").status == 200
    assert server.requests[0].headers["host"] == f"[::1]:{server.port}"


def test_plain_http_beyond_this_machine_is_refused_unless_asked_for() -> None:
    with pytest.raises(UsageError, match="can read the password"):
        transport_for("http://cdp.example.com:38080/baocdp", insecure_http=False)
    for url in ("https://cdp.example.com/baocdp", "http://localhost:1/baocdp", "http://[::1]:1/baocdp"):
        transport_for(url, insecure_http=False).close()


_URL = "http://127.0.0.1:38080/baocdp"


@responses.activate
def test_auth_is_applied_to_every_kind_of_call() -> None:
    responses.get(f"{_URL}/rest/peer", body=b"[]")
    responses.put(f"{_URL}/rest/peer/AP1/stop", status=204)
    transport = transport_for(_URL)
    assert transport.send("GET", "/peer", auth=TokenAuth(TOKEN)).body == b"[]"
    assert transport.send("PUT", "/peer/AP1/stop", auth=TokenAuth(TOKEN)).status == 204
    assert [call.request.headers["Authentication-Token"] for call in responses.calls] == [TOKEN, TOKEN]


@responses.activate
@pytest.mark.parametrize("status", [200, 202, 204, 400, 401, 403, 404, 405, 409, 500, 501, 502, 503, 504])
def test_status_of_a_send_is_handed_on_and_nothing_is_sent_twice(status: int) -> None:
    responses.post(f"{_URL}/rest/peer/stop", status=status)
    assert transport_for(_URL).send("POST", "/peer/stop", body=b"{}").status == status
    assert len(responses.calls) == 1


@responses.activate
def test_redirect_is_an_error_of_its_own() -> None:
    responses.get(f"{_URL}/rest/peer", status=302, headers={"Location": "https://elsewhere.invalid/x"})
    with pytest.raises(RedirectError, match=r"to https://elsewhere\.invalid/x;"):
        transport_for(_URL).send("GET", "/peer")
    assert len(responses.calls) == 1


_WORDS = b"This combination of host and port requires TLS."


@responses.activate
def test_first_answer_that_asks_for_tls_says_that_the_scheme_is_wrong() -> None:
    responses.put(f"{_URL}/rest/peer/AP1/stop", status=400, body=_WORDS)
    command_line.options = (("--profile", "prod"),)
    with pytest.raises(UnreachableError, match="speaks TLS") as caught:
        transport_for(_URL).send("PUT", "/peer/AP1/stop")
    assert caught.value.hint == "cdpctl login https://127.0.0.1:38080/baocdp --profile prod"


@responses.activate
def test_later_answer_that_speaks_of_tls_is_an_answer() -> None:
    responses.get(f"{_URL}/rest/peer", body=b"[]")
    responses.put(f"{_URL}/rest/peer/AP1/stop", status=400, body=_WORDS)
    transport = transport_for(_URL)
    transport.send("GET", "/peer")
    assert transport.send("PUT", "/peer/AP1/stop").body == _WORDS


@responses.activate
def test_answer_over_tls_that_speaks_of_tls_is_an_answer() -> None:
    url = "https://127.0.0.1:38080/baocdp"
    responses.put(f"{url}/rest/peer/AP1/stop", status=400, body=_WORDS)
    assert transport_for(url).send("PUT", "/peer/AP1/stop").status == 400


def test_server_that_ends_plain_http_without_a_word_is_asked_whether_it_speaks_tls(tmp_path: Path) -> None:
    with _silent_tls(Authority(tmp_path)) as port:
        transport = transport_for(f"http://127.0.0.1:{port}/baocdp")
        for method, path in (("GET", "/peer"), ("PUT", "/peer/AP1/stop")):
            with pytest.raises(UnreachableError, match="speaks TLS, and the URL says http") as caught:
                transport.send(method, path)
            assert caught.value.hint == f"cdpctl login https://127.0.0.1:{port}/baocdp"
        transport.close()


@contextmanager
def _silent_tls(ca: Authority) -> Iterator[int]:
    """Give the port of a server that closes connections that do not begin with a handshake."""
    context = ca.server()

    def serve() -> None:
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                return
            with suppress(OSError), context.wrap_socket(sock, server_side=True) as secure:
                secure.recv(1)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, daemon=True)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
