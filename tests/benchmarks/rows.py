"""The rows of the table: what is timed, the script to compare with, and the goal."""

import contextlib
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from cdpctl.commands.grids import AT_A_TIME
from tests.benchmarks import floors
from tests.benchmarks.server import TOKEN
from tests.benchmarks.setting import ROOT, Installation, serving
from tests.benchmarks.timing import Command, cpu, in_turn, peak, wall
from tests.support.profiles import write_profiles

_SIZES = (500, 5_000, 50_000)
_GRIDS = 50
_MOST_GROWTH = 11.0
_MOST_MEGABYTES = 250.0


@dataclass(frozen=True)
class Row:
    """One line of the table.

    Attributes:
        value: the ratio to the bare script, or megabytes.
        goal: the highest accepted `value`. None means no goal.
        detail: the figures behind it.
    """

    name: str
    floor: str
    value: float
    goal: float | None
    detail: str

    @property
    def missed(self) -> bool:
        """Whether the goal is missed."""
        return self.goal is not None and self.value > self.goal


def _milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f} ms"


def start_up(where: Installation, env: Mapping[str, str], runs: int) -> Iterator[Row]:
    """Time commands without a CDP, compared with the bare interpreter."""
    # The least that `python -m` can take.
    empty = Path(env["HOME"]) / "empty"
    empty.mkdir(exist_ok=True)
    for name in ("__init__.py", "__main__.py"):
        (empty / name).touch()
    commands = [
        Command([where.python, "-c", "pass"]),
        Command([where.python, "-m", "empty"], {"PYTHONPATH": env["HOME"]}),
        Command([where.cdpctl, "--version"]),
        Command([where.python, "-m", "cdpctl", "--version"]),
        Command([where.cdpctl, "--help"]),
    ]
    bare, module, version, by_module, shown = (wall(samples) for samples in in_turn(commands, env, runs))
    yield Row("cdpctl --version", "python -c pass", version / bare, 1.8, _milliseconds(version))
    name = "python -m cdpctl --version"
    yield Row(name, "python -c pass", by_module / bare, 1.2, _milliseconds(by_module))
    yield Row(name, "python -m empty", by_module / module, 1.0, _milliseconds(module))
    yield Row("cdpctl --help", "python -c pass", shown / bare, 5.0, _milliseconds(shown))


_TAB = """
source completions/cdpctl.bash
COMP_WORDS=(cdpctl peer stop A) COMP_CWORD=3 COMP_LINE="cdpctl peer stop A" COMP_POINT=18
_cdpctl cdpctl A stop
[ "${#COMPREPLY[@]}" -gt 1 ]
"""


def tab(where: Installation, env: Mapping[str, str], runs: int) -> Iterator[Row]:
    """Time TAB completion of a peer's name in bash, compared with a shell that starts Python."""
    bash = shutil.which("bash")
    if bash is None:
        return
    with serving(500) as grid:
        # Fill the cache of names as a user does.
        subprocess.run(
            [where.cdpctl, "peer", "list"], env={**env, **grid}, check=True, stdout=subprocess.DEVNULL
        )
        words = {"CDPCTL_URL": grid["CDPCTL_URL"]}
        commands = [
            Command([bash, "-c", f"cd {ROOT}; {where.python} -c pass"]),
            Command([bash, "-c", f"cd {ROOT}; {_TAB}"], words),
        ]
        floor, ours = (wall(samples) for samples in in_turn(commands, env, runs))
    yield Row("TAB on a peer's name", "bash, python -c pass", ours / floor, 1.5, _milliseconds(ours))


def calls(where: Installation, env: Mapping[str, str], runs: int) -> Iterator[Row]:
    """Time commands, compared with bare requests scripts: with the fewest calls, and with the same."""
    stop, listed = ["peer", "stop", "AP1", "-o", "json"], ["peer", "list", "-o", "json"]
    table = (
        ("peer stop AP1 -o json", 5, (floors.STOP, floors.STOP_SAME_CALLS), stop, 1.05),
        ("peer list -o json, 5,000 peers", 5_000, (floors.LIST, floors.LIST_SAME_CALLS), listed, 1.15),
    )
    for name, count, scripts, words, goal in table:
        with serving(count) as grid:
            yield from _against(name, scripts, [where.cdpctl, *words], goal, where, env, grid, runs)
            if curl := shutil.which("curl"):
                address = f"{grid['CDPCTL_URL']}/rest/info/peer"
                commands = [
                    Command([curl, "--silent", "--show-error", address]),
                    Command([where.cdpctl, *words], grid),
                ]
                floor, ours = (wall(samples) for samples in in_turn(commands, env, runs))
                yield Row(name, "curl, one read", ours / floor, None, _milliseconds(floor))


def _against(
    name: str,
    scripts: Sequence[str],
    words: Sequence[str],
    goal: float,
    where: Installation,
    env: Mapping[str, str],
    grid: Mapping[str, str],
    runs: int,
    more: Sequence[str] = (),
) -> Iterator[Row]:
    """Compare a command with a script of the fewest calls, and with one of the same calls."""
    url = grid["CDPCTL_URL"]
    commands = [Command([where.python, "-c", script, url, *more]) for script in scripts]
    commands.append(Command(list(words), grid))
    fewest, same, ours = (wall(samples) for samples in in_turn(commands, env, runs))
    yield Row(name, "requests script", ours / fewest, goal, _milliseconds(ours))
    yield Row(name, "the same calls", ours / same, None, _milliseconds(same))


def grids(where: Installation, env: Mapping[str, str], runs: int) -> Iterator[Row]:
    """Time a list of 50 grids of 200 peers, read 8 at a time, compared with one of them."""
    home = Path(env["HOME"], "grids")
    with serving(200) as grid:
        token = home / "token"
        values = {"url": grid["CDPCTL_URL"], "token_file": str(token)}
        write_profiles(home, {f"grid{number}": values for number in range(_GRIDS)})
        token.write_text(TOKEN, encoding="ascii")
        token.chmod(0o600)
        variables = {"HOME": str(home), "CDPCTL_TOKEN": ""}
        words = [where.cdpctl, "peer", "list", "-o", "json"]
        commands = [
            Command([*words, "--profile", "grid0"], variables),
            Command([*words, "--all-profiles"], variables),
        ]
        one, all_of_them = (wall(samples) for samples in in_turn(commands, env, runs))
    batches = -(-_GRIDS // AT_A_TIME)
    name = f"peer list --all-profiles, {_GRIDS} grids, a batch of {AT_A_TIME}"
    yield Row(name, "one grid", all_of_them / batches / one, 2.5, _milliseconds(all_of_them))


def operations(where: Installation, env: Mapping[str, str], runs: int) -> Iterator[Row]:
    """Time one POST of 10,000 names, a restart of 100 peers, a table of 200 rows and the default store."""
    names = Path(env["HOME"]) / "10000.txt"
    names.write_text("".join(f"AP{number}\n" for number in range(1, 10_001)), encoding="utf-8")
    stop = ["peer", "stop", "--from-file", str(names), "--yes", "-o", "json"]
    scripts = (floors.STOP_MANY, floors.STOP_MANY_SAME_CALLS)
    with serving(10_000) as grid:
        name, words = "peer stop of 10,000 names", [where.cdpctl, *stop]
        yield from _against(name, scripts, words, 1.45, where, env, grid, runs, [str(names)])
    hundred = [f"AP{number}" for number in range(1, 101)]
    with serving(100, 0.0) as grid:
        words = [where.cdpctl, "peer", "restart", *hundred, "--batch", "10", "--yes", "-q", "-o", "json"]
        [samples] = in_turn([Command(words, grid)], env, max(1, runs // 5))
    yield Row("peer restart of 100, --batch 10, in seconds", "-", wall(samples), 2.0, "")
    with serving(200) as grid:
        commands = [Command([where.cdpctl, "peer", "list", "-o", form], grid) for form in ("json", "table")]
        floor, ours = (wall(samples) for samples in in_turn(commands, env, runs))
    yield Row("peer list -o table of 200", "the same as json", ours / floor, 1.3, _milliseconds(ours))
    with serving(5) as grid:
        default = {**grid, "CDPCTL_TOKEN": "", "CDPCTL_USERNAME": "operator", "CDPCTL_PASSWORD": "benchmark"}
        words = [where.cdpctl, "peer", "stop", "AP1", "-o", "json"]
        commands = [Command(words, default), Command(words, {**default, "CDPCTL_NO_KEYRING": ""})]
        floor, ours = (wall(samples) for samples in in_turn(commands, env, runs))
    yield Row("peer stop AP1, default store", "without keyring", ours / floor, 1.25, _milliseconds(ours))


def growth(where: Installation, env: Mapping[str, str], runs: int) -> Iterator[Row]:
    """Time grids of 500 to 50,000 peers: the cost of ten times the peers, without start-up.

    Processor time is used, because the differences are small at 5,000 peers, and pauses between
    polls must not count.
    """
    lists = {
        f"peer list -o {each}": ["peer", "list", "-o", each] for each in ("json", "jsonl", "tsv", "name")
    }
    lists["peer list -o table"] = ["peer", "list", "-o", "table"]
    lists["peer stop -"] = ["peer", "stop", "-", "-o", "json"]
    lists["peer stop - --wait"] = ["peer", "stop", "-", "--wait", "--interval", "100ms", "-o", "json", "-q"]
    found: dict[str, list[tuple[float, float]]] = {}
    for name, words in lists.items():
        with contextlib.ExitStack() as stack:
            commands = []
            for size in (1, *_SIZES):
                grid = stack.enter_context(serving(size, 0.0 if "--wait" in name else -1.0))
                commands.append(_with_names([where.cdpctl, *words], grid, env, size))
            # In turn, so that changes in the speed of the machine affect all sizes.
            found[name] = [(cpu(samples), peak(samples)) for samples in in_turn(commands, env, max(7, runs))]
    for name, figures in found.items():
        start, (_, small), (five, _), (fifty, memory) = figures[0][0], *figures[1:]
        ratio = (fifty - start) / (five - start)
        detail = f"{_milliseconds(five)} at 5,000, {_milliseconds(fifty)} at 50,000; {small:.0f} MB at 500"
        goal = None if "table" in name else _MOST_GROWTH
        yield Row(name, "5,000 peers", ratio, goal, detail)
        yield Row(f"{name}, peak memory in MB", "50,000 peers", memory, _MOST_MEGABYTES if goal else None, "")


def _with_names(words: list[str], grid: Mapping[str, str], env: Mapping[str, str], size: int) -> Command:
    """Return a command that reads this many names from a file instead of `-`."""
    if "-" not in words:
        return Command(words, grid)
    path = Path(env["HOME"]) / f"{size}.txt"
    path.write_text("".join(f"AP{number}\n" for number in range(1, size + 1)), encoding="utf-8")
    at = words.index("-")
    return Command([*words[:at], "--from-file", str(path), *words[at + 1 :]], grid)
