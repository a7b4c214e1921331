"""Start, restart and wait through the program: the order of requests, progress, interruptions, old CDPs."""

import json
import re
import shlex
import signal
import threading
from pathlib import Path

import pytest

from cdpctl.sandbox.server import Sandbox
from tests.e2e.conftest import Serve
from tests.support.fault_server import FaultServer, Reset, Script, Seen
from tests.support.program import InProcess, change_calls, changes, in_grid
from tests.support.terminal import Answer, final_screen, on_terminal
from tests.support.wire_grid import TOKEN, answer, faulty, healthy

pytestmark = pytest.mark.loopback

QUICK = ("--interval", "50ms")


@pytest.fixture
def cdpctl(tmp_path: Path, sandbox: Sandbox) -> InProcess:
    return InProcess(tmp_path, sandbox)


def outcomes(document: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {result["name"]: result["outcome"] for result in document["results"]}


def test_rolling_restart_of_three_is_stop_and_start_in_turn(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(peers=3, seconds=0.05)
    document = InProcess(tmp_path, sandbox).json("peer", "restart", "AP1", "AP2", "AP3", *QUICK, code=0)
    assert changes(sandbox) == [
        f"PUT AP{number}/{verb}" for number in (1, 2, 3) for verb in ("stop", "start")
    ]
    assert set(outcomes(document).values()) == {"confirmed"}
    assert document["left_down"] == []


def test_start_that_fails_leaves_the_rest_and_gives_a_command_that_works(
    serve: Serve, tmp_path: Path
) -> None:
    sandbox = serve("start:500", peers=3, seconds=0.05)
    config = tmp_path / "config.toml"
    config.write_text(f'[profiles.east]\nurl = "{sandbox.url}"\nusername = "operator"\n')
    cdpctl = InProcess(tmp_path, sandbox, CDPCTL_CONFIG=str(config))
    words = ("peer", "restart", "AP1", "AP2", "AP3", "--profile", "east", *QUICK)
    done = cdpctl(*words, "--url", sandbox.url, "-o", "json", code=1)
    assert outcomes(done.document) == {"AP1": "failed", "AP2": "skipped", "AP3": "skipped"}
    assert done.document["left_down"] == ["AP1"]
    assert changes(sandbox) == ["PUT AP1/stop", "PUT AP1/start"]
    command = shlex.split(re.findall("cdpctl peer start .*", done.stderr)[0])
    assert command == ["cdpctl", "peer", "start", "--profile", "east", "--url", sandbox.url, "AP1"]


def test_restart_with_a_percentage_takes_that_many_down(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(peers=4, seconds=0.05)
    cdpctl = InProcess(tmp_path, sandbox)
    cdpctl("peer", "restart", "--type", "ap", "--batch", "50%", "--yes", "--wait", *QUICK, code=0)
    assert changes(sandbox) == ["POST stop", "POST start", "POST stop", "POST start"]
    names = [[peer["name"] for peer in json.loads(call.body)["peers"]] for call in change_calls(sandbox)]
    assert names == [["AP1", "AP2"], ["AP1", "AP2"], ["AP3", "AP4"], ["AP3", "AP4"]]


@pytest.mark.parametrize(
    "words", [("--no-wait",), ("--batch", "0"), ("--no-preflight",), ("--max-failures", "-1")]
)
def test_restart_that_cannot_be_meant_sends_nothing(
    cdpctl: InProcess, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    cdpctl("peer", "restart", "AP1", *words, code=2)
    assert change_calls(sandbox) == []


def test_wait_ends_by_the_deadline_or_when_they_are_there(cdpctl: InProcess, sandbox: Sandbox) -> None:
    sandbox.grid.change(["AP1"], "stop")
    cdpctl("peer", "wait", "AP1", "AP3", "--for", "STOPPED", *QUICK, code=0)
    late = ("AP2", "--for", "stopped", "--timeout", "1s", *QUICK)
    done = cdpctl("peer", "wait", *late, "-o", "json", code=8)
    assert outcomes(done.document) == {"AP2": "timed_out"}
    assert "error: 1 of 1 peer not stopped: AP2 (timed out)" in done.stderr
    for words in (("AP1",), ("--for", "running"), ("AP1", "--for", "ready")):
        cdpctl("peer", "wait", *words, code=2)
    assert change_calls(sandbox) == []


def test_stop_goes_on_after_a_session_that_expired_while_waiting(cdpctl: InProcess, sandbox: Sandbox) -> None:
    taken = sandbox.grid.change

    def expiring(names: list[str], verb: str) -> int:
        sandbox.sessions.end_all()
        return taken(names, verb)

    sandbox.grid.change = expiring  # type: ignore[method-assign]
    cdpctl("peer", "restart", "AP1", *QUICK, code=0)
    assert changes(sandbox) == ["PUT AP1/stop", "PUT AP1/start"]


def test_elsewhere_a_peer_is_one_line_on_standard_error(cdpctl: InProcess) -> None:
    done = cdpctl("peer", "stop", "AP1", "--wait", *QUICK, "-o", "jsonl", code=0)
    assert re.fullmatch(r"AP1: confirmed \(\d+\.\d s\)\n", done.stderr)
    assert len(done.stdout.splitlines()) == 1
    assert cdpctl("peer", "start", "AP1", "--wait", "--quiet", *QUICK, code=0).stderr == ""


def test_terminal_shows_each_peer_and_keeps_only_the_result(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(seconds=1.2)
    environ = {**sandbox.environment(), "HOME": str(tmp_path)}
    screen = on_terminal(("peer", "stop", "AP1", "LAP", "--wait", *QUICK, "--no-color"), environ)
    assert screen.code == 0
    assert re.search(r"stop: 0 of 2 done\x1b\[K\r\n  AP1       STOPPING  \d s", screen.text)
    lines = [line for line in final_screen(screen.text) if line]
    assert [line.split()[0] for line in lines] == ["warning:", "NAME", "AP1", "LAP", "2"]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interruption_says_what_goes_on_and_leaves_a_clean_terminal(
    serve: Serve, tmp_path: Path, number: signal.Signals, code: int
) -> None:
    sandbox = serve(seconds=60)
    environ = {**sandbox.environment(), "HOME": str(tmp_path)}
    words = ("peer", "stop", "AP1", "LAP", "--wait", *QUICK, "--no-color")
    screen = on_terminal(words, environ, [Answer("LAP       STOPPING", number=number)], columns=200)
    assert screen.code == code
    lines = [line for line in final_screen(screen.text) if line]
    assert [line.split()[0] for line in lines] == ["warning:", "NAME", "AP1", "LAP", "error:", "hint:", "2"]
    assert "accepted, but not confirmed: AP1, LAP" in lines[4]
    assert any(call.path.endswith("/logout") for call in sandbox.journal)


def test_password_asked_for_while_waiting_is_not_drawn_over(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(seconds=1.5)
    taken = sandbox.grid.change

    def expiring(names: list[str], verb: str) -> int:
        sandbox.sessions.end_all()
        return taken(names, verb)

    sandbox.grid.change = expiring  # type: ignore[method-assign]
    environ = {**sandbox.environment(), "HOME": str(tmp_path)}
    del environ["CDPCTL_PASSWORD"]
    prompt = f"Password for {sandbox.username}"
    screen = on_terminal(
        ("peer", "stop", "AP1", "--wait", *QUICK, "--no-color"),
        environ,
        [Answer(prompt, f"{sandbox.password}\n"), Answer(prompt, f"{sandbox.password}\n")],
        columns=150,
    )
    assert screen.code == 0
    assert sandbox.password not in screen.text
    lines = [line for line in final_screen(screen.text) if line]
    assert [line.split()[0] for line in lines] == ["Password", "note:", "Password", "NAME", "AP1", "1"]


def test_interrupted_restart_tells_how_to_bring_the_peer_back(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(seconds=60)
    environ = {**sandbox.environment(), "HOME": str(tmp_path)}
    words = ("peer", "restart", "AP1", "AP2", *QUICK, "--no-color")
    answers = [Answer("AP1       STOPPING", number=signal.SIGINT)]
    screen = on_terminal(words, environ, answers, columns=250)
    assert screen.code == 130
    assert "cdpctl peer start AP1\r\n" in screen.text
    assert changes(sandbox) == ["PUT AP1/stop"]


def test_calls_of_their_own_share_a_few_connections(tmp_path: Path) -> None:
    good = healthy()
    names = [f"AP{number}" for number in range(100, 140)]
    late = threading.Event()

    def behave(seen: Seen) -> Script:
        if seen.method == "PUT":
            # The first ones are slow, so that several are pending at the same time.
            if seen.number < 2:
                late.wait(0.05)
            return [answer(204)]
        if seen.target.endswith("/info/peer"):
            peers = [{"name": name, "status": "RUNNING", "type": "Activity Peer"} for name in names]
            return [answer(200, json.dumps({"peerInfoList": peers}).encode())]
        return good(seen)

    with FaultServer(behave) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        document = cdpctl.json("peer", "stop", *names, "--each", "--parallel", "4", code=0)
        assert 1 < server.connections <= 4
        assert sorted(server.sent("PUT")) == sorted(
            f"PUT /baocdp/rest/peer/{name}/stop HTTP/1.1" for name in names
        )
    assert [result["name"] for result in document["results"]] == names


def test_one_bad_peer_among_many_strands_nobody(tmp_path: Path) -> None:
    good = healthy()

    def behave(seen: Seen) -> Script:
        if seen.method == "POST" and seen.target.endswith("/stop"):
            return [answer(404, b'{"message": "Peer not found"}')]
        if seen.target.endswith("/AP1/stop"):
            return [Reset()]
        if seen.target.endswith("/AP2/stop"):
            return [answer(404)]
        return good(seen)

    with FaultServer(behave) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        document = cdpctl.json("peer", "stop", "LAP1", "AP1", "AP2", code=3)
        puts = server.sent("PUT")
    assert outcomes(document) == {"LAP1": "accepted", "AP1": "unknown", "AP2": "failed"}
    assert len(puts) == len(set(puts)) == 3


def test_fail_fast_leaves_the_rest_unsent(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve("stop:500")
    cdpctl = InProcess(tmp_path, sandbox)
    document = cdpctl.json(
        "peer", "stop", "AP1", "AP2", "LAP", "--each", "--parallel", "1", "--fail-fast", code=1
    )
    assert list(outcomes(document).values()) == ["failed", "skipped", "skipped"]
    assert changes(sandbox) == ["PUT AP1/stop"]


def test_cdp_without_info_works_from_the_plain_list(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(reads="peer")
    cdpctl = InProcess(tmp_path, sandbox)
    listed = cdpctl.json("peer", "list", code=0)["peers"]
    assert [(peer["name"], peer["type"], peer["status"]) for peer in listed][:3] == [
        ("CDP", "CDP", None),
        ("HACDP", "HA-CDP", None),
        ("AP1", "AP", None),
    ]
    document = cdpctl.json("peer", "stop", "--all", "--yes", code=0)
    assert list(outcomes(document)) == ["AP1", "AP2", "AP3", "LAP"]
    for words in (("stop", "AP1", "--wait"), ("restart", "AP1"), ("wait", "AP1", "--for", "stopped")):
        assert "status" in cdpctl.json("peer", *words, code=2)["error"]["message"]
    assert changes(sandbox) == ["POST stop"]


def test_cdp_without_any_read_is_sent_to_and_says_so(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(reads="none")
    cdpctl = InProcess(tmp_path, sandbox)
    done = cdpctl("peer", "stop", "AP1", "-o", "json", code=0)
    assert outcomes(done.document) == {"AP1": "accepted"}
    assert "cannot be checked" in done.stderr
    for words in (("stop", "AP1", "--wait"), ("stop", "--all", "--yes"), ("restart", "AP1")):
        cdpctl("peer", *words, code=2)
    assert changes(sandbox) == ["PUT AP1/stop"]


def test_hint_of_a_restart_without_a_status_is_a_command_of_its_own(serve: Serve, tmp_path: Path) -> None:
    cdpctl = InProcess(tmp_path, serve(reads="peer"))
    error = cdpctl.json("peer", "restart", "AP1", "AP2", code=2)["error"]
    assert error["message"].startswith("cannot restart AP1, AP2: this CDP does not report a status")
    assert error["hint"] == "nothing was sent; to stop without waiting: cdpctl peer stop AP1 AP2"


def test_restart_that_is_cut_says_which_half_may_still_take_effect(tmp_path: Path) -> None:
    def halves(verb: str, script: Script) -> str:
        def on(seen: Seen) -> bool:
            return seen.target.endswith(verb)

        with FaultServer(faulty(lambda _: script, on)) as server:
            cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
            words = ("peer", "restart", "AP1", "--batch-timeout", "1s", *QUICK)
            done = cdpctl(*words, "-o", "json", code=8 if verb == "stop" else 7)
        assert done.document["left_down"] == ["AP1"]
        assert "  cdpctl peer start AP1\n" in done.stderr
        return done.said

    accepted = halves("stop", [answer(200, b'{"response":"Success"}')])
    assert "the stop was accepted, but still RUNNING after 1 s; the start was not sent" in accepted
    assert "AP1 may be stopped by now (last seen RUNNING)" in accepted
    lost = halves("start", [Reset()])
    assert "AP1 may be starting (last seen STOPPED)" in lost
    assert "not started again" not in lost


@pytest.mark.parametrize(
    "spelling",
    [
        "CDP",
        "cdp",
        "Configuration Distribution Peer",
        "CONFIGURATION_DISTRIBUTION_PEER",
        "HA-CDP",
        "HACDP",
        "High Availability Configuration Distribution Peer",
        "Configuration Distribution Peer (HA)",
    ],
)
def test_all_never_means_a_cdp_however_its_type_is_written(tmp_path: Path, spelling: str) -> None:
    good = healthy()

    def behave(seen: Seen) -> Script:
        entries = [{"name": "X", "type": spelling, "status": "RUNNING"}]
        entries.append({"name": "AP1", "type": "Activity Peer", "status": "RUNNING"})
        if seen.target.endswith("/info/peer"):
            return [answer(200, json.dumps({"peerInfoList": entries}).encode())]
        return [answer(200, json.dumps(entries).encode())] if seen.target.endswith("/peer") else good(seen)

    with FaultServer(behave) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        for words in (("--all",), ("--match", "*"), ("--status", "running")):
            assert list(outcomes(cdpctl.json("peer", "stop", *words, "--yes", "--dry-run", code=0))) == [
                "AP1"
            ]
        assert outcomes(cdpctl.json("peer", "stop", "X", code=2)) == {"X": "refused"}
        assert server.sent("PUT", "POST") == []


def test_thousand_peers_are_one_call_and_one_poll_a_round(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(peers=1000, seconds=0.3)
    cdpctl = InProcess(tmp_path, sandbox)
    done = cdpctl("peer", "stop", "--type", "ap", "--yes", "--wait", *QUICK, "-o", "name", "-q", code=0)
    assert len(done.stdout.split()) == 1000
    assert changes(sandbox) == ["POST stop"]
    paths = [call.path.removeprefix("/baocdp/rest") for call in sandbox.journal]
    assert paths[:4] == ["/login", "/info/peer", "/peer", "/peer/stop"]
    assert set(paths[4:-1]) == {"/info/peer"}
    assert len(cdpctl("peer", "list", "-o", "table", code=0).stdout.splitlines()) == 1004
