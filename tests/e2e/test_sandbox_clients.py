"""Other clients with `sandbox serve`: curl, Node's fetch, requests and urllib."""

import json
import os
import shutil
import subprocess
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.program import Program
from tests.support.serving import serving

pytestmark = [pytest.mark.loopback, pytest.mark.skipif(os.name == "nt", reason="POSIX signals and shells")]
_STOP = {"peers": [{"name": "AP1"}]}
# Above a megabyte, curl sends `Expect: 100-continue`.
_LONG = {"peers": [{"name": "AP1", "description": "x" * 1_500_000}]}

_NODE = """
const {CDPCTL_URL, CDPCTL_USERNAME: username, CDPCTL_PASSWORD: password} = process.env;
const call = (method, path, more) => fetch(`${CDPCTL_URL}/rest${path}`, {method, ...more});
const login = await call("POST", "/login", {body: JSON.stringify({username, password})});
const headers = {"Authentication-Token": login.headers.get("authentication-token")};
const body = new ReadableStream({
  start(stream) {
    for (const piece of ['{"peers": ', '[{"name": "AP1"}]}']) stream.enqueue(new TextEncoder().encode(piece));
    stream.close();
  },
});
const stop = await call("POST", "/peer/stop", {headers, body, duplex: "half"});
const head = await call("HEAD", "/peer", {headers});
const read = await call("GET", "/info/peer", {headers});
const peers = (await read.json()).peerInfoList.map((peer) => peer.name);
console.log(JSON.stringify([await login.json(), stop.status, head.headers.get("content-type"), peers]));
"""


@pytest.fixture(scope="module", params=[(), ("--chunked",)], ids=["whole", "chunked"])
def given(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[dict[str, str]]:
    """Serve a grid, and yield the variables for its clients."""
    program = Program(tmp_path_factory.mktemp("home"))
    with serving(program, "--change-after", "1ms", *request.param) as (document, _):
        environment: dict[str, str] = document["environment"]
        yield environment


def _credentials(given: dict[str, str]) -> dict[str, str]:
    return {"username": given["CDPCTL_USERNAME"], "password": given["CDPCTL_PASSWORD"]}


def test_requests(given: dict[str, str]) -> None:
    rest = given["CDPCTL_URL"] + "/rest"
    login = requests.post(rest + "/login", json=_credentials(given), timeout=10)
    assert (login.status_code, login.json()) == (200, {"login": "true"})
    assert login.encoding == "UTF-8"
    assert {cookie.name for cookie in login.cookies} == {"JSESSIONID", "Authentication-Token"}
    with requests.Session() as session:
        session.headers["Authentication-Token"] = login.headers["Authentication-Token"]
        pieces = iter([b'{"peers": ', b'[{"name": "AP1"}]}'])
        assert session.post(rest + "/peer/stop", data=pieces, timeout=10).status_code == 204
        assert session.put(rest + "/peer", json=_LONG, timeout=10).status_code == 204
        assert session.get(rest + "/peer/AP1", timeout=10).json()[0]["description"] == "x" * 1_500_000
        head = session.head(rest + "/info/peer", timeout=10)
        assert (head.status_code, head.content) == (200, b"")
        assert "DELETE" in session.options(rest + "/peer", timeout=10).headers["Allow"]
        assert session.put(rest + "/peer/NOPE/stop", timeout=10).status_code == 404
        assert session.get(given["CDPCTL_URL"] + "/elsewhere", timeout=10).status_code == 404
        assert session.get(rest + "/peer", headers={"Host": "cdp.example.com"}, timeout=10).status_code == 421
    assert requests.get(rest + "/peer", timeout=10).status_code == 401


def test_urllib(given: dict[str, str]) -> None:
    def call(method: str, path: str, value: Any = None) -> Any:
        data = None if value is None else json.dumps(value).encode()
        return urllib.request.urlopen(
            urllib.request.Request(given["CDPCTL_URL"] + "/rest" + path, data, headers, method=method),
            timeout=10,
        )

    headers = {"Content-Type": "application/json"}
    with call("POST", "/login", _credentials(given)) as login:
        headers["Authentication-Token"] = login.headers["Authentication-Token"]
        assert json.load(login) == {"login": "true"}
        assert login.headers.get_content_charset() == "utf-8"
    with call("POST", "/peer/stop", _STOP) as stop:
        assert (stop.status, stop.read()) == (204, b"")
    with call("GET", "/info/peer") as read:
        assert "AP1" in [peer["name"] for peer in json.load(read)["peerInfoList"]]


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl(given: dict[str, str], tmp_path: Path) -> None:
    def curl(*words: str) -> str:
        line = ["curl", "--silent", "--show-error", "--include", "--max-time", "30", *words]
        return subprocess.run(line, env=env, capture_output=True, check=True).stdout.decode()

    env, rest = {"PATH": os.environ["PATH"]}, given["CDPCTL_URL"] + "/rest"
    body = tmp_path / "long.json"
    body.write_text(json.dumps(_LONG))
    login = curl("--data", json.dumps(_credentials(given)), rest + "/login")
    fields = dict(line.split(": ", 1) for line in login.splitlines() if ": " in line)
    token = ("--header", f"Authentication-Token: {fields['Authentication-Token']}")
    update = curl(*token, "--header", "Expect: 100-continue", "--upload-file", str(body), rest + "/peer")
    assert update.startswith("HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 ")
    chunked = ("--header", "Transfer-Encoding: chunked", "--data", json.dumps(_STOP))
    assert curl(*token, *chunked, rest + "/peer/stop").startswith("HTTP/1.1 204 ")
    assert "Content-Type: application/json;charset=UTF-8" in curl(*token, "--head", rest + "/peer")
    assert "Allow: GET" in curl("--request", "OPTIONS", rest + "/peer")
    assert '"peerInfoList"' in curl(*token, rest + "/info/peer")


@pytest.mark.skipif(not shutil.which("node"), reason="needs Node")
def test_fetch_of_node(given: dict[str, str], tmp_path: Path) -> None:
    script = tmp_path / "client.mjs"
    script.write_text(_NODE)
    env = {**given, "PATH": os.environ["PATH"]}
    done = subprocess.run(["node", str(script)], env=env, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    login, stop, kind, peers = json.loads(done.stdout)
    assert (login, stop, kind) == ({"login": "true"}, 204, "application/json;charset=UTF-8")
    assert "AP1" in peers
