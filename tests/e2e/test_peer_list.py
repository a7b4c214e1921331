"""`cdpctl peer list` and `peer show`: the reads, watching, and old CDPs."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox
from tests.e2e.conftest import Serve
from tests.support.fault_server import FaultServer, Script, Seen
from tests.support.program import InProcess, in_grid
from tests.support.terminal import Answer, final_screen, on_terminal
from tests.support.wire_grid import TOKEN, answer, faulty, healthy, partial_grid, twice

pytestmark = pytest.mark.loopback


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Grid(default_peers(), 0.1, 0.1)) as running:
        yield running


@pytest.fixture
def cdpctl(tmp_path: Path, sandbox: Sandbox) -> InProcess:
    return InProcess(tmp_path, sandbox)


@pytest.mark.parametrize(
    ("words", "names"),
    [
        ((), "CDP HACDP AP1 AP2 AP3 LAP"),
        (("--type", "ap"), "AP1 AP2 AP3"),
        (("--type", "LAP", "--type", "ha-cdp"), "HACDP LAP"),
        (("--status", "stopped"), "AP3"),
        (("--match", "*AP*", "--status", "RUNNING"), "AP1 AP2 LAP"),
        (("--match", "[red]"), ""),
        (("--match", "ap*"), ""),
        (("--all",), "AP1 AP2 AP3 LAP"),
        (("--all", "--status", "RUNNING"), "AP1 AP2 LAP"),
    ],
)
def test_list_shows_what_every_option_allows(cdpctl: InProcess, words: tuple[str, ...], names: str) -> None:
    assert cdpctl("peer", "list", *words, "-o", "name", code=0).stdout.split() == names.split()


def test_list_takes_names_from_files(cdpctl: InProcess, tmp_path: Path) -> None:
    file = tmp_path / "names"
    file.write_text("LAP\nGONE\nAP3\nAP1\n")
    done = cdpctl("peer", "list", "--from-file", str(file), "--exclude", "AP1", "-o", "name", code=0)
    assert done.stdout.split() == ["AP3", "LAP"]
    assert done.stderr == "warning: no peer is named GONE\n"
    document = cdpctl("peer", "list", "--from-file", str(file), "-o", "json", code=0).stdout
    again = ("peer", "list", "--from-file", "-", "--status", "stopped", "-o", "name")
    assert cdpctl(*again, stdin=document, code=0).stdout == "AP3\n"
    words = ("--watch", "--timeout", "1500ms", "--interval", "100ms", "-o", "jsonl")
    watched = cdpctl("peer", "list", "--from-file", "-", *words, stdin="AP2\n", code=0)
    assert [json.loads(line)["name"] for line in watched.stdout.splitlines()] == ["AP2"]
    cdpctl("peer", "list", "--from-file", "-", stdin="\n", code=2)


def test_list_shows_peers_that_only_the_longer_read_lists(tmp_path: Path) -> None:
    with FaultServer(partial_grid(AP1="STOPPED", AP2=None)) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        peers = cdpctl.json("peer", "list", code=0)["peers"]
        assert [(each["name"], each["type"], each["status"]) for each in peers] == [
            ("CDP", "CDP", "RUNNING"),
            ("AP1", "AP", "STOPPED"),
            ("AP2", "AP", None),
        ]
        for words in (("--type", "ap"), ("--match", "AP*"), ("--not-status", "RUNNING", "--match", "AP1")):
            done = cdpctl("peer", "list", *words, "-o", "name", code=0)
            assert "AP1" in done.stdout.split()
            assert done.stderr == ""


def test_longer_read_that_fails_is_warned_of(tmp_path: Path) -> None:
    with FaultServer(
        faulty(lambda _: [answer(500)], lambda seen: seen.target.endswith("/rest/peer"))
    ) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        done = cdpctl("peer", "list", "-o", "name", code=0)
        watch = ("--watch", "--timeout", "1500ms", "--interval", "100ms", "--type", "cdp,x")
        watched = cdpctl("peer", "list", *watch, "-o", "jsonl", code=0)
    assert done.stdout.split() == ["CDP", "AP1", "AP2", "LAP1"]
    said = "(500); peers that only /peer lists are left out"
    assert said in done.stderr
    assert watched.stdout.count("listed") == len(watched.stdout.splitlines()) == 1
    assert watched.stderr.count(said) == watched.stderr.count("no peer has type 'x'") == 1


def test_status_of_one_of_two_entries_is_known(tmp_path: Path) -> None:
    with FaultServer(twice("RUNNING", "STOPPED")) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        done = cdpctl("peer", "list", "--status", "RUNNING", "-o", "name", code=0)
        assert cdpctl("peer", "check", "--status", "RUNNING", code=2).stdout.startswith("PEERS CRITICAL")
    # /peer lists the other peers, without a status.
    assert done.stdout.split() == ["AP1"]
    assert "more than once" in done.stderr
    assert "no peer has status" not in done.stderr


def test_show_carries_the_servers_object_unchanged(cdpctl: InProcess) -> None:
    document = cdpctl.json("peer", "show", "AP3", code=0)
    assert document["schema"] == "cdpctl.peer/1"
    assert {key: document[key] for key in ("name", "type", "status", "host", "version")} == {
        "name": "AP3",
        "type": "AP",
        "status": "STOPPED",
        "host": "localhost",
        "version": "8.2.00",
    }
    assert document["details"]["loggingInfo"][0] == {"componentName": "Adapters", "logLevel": "WARN"}


DETAILS = {
    "name": "AP1",
    "type": "AP",
    "description": "first",
    "workflowServer": "true",
    "peerComponents": [{"state": "Running", "componentName": "Scheduler"}, {"componentName": "\x1b[31mJobs"}],
    "adaptersStatus": ["email", {"nested": [1, {"deep": None}]}],
    "loggingInfo": [],
    "future": {"x": 1},
}


def described(seen: Seen) -> Script | None:
    if seen.target.endswith("/peer/AP1"):
        return [answer(200, json.dumps([DETAILS]).encode())]
    return None


def behaving(*special: object, missing: tuple[str, ...] = ()) -> FaultServer:
    """Return a grid with a full description of AP1, without the missing reads."""
    good = healthy()

    def behave(seen: Seen) -> Script:
        path = seen.target.partition("/rest")[2]
        if seen.method == "GET" and any(path.startswith(each) for each in missing):
            return [answer(404)]
        return described(seen) or good(seen)

    return FaultServer(behave)


def test_show_puts_lists_into_small_tables_for_people(tmp_path: Path) -> None:
    with behaving() as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        text = cdpctl("peer", "show", "AP1", "-o", "table", code=0).stdout
        assert cdpctl.json("peer", "show", "AP1", code=0)["details"] == DETAILS
    assert "status       RUNNING" in text
    rows = [line.split() for line in text.partition("components:\n")[2].splitlines()]
    assert rows[:2] == [["COMPONENT", "STATE"], ["Scheduler", "Running"]]
    assert rows[2][0] == "\\x1b[31mJobs"
    assert '{"x": 1}' in text
    assert "email" in text
    assert "logging" not in text
    assert "\x1b" not in text


@pytest.mark.parametrize("missing", ["/info/peer", "/peer/"])
def test_show_works_where_a_read_is_not_served(tmp_path: Path, missing: str) -> None:
    with behaving(missing=(missing,)) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        document = cdpctl.json("peer", "show", "AP1", code=0)
    assert (document["name"], document["type"]) == ("AP1", "AP")
    assert document["status"] == (None if missing == "/info/peer" else "RUNNING")


def test_show_where_nothing_is_served_says_so(tmp_path: Path) -> None:
    with behaving(missing=("/info/peer", "/peer")) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        assert "serves neither" in cdpctl.json("peer", "show", "AP1", code=1)["error"]["message"]
        assert cdpctl.json("peer", "list", code=1)["error"]["code"] == "failed"


def test_unknown_peer_is_not_found_with_what_may_be_meant(cdpctl: InProcess, sandbox: Sandbox) -> None:
    error = cdpctl.json("peer", "show", "ap1", code=5)["error"]
    assert "AP1" in error["message"]
    sandbox.journal.clear()
    assert cdpctl.json("peer", "show", "../AP1", code=2)["error"]["code"] == "usage"
    assert sandbox.journal == []


def test_watch_writes_a_record_a_change(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve(seconds=0.8)
    cdpctl = InProcess(tmp_path, sandbox)
    reads = 0
    read = sandbox.grid.all

    def changing() -> object:
        nonlocal reads
        reads += 1
        if reads == 2:
            sandbox.grid.change(["AP1"], "stop")
        return read()

    sandbox.grid.all = changing  # type: ignore[method-assign, assignment]
    words = ("peer", "list", "--watch", "--interval", "80ms", "--timeout", "2s", "--match", "AP1")
    records = [json.loads(line) for line in cdpctl(*words, "-o", "jsonl", code=0).stdout.splitlines()]
    assert [(record["change"], record["status"]) for record in records] == [
        ("listed", "RUNNING"),
        ("changed", "STOPPING"),
        ("changed", "STOPPED"),
    ]
    assert all(record["time"].endswith("+00:00") for record in records)


@pytest.mark.parametrize("words", [("list",), ("show", "AP1"), ("list", "--match", "none")])
def test_unknown_field_is_refused_before_anything_is_read(
    cdpctl: InProcess, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    assert "colour" in cdpctl.json("peer", *words, "--fields", "colour", code=2)["error"]["message"]
    assert sandbox.journal == []


@pytest.mark.parametrize("words", [("--watch", "-o", "json"), ("--interval", "1s")])
def test_watch_that_makes_no_sense_is_refused(
    cdpctl: InProcess, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    assert cdpctl("peer", "list", *words, code=2).stderr.count("error: ") == 1
    assert sandbox.journal == []


def test_watch_goes_on_after_failed_reads_on_one_connection(tmp_path: Path) -> None:
    good = healthy()
    reads = 0

    def behave(seen: Seen) -> Script:
        nonlocal reads
        reads += seen.method == "GET"
        # The first poll has two reads.
        return [answer(500)] if 3 <= reads <= 4 else good(seen)

    with FaultServer(behave) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        done = cdpctl("peer", "list", "--watch", "--interval", "50ms", "--timeout", "2s", code=0)
        assert server.connections == 1
    assert done.stderr.count("warning: ") == 1
    assert "can be read again" in done.stderr
    assert len(done.stdout.splitlines()) == 5
    assert reads > 4


def test_watch_keeps_peers_that_only_the_longer_read_lists(tmp_path: Path) -> None:
    good = partial_grid(AP1="STOPPED")
    longer = 0

    def behave(seen: Seen) -> Script:
        nonlocal longer
        longer += seen.target.endswith("/rest/peer")
        return [answer(500)] if longer == 2 and seen.target.endswith("/rest/peer") else good(seen)

    with FaultServer(behave) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        words = ("--watch", "-o", "jsonl", "--interval", "50ms", "--timeout", "2s")
        done = cdpctl("peer", "list", *words, code=0)
    assert longer > 2
    records = [json.loads(line) for line in done.stdout.splitlines()]
    assert [(each["change"], each["name"]) for each in records] == [("listed", "CDP"), ("listed", "AP1")]


def test_watch_reads_the_longer_list_once_where_it_adds_no_peer(cdpctl: InProcess, sandbox: Sandbox) -> None:
    words = ("--watch", "-o", "jsonl", "--interval", "50ms", "--timeout", "2s")
    done = cdpctl("peer", "list", *words, code=0)
    assert done.stdout.count('"listed"') == len(done.stdout.splitlines()) == 6
    paths = [call.path.partition("/rest")[2] for call in sandbox.journal]
    assert paths.count("/info/peer") > 2
    assert paths.count("/peer") == 1


def test_first_read_of_a_watch_must_work(tmp_path: Path) -> None:
    with FaultServer([[answer(500)]]) as server:
        in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)("peer", "list", "--watch", code=1)
        assert len(server.requests) == 1


def test_watch_ends_with_its_reader(sandbox: Sandbox, tmp_path: Path) -> None:
    words = [sys.executable, "-m", "cdpctl", "peer", "list", "--watch", "--interval", "50ms"]
    environ = {**sandbox.environment(), "HOME": str(tmp_path)}
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline().startswith(b"time\tchange\tname")
        process.stdout.close()
        end = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < end:
            sandbox.grid.change(["AP1"], "stop")
            time.sleep(0.15)
            sandbox.grid.change(["AP1"], "start")
        assert process.wait(1) == 0
        assert process.stderr.read() == b""


def test_watch_redraws_in_place_until_interrupted(sandbox: Sandbox, tmp_path: Path) -> None:
    environ = {**sandbox.environment(), "HOME": str(tmp_path)}
    screen = on_terminal(
        ("peer", "list", "--watch", "--interval", "50ms"),
        environ,
        [Answer("Ctrl-C"), Answer("Ctrl-C", number=signal.SIGINT)],
        rows=7,
    )
    assert screen.code == 130
    left = final_screen(screen.text)
    assert left[0].split() == ["NAME", "TYPE", "STATUS", "HOST", "OS", "VERSION"]
    assert [line.split()[0] for line in left[1:3]] == ["CDP", "HACDP"]
    assert left[3].startswith("… and 4 more")
    assert left[4] == "6 peers: 5 running, 1 stopped   ! not running"
    assert re.fullmatch(r"last answer \d\d:\d\d:\d\d, every 0.05 s; Ctrl-C to quit", left[5])
    assert left[6:] == [""]


def test_dumb_terminal_gets_lines(sandbox: Sandbox, tmp_path: Path) -> None:
    environ = {**sandbox.environment(), "HOME": str(tmp_path), "TERM": "dumb"}
    screen = on_terminal(("peer", "list", "-w", "--timeout", "2s", "--interval", "100ms"), environ)
    assert screen.code == 0
    assert "\x1b" not in screen.text
    assert screen.text.count("listed") == 6
