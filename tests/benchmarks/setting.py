"""The environment of a benchmark: an installation as users have it, and its servers."""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.benchmarks.server import TOKEN

ROOT = Path(__file__).resolve().parents[2]


class Installation:
    """A virtual environment with cdpctl, compiled as pip does.

    Args:
        folder: the folder of the environment.
    """

    def __init__(self, folder: Path) -> None:
        scripts = folder / ("Scripts" if os.name == "nt" else "bin")
        self.python, self.cdpctl = str(scripts / "python"), str(scripts / "cdpctl")

    @classmethod
    @contextlib.contextmanager
    def fresh(cls) -> Iterator["Installation"]:
        """Install the working tree into a temporary environment.

        Not as an editable installation, which may be compiled at every start.
        """
        with tempfile.TemporaryDirectory(prefix="cdpctl-benchmark-") as folder:
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
            installation = cls(Path(folder))
            sys.stderr.write("installing into a new environment\n")
            env = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
            subprocess.run(
                [installation.python, "-m", "pip", "install", "--quiet", str(ROOT)],
                check=True,
                env=env,
                stderr=subprocess.DEVNULL,
            )
            yield installation


def environment(home: str) -> dict[str, str]:
    """Return the variables of every command: an empty home, a token, no keyring."""
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT") if name in os.environ}
    return {**kept, "HOME": home, "CDPCTL_TOKEN": TOKEN, "CDPCTL_NO_KEYRING": "1"}


@contextlib.contextmanager
def serving(count: int, settles_after: float = -1.0) -> Iterator[Mapping[str, str]]:
    """Run the server of a grid of this many peers in a separate process.

    Yields:
        The variables that let cdpctl use it.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.server", str(count), str(settles_after)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as server:
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            yield {"CDPCTL_URL": f"http://127.0.0.1:{int(server.stdout.readline())}/baocdp"}
        finally:
            server.stdin.close()
