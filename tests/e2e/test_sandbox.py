"""`cdpctl sandbox` as a newcomer runs it, and as a client of somebody else's sees it."""

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.support.program import SCRIPT, Program

pytestmark = [pytest.mark.loopback, pytest.mark.skipif(os.name == "nt", reason="POSIX signals and shells")]


@contextmanager
def serving(program: Program, *words: str) -> Iterator[tuple[dict[str, Any], "subprocess.Popen[str]"]]:
    """Run `sandbox serve -o json` and give its document."""
    with subprocess.Popen(
        [SCRIPT, "sandbox", "serve", *words, "-o", "json"],
        env=program.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            line = child.stdout.readline()
            assert line, child.stderr.read() if child.stderr else ""
            text += line
        try:
            yield json.loads(text), child
        finally:
            child.terminate()


@pytest.fixture
def alone(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_client_of_somebody_else_works_against_it(alone: Program) -> None:
    with serving(alone, "--accepted", "202") as (document, _):
        given = document["environment"]
        url = given["CDPCTL_URL"].removesuffix("/baocdp")
        login = requests.post(
            url + "/baocdp/rest/login",
            json={"username": given["CDPCTL_USERNAME"], "password": given["CDPCTL_PASSWORD"]},
            timeout=10,
        )
        assert (login.status_code, login.json()) == (200, {"login": "true"})
        assert {cookie.name for cookie in login.cookies} == {"JSESSIONID", "Authentication-Token"}
        headers = {"Authentication-Token": login.headers["Authentication-Token"]}
        stop = requests.put(url + "/baocdp/rest/peer/AP1/stop", headers=headers, timeout=10)
        assert (stop.status_code, stop.json()) == (202, {"response": "Success"})
        unknown = requests.put(url + "/baocdp/rest/peer/NOPE/stop", headers=headers, timeout=10)
        assert unknown.status_code == 404
        assert requests.get(url + "/baocdp/rest/peer", timeout=10).status_code == 401
        assert requests.get(url + "/elsewhere", headers=headers, timeout=10).status_code == 404


def test_tls_is_trusted_by_what_it_exports_and_nothing_else(alone: Program) -> None:
    with serving(alone, "--tls", "--peers", "2") as (document, _):
        given = document["environment"]
        assert given["CDPCTL_URL"].startswith("https://127.0.0.1:")
        alone.env |= given
        alone.secrets = [given["CDPCTL_PASSWORD"]]
        assert "AP2" in alone("peer", "list", "-o", "name", code=0).stdout.split()
        del alone.env["CDPCTL_CA_BUNDLE"]
        assert alone.json("peer", "list", code=6)["error"]["code"] == "unreachable"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_serving_ends_quietly_on_a_signal(alone: Program, number: int, code: int) -> None:
    with serving(alone) as (_, child):
        child.send_signal(number)
        _, errors = child.communicate(timeout=20)
    assert child.returncode == code
    assert "the embedded grid has ended" in errors
    assert "error" not in errors
    assert "Traceback" not in errors


def test_exports_can_be_evaluated_by_a_shell(alone: Program) -> None:
    script = f"""
        set -eu
        exec 3< <(exec {SCRIPT} sandbox serve --stop-after 100ms 2>/dev/null & echo $!)
        read -r first <&3; read -r second <&3; read -r third <&3; read -r fourth <&3; read -r fifth <&3
        pid=; for line in "$first" "$second" "$third" "$fourth" "$fifth"; do
            case $line in export*) eval "$line" ;; *) pid=$line ;; esac
        done
        {SCRIPT} peer stop AP1 --wait -o name
        kill "$pid"
    """
    done = subprocess.run(["bash", "-c", script], env=alone.env, capture_output=True, text=True, timeout=60)
    assert done.stdout == "AP1\n", done.stderr
    assert done.returncode == 0


def test_run_gives_the_childs_exit_code_and_leaves_nothing(alone: Program, tmp_path: Path) -> None:
    done = alone("sandbox", "run", "--stop-after", "100ms", "--", "peer", "stop", "AP1", "--wait", code=0)
    assert "confirmed" in done.stdout
    alone("sandbox", "run", "--", "peer", "stop", "NOPE", code=5)
    alone("sandbox", "run", "--", "sh", "-c", "kill -9 $$", code=137)
    assert list(tmp_path.rglob("*")) == []


def test_run_lets_a_script_call_the_same_cdpctl(alone: Program) -> None:
    alone.env["PATH"] = "/usr/bin:/bin"
    script = 'test "$(cdpctl peer list -o name --type ap | wc -l)" -eq 3'
    alone("sandbox", "run", "--", "sh", "-c", script, code=0)


def test_run_strikes_with_the_faults_asked_for(alone: Program) -> None:
    alone("sandbox", "run", "--fault", "login:401", "--", "peer", "list", code=4)
    alone("sandbox", "run", "--reads", "none", "--", "peer", "stop", "AP1", code=0)
    alone("sandbox", "run", "--operator", "ann", "--latency", "10ms", "--", "peer", "list", code=0)


def test_peers_come_from_a_file(alone: Program, tmp_path: Path) -> None:
    file = tmp_path / "peers.txt"
    file.write_text("MAIN cdp\nnode-1\nnode-2 lap STOPPED\n")
    done = alone("sandbox", "run", "--peers", str(file), "--", "peer", "list", "-o", "tsv", code=0)
    assert [line.split("\t")[:3] for line in done.stdout.splitlines()[1:]] == [
        ["MAIN", "CDP", "RUNNING"],
        ["node-1", "AP", "RUNNING"],
        ["node-2", "LAP", "STOPPED"],
    ]


@pytest.mark.parametrize(
    ("words", "named"),
    [
        (["--fault", "stop:600"], "a status from 400"),
        (["--peers", "/nowhere/peers"], "/nowhere/peers"),
        (["--peers", "-1"], "-1"),
        (["--peers", "9999999"], "--peers"),
        (["--accepted", "201"], "200, 202 or 204"),
        (["--reads", "some"], "one of both"),
        (["--stop-after", "soon"], "--stop-after"),
        (["--operator", "viewer"], "--operator"),
    ],
)
def test_value_that_is_none_is_refused(alone: Program, words: list[str], named: str) -> None:
    assert named in alone("sandbox", "run", *words, "--", "peer", "list", code=2).stderr


def test_port_that_is_taken_is_named(alone: Program) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in alone("sandbox", "serve", "--port", port, code=2).stderr


def test_program_that_does_not_exist_is_named(alone: Program) -> None:
    assert "no-such-program" in alone("sandbox", "run", "--", "no-such-program", code=2).stderr


def test_termination_reaches_the_child(alone: Program) -> None:
    words = [SCRIPT, "sandbox", "run", "--stop-after", "1h", "--", "peer", "stop", "AP1", "--wait", "-vv"]
    with subprocess.Popen(words, env=alone.env, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        # The poll that follows the stop shows that its answer has been read.
        for wanted in ("/AP1/stop", "/info/peer"):
            while wanted not in child.stderr.readline():
                assert child.poll() is None
        child.terminate()
        _, errors = child.communicate(timeout=30)
    assert child.returncode == 143
    assert "accepted and goes on in the grid" in errors
    assert sys.executable not in errors
