"""Prints the table of benchmarks, and fails if a goal is missed: `python -m tests.benchmarks`."""

import argparse
import contextlib
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from tests.benchmarks import rows, tools
from tests.benchmarks.rows import Row
from tests.benchmarks.setting import Installation, environment, serving

_PARTS = {
    "start": rows.start_up,
    "tab": rows.tab,
    "calls": rows.calls,
    "grids": rows.grids,
    "operations": rows.operations,
    "growth": rows.growth,
    "tools": tools.compare,
}


def main() -> int:
    """Run the given parts. Return 1 if a goal is missed."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument(
        "parts", nargs="*", metavar="PART", help=f"of {', '.join(_PARTS)}; all but tools if none"
    )
    parser.add_argument("--runs", type=int, default=15, help="of each command, after one to warm up (15)")
    parser.add_argument(
        "--smallest", action="store_true", help="one run of each command, and goals may be missed"
    )
    parser.add_argument("--python", metavar="FOLDER", help="a virtual environment with cdpctl, not editable")
    parser.add_argument(
        "--imports", metavar="COMMAND", help="profile the imports of a command, 'peer stop AP1'"
    )
    given = parser.parse_args()
    for part in given.parts:
        if part not in _PARTS:
            parser.error(f"there is no part {part}; one of {', '.join(_PARTS)}")
    with contextlib.ExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="cdpctl-home-"))
        where = (
            Installation(Path(given.python)) if given.python else stack.enter_context(Installation.fresh())
        )
        env = environment(home)
        if given.imports is not None:
            return imports(where, env, given.imports.split())
        parts = given.parts or [part for part in _PARTS if part != "tools"]
        runs = 1 if given.smallest else given.runs
        missed = show(row for part in parts for row in _PARTS[part](where, env, runs))
        return 0 if given.smallest else missed


def show(table: Iterable[Row]) -> int:
    """Print rows as they are measured. Return 1 if one misses its goal."""
    missed = 0
    print(f"{'what':44} {'against':22} {'value':>7} {'goal':>6}")
    for row in table:
        missed += row.missed
        goal = "" if row.goal is None else f"{row.goal:g}"
        note = "  MISSED" if row.missed else ""
        print(f"{row.name:44} {row.floor:22} {row.value:7.2f} {goal:>6}  {row.detail}{note}", flush=True)
    return 1 if missed else 0


def imports(where: Installation, env: dict[str, str], words: list[str]) -> int:
    """Print the imports of a command, the slowest last, and the total for each package."""
    with serving(5) as grid:
        done = subprocess.run(
            [where.python, "-X", "importtime", "-m", "cdpctl", *words],
            env={**env, **grid},
            capture_output=True,
            text=True,
        )
    packages: dict[str, int] = {}
    lines = []
    for line in done.stderr.splitlines():
        own, _, rest = line.removeprefix("import time:").partition("|")
        if line.startswith("import time:") and own.strip().isdigit():
            total, _, name = rest.partition("|")
            package = name.strip().partition(".")[0]
            packages[package] = packages.get(package, 0) + int(own)
            lines.append((int(total), int(own), name.strip()))
    for with_its_own, alone, name in sorted(lines)[-40:]:
        print(f"{with_its_own:8} us with its own imports, {alone:7} us alone  {name}")
    print()
    for package, in_all in sorted(packages.items(), key=lambda each: each[1])[-15:]:
        print(f"{in_all:8} us in all  {package}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
