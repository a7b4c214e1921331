"""Pipes, closed and full streams, and encodings."""

import contextlib
import fcntl
import json
import os
import resource
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path

import pytest

from cdpctl.peers.name_files import format_name
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import SandboxPeer, default_peers
from cdpctl.sandbox.server import Sandbox
from tests.support.documents import mistakes
from tests.support.program import SCRIPT, InProcess, Program, changes, together

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(sys.platform != "linux", reason="uses /dev/full and bash"),
]


def shell(program: Program, line: str, **more: str) -> tuple[int, str, str]:
    """Run a line of bash in which `cdpctl` is the installed program."""
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f'cdpctl() {{ {shlex.quote(SCRIPT)} "$@"; }}\n{line}'],
        capture_output=True,
        env={**program.env, **more},
        stdin=subprocess.DEVNULL,
        timeout=60,
    )
    out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
    assert "Traceback" not in err
    assert "Exception ignored" not in err
    return done.returncode, out, err


_LOST = {
    "version closed": ("cdpctl --version >&-", 11),
    "version full": ("cdpctl --version >/dev/full", 11),
    "version unread": ("cdpctl --version | true", 0),
    "help closed": ("cdpctl --help >&-", 11),
    "help full": ("cdpctl peer stop --help >/dev/full", 11),
    "help unread": ("cdpctl peer --help | true", 0),
    "topic full": ("cdpctl help exit-codes >/dev/full", 11),
    "list closed": ("cdpctl peer list >&-", 11),
    "list full": ("cdpctl peer list -o json >/dev/full", 11),
    "list unread": ("cdpctl peer list | true", 0),
    "list without errors": ("cdpctl peer list -o name 2>&-", 0),
    "list without input": ("cdpctl peer list -o name <&-", 0),
    "list without anything": ("cdpctl peer list >&- 2>&- <&-", 11),
    "usage closed": ("cdpctl peer stop '' -o json >&-", 2),
    "usage full": ("cdpctl peer stop '' -o json >/dev/full", 2),
    "usage unread": ("cdpctl peer stop '' -o json | true", 2),
    "names closed": ("cdpctl peer stop - <&-", 2),
}


def test_lost_output_is_told_and_a_reader_that_has_gone_is_quiet(cdpctl: Program) -> None:
    def case(line: str, code: int) -> None:
        found, out, err = shell(cdpctl, line)
        assert found == code, (line, out, err)
        if code == 0:
            assert err == ""
        if "name" in line and code == 0:
            assert out.split() == ["CDP", "HACDP", "AP1", "AP2", "AP3", "LAP"]
        if code == 11 and "2>&-" not in line:
            assert "standard output" in err

    together({name: partial(case, *each) for name, each in _LOST.items()}, 4)


def read_slowly(program: Program, words: Sequence[str], *, filled: bool = False) -> tuple[int, bytes, str]:
    """Run cdpctl with a small non-blocking pipe, and read the output in pieces."""
    reading, writing = os.pipe()
    fcntl.fcntl(writing, fcntl.F_SETPIPE_SZ, 4096)
    os.set_blocking(writing, False)
    before = os.write(writing, b"." * 4096) if filled else 0
    with subprocess.Popen(
        [SCRIPT, *words], stdin=subprocess.DEVNULL, stdout=writing, stderr=subprocess.PIPE, env=program.env
    ) as process:
        os.close(writing)
        # The pipe is full long before it is read.
        time.sleep(1)
        pieces = []
        while piece := os.read(reading, 1000):
            pieces.append(piece)
        os.close(reading)
        assert process.stderr is not None
        err = process.stderr.read().decode()
        return process.wait(30), b"".join(pieces)[before:], err


_WHOLE = {
    "document": ("peer", "list", "-o", "json"),
    "lines": ("peer", "list", "-o", "jsonl"),
    "rows": ("peer", "list", "-o", "tsv"),
    "table": ("peer", "list", "-o", "table"),
    "names": ("peer", "list", "-o", "name"),
    "schemas": ("help", "output", "--schema"),
    "help": ("peer", "stop", "--help"),
    "bytes": ("api", "GET", "/info/peer"),
    "version": ("--version",),
    "error": ("peer", "show", "a/b", "-o", "json"),
    "script": ("completion", "bash"),
}


@pytest.mark.parametrize("words", _WHOLE.values(), ids=_WHOLE)
def test_pipe_that_does_not_block_gets_everything(tmp_path: Path, words: tuple[str, ...]) -> None:
    with Sandbox(Grid(default_peers(200), 0.1, 0.1)) as sandbox:
        program = Program(tmp_path, sandbox)
        whole = InProcess(tmp_path, sandbox)(*words)
        found = read_slowly(program, words, filled=len(whole.data) < 4096)
    assert whole.data
    assert found == (whole.code, whole.data, whole.stderr)


@pytest.mark.parametrize(
    ("words", "unbuffered"),
    [*((words, "1") for words in _WHOLE.values()), (_WHOLE["document"], ""), (_WHOLE["version"], "")],
    ids=[*_WHOLE, "document, buffered", "version, buffered"],
)
def test_short_write_is_an_error_that_is_told(
    cdpctl: Program, tmp_path: Path, words: tuple[str, ...], unbuffered: str
) -> None:
    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (8, 8))

    with (tmp_path / "result").open("wb") as file:
        done = subprocess.run(
            [SCRIPT, *words],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.PIPE,
            env={**cdpctl.env, "PYTHONUNBUFFERED": unbuffered},
            preexec_fn=limit,
            timeout=60,
            check=False,
        )
    assert done.returncode == (2 if "a/b" in words else 11)
    assert b"error: cannot write the result to standard output: File too large" in done.stderr
    assert (tmp_path / "result").stat().st_size == 8


@pytest.mark.parametrize("blocking", [True, False])
def test_standard_error_that_nobody_reads_does_not_hold_the_result_up(
    cdpctl: Program, blocking: bool
) -> None:
    reading, writing = os.pipe()
    os.set_blocking(writing, False)
    with contextlib.suppress(BlockingIOError):
        while True:
            os.write(writing, b"." * 4096)
    os.set_blocking(writing, blocking)
    try:
        done = subprocess.run(
            [SCRIPT, "peer", "stop", "AP1", "AP9", "-vvv", "-o", "json"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=writing,
            env=cdpctl.env,
            timeout=60,
            check=False,
        )
    finally:
        os.close(reading)
        os.close(writing)
    assert done.returncode == 3
    assert json.loads(done.stdout)["summary"] == {"requested": 2, "ok": 1, "not_ok": 1}


@pytest.mark.parametrize("rest", ["2>/dev/full", "2>&-"])
def test_standard_error_that_fails_changes_nothing(cdpctl: Program, rest: str) -> None:
    code, out, _ = shell(cdpctl, f"cdpctl peer stop AP1 AP9 -o json {rest}")
    assert (code, json.loads(out)["exit_code"]) == (3, 3)


@pytest.mark.parametrize(
    ("rest", "code"), [("| true", 0), (">&-", 11), (">/dev/full", 11), ("-o jsonl >/dev/full", 11)]
)
def test_work_is_done_whatever_becomes_of_the_output(
    cdpctl: Program, sandbox: Sandbox, rest: str, code: int
) -> None:
    found, _, err = shell(cdpctl, f"cdpctl peer stop AP1 AP2 {rest}")
    assert (found, changes(sandbox)) == (code, ["POST stop"]), err


def test_head_of_a_long_list_is_quiet(tmp_path: Path) -> None:
    with Sandbox(Grid(default_peers(5000), 0.1, 0.1)) as sandbox:
        code, out, err = shell(Program(tmp_path, sandbox), "cdpctl peer list -o name | head -n 2")
    assert (code, out, err) == (0, "CDP\nHACDP\n", "")


_HARMLESS = {
    "[/x]": "[/x]",
    "peer[a]": "peer[a]",
    "[link=http://x]y": "[link=http://x]y",
    "a\x1b[31mb": "a\\x1b[31mb",
    "a\x1b]0;t\x07b": "a\\x1b]0;t\\x07b",
    "a\u202eb": "a\\u202eb",
    "a\x9bb": "a\\x9bb",
    "a\tb": "a\\tb",
    "zé": "zé",
    "日本": "日本",
}


@pytest.fixture
def odd(tmp_path: Path) -> Iterator[Program]:
    with Sandbox(Grid([SandboxPeer(name) for name in _HARMLESS], 0.1, 0.1)) as sandbox:
        yield InProcess(tmp_path, sandbox)


def test_odd_names_show_whole_and_harmless_in_every_format(odd: Program) -> None:
    shown = {}
    for each in ("table", "tsv", "json", "jsonl", "name"):
        done = odd("peer", "list", "-o", each, code=0)
        assert done.stderr == ""
        assert all(char.isprintable() or char in "\n\t" for char in done.stdout)
        shown[each] = done.stdout.split("\n")[:-1]
    assert shown["name"] == [format_name(name) for name in _HARMLESS]
    assert [line.split("\t")[0] for line in shown["tsv"][1:]] == list(_HARMLESS.values())
    assert [line.split("  ")[0] for line in shown["table"][1:]] == list(_HARMLESS.values())
    # JSON has the exact name, in ASCII.
    assert all(line.isascii() for line in shown["json"])
    document = json.loads("\n".join(shown["json"]))
    assert mistakes(document) == []
    assert [peer["name"] for peer in document["peers"]] == list(_HARMLESS)
    assert [json.loads(line)["name"] for line in shown["jsonl"]] == list(_HARMLESS)


@pytest.mark.parametrize(
    ("variables", "shown"),
    [
        ({"PYTHONIOENCODING": "ascii"}, ['"z\\u00e9"', '"\\u65e5\\u672c"']),
        ({"PYTHONIOENCODING": "cp1252"}, ['"z\\u00e9"', '"\\u65e5\\u672c"']),
        ({"LC_ALL": "C"}, ["zé", "日本"]),
    ],
)
def test_names_outside_the_encoding_of_a_stream_are_written_as_json(
    odd: Program, variables: dict[str, str], shown: list[str]
) -> None:
    code, out, err = shell(odd, "cdpctl peer list -o name; cdpctl peer stop 日 --strict", **variables)
    assert code == 5, err
    assert out.split("\n")[8:10] == shown


@pytest.mark.parametrize("columns", ["1", "20", "40"])
def test_narrow_terminal_loses_no_name(odd: Program, columns: str) -> None:
    odd.env["COLUMNS"] = columns
    out = odd("peer", "list", "-o", "table", code=0).stdout
    # A name is complete in the first line of its row.
    firsts = [line.split("  ")[0] for line in out.split("\n") if line[:1].strip()]
    assert firsts == ["NAME", *_HARMLESS.values()]


_JSON_ASKED = {
    "after": ("peer stop '' -o json", {}),
    "attached": ("peer stop '' -ojson", {}),
    "equals": ("peer --output=json stop ''", {}),
    "bundled": ("peer stop '' -qo json", {}),
    "before an option that is none": ("peer stop AP1 -o json --nonsense", {}),
    "variable": ("peer stop ''", {"CDPCTL_OUTPUT": "json"}),
    "no such command": ("pear -o json", {}),
    "profile": ("peer stop -p mine --nonsense", {}),
    "default profile": ("peer stop ''", {}),
    "lines": ("peer stop '' -o jsonl", {}),
}


def test_usage_errors_are_one_json_document_wherever_json_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        'default_profile = "mine"\n[profiles.mine]\nurl = "http://127.0.0.1:1"\noutput = "json"\n'
    )

    def case(line: str, more: dict[str, str]) -> None:
        program = InProcess(tmp_path, None, CDPCTL_CONFIG=str(tmp_path / "config.toml"), **more)
        done = program(*shlex.split(line), code=2)
        assert (done.document["exit_code"], done.document["error"]["code"]) == (2, "usage")
        assert mistakes(done.document) == []
        assert done.document["error"]["message"] in done.stderr

    together({name: partial(case, *each) for name, each in _JSON_ASKED.items()}, at_a_time=1)
