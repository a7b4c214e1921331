"""`cdpctl peer start`: starts one or many peers."""

from functools import partial

from cdpctl.commands.options import command, flag
from cdpctl.commands.peer_options import WAITING, OperationOptions, PeerSelection
from cdpctl.commands.report import Operation
from cdpctl.commands.run_operation import run_operation
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode
from cdpctl.operations.change import change
from cdpctl.operations.model import START


@command(timeout="60s, or 10m with --wait")
def run(
    runtime: Runtime,
    choice: PeerSelection,
    *,
    wait: bool = flag(
        "--wait/--no-wait", "Wait until each peer is RUNNING, up to --timeout (default --no-wait).", WAITING
    ),
    pace: OperationOptions,
) -> ExitCode:
    """Start peers.

    The CDP accepts the request at once, and the peers start in the background: accepted is not running.
    With --wait, the command waits until the CDP shows each peer RUNNING.

    Names are checked and looked up first. Peers that are already running are left alone. A CDP or an
    HA-CDP is refused. Selections and protected profiles ask for confirmation.

    Examples:
        cdpctl peer start AP1 AP2 --wait --timeout 5m
        cdpctl peer start --type ap --status STOPPED
        cdpctl peer start - < names.txt
    """
    work = partial(change, action=START)
    return run_operation(runtime, Operation("start", "started"), choice, pace.conditions(wait=wait), work)
