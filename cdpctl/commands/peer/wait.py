"""`cdpctl peer wait`: waits until peers are running or stopped."""

from functools import partial

from cdpctl.commands.options import Text, command, option
from cdpctl.commands.peer_options import INTERVAL, WAITING, Conditions, PeerSelection
from cdpctl.commands.report import Operation
from cdpctl.commands.run_operation import run_operation
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode, UsageError
from cdpctl.operations.change import wait_for
from cdpctl.operations.model import START, STOP, Options
from cdpctl.text import quoted


@command(timeout="10m")
def run(
    runtime: Runtime,
    choice: PeerSelection,
    target: Text = option("--for running|stopped", "State to wait for; required.", WAITING),
    interval: float = INTERVAL,
) -> ExitCode:
    """Wait until peers are running or stopped.

    It only reads the grid, with one call for all peers, until each has the state of --for or --timeout has
    passed.

    Examples:
        cdpctl peer wait AP1 AP2 --for stopped
        cdpctl peer wait AP1 --for running --timeout 5m && echo back
        cdpctl peer wait --all --for running
    """
    actions = {"running": START, "stopped": STOP}
    if target is None:
        raise UsageError("--for is missing", hint="add --for running or --for stopped")
    if target.lower() not in actions:
        raise UsageError(f"cannot wait for {quoted(target)}: use running or stopped")
    work = partial(wait_for, action=actions[target.lower()])
    conditions = Conditions(Options(wait=True, interval=interval))
    return run_operation(runtime, Operation("wait", "confirmed"), choice, conditions, work)
