"""The embedded grid over HTTP: its journal, its options, and its second CDP."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from cdpctl.errors import UsageError
from cdpctl.sandbox.cdp import Call, Conduct
from cdpctl.sandbox.faults import parse_fault
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox

pytestmark = pytest.mark.loopback


def grid(*faults: str, **conduct: Any) -> Sandbox:
    chosen = Conduct(faults=tuple(parse_fault(each) for each in faults), **conduct)
    return Sandbox(Grid(default_peers(standby=chosen.standby), 0.0, 0.0), conduct=chosen)


def call(method: str, url: str, token: str = "", body: bytes | None = None) -> tuple[int, bytes]:
    headers = {"Authentication-Token": token, "Content-Type": "application/json"}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, body, headers, method=method), timeout=20
        ) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def log_in(sandbox: Sandbox, url: str) -> str:
    body = json.dumps({"username": sandbox.username, "password": sandbox.password}).encode()
    with urllib.request.urlopen(urllib.request.Request(f"{url}/rest/login", body), timeout=20) as answer:
        return str(answer.headers["Authentication-Token"])


def test_each_request_is_recorded_with_its_answer() -> None:
    with grid() as sandbox:
        token = log_in(sandbox, sandbox.url)
        call("PUT", f"{sandbox.url}/rest/peer/AP1/stop", token)
        call("GET", f"{sandbox.url}/elsewhere", token)
    seen = [(each.method, each.path, each.status, each.port) for each in sandbox.journal]
    assert seen == [
        ("POST", "/baocdp/rest/login", 200, sandbox.port),
        ("PUT", "/baocdp/rest/peer/AP1/stop", 204, sandbox.port),
        ("GET", "/baocdp/elsewhere", 404, sandbox.port),
    ]


def test_recorder_of_its_owner_is_called_instead() -> None:
    calls: list[Call] = []
    with Sandbox(Grid(default_peers()), record=calls.append) as sandbox:
        call("GET", f"{sandbox.url}/rest/peer")
    assert [each.status for each in calls] == [401]
    assert sandbox.journal == []


@pytest.mark.parametrize(
    ("fault", "answer"),
    [
        ("stop:500", (500, b'{"message": "Internal Server Error"}')),
        ("any:418", (418, b"")),
        ("stop:failure", (200, b'{"response": "Failure"}')),
    ],
)
def test_fault_is_answered_in_place_of_the_call(fault: str, answer: tuple[int, bytes]) -> None:
    with grid(fault) as sandbox:
        token = "" if fault.startswith("any") else log_in(sandbox, sandbox.url)
        assert call("PUT", f"{sandbox.url}/rest/peer/AP1/stop", token) == answer
        [peer] = [each for each in sandbox.grid.all() if each.name == "AP1"]
        assert peer.status == "RUNNING"


@pytest.mark.parametrize("fault", ["stop:html", "stop:502"])
def test_page_of_something_else_is_html(fault: str) -> None:
    with grid(fault) as sandbox:
        _, body = call("PUT", f"{sandbox.url}/rest/peer/AP1/stop", log_in(sandbox, sandbox.url))
    assert b"<html>" in body


@pytest.mark.parametrize(("fault", "status"), [("stop:lost", "STOPPED"), ("stop:drop", "RUNNING")])
def test_call_without_an_answer_is_carried_out_or_not(fault: str, status: str) -> None:
    with grid(fault) as sandbox:
        token = log_in(sandbox, sandbox.url)
        with pytest.raises(OSError, match=r"reset|closed"):
            call("PUT", f"{sandbox.url}/rest/peer/AP1/stop", token)
        assert sandbox.journal[-1].status == 0
        [peer] = [each for each in sandbox.grid.all() if each.name == "AP1"]
        assert peer.status == status


def test_second_cdp_has_sessions_of_its_own_and_the_same_peers() -> None:
    with grid(standby=True) as sandbox:
        assert sandbox.standby_url is not None
        assert sandbox.standby_url != sandbox.url
        token = log_in(sandbox, sandbox.url)
        assert call("GET", f"{sandbox.standby_url}/rest/peer", token)[0] == 401
        call("PUT", f"{sandbox.url}/rest/peer/AP1/stop", token)
        sandbox.cdps[0].stop()
        second = log_in(sandbox, sandbox.standby_url)
        _, body = call("GET", f"{sandbox.standby_url}/rest/info/peer", second)
        shown = {each["name"]: each for each in json.loads(body)["peerInfoList"]}
        assert shown["AP1"]["status"] == "STOPPED"
        assert {shown[name]["type"] for name in ("CDP", "HACDP")} == {"HA configuration distribution peer"}


def test_certificate_goes_with_the_sandbox() -> None:
    with grid(tls=True) as sandbox:
        assert sandbox.url.startswith("https://")
        bundle = Path(sandbox.environment()["CDPCTL_CA_BUNDLE"])
        assert bundle.exists()
    assert not bundle.parent.exists()


def test_port_in_use_is_an_error_and_leaves_none_open() -> None:
    with grid() as first:
        with pytest.raises(UsageError, match=str(first.port)):
            Sandbox(Grid(default_peers()), port=first.port)
        with pytest.raises(UsageError):
            Sandbox(Grid(default_peers()), port=65535, conduct=Conduct(standby=True))
    Sandbox(Grid(default_peers()), port=first.port).__exit__(None, None, None)
