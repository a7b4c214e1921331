"""`cdpctl peer wait`: follow peers without asking anything of them."""

from typing import Annotated

import typer

from cdpctl.commands.options import command
from cdpctl.commands.peer_options import Names, PeerSelection
from cdpctl.commands.run_operation import run_operation
from cdpctl.commands.runtime import Runtime
from cdpctl.deadline import parse_duration
from cdpctl.errors import ExitCode, UsageError
from cdpctl.operations.change import Approve, wait_for
from cdpctl.operations.inventory import Inventory
from cdpctl.operations.run import START, STOP, Options, Report, Run

EXAMPLES = {
    "run": (
        "cdpctl peer wait AP1 AP2 --for stopped",
        "cdpctl peer wait AP1 --for running --timeout 5m && echo back",
    )
}


@command
def run(
    runtime: Runtime,
    names: Names = None,
    target: Annotated[str, typer.Option("--for", metavar="running|stopped", help="What to wait for.")] = "",
    interval: Annotated[str, typer.Option("--interval", metavar="D", help="Between two looks.")] = "2s",
) -> ExitCode:
    """Wait until peers are running or stopped.

    Only reads the grid: one read a round for all peers, until each is there or --timeout has passed.
    """
    actions = {"running": START, "stopped": STOP}
    if target.lower() not in actions:
        raise UsageError(
            f"--for: {target[:40]!r} is nothing to wait for" if target else "--for is missing",
            hint="write --for running or --for stopped",
        )
    if not names:
        raise UsageError("no peers named", hint="cdpctl peer wait AP1 --for stopped; - reads standard input")
    action = actions[target.lower()]

    def work(run: Run, _root: str, approve: Approve, _inventory: Inventory | None) -> Report:
        approve(run.names)
        return wait_for(run, action)

    options = Options(wait=True, interval=parse_duration(interval, "--interval"))
    return run_operation(runtime, "wait", PeerSelection(names=names), options, work, asking=False)
