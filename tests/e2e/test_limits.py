"""No thread or process can be started, as under a pids limit: the work is done one step after another."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path

import pytest

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import SandboxPeer
from cdpctl.sandbox.server import Sandbox
from tests.support.documents import mistakes
from tests.support.profiles import of_sandboxes, write_profiles
from tests.support.program import SCRIPT, Finished, Program, changes

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(
        sys.platform != "linux" or not (shutil.which("prlimit") and shutil.which("setpriv")),
        reason="needs prlimit and setpriv",
    ),
]
# The limit counts all processes and threads of a user, so each run has its own user.
_users = count(61_000 + os.getpid() % 1000)


def _without_threads(program: Program, *words: str, limit: int = 1, stdin: bytes = b"") -> Finished:
    user = next(_users)
    able = "-all,+dac_read_search,+dac_override"
    # root is exempt from the limit, but its files must be readable.
    other = ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups"]
    other += [f"--inh-caps={able}", f"--ambient-caps={able}", "--"]
    line = [*(other if os.getuid() == 0 else []), "prlimit", f"--nproc={limit}:{limit}", SCRIPT, *words]
    done = subprocess.run(line, input=stdin, capture_output=True, env=program.env, timeout=60)
    run = Finished(done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in run.said
    assert run.code != 70, run.said
    return run


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[[], tuple[Sandbox, Program]]]:
    opened = []

    def make() -> tuple[Sandbox, Program]:
        peers = [SandboxPeer("CDP", "CDP"), *(SandboxPeer(f"AP{number}") for number in range(1, 13))]
        sandbox = Sandbox(Grid(peers, 0.1, 0.1))
        opened.append(sandbox.__enter__())
        return sandbox, Program(tmp_path, sandbox)

    yield make
    for sandbox in opened:
        sandbox.__exit__(None, None, None)


_EACH = [f"PUT AP{number}/stop" for number in range(1, 13)]


@pytest.mark.parametrize(
    ("words", "sent"),
    [
        (("peer", "stop", "--all", "--yes", "--each"), _EACH),
        (("peer", "stop", "--all", "--yes", "--wait", "--interval", "100ms"), ["POST stop"]),
        (("peer", "restart", "AP1", "--interval", "100ms"), ["PUT AP1/stop", "PUT AP1/start"]),
        (("peer", "stop", "-"), ["PUT AP1/stop"]),
        (("peer", "list"), []),
        (("peer", "check"), []),
        (("doctor",), []),
    ],
    ids=str,
)
def test_run_without_threads_does_everything(
    serve: Callable[[], tuple[Sandbox, Program]], words: Sequence[str], sent: list[str]
) -> None:
    sandbox, program = serve()
    run = _without_threads(program, *words, "-o", "json", stdin=b"AP1\n")
    assert (run.code, changes(sandbox)) == (0, sent), run.said
    assert mistakes(run.document, words) == []
    assert all(each["ok"] for each in run.document.get("results", ()))


def test_many_grids_are_read_without_threads(
    serve: Callable[[], tuple[Sandbox, Program]], tmp_path: Path
) -> None:
    grids = {"a": serve()[0], "b": serve()[0]}
    program = Program(tmp_path, None, CDPCTL_NO_KEYRING="1", CDPCTL_PASSWORD="x")
    program.env["CDPCTL_CONFIG"] = str(write_profiles(tmp_path, of_sandboxes(grids)))
    run = _without_threads(program, "status", "--all-profiles", "-o", "json")
    assert [grid["profile"] for grid in run.document["grids"]] == ["a", "b"]


def test_command_for_a_password_that_cannot_be_started_is_named(
    serve: Callable[[], tuple[Sandbox, Program]], tmp_path: Path
) -> None:
    sandbox, program = serve()
    profile = {"url": sandbox.url, "username": sandbox.username, "password_command": "echo secret"}
    program = Program(tmp_path, None, CDPCTL_NO_KEYRING="1")
    program.env["CDPCTL_CONFIG"] = str(write_profiles(tmp_path, {"a": profile}))
    run = _without_threads(program, "peer", "stop", "AP1")
    assert (run.code, changes(sandbox)) == (4, []), run.said
    assert "error: password_command: " in run.stderr


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_embedded_grid_that_cannot_start_says_why(tmp_path: Path, limit: int) -> None:
    # The keeper, the server's thread and the command need one each.
    run = _without_threads(Program(tmp_path), "sandbox", "run", "--", "peer", "list", limit=limit)
    assert run.code == 2, run.said
    assert run.stderr.startswith("error: cannot "), run.stderr
