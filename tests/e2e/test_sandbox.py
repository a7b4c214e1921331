"""`cdpctl sandbox` for new users and for other clients."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from tests.support.fault_server import FaultServer
from tests.support.program import SCRIPT, InProcess, Program
from tests.support.serving import serving

pytestmark = [pytest.mark.loopback, pytest.mark.skipif(os.name == "nt", reason="POSIX signals and shells")]


@pytest.fixture
def alone(tmp_path: Path) -> Program:
    """Return the installed program without a grid."""
    return Program(tmp_path)


@pytest.fixture
def inside(tmp_path: Path) -> Program:
    """Return the same for runs in this process. What they start is a process of its own."""
    return InProcess(tmp_path)


def test_tls_is_trusted_by_what_it_exports_and_nothing_else(alone: Program) -> None:
    with serving(alone, "--tls", "--peers", "2") as (document, _):
        given = document["environment"]
        assert given["CDPCTL_URL"].startswith("https://127.0.0.1:")
        alone.env |= given
        alone.secrets = [given["CDPCTL_PASSWORD"]]
        assert "AP2" in alone("peer", "list", "-o", "name", code=0).stdout.split()
        del alone.env["CDPCTL_CA_BUNDLE"]
        assert alone.json("peer", "list", code=6)["error"]["code"] == "unreachable"


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_serving_ends_quietly_on_a_signal(alone: Program, tmp_path: Path, number: int, code: int) -> None:
    alone.env["TMPDIR"] = str(tmp_path)
    with serving(alone) as (_, child):
        assert len(list(tmp_path.iterdir())) == 1
        child.send_signal(number)
        _, errors = child.communicate(timeout=20)
    assert child.returncode == code
    assert "the embedded grid has ended" in errors
    assert "error" not in errors
    assert "Traceback" not in errors
    assert list(tmp_path.iterdir()) == []


def test_each_request_is_a_line_unless_quiet(alone: Program) -> None:
    for words, lines in (((), 3), (("--quiet",), 0)):
        with serving(alone, *words) as (document, child):
            url = f"{document['url']}/rest/peer?pattern=%1b%5b"
            for _ in range(3):
                assert requests.get(url, timeout=10).status_code == 401
            child.terminate()
            _, errors = child.communicate(timeout=20)
        assert len(re.findall(r"^note: [\d:]{8} GET /baocdp/rest/peer 401 \d+ ms$", errors, re.M)) == lines
        assert errors.isascii()


@pytest.mark.parametrize("tls", [(), ("--tls",)], ids=str)
def test_no_proxy_is_asked_for_the_grid(alone: Program, tls: tuple[str, ...]) -> None:
    with FaultServer([[b"HTTP/1.1 502 x\r\nContent-Length: 0\r\n\r\n"]]) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        alone.env |= {"HTTP_PROXY": address, "http_proxy": address, "HTTPS_PROXY": address}
        alone.env |= {"NO_PROXY": "one.example.com", "no_proxy": "other.example.com"}
        # The library of this client follows the variables for loopback too.
        read = 'import os, requests as r; print(r.get(os.environ["CDPCTL_URL"], verify=False).status_code)'
        script = f"cdpctl peer list -o name | head -1; {sys.executable} -W ignore -c '{read}'; env"
        done = alone("sandbox", "run", *tls, "--", "sh", "-c", script, code=0)
        assert done.stdout.split("\n")[:2] == ["CDP", "404"]
        kept = "127.0.0.1,localhost,other.example.com,one.example.com"
        assert f"\nNO_PROXY={kept}\n" in done.stdout
        assert f"\nno_proxy={kept}\n" in done.stdout
        assert proxy.connections == 0


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGKILL])
def test_nothing_is_left_of_a_run_that_was_ended(alone: Program, tmp_path: Path, number: int) -> None:
    alone.env["TMPDIR"] = str(tmp_path)
    words = [
        SCRIPT,
        "sandbox",
        "run",
        "--",
        "sh",
        "-c",
        "cdpctl peer list -o name; echo ready; exec sleep 600",
    ]
    with subprocess.Popen(words, env=alone.env, stdout=subprocess.PIPE) as sandbox:
        assert sandbox.stdout is not None
        while (line := sandbox.stdout.readline()) != b"ready\n":
            assert line
        assert len(list(tmp_path.iterdir())) == 1
        sandbox.send_signal(number)
        # The child has the pipe too, so the pipe ends with the child.
        assert sandbox.stdout.read() == b""
    assert sandbox.returncode == (129 if number == signal.SIGHUP else -number)
    end = time.monotonic() + 30
    while list(tmp_path.iterdir()):
        assert time.monotonic() < end
        time.sleep(0.02)


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


def test_run_gives_the_childs_exit_code_and_leaves_nothing(
    alone: Program, inside: Program, tmp_path: Path
) -> None:
    done = alone("sandbox", "run", "--stop-after", "100ms", "--", "peer", "stop", "AP1", "--wait", code=0)
    assert "confirmed" in done.stdout
    inside("sandbox", "run", "--", "peer", "stop", "NOPE", code=5)
    inside("sandbox", "run", "--", "sh", "-c", "kill -9 $$", code=137)
    assert list(tmp_path.rglob("*")) == []


def test_run_lets_a_script_call_the_same_cdpctl(alone: Program) -> None:
    alone.env["PATH"] = "/usr/bin:/bin"
    script = 'test "$(cdpctl peer list -o name --type ap | wc -l)" -eq 3'
    alone("sandbox", "run", "--", "sh", "-c", script, code=0)


def test_run_strikes_with_the_faults_asked_for(inside: Program) -> None:
    inside("sandbox", "run", "--fault", "login:401", "--", "peer", "list", code=4)
    inside("sandbox", "run", "--reads", "none", "--", "peer", "stop", "AP1", code=0)
    inside("sandbox", "run", "--operator", "ann", "--latency", "0s", "--", "peer", "list", code=0)


def test_options_for_output_before_the_command_are_for_the_command(
    inside: Program, capfd: pytest.CaptureFixture[str]
) -> None:
    def shown(*words: str) -> str:
        inside(*words, code=0)
        return capfd.readouterr().out

    words = ("--", "peer", "list", "--match", "AP1")
    assert json.loads(shown("-o", "json", "sandbox", "run", *words))["peers"][0]["name"] == "AP1"
    given = ("--fields", "name,type", "--no-headers")
    assert shown("sandbox", "run", "-o", "json", *given, *words, "-o", "tsv") == "AP1\tAP\n"
    assert shown("sandbox", "run", "--", "-o", "name", *words[1:]) == "AP1\n"
    script = f"{SCRIPT} peer list --match AP1"
    assert shown("sandbox", "run", "-o", "name", "--", "sh", "-c", script) == "AP1\n"


def test_peers_come_from_a_file(inside: Program, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "peers.txt"
    file.write_text("MAIN cdp\nnode-1\nnode-2 lap STOPPED\n")
    inside("sandbox", "run", "--peers", str(file), "--", "peer", "list", "-o", "tsv", code=0)
    assert [line.split("\t")[:3] for line in capfd.readouterr().out.splitlines()[1:]] == [
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
        (["--reads", "some"], "use both"),
        (["--stop-after", "soon"], "--stop-after"),
        (["--operator", "viewer"], "--operator"),
    ],
)
def test_value_that_is_none_is_refused(inside: Program, words: list[str], named: str) -> None:
    assert named in inside("sandbox", "run", *words, "--", "peer", "list", code=2).stderr


def test_port_that_is_taken_is_named(inside: Program) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        assert port in inside("sandbox", "serve", "--port", port, code=2).stderr


def test_program_that_does_not_exist_is_named(inside: Program) -> None:
    assert "no-such-program" in inside("sandbox", "run", "--", "no-such-program", code=2).stderr


def test_termination_reaches_the_child(alone: Program) -> None:
    words = [SCRIPT, "sandbox", "run", "--stop-after", "1h", "--", "peer", "stop", "AP1", "--wait", "-vv"]
    with subprocess.Popen(words, env=alone.env, stderr=subprocess.PIPE, text=True) as child:
        assert child.stderr is not None
        # The poll after the stop shows that the answer was read.
        for wanted in ("/AP1/stop", "/info/peer"):
            while wanted not in child.stderr.readline():
                assert child.poll() is None
        child.terminate()
        _, errors = child.communicate(timeout=30)
    assert child.returncode == 143
    assert "accepted, but not confirmed: " in errors
    assert sys.executable not in errors
