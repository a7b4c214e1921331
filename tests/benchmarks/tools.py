"""Other tools of this kind, installed in their own environment and timed in the same run."""

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

from tests.benchmarks.rows import Row
from tests.benchmarks.setting import Installation, serving
from tests.benchmarks.timing import Command, in_turn, wall

#: Package, script, and the words of a simple request if the tool can make one here.
_TOOLS: tuple[tuple[str, str, list[str]], ...] = (
    ("httpie", "http", ["--ignore-stdin", "GET"]),
    ("twine", "twine", []),
    ("awxkit", "awx", []),
    ("awscli", "aws", []),
)

#: Compiled tools, timed if they are installed.
_COMPILED = ("gh", "kubectl")


def compare(where: Installation, env: Mapping[str, str], runs: int) -> Iterator[Row]:
    """Time `--version`, `--help` and one request of cdpctl, compared with each available tool."""
    for tool in filter(shutil.which, _COMPILED):
        for word in ("--version", "--help"):
            yield _row(tool, word, [where.cdpctl, word], [tool, word], env, runs)
    with tempfile.TemporaryDirectory(prefix="cdpctl-tools-") as folder, serving(5) as grid:
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        scripts = Path(Installation(Path(folder)).python).parent
        packages = [package for package, _, _ in _TOOLS]
        install = [str(scripts / "python"), "-m", "pip", "install", "--quiet", "setuptools<81", *packages]
        subprocess.run(install, check=True, stderr=subprocess.DEVNULL)
        for package, script, request in _TOOLS:
            program = str(scripts / script)
            for word in ("--version", "--help"):
                yield _row(package, word, [where.cdpctl, word], [program, word], env, runs)
            if request:
                address = f"{grid['CDPCTL_URL']}/rest/info/peer"
                ours = [where.cdpctl, "peer", "list", "--url", grid["CDPCTL_URL"]]
                yield _row(package, "one read", ours, [program, *request, address], env, runs)


def _row(
    package: str, what: str, ours: list[str], theirs: list[str], env: Mapping[str, str], runs: int
) -> Row:
    commands = [Command(ours), Command(theirs, codes=(0, 1, 2, 252))]
    mine, other = (wall(samples) for samples in in_turn(commands, env, max(3, runs // 3)))
    return Row(f"{what}, cdpctl against {package}", package, mine / other, 1.0, f"{other * 1000:.0f} ms")
