"""The installed program as a process of its own, and what every run of it owes its user."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from cdpctl.errors import ExitCode
from tests.support.documents import mistakes
from tests.support.program import measured

#: Planted in every run, as token or password; no run may show them.
CANARY_TOKEN = "canary-token-5c1e0b7d93f2"
CANARY_PASSWORD = "canary-pass-8d21f6a4"
#: The deadline and the read time-out of a run; fault servers never end a silence by themselves.
SECONDS = 5
QUICK = ("--timeout", f"{SECONDS}s", "--read-timeout", "1500ms")
# Far above the deadline: a run that needs it hangs.
_HANGING = 40

T = TypeVar("T")


@dataclass(frozen=True)
class Finished:
    """A run that has ended."""

    code: int
    stdout: bytes
    stderr: bytes = field(repr=False)

    @property
    def document(self) -> Any:
        return json.loads(self.stdout)

    @property
    def said(self) -> str:
        """All that was printed."""
        return (self.stdout + self.stderr).decode("utf-8", "replace")

    @property
    def outcomes(self) -> dict[str, str]:
        return {each["name"]: each["outcome"] for each in self.document["results"]}


def problems(run: Finished, secrets: tuple[str, ...] = ()) -> list[str]:
    """Return what is wrong with any run at all that was asked for JSON; nothing, if all is well."""
    found = [
        f"the secret {secret}" for secret in (CANARY_TOKEN, CANARY_PASSWORD, *secrets) if secret in run.said
    ]
    if run.code not in {int(code) for code in ExitCode} - {int(ExitCode.INTERNAL)}:
        found.append(f"exit code {run.code}")
    if "Traceback" in run.said:
        found.append("a traceback")
    try:
        text = run.stderr.decode("utf-8")
    except UnicodeDecodeError:
        found.append("standard error is no UTF-8")
    else:
        if not all(line.isprintable() for line in text.split("\n")):
            found.append("a control character on standard error")
    if not (run.stdout.isascii() and run.stdout.decode("ascii", "replace").replace("\n", "").isprintable()):
        found.append("standard output is not plain JSON")
    try:
        if run.document["exit_code"] != run.code:
            found.append("another exit code in the document")
        found += mistakes(run.document)
    except (ValueError, KeyError, TypeError):
        found.append("standard output is not one JSON document")
    return [f"{each}: {run.code} {run.said!r}" for each in found]


class Program:
    """Runs the console script with a home of its own and nothing of this process's environment.

    Args:
        home: an empty folder.
        url: of the CDP.
        variables: more of the environment; an empty value takes one of the standing ones away.
    """

    def __init__(self, home: Path, url: str | None = None, **variables: str) -> None:
        script = shutil.which("cdpctl", path=str(Path(sys.executable).parent))
        assert script is not None, "install the package first"
        self._script = script
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        standing = {"HOME": str(home), "CDPCTL_NO_KEYRING": "1", "CDPCTL_TOKEN": CANARY_TOKEN}
        if url is not None:
            standing["CDPCTL_URL"] = url
        self.env = {
            name: value for name, value in {**kept, **measured(), **standing, **variables}.items() if value
        }

    def __call__(self, *words: str | bytes, code: int | None = None, stdin: bytes = b"") -> Finished:
        """Run once, with `-o json` and short time-outs.

        Args:
            words: of the command line.
            code: the exit code it must end with; None takes any documented one.
            stdin: what it can read there.
        """
        end = words.index("--") if "--" in words else len(words)
        run = self.plain(*words[:end], "-o", "json", *words[end:], code=code, stdin=stdin)
        assert problems(run) == []
        return run

    def plain(self, *words: str | bytes, code: int | None = None, stdin: bytes = b"") -> Finished:
        """Run once as given but for short time-outs; arguments as for a call."""
        end = words.index("--") if "--" in words else len(words)
        done = subprocess.run(
            [self._script, *words[:end], *QUICK, *words[end:]],
            input=stdin,
            capture_output=True,
            env=self.env,
            timeout=_HANGING,
        )
        run = Finished(done.returncode, done.stdout, done.stderr)
        assert code is None or run.code == code, run.said
        return run

    def on_a_terminal(
        self, *words: str, answers: Mapping[str, str], seconds: float = _HANGING
    ) -> tuple[int, str]:
        """Run once with a terminal to ask on, and type an answer to each prompt.

        Args:
            words: of the command line.
            answers: what is typed, by a part of the prompt.
            seconds: to wait for the next words.

        Returns:
            The exit code, and all that was shown there.
        """
        import pty
        import select

        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [self._script, *words, *QUICK],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=self.env,
            start_new_session=True,
        )
        os.close(theirs)
        shown, left = b"", dict(answers)
        try:
            while select.select([ours], [], [], seconds)[0]:
                try:
                    piece = os.read(ours, 4096)
                except OSError:
                    # How Linux says that the other end is closed.
                    break
                if not piece:
                    break
                shown += piece
                for prompt in [prompt for prompt in left if prompt.encode() in shown]:
                    os.write(ours, left.pop(prompt).encode() + b"\n")
            code = process.wait(seconds)
        finally:
            process.kill()
            process.wait()
            os.close(ours)
        assert not left, f"never asked: {list(left)}; {shown!r}"
        return code, shown.decode("utf-8", "replace")


def together(cases: Mapping[str, Callable[[], T]], at_a_time: int = 10) -> dict[str, T]:
    """Run cases side by side, since most of them wait; a failure names its case.

    Args:
        cases: by name; each asserts for itself.
        at_a_time: how many.

    Returns:
        What each returned.
    """
    with ThreadPoolExecutor(at_a_time) as pool:
        running = {name: pool.submit(case) for name, case in cases.items()}
    failed = {name: each.exception() for name, each in running.items() if each.exception() is not None}
    assert not failed, "\n".join(f"{name}: {error}" for name, error in failed.items())
    return {name: each.result() for name, each in running.items()}
