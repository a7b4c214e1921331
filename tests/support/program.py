"""Runs cdpctl: as a process, in this process, or with additional checks for faults."""

import io
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypeVar
from unittest import mock

from cdpctl.cli import main
from cdpctl.errors import ExitCode
from cdpctl.sandbox.cdp import Call
from cdpctl.sandbox.server import Sandbox
from tests.support.documents import mistakes

#: The console script in the environment of the tests.
SCRIPT = str(Path(sys.executable).with_name("cdpctl.exe" if os.name == "nt" else "cdpctl"))
#: Used as token and password in runs with faults. No run may print them.
CANARY_TOKEN = "canary-token-5c1e0b7d93f2"
CANARY_PASSWORD = "canary-pass-8d21f6a4"
#: The deadline and the read time-out for faults that end with them.
QUICK = ("--timeout", "5s", "--read-timeout", "1500ms")
#: The limits for all other runs: long enough for a busy machine.
PATIENT = ("--timeout", "60s", "--read-timeout", "30s")
# Longer than any deadline in the tests. A run that takes this long hangs.
_HANGING = 90.0
_SIGNALS = [number for name in ("SIGHUP", "SIGINT", "SIGTERM") if (number := getattr(signal, name, None))]

T = TypeVar("T")


def measured() -> dict[str, str]:
    """Return the variables that let coverage measure the processes of tests."""
    return {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}


@dataclass(frozen=True)
class Finished:
    """A finished run.

    Attributes:
        data: standard output.
        errors: standard error.
    """

    code: int
    data: bytes
    errors: bytes = field(repr=False)

    @property
    def stdout(self) -> str:
        return self.data.decode()

    @property
    def stderr(self) -> str:
        return self.errors.decode()

    @property
    def said(self) -> str:
        """Everything that was printed."""
        return (self.data + self.errors).decode("utf-8", "replace")

    @property
    def document(self) -> Any:
        return json.loads(self.data)

    @property
    def outcomes(self) -> dict[str, str]:
        return {each["name"]: each["outcome"] for each in self.document["results"]}


class Program:
    """Runs the installed program in its own process, with checks for every run.

    Args:
        home: the home folder of the run.
        sandbox: the sandbox to use. None for a run without a CDP.
        variables: more variables. An empty value removes a default one.

    Attributes:
        env: the whole environment of the next run.
        secrets: texts that must not be printed.
    """

    def __init__(self, home: Path, sandbox: Sandbox | None = None, **variables: str) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        standing = {**kept, **measured(), **(sandbox.environment() if sandbox else {}), "HOME": str(home)}
        self.env = {name: value for name, value in (standing | variables).items() if value}
        self.secrets = [sandbox.password] if sandbox else []

    def _run(self, words: tuple[str | bytes, ...], stdin: bytes, seconds: float) -> Finished:
        done = subprocess.run(
            [SCRIPT, *words], input=stdin, capture_output=True, env=self.env, timeout=seconds
        )
        return Finished(done.returncode, done.stdout, done.stderr)

    def __call__(
        self,
        *words: str | bytes,
        stdin: str | bytes = b"",
        code: int | None = None,
        seconds: float = _HANGING,
    ) -> Finished:
        """Run to the end.

        Args:
            words: the arguments.
            stdin: the content of standard input.
            code: the expected exit code. None means any.
            seconds: the time limit.
        """
        done = self._run(words, stdin.encode() if isinstance(stdin, str) else stdin, seconds)
        assert code is None or done.code == code, f"ended with {done.code}\n{done.said}"
        assert "Traceback" not in done.said
        for secret in self.secrets:
            assert secret not in done.said
        return done

    def json(
        self, *words: str | bytes, stdin: str | bytes = b"", code: int, seconds: float = _HANGING
    ) -> Any:
        """Run with `-o json` and return the one document on standard output."""
        document = self(*words, "-o", "json", stdin=stdin, code=code, seconds=seconds).document
        assert document["exit_code"] == code
        assert mistakes(document, words) == []
        return document

    def outcomes(self, *words: str, code: int, stdin: str = "") -> dict[str, str]:
        """Run an operation and return each peer's outcome."""
        document = self.json(*words, code=code, stdin=stdin)
        return {result["name"]: result["outcome"] for result in document["results"]}

    def as_process(self) -> "Program":
        """Return a program with the same environment that runs in its own process."""
        program = Program(Path(self.env["HOME"]))
        program.env, program.secrets = self.env, self.secrets
        return program


class InProcess(Program):
    """Runs `main` in the test process, without a terminal, if a separate process is not needed."""

    def _run(self, words: tuple[str | bytes, ...], stdin: bytes, seconds: float) -> Finished:
        out, err = io.BytesIO(), io.BytesIO()
        streams: dict[str, Any] = {
            "stdin": io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"),
            "stdout": io.TextIOWrapper(out, encoding="utf-8", write_through=True),
            "stderr": io.TextIOWrapper(err, encoding="utf-8", write_through=True),
        }
        handlers = {number: signal.getsignal(number) for number in _SIGNALS}
        try:
            with mock.patch.multiple(sys, **streams), mock.patch.dict(os.environ, self.env, clear=True):
                code = main([os.fsdecode(word) for word in words])
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        return Finished(code, out.getvalue(), err.getvalue())


def in_grid(home: Path, url: str, **more: str) -> InProcess:
    """Return a program in this process whose variables lead to the grid at `url`."""
    standing = {
        "CDPCTL_URL": url,
        "CDPCTL_USERNAME": "operator",
        "CDPCTL_PASSWORD": "a-password-for-tests",
        "CDPCTL_NO_KEYRING": "1",
    }
    return InProcess(home, None, **(standing | more))


class StrictProgram(Program):
    """Runs with `-o json` and time limits, and checks what must hold for every run.

    Args:
        home: an empty home folder.
        url: the URL of the CDP.
        variables: more variables. An empty value removes a default one.
    """

    def __init__(self, home: Path, url: str = "", **variables: str) -> None:
        self._limits = PATIENT
        standing = {"CDPCTL_NO_KEYRING": "1", "CDPCTL_TOKEN": CANARY_TOKEN, "CDPCTL_URL": url}
        super().__init__(home, None, **(standing | variables))

    def hurried(self, slow: bool = True) -> Self:
        """Use short time limits if `slow`."""
        self._limits = QUICK if slow else PATIENT
        return self

    def __call__(
        self,
        *words: str | bytes,
        stdin: str | bytes = b"",
        code: int | None = None,
        seconds: float = _HANGING,
    ) -> Finished:
        run = self.plain(*words, stdin=stdin, code=code, seconds=seconds, more=("-o", "json"))
        assert problems(run) == []
        return run

    def plain(
        self,
        *words: str | bytes,
        stdin: str | bytes = b"",
        code: int | None = None,
        seconds: float = _HANGING,
        more: tuple[str, ...] = (),
    ) -> Finished:
        """Run with time limits and `more` options before any `--`."""
        end = words.index("--") if "--" in words else len(words)
        line = (*words[:end], *more, *self._limits, *words[end:])
        return super().__call__(*line, stdin=stdin, code=code, seconds=seconds)


class StrictInProcess(StrictProgram, InProcess):
    """The same checks for runs in this process, for tables of cases."""


def problems(run: Finished, secrets: tuple[str, ...] = ()) -> list[str]:
    """Return what is wrong with a run that was asked for JSON. Empty if nothing is wrong."""
    found = [
        f"the secret {secret}" for secret in (CANARY_TOKEN, CANARY_PASSWORD, *secrets) if secret in run.said
    ]
    if run.code not in {int(code) for code in ExitCode} - {int(ExitCode.INTERNAL)}:
        found.append(f"exit code {run.code}")
    try:
        text = run.errors.decode("utf-8")
    except UnicodeDecodeError:
        found.append("standard error is no UTF-8")
    else:
        if not all(line.isprintable() for line in text.split("\n")):
            found.append("a control character on standard error")
    if not (run.data.isascii() and run.data.decode("ascii", "replace").replace("\n", "").isprintable()):
        found.append("standard output is not plain JSON")
    try:
        if run.document["exit_code"] != run.code:
            found.append("another exit code in the document")
        found += mistakes(run.document)
    except (ValueError, KeyError, TypeError):
        found.append("standard output is not one JSON document")
    return [f"{each}: {run.code} {run.said!r}" for each in found]


def together(cases: Mapping[str, Callable[[], T]], at_a_time: int = 10) -> dict[str, T]:
    """Run cases in parallel. A failure names its case.

    Args:
        cases: the cases by name. Each makes its own assertions.
        at_a_time: the most at a time. 1 runs them in this thread, as `InProcess` needs it.

    Returns:
        The result of each.
    """
    running = {name: Future[T]() for name in cases}
    if at_a_time == 1:
        for name, case in cases.items():
            try:
                running[name].set_result(case())
            except Exception as error:  # noqa: BLE001 - told with the others
                running[name].set_exception(error)
    else:
        with ThreadPoolExecutor(at_a_time) as pool:
            running = {name: pool.submit(case) for name, case in cases.items()}
    failed = {name: each.exception() for name, each in running.items() if each.exception() is not None}
    assert not failed, "\n".join(f"{name}: {error}" for name, error in failed.items())
    return {name: each.result() for name, each in running.items()}


def changes(sandbox: Sandbox) -> list[str]:
    """Return the requests that change something, as `PUT AP1/stop` or `POST stop`."""
    return [f"{call.method} {call.path.partition('/rest/peer/')[2]}" for call in change_calls(sandbox)]


def change_calls(sandbox: Sandbox) -> list[Call]:
    """Return the requests that stop or start peers."""
    return [call for call in sandbox.journal if call.path.endswith(("/stop", "/start"))]


def logins(sandbox: Sandbox) -> int:
    """Return how many logins the sandbox has seen."""
    return sum(call.path.endswith("/login") for call in sandbox.journal)
