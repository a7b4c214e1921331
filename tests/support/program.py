"""The installed program as a user runs it: a process of its own, a home of its own."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from cdpctl.sandbox.server import Call, Sandbox
from tests.support.documents import mistakes

#: The console script of the environment the tests run in.
SCRIPT = str(Path(sys.executable).with_name("cdpctl.exe" if os.name == "nt" else "cdpctl"))


def measured() -> dict[str, str]:
    """Return the variables by which coverage finds the processes that tests start."""
    return {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}


class Program:
    """Runs the installed program and checks what holds for every run.

    Args:
        home: of the run, empty to begin with.
        sandbox: whose variables it gets; None for a run that has no CDP.

    Attributes:
        env: the whole environment of the next run.
        secrets: that may stand in nothing the program prints.
    """

    def __init__(self, home: Path, sandbox: Sandbox | None = None) -> None:
        kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
        self.env = {**kept, **measured(), **(sandbox.environment() if sandbox else {}), "HOME": str(home)}
        self.secrets = [sandbox.password] if sandbox else []

    def __call__(
        self, *words: str | bytes, stdin: str | bytes = "", code: int, seconds: float = 60
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end.

        Args:
            words: the arguments.
            stdin: what standard input holds.
            code: the exit code it must end with.
            seconds: it may take at most.
        """
        done = subprocess.run(
            [SCRIPT, *words],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env=self.env,
            timeout=seconds,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert done.returncode == code, f"ended with {done.returncode}\n{out}\n{err}"
        assert "Traceback" not in err
        for secret in self.secrets:
            assert secret not in out + err
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    def json(self, *words: str | bytes, stdin: str | bytes = "", code: int, seconds: float = 60) -> Any:
        """Run with `-o json` and return the one document on standard output."""
        done = self(*words, "-o", "json", stdin=stdin, code=code, seconds=seconds)
        document = json.loads(done.stdout)
        assert document["exit_code"] == code
        assert mistakes(document, words) == []
        return document

    def outcomes(self, *words: str, code: int, stdin: str = "") -> dict[str, str]:
        """Run an operation and return each peer's outcome."""
        document = self.json(*words, code=code, stdin=stdin)
        return {result["name"]: result["outcome"] for result in document["results"]}


def changes(sandbox: Sandbox) -> list[str]:
    """Return the requests that change something, as `PUT AP1/stop` or `POST stop`."""
    return [f"{call.method} {call.path.partition('/rest/peer/')[2]}" for call in change_calls(sandbox)]


def change_calls(sandbox: Sandbox) -> list[Call]:
    """Return the requests that stop or start peers."""
    return [call for call in sandbox.journal if call.path.endswith(("/stop", "/start"))]


def logins(sandbox: Sandbox) -> int:
    """Return how many logins the sandbox has seen."""
    return sum(call.path.endswith("/login") for call in sandbox.journal)
