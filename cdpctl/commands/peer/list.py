"""`cdpctl peer list`: the grid as one read shows it, or as it changes."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.deadline import Deadline, parse_duration
from cdpctl.errors import CdpctlError, ExitCode, Interruption, RejectedError, UsageError
from cdpctl.operations.inventory import Inventory, read_inventory
from cdpctl.output.document import Document, Format, Rows
from cdpctl.peers.models import Peer
from cdpctl.peers.selection import Selection

if TYPE_CHECKING:
    from cdpctl.output.output import Output
    from cdpctl.output.watch import WatchTable

Show = Callable[[Sequence[Peer] | CdpctlError], None]

EXAMPLES = {
    "run": (
        "cdpctl peer list --type ap --status STOPPED",
        "cdpctl peer list --match 'AP*' -o name",
        "cdpctl peer list --watch",
        "cdpctl peer list --watch -o jsonl --timeout 1h | jq -c 'select(.status != \"RUNNING\")'",
    )
}

_COLUMNS = ("name", "type", "status", "host", "os", "version")
_INTERVAL = 2.0


@command
def run(
    runtime: Runtime,
    types: Annotated[
        list[str] | None, typer.Option("--type", metavar="T", help="cdp, ha-cdp, ap or lap.")
    ] = None,
    status: Annotated[list[str] | None, typer.Option("--status", metavar="S", help="In this status.")] = None,
    match: Annotated[
        list[str] | None, typer.Option("--match", metavar="GLOB", help="Whose name matches.")
    ] = None,
    watch: Annotated[bool, typer.Option("--watch", "-w", help="Go on looking, until Ctrl-C.")] = False,
    interval: Annotated[
        str | None, typer.Option("--interval", metavar="D", help="Between two looks of a watch (2s).")
    ] = None,
) -> ExitCode:
    """List the peers of the grid.

    RUNNING and STOPPED are documented; any other status is shown as the CDP wrote it.

    With --watch the table is drawn anew in place on a terminal; elsewhere the peers are listed, and
    then a line follows each change, with -o jsonl a record. It ends with Ctrl-C, or at --timeout where
    that option is given. A look that fails is made again.
    """
    seconds = None if interval is None else parse_duration(interval, "--interval")
    if seconds is not None and not watch:
        raise UsageError("--interval is for a watch", hint="add --watch")
    record = Peer("").to_json()
    runtime.output.check_fields({"time": None, "change": None, **record} if watch else record)
    # First, since a profile may choose the format.
    url = runtime.require_url()
    if watch and runtime.output.format is Format.JSON:
        raise UsageError(
            "-o json is one document, and a watch has no end",
            hint="--watch -o jsonl writes a record for each change",
        )
    selection = Selection(tuple(types or ()), tuple(match or ()), tuple(status or ()))
    if watch:
        return _watch(runtime, selection, _INTERVAL if seconds is None else seconds)
    with runtime.session(runtime.deadline()) as session:
        inventory = read_inventory(session)
    _check_served(inventory)
    head = {"profile": runtime.settings.profile, "url": url}
    runtime.output.document(_document(selection.filter(inventory.peers.values()), head))
    return ExitCode.OK


def _document(peers: Sequence[Peer], head: dict[str, Any]) -> Document:
    return Document(
        schema="cdpctl.peers/1",
        head=head,
        key="peers",
        records=Rows(peers, Peer.to_json),
        columns=_COLUMNS,
    )


def _check_served(inventory: Inventory) -> None:
    if not inventory.served:
        raise RejectedError(
            "this CDP serves neither /info/peer nor /peer: it cannot list its peers",
            hint="`cdpctl doctor` shows what it serves",
        )


def _watch(runtime: Runtime, selection: Selection, interval: float) -> ExitCode:
    from cdpctl.operations.watch import polls

    # A time limit meant for commands that end by themselves would end this one: only the option counts.
    limit = runtime.shared.timeout
    deadline = Deadline(None if limit is None else parse_duration(limit, "--timeout"))
    try:
        with (
            runtime.session(deadline) as session,
            runtime.output.watch_table(_COLUMNS, interval) as table,
        ):
            show = _in_lines(runtime.output, interval) if table is None else _in_table(table)
            for poll in polls(session, deadline, interval):
                if isinstance(poll, CdpctlError):
                    show(poll)
                    continue
                _check_served(poll)
                show(selection.filter(poll.peers.values()))
                if runtime.output.broken_pipe:
                    break
    except Interruption as interruption:
        # Ctrl-C is how a watch ends.
        if interruption.exit_code is not ExitCode.INTERRUPTED:
            raise
        return ExitCode.INTERRUPTED
    return ExitCode.OK


def _in_table(table: "WatchTable") -> Show:
    """Show peers in a table that is drawn in place."""
    from cdpctl.operations.watch import changes

    before: dict[str, Peer] | None = None

    def show(poll: Sequence[Peer] | CdpctlError) -> None:
        nonlocal before
        if isinstance(poll, CdpctlError):
            table.trouble(poll.reason)
            return
        changed = [change.peer.name for change in changes(before, poll) if change.kind != "listed"]
        before = {peer.name: peer for peer in poll}
        table.answer(Rows(poll, Peer.to_json), changed)

    return show


def _in_lines(output: "Output", interval: float) -> Show:
    """Show peers in a line for each change; a streak of reads that fail is one warning."""
    from cdpctl.operations.watch import changes

    before: dict[str, Peer] | None = None
    failing = False

    def show(poll: Sequence[Peer] | CdpctlError) -> None:
        nonlocal before, failing
        if isinstance(poll, CdpctlError):
            if not failing:
                output.warn(f"{poll.message}; trying again every {interval:g} s")
            failing = True
            return
        if failing:
            output.note("the peers can be read again")
        failing = False
        now = _now()
        for kind, peer in changes(before, poll):
            output.row({"time": now, "change": kind, **peer.to_json()}, ("time", "change", *_COLUMNS))
        before = {peer.name: peer for peer in poll}

    return show


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat(timespec="seconds")
