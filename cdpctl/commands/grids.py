"""Runs a command on several grids, and shows the results together."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import TypeVar

from cdpctl.background import BackgroundCall
from cdpctl.commands.bug import bug
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import CdpctlError, ExitCode, OutputError
from cdpctl.operations.parallel import run_parallel
from cdpctl.output.document import Document
from cdpctl.output.grids import GridOutput, stream, together
from cdpctl.output.totals import peer_totals
from cdpctl.peers.models import most_severe
from cdpctl.text import plural

#: The most grids that are read at a time.
AT_A_TIME = 8

T = TypeVar("T")


def in_grids(runtime: Runtime, work: Callable[[Runtime], int | None]) -> int:
    """Run a command that only reads on one grid or on each of several.

    Args:
        runtime: the command's runtime.
        work: the command for one grid. It returns the exit code, or None for 0, and is called from several
            threads, each with its own runtime.

    Returns:
        The exit code of one grid. For several: 0, 3 if only some failed, or the most severe code.

    Raises:
        CdpctlError: the one grid cannot be read, or a profile does not exist.
    """
    if not runtime.asked.several:
        return work(runtime) or ExitCode.OK
    output = runtime.output

    def read(grid: Runtime, shown: GridOutput) -> Document:
        work(grid)
        if shown.result is None:
            raise AssertionError("a command that reads has a document")
        return shown.result

    outputs, results = read_grids(runtime, read, GridOutput.failed, done=partial(stream, output))
    code = exit_code_of_grids([result.exit_code for result in results.values()])
    output.document(together(results, code, output))
    for shown in outputs.values():
        shown.release()
    read_ones = [result for result in results.values() if result.key == "peers"]
    statuses = [each["status"] for result in read_ones for each in result.records]
    if statuses:
        some = f"{len(read_ones)} of " if len(read_ones) < len(results) else ""
        output.totals(f"{peer_totals(statuses, output.mark)}, in {some}{plural(len(results), 'grid')}")
    return code


def read_grids(
    runtime: Runtime,
    read: Callable[[Runtime, GridOutput], T],
    failed: Callable[[GridOutput, CdpctlError], T],
    *,
    hold: bool = False,
    done: Callable[[str, T], None] = lambda _profile, _result: None,
) -> tuple[dict[str, GridOutput], dict[str, T]]:
    """Read several grids, at most 8 at a time, each with its own session and deadline.

    A single grid is read in the same way, in the calling thread.

    Args:
        runtime: the command's runtime.
        read: reads one grid.
        failed: makes the result of a grid that could not be read. A bug counts as an error of its grid.
        hold: keep messages until they are released.
        done: takes each result as soon as it is there, one at a time.

    Returns:
        The output and the result of each profile, in the order given.
    """
    several, profiles = runtime.asked.several, [runtime.shared.profile or "default"]
    if several:
        profiles, warnings = runtime.asked.choose(runtime.environ, url=getattr(runtime.shared, "url", None))
        runtime.warn_once(warnings)
    runtime.invocation.configured = True
    outputs = {name: GridOutput(runtime.output, name, named=several, hold=hold) for name in profiles}
    found: dict[str, T] = {}
    grids: list[Runtime] = []

    def work(profile: str) -> T:
        shown = outputs[profile]
        try:
            grid = runtime.of_grid(profile if several else runtime.shared.profile, shown)
            grids.append(grid)
            return read(grid, shown)
        except OutputError:
            raise
        except Exception as problem:  # noqa: BLE001 - a bug met in one grid must not hide the others
            error = problem if isinstance(problem, CdpctlError) else bug(problem, shown)
            shown.error(error)
            return failed(shown, error)

    def keep(profile: str, result: T) -> None:
        found[profile] = result
        done(profile, result)

    if not several:
        return outputs, {name: work(name) for name in profiles}
    try:
        run_parallel(profiles, work, AT_A_TIME, lambda: runtime.output.broken_pipe, done=keep)
    except BaseException:
        # The reading threads are abandoned, so end their sessions here.
        sessions = [session for grid in grids for session in grid.sessions]
        for call in [BackgroundCall(session.close, "logout") for session in sessions]:
            call.result()
        raise
    return outputs, {profile: found[profile] for profile in profiles if profile in found}


def exit_code_of_grids(codes: Sequence[ExitCode]) -> ExitCode:
    """Return the exit code of several grids: 0, 3 if only some failed, or the most severe code."""
    bad = {code for code in codes if code is not ExitCode.OK}
    if not bad:
        return ExitCode.OK
    if ExitCode.OK in codes:
        return ExitCode.PARTIAL
    return bad.pop() if len(bad) == 1 else most_severe(bad)
