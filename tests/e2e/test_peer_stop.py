"""`cdpctl peer stop` as a user runs it, over real HTTP, on the embedded grid."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox
from tests.e2e.conftest import Serve
from tests.support.program import SCRIPT, InProcess, Program, change_calls, changes, logins
from tests.support.terminal import Answer, on_terminal

pytestmark = pytest.mark.loopback

_PEAK_MEMORY = """
import resource, subprocess, sys
subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def test_one_peer_is_one_put_without_a_body(installed: Program, sandbox: Sandbox) -> None:
    document = installed.json("peer", "stop", "AP1", code=0)
    [call] = change_calls(sandbox)
    assert (call.method, call.path, call.body) == ("PUT", "/baocdp/rest/peer/AP1/stop", b"")
    assert call.token
    assert [result["outcome"] for result in document["results"]] == ["accepted"]
    assert sandbox.journal[-1].path.endswith("/logout")


def test_session_is_ended_after_the_deadline_too(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(seconds=60)
    cdpctl = InProcess(tmp_path, sandbox)
    assert cdpctl.outcomes("peer", "stop", "AP1", "--wait", "--timeout", "1s", code=8) == {"AP1": "timed_out"}
    assert sandbox.journal[-1].path.endswith("/logout")


def test_name_that_does_not_exist_gets_what_to_type_next(cdpctl: InProcess, sandbox: Sandbox) -> None:
    done = cdpctl("peer", "stop", "AP11", code=5)
    assert done.stderr == "error: 1 of 1 peer not stopped: AP11 (not found)\nhint: cdpctl peer list\n"
    assert change_calls(sandbox) == []


def test_many_peers_are_one_post_with_each_name_once(cdpctl: Program, sandbox: Sandbox) -> None:
    cdpctl("peer", "stop", "LAP", "AP1", "AP2", "AP1", code=0)
    [call] = change_calls(sandbox)
    assert (call.method, call.path) == ("POST", "/baocdp/rest/peer/stop")
    assert json.loads(call.body) == {"peers": [{"name": "LAP"}, {"name": "AP1"}, {"name": "AP2"}]}
    assert call.token


def test_every_peer_has_its_own_truth(installed: Program) -> None:
    document = installed.json("peer", "stop", "AP1", "AP11", "CDP", "AP3", "LAP", code=3)
    outcomes = {result["name"]: result["outcome"] for result in document["results"]}
    assert outcomes == {
        "AP1": "accepted",
        "AP11": "not_found",
        "CDP": "refused",
        "AP3": "unchanged",
        "LAP": "accepted",
    }
    assert "AP1" in document["results"][1]["message"]
    assert document["summary"] == {"requested": 5, "ok": 3, "not_ok": 2}


def test_wait_confirms_what_a_read_shows(cdpctl: Program) -> None:
    document = cdpctl.json("peer", "stop", "AP1", "AP2", "--wait", code=0)
    assert {(each["outcome"], each["status"]) for each in document["results"]} == {("confirmed", "STOPPED")}


@pytest.mark.parametrize("name", ["", "..", "a/b", "%2F", "a;b", "a\u202eb"])
def test_bad_name_sends_nothing_not_even_a_login(cdpctl: Program, sandbox: Sandbox, name: str) -> None:
    document = cdpctl.json("peer", "stop", "AP1", name, code=2)
    assert document["schema"] == "cdpctl.error/1"
    assert sandbox.journal == []


@pytest.mark.skipif(os.name == "nt", reason="peak memory of a child is a POSIX figure")
def test_five_thousand_names_are_one_post_and_little_memory(tmp_path: Path) -> None:
    with Sandbox(Grid(default_peers(5000), 0.3, 0.3)) as sandbox:
        names = tmp_path / "names"
        names.write_text("".join(f"AP{number}\n" for number in range(1, 5001)))
        with names.open() as stdin:
            # Through a small process, because the peak memory of a child begins at the size of its parent.
            run = subprocess.run(
                [sys.executable, "-c", _PEAK_MEMORY, SCRIPT, "peer", "stop", "-", "-o", "name"],
                stdin=stdin,
                capture_output=True,
                env=Program(tmp_path, sandbox).env,
            )
        assert run.returncode == 0
        [call] = change_calls(sandbox)
        assert len(json.loads(call.body)["peers"]) == 5000
        megabytes = int(run.stdout) / (1024 * 1024 if sys.platform == "darwin" else 1024)
        assert 10 < megabytes < 200


def test_selection_without_a_terminal_needs_yes(cdpctl: Program, sandbox: Sandbox) -> None:
    cdpctl("peer", "stop", "--all", code=2)
    assert sandbox.journal == []
    document = cdpctl.json("peer", "stop", "--all", "--yes", code=0)
    assert [result["name"] for result in document["results"]] == ["AP1", "AP2", "AP3", "LAP"]


def test_dry_run_changes_nothing(cdpctl: Program, sandbox: Sandbox) -> None:
    document = cdpctl.json("peer", "stop", "AP1", "AP2", "--dry-run", code=0)
    assert document["requests"][0]["method"] == "POST"
    assert changes(sandbox) == []


def test_user_without_the_right_is_forbidden(cdpctl: Program, sandbox: Sandbox) -> None:
    cdpctl.env["CDPCTL_USERNAME"] = sandbox.viewer
    assert cdpctl.json("peer", "stop", "AP1", code=9)["results"][0]["http_status"] == 403
    assert len(changes(sandbox)) == 1


def test_wrong_password_is_an_auth_error_and_one_login(cdpctl: Program, sandbox: Sandbox) -> None:
    cdpctl.env["CDPCTL_PASSWORD"] = "wrong-password"
    assert cdpctl.json("peer", "stop", "AP1", code=4)["error"]["code"] == "auth"
    assert len(sandbox.journal) == 1


def test_dead_server_is_unreachable(cdpctl: Program) -> None:
    cdpctl.env["CDPCTL_URL"] = "http://127.0.0.1:1"
    assert cdpctl.json("peer", "stop", "AP1", code=6)["error"]["code"] == "unreachable"


def test_empty_standard_input_never_means_all(installed: Program, sandbox: Sandbox) -> None:
    installed("peer", "stop", "-", stdin="# nobody\n", code=2)
    assert sandbox.journal == []


def test_rolling_restart_takes_one_peer_at_a_time(installed: Program, sandbox: Sandbox) -> None:
    installed("peer", "restart", "AP1", "AP2", "--interval", "100ms", code=0)
    assert changes(sandbox) == ["PUT AP1/stop", "PUT AP1/start", "PUT AP2/stop", "PUT AP2/start"]


def test_login_makes_a_profile_that_later_runs_use(cdpctl: Program, sandbox: Sandbox) -> None:
    password = cdpctl.env.pop("CDPCTL_PASSWORD")
    url, user = cdpctl.env.pop("CDPCTL_URL"), cdpctl.env.pop("CDPCTL_USERNAME")
    words = ("login", url, "--username", user, "--password-stdin", "--token-store", "file")
    assert cdpctl.json(*words, stdin=password + "\n", code=0)["stored"] == "file"
    assert cdpctl.json("peer", "list", code=0)["peers"][0]["name"] == "CDP"
    assert logins(sandbox) == 1
    sandbox.sessions.end_all()
    cdpctl.env["CDPCTL_PASSWORD"] = password
    cdpctl.json("peer", "stop", "AP1", code=0)
    assert logins(sandbox) == 2
    [token_file] = Path(cdpctl.env["HOME"]).rglob("*.json")
    assert token_file.stat().st_mode & 0o777 == 0o600


def test_last_running_peer_is_warned_about(cdpctl: Program) -> None:
    assert "warning: LAP is the last running LAP" in cdpctl("peer", "stop", "LAP", code=0).stderr
    assert "last running" not in cdpctl("peer", "stop", "AP1", code=0).stderr


def test_question_says_that_the_last_ones_are_meant(cdpctl: Program, sandbox: Sandbox) -> None:
    screen = on_terminal(["peer", "stop", "--type", "ap"], cdpctl.env, [Answer("[y/N]", "n\n")])
    assert screen.code == 2
    assert "AP1, AP2 are the last running APs." in screen.text
    assert changes(sandbox) == []
