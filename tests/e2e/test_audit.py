"""`audit = "syslog"`: one line for each operation, received on a socket, however the run ends."""

import fcntl
import json
import os
import pwd
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import pytest

from cdpctl.output import audit
from cdpctl.sandbox.server import Sandbox
from tests.support.fault_server import FaultServer, Hold
from tests.support.profiles import of_sandboxes, write_profiles
from tests.support.program import CANARY_TOKEN, SCRIPT, InProcess, StrictProgram
from tests.support.wire_grid import faulty

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="there are no Unix sockets"),
]
_DEV_LOG = Path("/dev/log")
_CAN_BIND = os.geteuid() == 0 and not os.path.lexists(_DEV_LOG) if hasattr(os, "geteuid") else False


class Daemon:
    """A log daemon that records what it receives.

    Args:
        path: the path of its socket.
    """

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._socket.setblocking(False)

    def lines(self) -> list[dict[str, Any]]:
        """Return the lines received since the last call."""
        found = []
        with suppress(BlockingIOError):
            while True:
                _, ours, text = self._socket.recv(65536).decode("ascii", "replace").partition("cdpctl: ")
                # Other programs of this machine may log something too.
                if ours:
                    found.append(json.loads(text))
        return found

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def daemon(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    path = tmp_path / "log"
    monkeypatch.setattr(audit, "ADDRESSES", (str(path),))
    running = Daemon(path)
    yield running
    running.close()


@pytest.fixture
def system_daemon() -> Iterator[Daemon]:
    # Another run of these tests on this machine may have it.
    with Path(gettempdir(), "cdpctl-tests-of-dev-log").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        running = Daemon(_DEV_LOG)
        yield running
        running.close()
        _DEV_LOG.unlink()


@pytest.fixture
def cdpctl(tmp_path: Path, sandbox: Sandbox) -> InProcess:
    [profile] = of_sandboxes({"prod": sandbox}).values()
    write_profiles(tmp_path, {"prod": {**profile, "audit": "syslog"}, "quiet": profile})
    program = InProcess(tmp_path, None, CDPCTL_NO_KEYRING="1")
    program.secrets = [sandbox.password]
    return program


@pytest.mark.parametrize(
    ("words", "code", "operation", "outcomes"),
    [
        ("peer stop AP1 AP9", 3, "stop", {"accepted": ["AP1"], "not_found": ["AP9"]}),
        ("peer start AP1", 0, "start", {"unchanged": ["AP1"]}),
        ("peer stop CDP", 2, "stop", {"refused": ["CDP"]}),
        ("peer restart AP1 --timeout 20s", 0, "restart", {"confirmed": ["AP1"]}),
        ("peer stop --type lap --yes", 0, "stop", {"accepted": ["LAP"]}),
        ("peer stop --match NO* --yes", 5, "stop", {}),
        ("peer delete AP3 --yes", 0, "delete", {"confirmed": ["AP3"]}),
        ("api PUT /peer/AP1/stop", 0, "api PUT /peer/AP1/stop", {}),
        ("api POST /nothing", 5, "api POST /nothing", {}),
        ("api GET /peer", 0, None, {}),
        ("peer stop AP1 --dry-run", 0, None, {}),
        ("peer wait AP1 --for running", 0, None, {}),
        ("peer list", 0, None, {}),
        ("peer stop", 2, None, {}),
        ("peer stop AP1 -p quiet", 0, None, {}),
    ],
)
def test_each_operation_is_one_line(
    cdpctl: InProcess,
    daemon: Daemon,
    sandbox: Sandbox,
    words: str,
    code: int,
    operation: str | None,
    outcomes: dict[str, list[str]],
) -> None:
    profile = () if "-p" in words.split() else ("-p", "prod")
    cdpctl(*words.split(), *profile, code=code)
    lines = daemon.lines()
    if operation is None:
        assert lines == []
        return
    assert lines == [
        {
            "user": pwd.getpwuid(os.getuid()).pw_name,
            "profile": "prod",
            "url": sandbox.url,
            "username": "operator",
            "operation": operation,
            "outcomes": outcomes,
            "exit_code": code,
            "peers": sum(map(len, outcomes.values())),
        }
    ]


def test_update_is_an_operation(cdpctl: InProcess, daemon: Daemon) -> None:
    cdpctl("peer", "update", "LAP", "--description", "spare", "-p", "prod", code=0)
    assert [(each["operation"], each["peers"]) for each in daemon.lines()] == [("update", 1)]


def test_operation_that_cannot_begin_is_a_line_too(cdpctl: InProcess, daemon: Daemon, tmp_path: Path) -> None:
    with (tmp_path / ".config/cdpctl/config.toml").open("a") as file:
        file.write('[profiles.dead]\nurl = "http://127.0.0.1:9/baocdp"\nusername = "u"\naudit = "syslog"\n')
        file.write('password_command = "echo x"\n')
    cdpctl("peer", "stop", "AP1", "-p", "dead", code=6)
    cdpctl("api", "PUT", "/peer/AP1/stop", "-p", "dead", code=6)
    cdpctl("peer", "stop", "--all", "-p", "prod", code=2)
    lines = daemon.lines()
    assert [each["exit_code"] for each in lines] == [6, 6, 2]
    assert lines[0]["outcomes"] == {"skipped": ["AP1"]}


def test_no_secret_is_logged(cdpctl: InProcess, daemon: Daemon, sandbox: Sandbox) -> None:
    cdpctl("peer", "stop", sandbox.password, "AP1", "-p", "prod", code=3)
    cdpctl("api", "PUT", f"/peer/{sandbox.password}/stop", "-p", "prod")
    text = json.dumps(daemon.lines())
    assert '"stop"' in text
    assert sandbox.password not in text


@pytest.mark.parametrize("words", ["peer stop AP1", "api PUT /peer/AP1/stop"])
def test_missing_daemon_is_a_warning_and_no_other_exit_code(
    cdpctl: InProcess, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: str
) -> None:
    monkeypatch.setattr(audit, "ADDRESSES", (str(tmp_path / "nobody"),))
    said = cdpctl(*words.split(), "-p", "prod", code=0).stderr
    assert "warning: the operation was not written to the system log: " in said
    assert "cdpctl config unset audit --profile prod" in said


def test_results_that_cannot_be_written_lose_no_line(
    cdpctl: InProcess, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("cdpctl.output.streams.Stream.write", broken)
    cdpctl("peer", "stop", "AP1", "-p", "prod", code=11)
    assert [each["outcomes"] for each in daemon.lines()] == [{"accepted": ["AP1"]}]


def test_bug_in_the_program_loses_no_line(
    cdpctl: InProcess, daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("cdpctl.operations.change.follow", broken)
    cdpctl("peer", "stop", "AP1", "-p", "prod", code=70)
    [line] = daemon.lines()
    assert line["exit_code"] == 70
    assert line["outcomes"].keys() <= {"accepted", "unknown"}


@pytest.mark.skipif(not _CAN_BIND, reason="the system's own log socket cannot be taken")
def test_signal_loses_no_line(tmp_path: Path, system_daemon: Daemon) -> None:
    (tmp_path / "token").write_text(CANARY_TOKEN)
    (tmp_path / "token").chmod(0o600)
    behaviour = faulty(lambda _: [Hold()], lambda seen: seen.method == "PUT", CANARY_TOKEN)
    stop, call = "peer stop AP1", "api PUT /peer/AP1/stop"
    for number, code, words in (
        (signal.SIGINT, 130, stop),
        (signal.SIGTERM, 143, stop),
        (signal.SIGHUP, 129, stop),
        (signal.SIGINT, 130, call),
    ):
        outcomes = {"unknown": ["AP1"]} if words == stop else {}
        with FaultServer(behaviour) as server:
            values = {"url": server.url, "audit": "syslog", "token_file": str(tmp_path / "token")}
            write_profiles(tmp_path, {"prod": values})
            process = subprocess.Popen(
                [SCRIPT, *words.split(), "-p", "prod"],
                env=StrictProgram(tmp_path, CDPCTL_TOKEN="").env,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            while not server.sent("PUT"):
                assert process.poll() is None
                time.sleep(0.005)
            process.send_signal(number)
            process.wait(30)
        assert process.returncode == code
        [line] = system_daemon.lines()
        assert (line["exit_code"], line["outcomes"]) == (code, outcomes), words
        assert CANARY_TOKEN not in json.dumps(line)
