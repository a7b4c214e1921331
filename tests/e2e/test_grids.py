"""Several grids at a time: the profiles, the results of each, and errors that affect one grid only."""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from cdpctl.sandbox.server import Sandbox
from tests.support.catalogue import BODIES, WIRE, After, Fault
from tests.support.fault_server import FaultServer, Hold, Script, Seen, closed_port
from tests.support.profiles import of_sandboxes, write_profiles
from tests.support.program import (
    CANARY_TOKEN,
    SCRIPT,
    InProcess,
    StrictInProcess,
    StrictProgram,
    changes,
    logins,
)
from tests.support.terminal import on_terminal
from tests.support.wire_grid import PEERS, answer, healthy

pytestmark = pytest.mark.loopback
_DEAD = "http://127.0.0.1:9/baocdp"


@pytest.fixture
def grids(serve: Callable[..., Sandbox]) -> dict[str, Sandbox]:
    return {"prod-a": serve(), "prod-b": serve(), "dr": serve()}


@pytest.fixture
def cdpctl(tmp_path: Path, grids: dict[str, Sandbox]) -> InProcess:
    write_profiles(tmp_path, of_sandboxes(grids), 'default_profile = "dr"')
    program = InProcess(tmp_path, None, CDPCTL_NO_KEYRING="1")
    program.secrets = [each.password for each in grids.values()]
    return program


@pytest.mark.parametrize(
    ("words", "profiles"),
    [
        (("-p", "prod-a,dr"), "prod-a dr"),
        (("-p", "dr", "-p", "prod-a"), "dr prod-a"),
        (("-p", "prod-*"), "prod-a prod-b"),
        (("-p", "prod-[b]"), "prod-b"),
        (("-p", "prod-b,prod-*,dr"), "prod-b prod-a dr"),
        (("--all-profiles",), "prod-a prod-b dr"),
    ],
)
def test_each_way_to_ask_for_several_gives_one_document_per_grid(
    cdpctl: InProcess, grids: dict[str, Sandbox], words: tuple[str, ...], profiles: str
) -> None:
    document = cdpctl.json("peer", "list", *words, code=0)
    assert document["schema"] == "cdpctl.grids/1"
    assert [each["profile"] for each in document["grids"]] == profiles.split()
    for each in document["grids"]:
        assert each["schema"] == "cdpctl.peers/1"
        assert each["url"] == grids[each["profile"]].url
        assert len(each["peers"]) == 6
        assert "grid" not in each["peers"][0]
        assert logins(grids[each["profile"]]) == 1


def test_options_for_several_stand_before_the_command_too(cdpctl: InProcess) -> None:
    for words in (("--all-profiles", "peer", "list"), ("-p", "dr,prod-a", "peer", "list", "-p", "prod-b")):
        assert len(cdpctl.json(*words, code=0)["grids"]) == 3


def test_variable_names_several_and_the_option_wins(cdpctl: InProcess) -> None:
    cdpctl.env["CDPCTL_PROFILE"] = "prod-*"
    assert len(cdpctl.json("peer", "list", code=0)["grids"]) == 2
    assert cdpctl.json("peer", "list", "-p", "dr", code=0)["profile"] == "dr"
    assert len(cdpctl.json("peer", "list", "--all-profiles", code=0)["grids"]) == 3
    assert "CDPCTL_PROFILE names several" in cdpctl("peer", "stop", "AP1", code=2).stderr


def test_one_profile_shows_no_column_of_grids(cdpctl: InProcess) -> None:
    assert cdpctl("peer", "list", "-p", "dr", code=0).stdout.startswith("name\ttype\t")
    assert cdpctl.json("peer", "list", code=0)["schema"] == "cdpctl.peers/1"


@pytest.mark.parametrize("form", ["table", "tsv"])
def test_tables_begin_with_the_grid(cdpctl: InProcess, form: str) -> None:
    lines = cdpctl("peer", "list", "-p", "prod-*", "-o", form, "--type", "lap", code=0).stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["prod-a", "LAP"], ["prod-b", "LAP"]]
    assert lines[0].split()[0].lower() == "grid"


def test_fields_and_names_of_several(cdpctl: InProcess) -> None:
    shown = cdpctl("peer", "list", "-p", "dr,prod-a", "--type", "lap", "--fields", "name,grid", code=0)
    assert shown.stdout == "name\tgrid\nLAP\tdr\nLAP\tprod-a\n"
    assert (
        cdpctl("peer", "list", "--all-profiles", "--type", "lap", "-o", "name", code=0).stdout == "LAP\n" * 3
    )
    document = cdpctl.json(
        "peer", "list", "-p", "dr,prod-a", "--type", "lap", "--fields", "grid,name", code=0
    )
    assert document["grids"][1]["peers"] == [{"grid": "prod-a", "name": "LAP"}]
    assert (
        "unknown field 'nope'" in cdpctl("peer", "list", "--all-profiles", "--fields", "nope", code=2).stderr
    )


def test_jsonl_has_the_grid_in_every_record_and_errors_as_lines(cdpctl: InProcess, tmp_path: Path) -> None:
    with (tmp_path / ".config/cdpctl/config.toml").open("a") as file:
        file.write(f'[profiles.dead]\nurl = "{_DEAD}"\nusername = "u"\npassword_command = "echo x"\n')
    done = cdpctl("peer", "list", "-p", "dr,dead,prod-a", "-o", "jsonl", code=3)
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert sorted(each["grid"] for each in lines) == ["dead"] + ["dr"] * 6 + ["prod-a"] * 6
    [error] = [each for each in lines if "error" in each]
    assert (error["schema"], error["profile"]) == ("cdpctl.error/1", "dead")
    assert error["error"]["code"] == "unreachable"


def test_grid_that_cannot_be_read_hides_no_other(cdpctl: InProcess, tmp_path: Path) -> None:
    with (tmp_path / ".config/cdpctl/config.toml").open("a") as file:
        file.write(f'[profiles.dead]\nurl = "{_DEAD}"\nusername = "u"\npassword_command = "echo x"\n')
        file.write('[profiles.blank]\nusername = "u"\n')
    document = cdpctl.json("peer", "list", "--all-profiles", code=3)
    read = {each["profile"]: each for each in document["grids"]}
    assert list(read) == ["prod-a", "prod-b", "dr", "dead", "blank"]
    assert [len(read[name]["peers"]) for name in ("prod-a", "prod-b", "dr")] == [6, 6, 6]
    assert (read["dead"]["schema"], read["dead"]["exit_code"]) == ("cdpctl.error/1", 6)
    assert read["blank"]["error"]["code"] == "config"
    said = cdpctl("peer", "list", "--all-profiles", code=3).stderr
    assert "error: dead: cannot " in said
    assert "error: blank: " in said
    assert (
        cdpctl.json("peer", "list", "-p", "dead,dead", code=6)["grids"][0]["error"]["code"] == "unreachable"
    )


def test_messages_say_which_grid_they_are_about(cdpctl: InProcess) -> None:
    said = cdpctl("peer", "list", "-p", "prod-*", "--type", "nope", "-o", "name", code=0).stderr
    for name in ("prod-a", "prod-b"):
        assert f"warning: {name}: no peer has type 'nope'" in said
        assert f"note: {name}: no peer matches the selection" in said


def test_hints_name_the_profile_of_their_grid(serve: Callable[..., Sandbox], tmp_path: Path) -> None:
    first, second = serve(), serve()
    urls = {"a": {"url": first.url, "username": "u"}, "b": {"url": second.url, "username": "u"}}
    write_profiles(tmp_path, urls)
    document = InProcess(tmp_path, None, CDPCTL_NO_KEYRING="1").json("peer", "list", "-p", "a,b", code=4)
    hints = [each["error"]["hint"] for each in document["grids"]]
    assert ["--profile a" in hints[0], "--profile b" in hints[1]] == [True, True]


def test_groups_are_those_of_each_profile(cdpctl: InProcess, tmp_path: Path) -> None:
    with (tmp_path / ".config/cdpctl/config.toml").open("a") as file:
        file.write(
            '[profiles.prod-a.groups]\nweb = ["AP1"]\n[profiles.prod-b.groups]\nweb = ["LAP", "AP2"]\n'
        )
    shown = cdpctl("peer", "list", "-p", "prod-*", "--group", "web", "--fields", "grid,name", code=0).stdout
    assert shown.splitlines()[1:] == ["prod-a\tAP1", "prod-b\tAP2", "prod-b\tLAP"]
    document = cdpctl.json("peer", "list", "--all-profiles", "--group", "web", code=3)
    assert document["grids"][2]["error"]["code"] == "usage"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-p", "dr", "-p", "prod-a"), "takes one profile, and --profile names several: 'dr,prod-a'"),
        (("-p", "dr,prod-a"), "takes one profile, and --profile names several: 'dr,prod-a'"),
        (("-p", "prod-*"), "takes one profile, and --profile names several: 'prod-*'"),
        (("--all-profiles",), "takes one profile; --all-profiles is for commands that only read"),
    ],
)
@pytest.mark.parametrize("verb", ["stop", "restart", "wait --for running"])
def test_operations_take_one_grid(
    cdpctl: InProcess, grids: dict[str, Sandbox], words: tuple[str, ...], said: str, verb: str
) -> None:
    error = cdpctl.json("peer", *verb.split(), "AP1", *words, code=2)["error"]
    assert said in error["message"]
    assert "nothing was sent" in error["hint"]
    assert [call for each in grids.values() for call in (*changes(each), *each.journal)] == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("-p", "dr,prdo-a"), 10, "unknown profile 'prdo-a'; did you mean prod-a?"),
        (("-p", "test-*"), 10, "no profile matches 'test-*'"),
        (("-p", "dr,"), 2, "a name in the list is empty"),
        (("--all-profiles", "-p", "dr"), 2, "cannot be combined"),
        (("--all-profiles", "--url", "cdp.example.com"), 2, "--url belongs to one CDP"),
        (("--all-profiles", "--watch"), 2, "--watch shows one grid at a time"),
        (("--all-profiles", "--sort-by", "x"), 2, "unknown field 'x'"),
    ],
)
def test_what_cannot_be_meant_is_an_error_before_anything_is_read(
    cdpctl: InProcess, grids: dict[str, Sandbox], words: tuple[str, ...], code: int, said: str
) -> None:
    document = cdpctl.json("peer", "list", *words, code=code)
    assert document["schema"] == "cdpctl.error/1"
    assert said in document["error"]["message"]
    assert [each.journal for each in grids.values()] == [[], [], []]


@pytest.mark.parametrize("variable", ["CDPCTL_URL", "CDPCTL_TOKEN", "CDPCTL_TOKEN_FILE"])
def test_secret_or_url_of_one_cdp_is_not_used_for_several(
    cdpctl: InProcess, grids: dict[str, Sandbox], variable: str
) -> None:
    cdpctl.env[variable] = grids["dr"].url
    assert f"{variable} belongs to one CDP" in cdpctl("status", "--all-profiles", code=2).stderr
    assert [each.journal for each in grids.values()] == [[], [], []]


def test_status_and_doctor_show_each_grid(cdpctl: InProcess, tmp_path: Path) -> None:
    with (tmp_path / ".config/cdpctl/config.toml").open("a") as file:
        file.write(f'[profiles.dead]\nurl = "{_DEAD}"\nusername = "u"\n')
    status = cdpctl.json("status", "-p", "dr,dead", code=4)
    assert [each["schema"] for each in status["grids"]] == ["cdpctl.status/1"] * 2
    assert [each["cdp"] for each in status["grids"]] == ["up", "unreachable"]
    doctor = cdpctl.json("doctor", "-p", "prod-a,dead", code=3)
    assert [each["exit_code"] for each in doctor["grids"]] == [0, 6]
    assert {len(each["checks"]) for each in doctor["grids"]} == {10}
    done = cdpctl("doctor", "-p", "prod-a,dead", "-o", "table", code=3)
    assert "hint: cdpctl doctor --profile dead\n" in done.stderr
    table = done.stdout.splitlines()
    assert table[0].split() == ["GRID", "NAME", "STATUS", "MESSAGE", "HINT"]
    assert [line.split()[0] for line in table[1:]] == ["prod-a"] * 10 + ["dead"] * 10
    with (tmp_path / ".config/cdpctl/config.toml").open("a") as file:
        file.write('[profiles.bad]\nverify = "x"\n')
    done = cdpctl("doctor", "-p", "prod-a,bad", "-o", "table", code=3)
    assert "hint: cdpctl doctor --profile bad\n" in done.stderr
    doctor = cdpctl.json("doctor", "-p", "prod-a,bad", code=3)
    assert [each["profile"] for each in doctor["grids"]] == ["prod-a", "bad"]


def test_totals_tell_how_many_grids_were_read(cdpctl: InProcess, tmp_path: Path) -> None:
    with (tmp_path / ".config/cdpctl/config.toml").open("a") as file:
        file.write(f'[profiles.dead]\nurl = "{_DEAD}"\nusername = "u"\n')
    for profiles, read in (("dr,prod-a", "in 2 grids"), ("dr,dead", "in 1 of 2 grids")):
        text = on_terminal(("peer", "list", "-p", profiles), cdpctl.env).text
        assert f"stopped, {read}\r\n" in text


_ALL = (*WIRE, *BODIES)
_QUICK = [fault for fault in _ALL if not fault.waits]


# Several at a time, so that an error in one grid could affect the next one.
@pytest.mark.parametrize(
    "faults",
    [[fault for fault in _ALL if fault.waits], *(_QUICK[start::6] for start in range(6))],
    ids=lambda faults: f"from_{faults[0]}",
)
def test_faults_of_some_grids_leave_the_others_whole(faults: Sequence[Fault], tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text(CANARY_TOKEN)
    token.chmod(0o600)
    urls: dict[str, str] = {}
    with ExitStack() as stack:
        good = [stack.enter_context(FaultServer(healthy(CANARY_TOKEN))) for _ in range(2)]
        urls["first"] = good[0].url
        for fault in faults:
            greeting = fault.script if fault.greeting else ()
            server = stack.enter_context(FaultServer([fault.script], greeting=greeting))
            urls[fault.name] = {
                "server": server.url,
                "closed": f"http://127.0.0.1:{closed_port()}/baocdp",
                "unresolvable": "https://cdp.invalid:38080/baocdp",
            }[fault.place]
        urls["last"] = good[1].url
        write_profiles(tmp_path, {name: {"url": url, "token_file": str(token)} for name, url in urls.items()})
        program = StrictInProcess(tmp_path, CDPCTL_TOKEN="").hurried(faults[0].waits)
        run = program("peer", "list", "--all-profiles", code=3)
    found = dict(zip(urls, run.document["grids"], strict=True))
    for name in ("first", "last"):
        assert found[name]["schema"] == "cdpctl.peers/1"
        assert {peer["name"] for peer in found[name]["peers"]} == set(PEERS)
    for fault in faults:
        if found[fault.name]["schema"] == "cdpctl.error/1":
            assert f"error: {fault.name}: " in run.stderr
        else:
            assert fault.read is After.ANSWER


def _silent_once_logged_in(seen: Seen) -> Script:
    if seen.target.endswith(("/login", "/logout")):
        return [answer(200, b'{"login": "true"}', {"Authentication-Token": CANARY_TOKEN})]
    return [Hold()] if "authentication-token" in seen.headers else [answer(401)]


@pytest.mark.parametrize("words", ["peer list", "peer check", "doctor"])
def test_signal_ends_the_sessions_that_were_opened(tmp_path: Path, words: str) -> None:
    with ExitStack() as stack:
        servers = [stack.enter_context(FaultServer(_silent_once_logged_in)) for _ in range(2)]
        values = {"username": "u", "password_command": "echo pass"}
        write_profiles(tmp_path, {f"p{each.port}": {"url": each.url, **values} for each in servers})
        process = subprocess.Popen(
            [SCRIPT, *words.split(), "--all-profiles"],
            env=StrictProgram(tmp_path, CDPCTL_TOKEN="").env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        while not all(
            any("authentication-token" in seen.headers for seen in each.requests) for each in servers
        ):
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=30)
        assert process.returncode == (3 if words == "peer check" else 130)
        for each in servers:
            assert [line.split()[1] for line in each.sent("POST")] == [
                "/baocdp/rest/login",
                "/baocdp/rest/logout",
            ]


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signal_ends_the_run_with_one_document(tmp_path: Path, number: int, code: int) -> None:
    with FaultServer(lambda _: [Hold()]) as server:
        values = {"url": server.url, "username": "u", "password_command": "echo pass"}
        write_profiles(tmp_path, {"a": values, "b": values})
        env = StrictProgram(tmp_path, CDPCTL_TOKEN="").env
        process = subprocess.Popen(
            [SCRIPT, "peer", "list", "--all-profiles", "-o", "json"],
            env=env,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        while server.connections < 2:
            assert process.poll() is None
            time.sleep(0.005)
        process.send_signal(number)
        out, _ = process.communicate(timeout=30)
    assert process.returncode == code
    assert json.loads(out)["exit_code"] == code
