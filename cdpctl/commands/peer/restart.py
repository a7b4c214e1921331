"""`cdpctl peer restart`: stop, confirmed, start, confirmed, so many peers at a time."""

from typing import Annotated

from cdpctl.commands.options import command
from cdpctl.commands.peer_options import SENDING, OperationOptions, PeerSelection, option
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
        str,
        option("--batch", metavar="N|N%", panel=SENDING, help="Peers to restart at a time (default 1)."),
    ] = "1",
    max_failures: Annotated[
        int,
        option("--max-failures", metavar="N", panel=SENDING, help="Failures to tolerate (default 0)."),
    ] = 0,
    start_stopped: Annotated[
        bool, option("--start-stopped", panel=SENDING, help="Also start peers that are stopped.")
    ] = False,
) -> ExitCode:
    """Stop and start peers, a few at a time, each confirmed.

    A batch is stopped, seen STOPPED, started, seen RUNNING; only then the next one follows. After more
    than --max-failures failures the rest is left untouched. A restart that breaks off says which peers
    are down and the command that brings them back.
    """
    if max_failures < 0:
        raise UsageError(f"--max-failures: {max_failures} is not valid: use 0 or more")
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
