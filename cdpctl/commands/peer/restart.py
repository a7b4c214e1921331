"""`cdpctl peer restart`: stop, confirmed, start, confirmed, so many peers at a time."""

from typing import Annotated

import typer

from cdpctl.commands.options import command
from cdpctl.commands.peer_options import OperationOptions, PeerSelection
from cdpctl.commands.run_operation import run_operation
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode, UsageError
from cdpctl.operations.change import Approve, rolling_restart
from cdpctl.operations.inventory import Inventory
from cdpctl.operations.restart import RestartOptions
from cdpctl.operations.run import Report, Run

EXAMPLES = {
    "run": (
        "cdpctl peer restart AP1 AP2 AP3",
        "cdpctl peer restart --type ap --batch 25% --max-failures 1 --yes --timeout 30m",
        "cdpctl peer restart AP1 --start-stopped",
    )
}


@command
def run(
    runtime: Runtime,
    choice: PeerSelection,
    pace: OperationOptions,
    batch: Annotated[
        str, typer.Option("--batch", metavar="N|N%", help="So many peers down at a time.")
    ] = "1",
    max_failures: Annotated[
        int, typer.Option("--max-failures", metavar="N", min=0, help="Go on after so many failures.")
    ] = 0,
    start_stopped: Annotated[
        bool, typer.Option("--start-stopped", help="Start a peer that was stopped before, too.")
    ] = False,
    wait: Annotated[
        bool, typer.Option("--wait/--no-wait", help="A restart always waits; --no-wait is refused.")
    ] = True,
) -> ExitCode:
    """Stop and start peers, a few at a time, each confirmed.

    A batch is stopped, seen STOPPED, started, seen RUNNING; only then the next one follows. After more
    than --max-failures failures the rest is left untouched. A restart that breaks off says which peers
    are down and the command that brings them back.
    """
    if not wait:
        raise UsageError("a restart always waits: it has to see a peer stopped before it starts it")
    rolling = RestartOptions(batch, max_failures, start_stopped)

    def work(run: Run, root: str, approve: Approve, inventory: Inventory | None) -> Report:
        return rolling_restart(run, root, approve, rolling, inventory)

    return run_operation(
        runtime,
        "restart",
        choice,
        pace.options(wait=True),
        work,
        asking=not pace.yes,
        output_failed=pace.output_failed,
    )
