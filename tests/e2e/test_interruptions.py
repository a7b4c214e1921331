"""Signals at each step of every kind of run: the messages agree with the CDP's journal."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import cycle
from typing import Any

import pytest

from cdpctl.output.output import Output
from cdpctl.sandbox.server import Sandbox
from tests.support.documents import mistakes
from tests.support.program import SCRIPT, InProcess, Program, change_calls, changes, logins

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(sys.platform == "win32", reason="these signals are POSIX"),
]

_CODES = {signal.SIGINT: 130, signal.SIGTERM: 143, getattr(signal, "SIGHUP", signal.SIGTERM): 129}
_LATENCY = 0.15
_RUNS = {
    "stop": ("peer", "stop", "AP1", "AP2"),
    "each": ("peer", "stop", "AP1", "AP2", "AP3", "--each", "--parallel", "1"),
    "wait": ("peer", "stop", "AP1", "AP2", "--wait", "--interval", "100ms"),
    "restart": ("peer", "restart", "AP1", "AP2", "--interval", "100ms"),
    "api": ("api", "PUT", "/peer/AP1/stop"),
}


def _until(condition: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while not condition() and time.monotonic() < end:
        time.sleep(0.005)
    return condition()


def _start(program: Program, *words: str, ignoring: int | None = None) -> subprocess.Popen[bytes]:
    # Children of a shell that ignores a signal ignore it too.
    trap = f"trap '' {signal.Signals(ignoring).name.removeprefix('SIG')}; " if ignoring else ""
    line = ["sh", "-c", f'{trap}exec "$@"', "sh", SCRIPT, *words]
    return subprocess.Popen(line, env=program.env, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def _names_of(sandbox: Sandbox, verb: str) -> set[str]:
    """Return the peers that a request to stop or start has named."""
    found: set[str] = set()
    for call in change_calls(sandbox):
        if call.path.endswith(f"/{verb}"):
            name = call.path.split("/")[-2]
            # An incomplete body contains no names.
            body: Any = json.loads(call.body or b'{"peers": []}') if name == "peer" else {"peers": [name]}
            found |= {each if isinstance(each, str) else each["name"] for each in body["peers"]}
    return found


@pytest.mark.parametrize("kind", _RUNS)
def test_words_agree_with_what_the_cdp_saw(cdpctl: Program, serve: Callable[..., Sandbox], kind: str) -> None:
    reached = 0
    # The login and the reads before the first change are the same for all but a plain call.
    first = 1 if kind in ("stop", "api") else 3
    # Use the signals in turn, because they are handled alike.
    for step, number in zip(range(first, 20), cycle(_CODES), strict=False):
        sandbox = serve(latency=_LATENCY)
        cdpctl.env |= sandbox.environment()
        child = _start(cdpctl, *_RUNS[kind], "-o", "json")
        end = time.monotonic() + 20
        while len(sandbox.journal) < step and child.poll() is None and time.monotonic() < end:
            time.sleep(0.005)
        if child.poll() is not None:
            child.communicate()
            break
        child.send_signal(number)
        out, err = child.communicate(timeout=30)
        # A pending request is recorded when it ends.
        time.sleep(2 * _LATENCY)
        where = f"step {step} of {kind}: {child.returncode}\n{out!r}\n{err.decode()}\n{_told(sandbox)}"
        if child.returncode == 0:
            break
        assert child.returncode == _CODES[number], where
        assert out, where
        _check(sandbox, json.loads(out), err.decode(), where)
        reached = step
    assert reached >= 2


def _told(sandbox: Sandbox) -> str:
    return ", ".join(
        f"{call.method} {call.path.partition('/rest')[2]} {call.status}" for call in sandbox.journal
    )


def _check(sandbox: Sandbox, document: Any, said: str, where: str) -> None:
    assert mistakes(document) == [], where
    assert "Traceback" not in said, where
    stopped, started = _names_of(sandbox, "stop"), _names_of(sandbox, "start")
    if "nothing was sent" in said:
        assert not stopped, where
    if document["schema"] == "cdpctl.error/1" and stopped:
        assert "nothing" not in document["error"]["message"], where
    for result in document.get("results", ()):
        if result["outcome"] == "skipped":
            assert result["name"] not in stopped, where
        if result["outcome"] in ("accepted", "confirmed"):
            assert result["name"] in stopped, where
    if document.get("operation") == "restart":
        left = set(document["left_down"])
        unknown = {each["name"] for each in document["results"] if each["outcome"] == "unknown"}
        assert stopped - started <= left <= stopped | unknown, where
        for name in left:
            assert name in said, where
    ended = sum(call.path.endswith("/logout") for call in sandbox.journal)
    # A session whose token did not arrive before the signal cannot be ended.
    assert logins(sandbox) - ended <= (1 if len(sandbox.journal) <= 1 else 0), where


@pytest.mark.parametrize("number", sorted(_CODES), ids=lambda number: signal.Signals(number).name)
def test_signal_that_was_ignored_at_the_start_stays_ignored(
    cdpctl: Program, sandbox: Sandbox, number: signal.Signals
) -> None:
    child = _start(cdpctl, "peer", "restart", "AP1", "--interval", "100ms", "-o", "json", ignoring=number)
    assert _until(lambda: "PUT AP1/stop" in changes(sandbox))
    for _ in range(3):
        child.send_signal(number)
        time.sleep(0.05)
    out, err = child.communicate(timeout=30)
    assert (child.returncode, json.loads(out)["left_down"]) == (0, []), err


@pytest.mark.parametrize("second", sorted(_CODES), ids=lambda number: signal.Signals(number).name)
def test_second_signal_ends_the_run_at_once(
    cdpctl: Program, serve: Callable[..., Sandbox], second: signal.Signals
) -> None:
    sandbox = serve("list:slow=20s", "logout:slow=20s")
    cdpctl.env |= sandbox.environment()
    child = _start(cdpctl, "peer", "list")
    assert _until(lambda: len(sandbox.journal) == 1)
    time.sleep(0.5)
    first = signal.SIGTERM if second == signal.SIGINT else signal.SIGINT
    child.send_signal(first)
    time.sleep(0.5)
    child.send_signal(second)
    child.communicate(timeout=10)
    assert child.returncode in (-second, _CODES[first])


def test_what_is_known_is_told_when_the_signal_comes_at_the_logout(
    cdpctl: Program, serve: Callable[..., Sandbox], tmp_path: Any
) -> None:
    sandbox = serve("logout:slow=3s")
    cdpctl.env |= sandbox.environment()
    left = tmp_path / "left"
    words = ("peer", "stop", "AP1", "AP9", "-o", "json", "--output-failed", str(left))
    child = _start(cdpctl, *words)
    assert _until(lambda: bool(changes(sandbox)))
    time.sleep(0.5)
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=30)
    document = json.loads(out)
    assert child.returncode == 130
    assert [each["outcome"] for each in document["results"]] == ["accepted", "not_found"]
    assert left.read_text() == "AP9\n"
    assert b"nothing was sent" not in err


def _interrupted_by(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Send a signal when the given method of `Output` is called."""
    true = getattr(Output, name)

    def strike(*args: Any, **more: Any) -> Any:
        monkeypatch.undo()
        signal.raise_signal(signal.SIGTERM)
        return true(*args, **more)

    monkeypatch.setattr(Output, name, strike)


@pytest.mark.parametrize(
    ("words", "step", "said"),
    [
        (
            ("api", "PUT", "/peer/AP1/stop"),
            "document",
            "interrupted; PUT /peer/AP1/stop may have been carried out",
        ),
        (("peer", "list"), "document", "interrupted; nothing was sent"),
    ],
)
def test_signal_between_the_answer_and_its_output_never_hides_what_was_sent(
    tmp_path: Any,
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    words: tuple[str, ...],
    step: str,
    said: str,
) -> None:
    program = InProcess(tmp_path, sandbox)
    _interrupted_by(step, monkeypatch)
    run = program(*words, "-o", "json", code=143)
    assert run.document["error"]["message"] == said
    assert f"error: {said}\n" in run.stderr


@pytest.mark.parametrize("step", ["totals", "close"])
def test_signal_after_the_results_are_told_changes_nothing(
    tmp_path: Any, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    program = InProcess(tmp_path, sandbox)
    _interrupted_by(step, monkeypatch)
    run = program("peer", "stop", "AP1", "-o", "json", code=0)
    assert run.outcomes == {"AP1": "accepted"}
    assert run.stderr == ""


@pytest.mark.parametrize("number", sorted(_CODES), ids=lambda number: signal.Signals(number).name)
def test_embedded_grid_around_a_restart_ends_with_the_code_of_the_signal(
    tmp_path: Any, number: signal.Signals
) -> None:
    program = Program(tmp_path)
    words = ("peer", "restart", "AP1", "AP2", "-o", "json", "-vv")
    child = _start(program, "sandbox", "run", "--stop-after", "1s", "--", *words)
    assert child.stderr is not None
    while b"/start " not in child.stderr.readline():
        assert child.poll() is None
    child.send_signal(number)
    out, err = child.communicate(timeout=30)
    document = json.loads(out)
    assert (child.returncode, document["exit_code"]) == (_CODES[number], _CODES[number]), err
    for name in document.get("left_down", ()):
        assert f"cdpctl peer start {name}" in err.decode()


def test_variable_of_a_shell_that_completes_and_modules_in_the_folder_change_nothing(tmp_path: Any) -> None:
    for name in ("typer", "token", "requests", "json", "cdpctl"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit(1)\n")
    program = Program(tmp_path, None, _CDPCTL_COMPLETE="complete_bash", PYTHONSAFEPATH="")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "cdpctl", "config", "path"],
        cwd=tmp_path,
        env=program.env,
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr
    done = subprocess.run([SCRIPT, "config", "path"], cwd=tmp_path, env=program.env, capture_output=True)
    assert done.returncode == 0, done.stderr
    (tmp_path / "cdpctl.py").unlink()
    done = subprocess.run(
        [sys.executable, "-m", "cdpctl", "config", "path"], cwd=tmp_path, env=program.env, capture_output=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("error", ["ImportError", "SystemExit", "SyntaxError", "KeyError"])
def test_library_that_cannot_be_loaded_is_no_refusal_of_the_cdp(tmp_path: Any, error: str) -> None:
    (tmp_path / "typer.py").write_text(f"raise {error}(1)\n")
    done = Program(tmp_path, None, PYTHONPATH=str(tmp_path))("peer", "stop", "AP1")
    assert done.code == 70
    assert done.stderr.startswith("error: cdpctl cannot run: ")
