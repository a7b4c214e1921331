"""A signal at any moment of a run: the document and the messages agree with the server's journal."""

import json
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from cdpctl.sandbox.server import Sandbox
from tests.e2e.conftest import Serve
from tests.support.fault_server import FaultServer, Hold, Script, Seen
from tests.support.program import SCRIPT, Program, change_calls
from tests.support.wire_grid import answer, healthy

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(sys.platform == "win32", reason="these signals are POSIX"),
]
_RUNS = {
    "stop": ("peer", "stop", "AP1", "AP2", "AP3"),
    "stop-wait": ("peer", "stop", "AP1", "AP2", "--wait", "--interval", "50ms"),
    "each": ("peer", "stop", "AP1", "AP2", "AP3", "LAP", "--each", "--parallel", "2"),
    "restart": ("peer", "restart", "AP1", "AP2", "--interval", "50ms"),
    "start": ("peer", "start", "AP3", "AP1", "--wait", "--interval", "50ms"),
    "update": ("peer", "update", "AP1", "AP2", "--description", "x", "--interval", "50ms"),
    "delete": ("peer", "delete", "AP1", "AP2", "--force", "--yes", "--interval", "50ms"),
    "wait": ("peer", "wait", "AP1", "--for", "stopped", "--timeout", "2s"),
}


def _signalled(
    words: Sequence[str], home: Path, sandbox: Sandbox, chance: random.Random, most: float
) -> subprocess.Popen[bytes]:
    """Start a run, and send it a signal up to `most` seconds after its first call."""
    child = subprocess.Popen(
        [SCRIPT, *words, "-o", "json"],
        env=Program(home, sandbox).env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not sandbox.journal and child.poll() is None:
        time.sleep(0.002)
    time.sleep(chance.uniform(0.0, most))
    child.send_signal(chance.choice([signal.SIGINT, signal.SIGTERM, signal.SIGHUP]))
    return child


def _end(child: subprocess.Popen[bytes]) -> tuple[Any, str]:
    out, err = child.communicate(timeout=30)
    assert b"Traceback" not in err
    document = json.loads(out)
    assert document["exit_code"] == child.returncode
    return document, err.decode()


def _asked(sandbox: Sandbox) -> set[str]:
    names: set[str] = set()
    for call in sandbox.journal:
        # Of a request that was cut off, only the head may arrive. It is not carried out.
        cut = call.method == "POST" and not call.body
        if call.method == "GET" or cut or "/rest/peer" not in call.path:
            continue
        first = call.path.partition("/rest/peer")[2].strip("/").split("/")[0]
        if first in ("", "stop", "start"):
            names.update(peer["name"] for peer in json.loads(call.body)["peers"])
        else:
            names.add(first)
    return names


@pytest.mark.parametrize("kind", _RUNS)
def test_signal_at_a_random_moment(serve: Serve, tmp_path: Path, kind: str) -> None:
    chance = random.Random(kind)
    for _ in range(2):
        sandbox = serve(seconds=0.1)
        # Most of the calls of a run are made in the tenths of a second after the first one.
        child = _signalled(_RUNS[kind], tmp_path, sandbox, chance, 0.4)
        document, said = _end(child)
        asked = _asked(sandbox)
        if "nothing was sent" in said:
            assert not asked, (document, sandbox.journal)
        results = document.get("results")
        if results is None:
            assert not asked, document
            continue
        for result in results:
            if result["name"] in asked:
                assert result["outcome"] not in ("skipped", "unchanged"), (result, said)
            elif kind != "wait":
                assert result["outcome"] in ("skipped", "unchanged", "unknown"), (result, said)


def test_signal_at_a_random_moment_of_a_login_leaves_no_session_without_its_token(
    serve: Serve, tmp_path: Path
) -> None:
    chance = random.Random("login")
    for number in range(4):
        sandbox = serve()
        home = tmp_path / str(number)
        home.mkdir()
        child = _signalled(("login", "--token-store", "file"), home, sandbox, chance, 0.1)
        _document, said = _end(child)
        kept = len(list(home.rglob("tokens/*.json")))
        ended = sum(call.path.endswith("/logout") for call in sandbox.journal)
        # The signal may come before the answer, and when all is done but the words.
        open_ended = f"the login to 127.0.0.1:{sandbox.port} may have been carried out" in said
        expected = [(1, 0), (0, 0)] if open_ended else [(1, 0) if child.returncode == 0 else (0, 1)]
        assert (kept, ended) in expected, (kept, ended, said)


@pytest.mark.parametrize("wait", [(), ("--wait",)])
@pytest.mark.parametrize("format_", ["json", "jsonl"])
def test_signal_while_logging_out_keeps_the_results(
    tmp_path: Path, format_: str, wait: tuple[str, ...]
) -> None:
    reached = threading.Event()
    good = healthy()

    def behave(seen: Seen) -> Script:
        if seen.target.endswith("/logout"):
            reached.set()
            return [Hold()]
        return good(seen)

    failed = tmp_path / "failed"
    with FaultServer(behave) as server:
        env = {**Program(tmp_path).env, "CDPCTL_URL": server.url, "CDPCTL_NO_KEYRING": "1"}
        env |= {"CDPCTL_USERNAME": "operator", "CDPCTL_PASSWORD": "a-password-for-tests"}
        child = subprocess.Popen(
            [SCRIPT, "peer", "stop", "AP1", "LAP1", *wait, "-o", format_, "--output-failed", str(failed)],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert reached.wait(20)
        child.send_signal(signal.SIGINT)
        out, err = child.communicate(timeout=20)
    assert child.returncode == 130
    assert "nothing was sent" not in err.decode()
    assert failed.read_text() == ""
    outcome = "confirmed" if wait else "accepted"
    if format_ == "json":
        assert [each["outcome"] for each in json.loads(out)["results"]] == [outcome, outcome]
    else:
        rows = [json.loads(line) for line in out.splitlines()]
        assert [(row["name"], row["outcome"]) for row in rows] == [("AP1", outcome), ("LAP1", outcome)]


def test_no_peer_is_asked_after_the_signal(tmp_path: Path) -> None:
    names = [f"AP{number}" for number in range(100, 150)]
    good, release, eight = healthy(more=names), threading.Event(), threading.Semaphore(0)

    def behave(seen: Seen) -> Script:
        if seen.method == "PUT":
            eight.release()
            release.wait(0.1)
            return [answer(204)]
        return good(seen)

    with FaultServer(behave) as server:
        env = {**Program(tmp_path).env, "CDPCTL_URL": server.url, "CDPCTL_NO_KEYRING": "1"}
        env |= {"CDPCTL_USERNAME": "operator", "CDPCTL_PASSWORD": "a-password-for-tests"}
        child = subprocess.Popen(
            [SCRIPT, "peer", "stop", *names, "--each", "--parallel", "4", "-o", "json"],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for _ in range(8):
            assert eight.acquire(timeout=20)
        child.send_signal(signal.SIGINT)
        document, _said = _end(child)
        asked = {line.split("/")[-3] for line in server.sent("PUT") if "/peer/" in line}
    told = {each["name"] for each in document["results"] if each["outcome"] != "skipped"}
    assert asked <= told
    assert len(asked) < 20
    assert len(told) <= len(asked) + 4


def test_run_that_was_stopped_until_after_its_deadline_polls_once_more(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(seconds=1.0)
    child = subprocess.Popen(
        [SCRIPT, "peer", "stop", "AP1", "--wait", "--timeout", "4s", "--interval", "1h", "-o", "json"],
        env=Program(tmp_path, sandbox).env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    while not change_calls(sandbox) and child.poll() is None:
        time.sleep(0.005)
    # Its answer is on the way by then, and the first polls may be.
    time.sleep(0.1)
    child.send_signal(signal.SIGSTOP)
    time.sleep(5.0)
    child.send_signal(signal.SIGCONT)
    document, _said = _end(child)
    assert [each["outcome"] for each in document["results"]] == ["confirmed"]
