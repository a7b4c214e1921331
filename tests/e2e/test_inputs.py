"""Standard input from pipes: slow and non-blocking writers, closed pipes, other encodings."""

import os
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import SandboxPeer
from cdpctl.sandbox.server import Sandbox
from tests.support.program import SCRIPT, InProcess, Program, changes
from tests.support.terminal import Answer, on_terminal

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(sys.platform == "win32", reason="pipes that do not block are POSIX"),
]


def _slowly(program: Program, words: Sequence[str], pieces: Sequence[bytes]) -> tuple[int, str, str]:
    """Run with a non-blocking pipe as standard input, whose writer pauses before each piece."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    run = subprocess.Popen(
        [SCRIPT, *words], stdin=reading, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=program.env
    )
    os.close(reading)
    for piece in pieces:
        time.sleep(0.4)
        os.write(writing, piece)
    os.close(writing)
    out, err = run.communicate(timeout=30)
    return run.returncode, out.decode(), err.decode()


@pytest.mark.parametrize(
    ("source", "pieces"),
    [
        (("-",), (b"AP2", b"5\n")),
        (("-",), (b"", b"AP25")),
        (("-",), (b"# AP2\n", b"A", b"P", b"25\nAP", b"25\n")),
        (("--from-file", "-"), (b"", b"AP2", b"5")),
        (("--from-file", "/dev/stdin"), (b"", b"AP2", b"5\n")),
    ],
    ids=repr,
)
def test_names_are_read_to_their_end(
    tmp_path: Path, source: tuple[str, ...], pieces: Sequence[bytes]
) -> None:
    with Sandbox(Grid([SandboxPeer(name, "AP", "RUNNING") for name in ("AP2", "AP25")])) as sandbox:
        code, _, err = _slowly(Program(tmp_path, sandbox), ("peer", "stop", *source), pieces)
        assert (code, changes(sandbox)) == (0, ["PUT AP25/stop"]), err


def test_body_is_read_to_its_end(cdpctl: Program, sandbox: Sandbox) -> None:
    words = ("api", "POST", "/peer/stop", "--body", "-")
    code, _, err = _slowly(cdpctl, words, (b'{"peers": [{"name": "A', b'P1"}]}'))
    assert (code, changes(sandbox)) == (0, ["POST stop"]), err


def test_password_is_read_to_its_end(tmp_path: Path, sandbox: Sandbox) -> None:
    program = Program(tmp_path, None, CDPCTL_NO_KEYRING="1")
    password = sandbox.password.encode()
    words = ("login", sandbox.url, "--username", "operator", "--password-stdin", "--token-store", "file")
    code, _, err = _slowly(program, words, (password[:5], password[5:], b"\n"))
    assert code == 0, err


def test_question_on_a_terminal_that_does_not_block_waits_for_its_answer(
    cdpctl: Program, sandbox: Sandbox
) -> None:
    answers = [Answer("Continue? [y/N]", "yes\n", pause=0.3)]
    screen = on_terminal(("peer", "stop", "--match", "AP*"), cdpctl.env, answers, blocking=False)
    assert (screen.code, changes(sandbox)) == (0, ["POST stop"]), screen.text


@pytest.mark.parametrize(
    "words",
    [
        ("peer", "stop", "-"),
        ("peer", "stop", "--from-file", "-"),
        ("api", "POST", "/peer/stop", "--body", "-"),
        (
            "login",
            "http://127.0.0.1:1",
            "--username",
            "operator",
            "--token-store",
            "file",
            "--password-stdin",
        ),
    ],
    ids=" ".join,
)
def test_closed_standard_input_is_told(cdpctl: Program, sandbox: Sandbox, words: tuple[str, ...]) -> None:
    script = ["sh", "-c", 'exec "$@" <&-', "sh", SCRIPT, *words]
    done = subprocess.run(script, env=cdpctl.env, capture_output=True, timeout=30)
    assert done.returncode in (2, 4), done.stderr
    assert b"standard input is closed" in done.stderr
    assert changes(sandbox) == []


_ODD = ["AP1", "AP1 ", " AP1", "AP1 x", "[AP1", "{AP1", '"AP1"', "AP 1", "é", "日本", "a,b", "*"]


@pytest.mark.parametrize("encoding", ["utf-8", "ascii", "cp1252"])
def test_names_written_by_the_program_come_back_as_they_were(tmp_path: Path, encoding: str) -> None:
    with Sandbox(Grid([SandboxPeer(name, "AP", "RUNNING") for name in _ODD])) as sandbox:
        program = Program(tmp_path, sandbox, PYTHONIOENCODING=encoding)
        listed = program("peer", "list", "-o", "name", code=0)
        document = program.json("peer", "stop", "-", "--dry-run", stdin=listed.data, code=0)
        assert [each["name"] for each in document["results"]] == _ODD

        # The encoding is that of the streams alone, so files are written and read in this process.
        program, file = InProcess(tmp_path, sandbox), tmp_path / "left"
        program.env["CDPCTL_PASSWORD"] = "wrong"
        program("peer", "stop", "-", "--output-failed", str(file), stdin=listed.data, code=4)
        program.env["CDPCTL_PASSWORD"] = sandbox.password
        document = program.json("peer", "stop", "--from-file", str(file), "--dry-run", code=0)
        assert [each["name"] for each in document["results"]] == _ODD


def test_pipe_without_a_reader_or_writer_ends_with_the_time_limit(
    tmp_path: Path, installed: Program, sandbox: Sandbox
) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    limit = ("--timeout", "300ms")
    for words in (("peer", "stop", "--from-file", str(pipe)), ("api", "PUT", "/peer", "--body", f"@{pipe}")):
        done = installed(*words, *limit, code=2)
        assert f"error: {pipe}: did not end within 0.3 s (--timeout)" in done.stderr
    assert changes(sandbox) == []
    done = installed("peer", "stop", "AP1", "--output-failed", str(pipe), "--timeout", "3s", code=11)
    assert "nothing has read from it in time" in done.stderr
    assert changes(sandbox) == ["PUT AP1/stop"]
    done = installed("peer", "check", "AP2", "--openmetrics", str(pipe), "--timeout", "3s", code=3)
    assert f"{pipe} cannot be written: nothing has read from it in time" in done.stdout


def test_pipe_of_failed_names_gets_them_all(tmp_path: Path, sandbox: Sandbox) -> None:
    program, pipe, got = InProcess(tmp_path, sandbox), tmp_path / "pipe", list[bytes]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: got.append(pipe.read_bytes()))
    reader.start()
    program("peer", "stop", "AP1", "NONE", "--output-failed", str(pipe), code=3)
    reader.join(10)
    assert got == [b"NONE\n"]


@pytest.mark.parametrize("option", ["--openmetrics", "--output-failed"])
def test_link_a_user_named_stays_and_its_target_is_written(
    tmp_path: Path, sandbox: Sandbox, option: str
) -> None:
    program, link, target = InProcess(tmp_path, sandbox), tmp_path / "link", tmp_path / "target"
    target.write_text("old")
    words = ("peer", "check", "AP1") if option == "--openmetrics" else ("peer", "stop", "AP1", "NONE")
    for place in (target, Path(os.devnull)):
        link.unlink(missing_ok=True)
        link.symlink_to(place)
        assert program(*words, option, str(link)).code in (0, 3)
        assert link.is_symlink()
    assert ("AP1" if option == "--openmetrics" else "NONE") in target.read_text()
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


def test_standard_output_that_is_a_file_keeps_what_is_in_it(tmp_path: Path, cdpctl: Program) -> None:
    def lines(*words: str) -> list[str]:
        with (tmp_path / "out").open("wb") as out:
            subprocess.run([SCRIPT, *words], stdout=out, env=cdpctl.env, check=False, timeout=60)
        return (tmp_path / "out").read_text().splitlines()

    found = lines("peer", "stop", "AP1", "NONE", "-o", "json", "--output-failed", "/dev/stdout")
    assert found[0].startswith('{"schema": ')
    assert found[-2:] == [' "error": null}', "NONE"]
    found = lines("peer", "check", "AP2", "--openmetrics", "/dev/stdout")
    assert found[0].startswith("# HELP ")
    assert found[-1].startswith("PEERS OK - ")
