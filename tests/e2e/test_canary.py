"""A canary: one password and one token in every command and many faults, and a search for them."""

import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from cdpctl.sandbox.cdp import Conduct
from cdpctl.sandbox.faults import parse_fault
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox
from tests.support.program import InProcess, Program

pytestmark = [pytest.mark.loopback, pytest.mark.skipif(os.name == "nt", reason="looks at /proc")]

_COMMANDS: tuple[tuple[str, ...], ...] = (
    ("status",),
    ("config", "list"),
    ("config", "profiles"),
    ("peer", "list"),
    ("peer", "show", "AP1"),
    ("peer", "stop", "AP1", "AP2"),
    ("peer", "stop", "LAP", "--dry-run"),
    ("peer", "start", "AP1", "--no-preflight"),
    ("peer", "restart", "AP3", "--start-stopped", "--timeout", "5s"),
    ("peer", "wait", "AP3", "--for", "running", "--timeout", "1s"),
    ("peer", "stop", "a/b"),
    ("api", "GET", "/info/peer"),
    ("api", "POST", "/nowhere", "--body", '{"a": 1}'),
    ("doctor",),
    ("logout",),
    ("help", "environment"),
)
# These run as processes, whose arguments everybody can read.
_WATCHED = (("status",), ("peer", "list"), ("peer", "stop", "AP1", "AP2"), ("logout",))
_FAULTS = (
    "any:401", "list:500", "stop:lost", "stop:failure", "any:html", "any:redirect", "login:401", "login:drop",
    "any:503", "stop:502",
)  # fmt: skip


class Watcher:
    """Records the arguments of all processes during a `with`."""

    def __init__(self) -> None:
        self.seen: set[bytes] = set()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> "Watcher":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _look(self) -> None:
        # A run takes longer than this.
        while not self._over.wait(0.1):
            for process in Path("/proc").glob("[0-9]*/cmdline"):
                try:
                    self.seen.add(process.read_bytes())
                except OSError:
                    # It has ended in the meantime.
                    continue


def runs(program: Program, sandbox: Sandbox, commands: tuple[tuple[str, ...], ...]) -> Iterator[str]:
    """Run commands after a login with the file store; yield all that each printed."""
    user = ("--username", sandbox.username, "--token-store", "file", "--password-stdin", "-vvv")
    done = [program("login", sandbox.url, *user, stdin=sandbox.password)]
    wanted = [(words, "json") for words in commands]
    wanted += [(words, "tsv") for words in commands if words[:2] == ("peer", "list")]
    done += [program(*words, "-vvv", "-o", output, "--read-timeout", "2s") for words, output in wanted]
    for each in done:
        assert each.code != 70, each.said
        yield each.said


def assert_unseen(home: Path, sandbox: Sandbox, printed: list[str], arguments: set[bytes]) -> None:
    """Search for the password and all tokens."""
    tokens = {call.token for call in sandbox.journal if call.token}
    for secret in {sandbox.password, *tokens}:
        for text in printed:
            assert secret not in text
            assert json.dumps(secret)[1:-1] not in text
        assert not [line for line in arguments if secret.encode() in line]
        for file in home.rglob("*"):
            if file.is_file() and file.parent.name != "tokens":
                assert secret.encode() not in file.read_bytes(), file
        for file in home.rglob("tokens/*"):
            assert sandbox.password.encode() not in file.read_bytes(), file


def test_no_secret_leaves_the_program_by_any_command(tmp_path: Path) -> None:
    with Sandbox(Grid(default_peers(), 0.1, 0.1)) as sandbox:
        printed = list(runs(InProcess(tmp_path, sandbox), sandbox, _COMMANDS))
        with Watcher() as watcher:
            printed += runs(Program(tmp_path, sandbox), sandbox, _WATCHED)
    assert any(b"peer\0stop\0AP1\0AP2" in line for line in watcher.seen)
    assert len({call.token for call in sandbox.journal if call.token}) >= 1
    # There is a trace, with masked secrets. Without it the test would prove nothing.
    assert any("Authentication-Token: *****" in text for text in printed)
    assert_unseen(tmp_path, sandbox, printed, watcher.seen)


@pytest.mark.parametrize("fault", _FAULTS)
def test_no_secret_leaves_the_program_by_any_fault(tmp_path: Path, fault: str) -> None:
    conduct = Conduct(faults=(parse_fault(fault),))
    commands = (("peer", "stop", "AP1"), ("status",), ("logout",))
    with Sandbox(Grid(default_peers(), 0.1, 0.1), conduct=conduct) as sandbox:
        printed = list(runs(InProcess(tmp_path, sandbox), sandbox, commands))
    assert_unseen(tmp_path, sandbox, printed, set())


def test_no_secret_leaves_the_program_by_a_bug(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from cdpctl import cli
    from cdpctl.transport.client import Transport

    secret = "canary-token-of-a-bug-0815"

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError(f"a library's text with {secret}")

    monkeypatch.setattr(Transport, "send", broken)
    for name, value in {
        "CDPCTL_URL": "http://127.0.0.1:1",
        "CDPCTL_TOKEN": secret,
        "HOME": str(tmp_path),
    }.items():
        monkeypatch.setenv(name, value)
    assert cli.main(["peer", "list", "-vvv", "-o", "json"]) == 70
    shown = capsys.readouterr()
    assert json.loads(shown.out)["error"]["code"] == "internal"
    assert secret not in shown.out + shown.err
