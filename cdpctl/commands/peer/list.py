"""`cdpctl peer list`: the grid as one read shows it, or as it changes."""

from collections.abc import Sequence
from typing import Annotated, Any

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.deadline import Deadline, parse_duration
from cdpctl.errors import ExitCode, RejectedError, UsageError
from cdpctl.operations.inventory import Inventory, read_inventory
from cdpctl.output.document import Document, Format, Rows
from cdpctl.peers.models import Peer
from cdpctl.peers.selection import Selection

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
    from cdpctl.operations.watch import Voice, changes, looks

    output = runtime.output
    # A time limit meant for commands that end by themselves would end this one: only the option counts.
    limit = runtime.shared.timeout
    deadline = Deadline(None if limit is None else parse_duration(limit, "--timeout"))
    before: dict[str, Peer] | None = None
    with output.canvas() as canvas, runtime.session(deadline) as session:
        for inventory in looks(session, deadline, interval, Voice(output.note, output.warn)):
            _check_served(inventory)
            peers = selection.filter(inventory.peers.values())
            if canvas is not None:
                canvas.table(
                    _document(peers, {}), f"{len(peers)} peers, every {interval:g} s; Ctrl-C ends it"
                )
                continue
            now = _now()
            for kind, peer in changes(before, peers):
                record = {"time": now, "change": kind, **peer.to_json()}
                output.row(record, ("time", "change", *_COLUMNS))
            before = {peer.name: peer for peer in peers}
            if output.broken_pipe:
                break
    return ExitCode.OK


def _now() -> str:
    from datetime import UTC, datetime

    return datetime.now(UTC).isoformat(timespec="seconds")
