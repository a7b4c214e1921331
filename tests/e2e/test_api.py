"""`cdpctl api`: unchanged requests and answers, and the exit code for each status."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox
from tests.support.fault_server import FaultServer, Script, Seen, closed_port
from tests.support.program import InProcess, in_grid
from tests.support.terminal import Answer, on_terminal
from tests.support.wire_grid import TOKEN, answer, faulty

pytestmark = pytest.mark.loopback

ODD = b'\xef\xbb\xbf {"b": 1,\r\n "a": "\xc3\xbc\\u0000"}\n\n'


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Grid(default_peers(), 0.1, 0.1)) as running:
        yield running


@pytest.fixture
def cdpctl(tmp_path: Path, sandbox: Sandbox) -> InProcess:
    return InProcess(tmp_path, sandbox)


def answering(status: int, body: bytes) -> FaultServer:
    """Return a grid that gives this answer to `/odd`."""

    def script(_seen: Seen) -> Script:
        return [answer(status, body)]

    return FaultServer(faulty(script, lambda seen: seen.target.endswith("/odd")))


@pytest.mark.parametrize("path", ["/info/peer", "info/peer", "/rest/info/peer", "/baocdp/rest/info/peer"])
def test_path_may_be_written_in_any_of_its_ways(cdpctl: InProcess, sandbox: Sandbox, path: str) -> None:
    assert cdpctl("api", "get", path, code=0).document["peerInfoList"][0]["name"] == "CDP"
    assert sandbox.journal[1].path == "/baocdp/rest/info/peer"


@pytest.mark.parametrize("words", [(), ("-o", "json"), ("-o", "table")])
def test_answer_comes_out_byte_for_byte(tmp_path: Path, words: tuple[str, ...]) -> None:
    with answering(200, ODD) as server:
        assert in_grid(tmp_path, server.url)("api", "GET", "/odd", *words, code=0).data == ODD


def test_answer_that_is_no_json_is_wrapped_for_json(tmp_path: Path) -> None:
    with answering(200, b"plain \xff words") as server:
        cdpctl = in_grid(tmp_path, server.url)
        assert cdpctl("api", "GET", "/odd", code=0).data == b"plain \xff words"
        document = cdpctl.json("api", "GET", "/odd", code=0)
    assert (document["schema"], document["body"]) == ("cdpctl.api/1", "plain \\xff words")


def test_answer_without_a_body_is_a_document_for_json(cdpctl: InProcess) -> None:
    assert cdpctl("api", "PUT", "/peer/AP1/stop", code=0).data == b""
    document = cdpctl.json("api", "PUT", "/peer/AP1/start", code=0)
    assert (document["http_status"], document["body"]) == (204, None)


@pytest.mark.parametrize(
    ("method", "status", "code"),
    [
        ("GET", 201, 0),
        ("PUT", 299, 0),
        ("PUT", 400, 1),
        ("PUT", 403, 9),
        ("GET", 404, 5),
        ("DELETE", 500, 1),
        ("POST", 503, 1),
        ("POST", 502, 7),
        ("PUT", 504, 7),
        ("GET", 302, 1),
        ("GET", 418, 1),
    ],
)
def test_status_decides_the_exit_code(tmp_path: Path, method: str, status: int, code: int) -> None:
    body = b'{"message": "said so"}'
    with answering(status, body) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        done = cdpctl("api", method, "/odd", "--yes", code=code)
        assert len(server.sent(method)) == 1
        if status != 302:
            assert done.data == body
        assert code == 0 or "error: " in done.stderr
        if code:
            document = cdpctl.json("api", method, "/odd", "--yes", code=code)
            assert document["schema"] == "cdpctl.error/1"
            assert document["error"]["http_status"] == status


def test_refused_token_is_an_auth_error(cdpctl: InProcess) -> None:
    cdpctl.env["CDPCTL_TOKEN"] = "an-old-token"
    assert cdpctl.json("api", "GET", "/peer", code=4)["error"]["code"] == "auth"


def test_closed_port_is_unreachable(tmp_path: Path) -> None:
    url = f"http://127.0.0.1:{closed_port()}"
    assert in_grid(tmp_path, url).json("api", "GET", "/peer", code=6)["error"]["code"] == "unreachable"


@pytest.mark.parametrize("source", ["word", "file", "stdin", "@-"])
def test_body_goes_out_as_it_is(cdpctl: InProcess, sandbox: Sandbox, tmp_path: Path, source: str) -> None:
    body = b'{ "peers": [ {"name": "AP1"} ] }\n'
    (tmp_path / "body.json").write_bytes(body)
    given = {"word": body.decode(), "file": f"@{tmp_path / 'body.json'}", "stdin": "-", "@-": "@-"}[source]
    cdpctl("api", "post", "peer/stop", "--body", given, stdin=body, code=0)
    [call] = [call for call in sandbox.journal if call.path.endswith("/stop")]
    assert (call.method, call.body) == ("POST", body)


@pytest.mark.parametrize(
    "words",
    [
        ("POST", "/peer/stop", "--body", "{"),
        ("POST", "/peer/stop", "--body", "NaN"),
        ("POST", "/peer/stop", "--body", "[" * 100_000),
        ("POST", "/peer/stop", "--body", "-"),
        ("POST", "/peer/stop", "--body", "@missing.json"),
        ("FETCH", "/peer"),
        ("GET", "https://elsewhere.example.com/peer"),
        ("GET", "/peer/../login"),
        ("GET", "/peer/%2e%2e/login"),
        ("GET", "/peer/a b"),
        ("GET", "/peer", "--fields", "name"),
    ],
)
def test_call_that_cannot_be_meant_sends_nothing(
    cdpctl: InProcess, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    assert cdpctl.json("api", *words, stdin=b"\xff", code=2)["error"]["code"] == "usage"
    assert [call for call in sandbox.journal if not call.path.endswith(("/login", "/logout"))] == []


def protected(home: Path, url: str) -> Path:
    """Write a configuration whose one profile is protected, and return its path."""
    path = home / "config.toml"
    path.write_text(
        f'default_profile = "prod"\n[profiles.prod]\nurl = "{url}"\nusername = "operator"\nprotected = true\n'
    )
    return path


def test_protected_profile_must_be_confirmed(sandbox: Sandbox, tmp_path: Path) -> None:
    environ = {**sandbox.environment(), "CDPCTL_CONFIG": str(protected(tmp_path, sandbox.url))}
    del environ["CDPCTL_URL"]
    cdpctl = InProcess(tmp_path, None, **environ)
    cdpctl("api", "GET", "/peer", code=0)
    sandbox.journal.clear()
    assert "--yes" in cdpctl.json("api", "PUT", "/peer/AP1/stop", code=2)["error"]["message"]
    assert sandbox.journal == []
    cdpctl("api", "PUT", "/peer/AP1/stop", "--yes", code=0)


def test_delete_is_always_confirmed(cdpctl: InProcess, sandbox: Sandbox) -> None:
    error = cdpctl.json("api", "DELETE", "/peer/AP1", code=2)["error"]
    assert error["message"].startswith("DELETE needs confirmation")
    assert sandbox.journal == []
    done = on_terminal(("api", "DELETE", "/peer/AP1"), sandbox.environment(), [Answer("[y/N]", "n\n")])
    assert (done.code, sandbox.grid.find("AP1") is None) == (2, False)


def test_no_on_a_terminal_sends_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    environ = {**sandbox.environment(), "CDPCTL_CONFIG": str(protected(tmp_path, sandbox.url))}
    done = on_terminal(("api", "put", "/peer/AP1/stop"), environ, [Answer("[y/N]", "n\n")])
    assert done.code == 2
    assert "PUT /peer/AP1/stop" in done.text
    assert not any(call.path.endswith("/stop") for call in sandbox.journal)


def test_document_is_the_body_when_it_is_json(cdpctl: InProcess) -> None:
    assert isinstance(json.loads(cdpctl("api", "GET", "/peer", "-o", "json", code=0).data), list)
