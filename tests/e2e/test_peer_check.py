"""`cdpctl peer check`: states, the status line, documents and metrics, for all kinds of errors."""

import json
import re
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cdpctl.sandbox.server import Sandbox
from tests.support.fault_server import FaultServer, Hold
from tests.support.profiles import of_sandboxes, write_profiles
from tests.support.program import SCRIPT, InProcess, StrictProgram, in_grid
from tests.support.wire_grid import TOKEN, answer, faulty, partial_grid, twice

pytestmark = pytest.mark.loopback
_DEAD = "http://127.0.0.1:9/baocdp"
_DATA = re.compile(r"[\w.-]+=\d+(\.\d+)?s?;;;0(;\d+)?")


@pytest.fixture
def cdpctl(tmp_path: Path, sandbox: Sandbox) -> InProcess:
    return InProcess(tmp_path, sandbox)


def line_of(text: str) -> tuple[str, list[str]]:
    """Return the text and the performance data of the only line."""
    [line] = text.splitlines()
    shown, _, data = line.partition(" | ")
    assert all(_DATA.fullmatch(each) for each in data.split()), data
    return shown, data.split()


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ((), 2, "PEERS CRITICAL - 1 of 6 peers not running: AP3 (STOPPED)"),
        (("AP1", "LAP"), 0, "PEERS OK - 2 peers running"),
        (("AP3", "--expect", "stopped"), 0, "PEERS OK - 1 peer stopped"),
        (("AP1", "--expect", "stopped"), 2, "PEERS CRITICAL - 1 of 1 peer not stopped: AP1 (RUNNING)"),
        (("AP1", "AP9"), 2, "PEERS CRITICAL - 1 of 2 peers not running: AP9 (not found)"),
        (("--type", "lap,ha-cdp"), 0, "PEERS OK - 2 peers running"),
        (("--exclude", "AP3"), 0, "PEERS OK - 5 peers running"),
        (("--all",), 2, "PEERS CRITICAL - 1 of 4 peers not running: AP3 (STOPPED)"),
        (("--match", "NO-*"), 3, "PEERS UNKNOWN - no peer matches the selection"),
        (("AP1", "--all"), 3, "PEERS UNKNOWN - names and a selection cannot be combined"),
        (
            ("--expect", "runing"),
            3,
            "PEERS UNKNOWN - --expect: unknown state 'runing'; did you mean",
        ),
        (("--nope",), 3, "PEERS UNKNOWN - unknown option '--nope'"),
        (("--expect",), 3, "PEERS UNKNOWN - --expect needs a value"),
        (("a/b",), 3, "PEERS UNKNOWN - invalid peer name 'a/b': "),
        (("--fields", "nope"), 3, "PEERS UNKNOWN - --fields: unknown field 'nope'"),
        (("-o", "yaml"), 3, "PEERS UNKNOWN - --output: unknown format 'yaml'"),
        (("--from-file", "/not/there"), 3, "PEERS UNKNOWN - /not/there: cannot be read: "),
        (("-p", "nope"), 3, "PEERS UNKNOWN - "),
        (("--timeout", "never"), 3, "PEERS UNKNOWN - --timeout: 'never' is not a valid duration"),
    ],
)
def test_answer_is_one_line_and_the_code_of_a_plugin(
    cdpctl: InProcess, words: tuple[str, ...], code: int, said: str
) -> None:
    shown, _ = line_of(cdpctl("peer", "check", *words, code=code).stdout)
    assert shown.startswith(said) if code == 3 else shown == said
    if "-o" not in words:
        document = cdpctl.json("peer", "check", *words, code=code)
        assert document["schema"] == "cdpctl.check/1"
        assert document["message"].partition(" | ")[0] == shown
        assert document["state"] == ("ok", "warning", "critical", "unknown")[code]


def test_errors_before_the_command_are_unknown_too(cdpctl: InProcess) -> None:
    for words in (("--nope", "peer", "check"), ("-o", "yaml", "peer", "check"), ("--type", "peer", "check")):
        assert cdpctl(*words, code=3).stdout.startswith("PEERS UNKNOWN - ")
    assert cdpctl("--nope", "peer", "stop", "check", code=2).stdout == ""


def test_peer_in_between_is_a_warning(tmp_path: Path, serve: Callable[..., Sandbox]) -> None:
    sandbox = serve(seconds=60.0)
    cdpctl = InProcess(tmp_path, sandbox)
    cdpctl("peer", "stop", "AP1", code=0)
    shown, data = line_of(cdpctl("peer", "check", "AP1", "AP2", code=1).stdout)
    assert re.fullmatch(r"PEERS WARNING - 1 of 2 peers not running: AP1 \(\w+\)", shown)
    assert data[:3] == ["running=1;;;0;2", "stopped=0;;;0;2", "other=1;;;0;2"]


def test_names_come_from_standard_input_and_files(cdpctl: InProcess, tmp_path: Path) -> None:
    assert cdpctl("peer", "check", "-", stdin="AP1\nAP2\n", code=0).stdout.startswith("PEERS OK - 2 peers")
    (tmp_path / "names").write_text("LAP\n")
    assert "1 peer running" in cdpctl("peer", "check", "--from-file", str(tmp_path / "names"), code=0).stdout


def test_records_in_other_formats_and_the_line_beside_them(cdpctl: InProcess) -> None:
    done = cdpctl("peer", "check", "AP1", "AP3", "-o", "jsonl", code=2)
    assert [json.loads(line)["state"] for line in done.stdout.splitlines()] == ["ok", "critical"]
    assert done.stderr.startswith("PEERS CRITICAL - ")
    assert cdpctl("peer", "check", "AP1", "AP3", "-o", "name", code=2).stdout == "AP1\n"
    for quiet in ("jsonl", "json"):
        shown = cdpctl("peer", "check", "AP1", "AP3", "-q", "-o", quiet, code=2).stderr
        assert shown.startswith("PEERS CRITICAL - 1 of 2 peers not running: AP3 (STOPPED)")
    assert cdpctl("peer", "check", "AP1", "-o", "json", code=0).stderr == ""
    # An error is shown once.
    unread = cdpctl("peer", "check", "--url", _DEAD, "-q", "-o", "json", code=3).stderr
    assert unread.count("cannot connect") == 1


def test_group_lists_peers_that_must_be_there(tmp_path: Path, sandbox: Sandbox) -> None:
    path = write_profiles(tmp_path, of_sandboxes({"prod": sandbox}))
    with path.open("a") as file:
        file.write('[profiles.prod.groups]\nweb = ["AP1", "LAP*"]\nold = ["AP1", "GONE"]\n')
    cdpctl = InProcess(tmp_path, None, CDPCTL_NO_KEYRING="1")

    def check(group: str, code: int) -> str:
        return line_of(cdpctl("peer", "check", "--group", group, code=code).stdout)[0]

    assert check("web", 0) == "PEERS OK - 2 peers running"
    assert "GONE (not found)" in check("old", 2)
    assert "unknown group 'wbe'; did you mean web?" in check("wbe", 3)


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"CDPCTL_URL": _DEAD}, "cannot connect"),
        ({"CDPCTL_URL": ""}, "no CDP URL is set"),
        ({"CDPCTL_PASSWORD": "wrong-password"}, "wrong user name or password"),
        ({"CDPCTL_URL": "http://cdp.example.com"}, "http"),
        ({"CDPCTL_CONFIG": "/"}, "/: not a regular file"),
    ],
)
def test_grid_that_cannot_be_read_is_unknown_and_metrics_say_so(
    tmp_path: Path, sandbox: Sandbox, variables: dict[str, str], said: str
) -> None:
    metrics = tmp_path / "cdpctl.prom"
    cdpctl = InProcess(tmp_path, sandbox, **variables)
    done = cdpctl("peer", "check", "--openmetrics", str(metrics), code=3)
    shown, data = line_of(done.stdout)
    assert shown.startswith("PEERS UNKNOWN - ")
    assert said in shown
    assert data == []
    assert 'cdpctl_grid_read{grid="default"} 0.0' in metrics.read_text()
    document = cdpctl.json("peer", "check", code=3)
    assert (document["state"], document["peers"]) == ("unknown", [])
    assert document["error"]["message"] in document["message"]


def test_metrics_are_replaced_whole_and_the_path_is_expanded(cdpctl: InProcess, tmp_path: Path) -> None:
    metrics = tmp_path / "cdpctl.prom"
    metrics.write_text("old")
    cdpctl("peer", "check", "--openmetrics=~/cdpctl.prom", "--expect", "running", code=2)
    text = metrics.read_text()
    assert 'cdpctl_peer_up{grid="default",peer="AP1",type="AP"} 1.0' in text
    assert 'cdpctl_peer_up{grid="default",peer="AP3",type="AP"} 0.0' in text
    assert 'cdpctl_peers{grid="default",status="RUNNING",type="AP"} 2.0' in text
    assert 'cdpctl_grid_read{grid="default"} 1.0' in text
    assert [each.name for each in tmp_path.glob("*.prom*")] == ["cdpctl.prom"]


def test_metrics_that_cannot_be_written_are_unknown_but_hide_no_outage(cdpctl: InProcess) -> None:
    done = cdpctl("peer", "check", "AP1", "--openmetrics", "/not/there/x.prom", code=3)
    said = "--openmetrics: /not/there/x.prom cannot be written: No such file or directory"
    assert done.stdout == f"PEERS UNKNOWN - {said}\n"
    done = cdpctl("peer", "check", "AP3", "--openmetrics", "/not/there/x.prom", code=2)
    assert done.stdout.startswith("PEERS CRITICAL - ")
    assert "error: --openmetrics: " in done.stderr


def test_several_grids_are_one_answer(tmp_path: Path, serve: Callable[..., Sandbox]) -> None:
    grids = {"a": serve(), "b": serve()}
    dead = {"url": _DEAD, "username": "u", "password_command": "echo x"}
    write_profiles(tmp_path, {**of_sandboxes(grids), "dead": dead})
    cdpctl = InProcess(tmp_path, None, CDPCTL_NO_KEYRING="1")
    shown, data = line_of(cdpctl("peer", "check", "-p", "a,b", "--type", "lap", code=0).stdout)
    assert shown == "PEERS OK - 2 peers running in 2 grids"
    assert [each.partition("=")[0] for each in data[:4]] == ["a_running", "a_stopped", "a_other", "a_time"]
    shown, _ = line_of(cdpctl("peer", "check", "--all-profiles", "--type", "lap", code=3).stdout)
    assert shown.startswith("PEERS UNKNOWN - dead: cannot connect")
    metrics = tmp_path / "all.prom"
    document = cdpctl.json("peer", "check", "--all-profiles", "--openmetrics", str(metrics), code=2)
    assert (document["schema"], document["state"]) == ("cdpctl.grids/1", "critical")
    assert [each["schema"][7:] for each in document["grids"]] == ["check/1", "check/1", "error/1"]
    assert [each["exit_code"] for each in document["grids"]] == [2, 2, 3]
    read = re.findall(r'cdpctl_grid_read\{grid="(\w+)"\} (\d)', metrics.read_text())
    assert read == [("a", "1"), ("b", "1"), ("dead", "0")]


@pytest.mark.parametrize(
    ("status", "code", "said"),
    [
        ("STOPPED", 2, "PEERS CRITICAL - 1 of 2 peers not running: AP1 (STOPPED)"),
        (None, 1, "PEERS WARNING - 1 of 2 peers not running: AP1 (no status reported)"),
        ("RUNNING", 0, "PEERS OK - 2 peers running"),
    ],
)
def test_peer_that_only_the_longer_read_lists_is_checked(
    tmp_path: Path, status: str | None, code: int, said: str
) -> None:
    with FaultServer(partial_grid(AP1=status)) as server:
        done = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)("peer", "check", code=code)
    assert line_of(done.stdout)[0] == said


@pytest.mark.parametrize(
    ("refusal", "code", "said"),
    [
        (500, 3, "PEERS UNKNOWN - reading the peers: "),
        # This user is not allowed to read it.
        (403, 0, "PEERS OK - 4 peers running"),
    ],
)
def test_longer_read_that_fails_may_hide_an_outage(
    tmp_path: Path, refusal: int, code: int, said: str
) -> None:
    with FaultServer(
        faulty(lambda _: [answer(refusal)], lambda seen: seen.target.endswith("/rest/peer"))
    ) as server:
        done = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)("peer", "check", code=code)
    assert line_of(done.stdout)[0].startswith(said)
    assert "peers that only /peer lists are left out" in done.stderr


def test_contradictory_entries_are_critical(tmp_path: Path) -> None:
    with FaultServer(twice("RUNNING", "STOPPED")) as server:
        done = in_grid(tmp_path, server.url)("peer", "check", "AP1", code=2)
    assert "AP1 (listed twice, with different types or states)" in done.stdout


def test_messages_come_after_the_line_where_both_go_to_one_place(tmp_path: Path, sandbox: Sandbox) -> None:
    path = write_profiles(tmp_path, of_sandboxes({"prod": sandbox}))
    path.chmod(0o666)
    program = StrictProgram(tmp_path, CDPCTL_TOKEN="")
    done = subprocess.run(
        [SCRIPT, "peer", "check", "-v", "--type", "lap"],
        env=program.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.stdout.splitlines()[0].startswith("PEERS "), done.stdout


@pytest.mark.parametrize(
    ("number", "form"),
    [(signal.SIGINT, "tsv"), (signal.SIGINT, "json"), (signal.SIGTERM, "tsv"), (signal.SIGHUP, "json")],
)
def test_signal_is_unknown_with_one_answer(tmp_path: Path, number: int, form: str) -> None:
    with FaultServer(lambda _: [Hold()]) as server:
        program = StrictProgram(tmp_path, server.url)
        process = subprocess.Popen(
            [SCRIPT, "peer", "check", "-o", form],
            env=program.env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        while not server.requests:
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == 3
    message = json.loads(out)["message"] if form == "json" else line_of(out)[0]
    assert message.startswith("PEERS UNKNOWN - interrupted")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_answer_that_cannot_be_written_is_unknown(tmp_path: Path, sandbox: Sandbox) -> None:
    program = StrictProgram(tmp_path, sandbox.url, **sandbox.environment(), CDPCTL_TOKEN="")
    for target in ("/dev/full", "&-"):
        script = f"exec '{SCRIPT}' peer check AP1 >{target}"
        done = subprocess.run(["bash", "-c", script], env=program.env, capture_output=True, text=True)
        assert done.returncode == 3, done.stderr


def test_help_and_the_list_of_commands_name_it(cdpctl: InProcess) -> None:
    assert "check" in cdpctl("peer", "--help", code=0).stdout
    shown = cdpctl("peer", "check", "--help", code=0).stdout
    for each in ("--expect", "--openmetrics", "--all-profiles", "--group", "--not-status"):
        assert each in shown
