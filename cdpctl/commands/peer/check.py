"""`cdpctl peer check`: checks peers as a monitoring plugin."""

import time
from collections.abc import Sequence
from pathlib import Path

from cdpctl.commands.grids import read_grids
from cdpctl.commands.options import Text, command, option
from cdpctl.commands.peer.list import check_served, warn_of_gaps
from cdpctl.commands.peer_options import SELECTION, PeerSelection
from cdpctl.commands.runtime import Runtime
from cdpctl.deadline import Deadline
from cdpctl.errors import CdpctlError, ForbiddenError, OutputError
from cdpctl.files import absolute_path
from cdpctl.operations.check import CheckedPeer, GridCheck, State, check_peers, overall
from cdpctl.operations.inventory import read_inventory, read_whole_inventory
from cdpctl.output.checks import write_checks
from cdpctl.output.grids import GridOutput
from cdpctl.peers.models import RUNNING, STOPPED
from cdpctl.settings.table import OUTPUT
from cdpctl.text import NearMisses, cannot_combine, has_wildcard, unknown_value

_EXPECTED = {"running": RUNNING, "stopped": STOPPED}


@command(grids=True)
def run(
    runtime: Runtime,
    choice: PeerSelection,
    expect: str = option(
        "--expect running|stopped",
        "State that the peers should have (default running).",
        SELECTION,
        "running",
    ),
    openmetrics: Text = option(
        "--openmetrics FILE", "Also write metrics to FILE, for node_exporter's textfile collector.", OUTPUT
    ),
) -> int:
    """Check whether peers are as expected and answer as a monitoring plugin.

    Without names or a selection, all peers of the grid are checked.

    It prints one line with performance data. The exit code is 0 (OK), 1 (WARNING: a peer is in between,
    such as STARTING, or has no status), 2 (CRITICAL: a peer has any other status than expected, or does
    not exist) or 3 (UNKNOWN: the grid cannot be read, or any other error). With several grids, the worst
    one counts, and CRITICAL comes before UNKNOWN. It asks no questions.

    Examples:
        cdpctl peer check
        cdpctl peer check AP1 AP2 --expect stopped
        cdpctl peer check --group web --profile prod
        cdpctl peer check --all-profiles --openmetrics /var/lib/node_exporter/cdpctl.prom
    """
    expected = _EXPECTED.get(expect.lower())
    if expected is None:
        raise unknown_value("--expect", expect, _EXPECTED, "state")
    file = None if openmetrics is None else absolute_path(openmetrics, "--openmetrics")
    runtime.check_fields(CheckedPeer("", None, None, State.OK, "").to_json())
    given: list[str] = []
    if choice.names or choice.listed.from_file:
        if any(choice.listed._replace(exclude=None, from_file=None)):
            raise cannot_combine("names", "a selection")
        given = choice.given_names(runtime)

    began: dict[str, float] = {}
    deadlines: list[Deadline] = []

    def result(
        shown: GridOutput,
        error: CdpctlError | None = None,
        peers: tuple[CheckedPeer, ...] = (),
        url: str | None = None,
    ) -> GridCheck:
        now = time.monotonic()
        return GridCheck(shown.grid, peers, now - began.get(shown.grid, now), time.time(), error, url)

    def read(grid: Runtime, shown: GridOutput) -> GridCheck:
        shown.grid = grid.settings.profile
        began[shown.grid] = time.monotonic()
        deadlines.append(grid.deadline())
        peers = _check(grid, deadlines[-1], choice, given, expected)
        return result(shown, None, peers, grid.settings.url)

    outputs, found = read_grids(runtime, read, result, hold=True)
    if not runtime.asked.several:
        # The profile may set the format.
        [runtime.output.format] = {shown.format for shown in outputs.values()}
    left = max((deadline.remaining() for deadline in deadlines), default=0.0)
    return _answer(runtime, outputs, found, expected, file, left)


def _check(
    runtime: Runtime, deadline: Deadline, choice: PeerSelection, names: Sequence[str], expected: str
) -> tuple[CheckedPeer, ...]:
    selection = choice.listed.selection(runtime)
    with runtime.session(deadline) as session:
        inventory = read_inventory(session, names) if names else read_whole_inventory(session)
    check_served(inventory)
    warn_of_gaps(runtime, inventory, selection._replace(members=None))
    if names:
        peers = [inventory.peers[name] for name in names if name in inventory.peers]
        missing = [name for name in names if name not in inventory.peers]
    else:
        peers = inventory.matching(selection)
        # A group names peers that should be there.
        missing = [
            name
            for name in dict.fromkeys(selection.members or ())
            if not (has_wildcard(name) or name in inventory.peers or selection.excludes(name))
        ]
    meant: dict[str, str] = {}
    if missing:
        from cdpctl.peers.not_found import what_was_meant

        # Without near misses: a name in a check was right once, and its peer may be gone.
        meant = {name: what_was_meant(name, NearMisses(())) for name in missing}
    checked = check_peers(peers, expected, missing=meant, contradictory=inventory.contradictions)
    gap, critical = inventory.gap, any(each.state is State.CRITICAL for each in checked)
    if gap is not None and not isinstance(gap, ForbiddenError) and not critical:
        # A peer that could not be read may be one that is not as expected.
        raise gap
    return checked


def _answer(
    runtime: Runtime,
    outputs: dict[str, GridOutput],
    found: dict[str, GridCheck],
    expected: str,
    file: Path | None,
    seconds: float,
) -> int:
    checks, several = list(found.values()), runtime.asked.several
    state = overall(checks)
    failure: OutputError | None = None
    if file is not None:
        from cdpctl.output.openmetrics import write_metrics

        try:
            write_metrics(file, checks, RUNNING, seconds)
        except OutputError as not_written:
            # Old metrics must be noticed, but an outage is more important.
            if state is not State.CRITICAL:
                raise
            failure = not_written
    write_checks(runtime.output, found, expected, several=several)
    for shown in outputs.values():
        shown.release()
    if failure is not None:
        runtime.output.error(failure)
    return state
