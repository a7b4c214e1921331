"""`cdpctl peer list`: the grid as one read shows it."""

from typing import Annotated

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode, RejectedError
from cdpctl.operations.inventory import read_inventory
from cdpctl.output import Document
from cdpctl.selection import Selection

EXAMPLES = {"run": ("cdpctl peer list --type ap --status STOPPED", "cdpctl peer list --match 'AP*' -o name")}


@command
def run(
    runtime: Runtime,
    kinds: Annotated[
        list[str] | None, typer.Option("--type", metavar="T", help="cdp, ha-cdp, ap or lap.")
    ] = None,
    status: Annotated[list[str] | None, typer.Option("--status", metavar="S", help="In this status.")] = None,
    match: Annotated[
        list[str] | None, typer.Option("--match", metavar="GLOB", help="Whose name matches.")
    ] = None,
) -> ExitCode:
    """List the peers of the grid.

    RUNNING and STOPPED are documented; any other status is shown as the CDP wrote it.
    """
    url = runtime.require_url()
    with runtime.session(runtime.deadline()) as session:
        inventory = read_inventory(session)
    if not inventory.served:
        raise RejectedError("this CDP serves neither /info/peer nor /peer: it cannot list its peers")
    selection = Selection(tuple(kinds or ()), tuple(match or ()), tuple(status or ()))
    runtime.output.document(
        Document(
            schema="cdpctl.peers/1",
            head={"profile": runtime.settings.profile, "url": url},
            key="peers",
            records=[peer.to_json() for peer in selection.filter(inventory.peers.values())],
            columns=("name", "type", "status", "host", "os", "version"),
        )
    )
    return ExitCode.OK
