"""`cdpctl peer stop`: stops one or many peers."""

from functools import partial

from cdpctl.commands.options import command, flag
from cdpctl.commands.peer_options import WAITING, OperationOptions, PeerSelection
from cdpctl.commands.report import Operation
from cdpctl.commands.run_operation import run_operation
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode
from cdpctl.operations.change import change
from cdpctl.operations.model import STOP


@command(timeout="60s, or 10m with --wait")
def run(
    runtime: Runtime,
    choice: PeerSelection,
    *,
    wait: bool = flag(
        "--wait/--no-wait", "Wait until each peer is STOPPED, up to --timeout (default --no-wait).", WAITING
    ),
    pace: OperationOptions,
) -> ExitCode:
    """Stop peers.

    The CDP accepts the request at once, and the peers stop in the background: accepted is not stopped.
    With --wait, the command waits until the CDP shows each peer STOPPED.

    Names are checked and looked up first. Peers that are already stopped are left alone. A CDP or an
    HA-CDP is refused. One request is sent for all other peers. With --no-preflight, only the form of the
    names is checked, and a CDP that is named is stopped too. Selections and protected profiles ask for
    confirmation.

    Examples:
        cdpctl peer stop AP1 AP2 --wait
        cdpctl peer stop --match 'AP*' --exclude AP9 --dry-run
        cdpctl peer stop --from-file names.txt -o json | jq -r '.results[] | select(.ok | not) | .name'
    """
    work = partial(change, action=STOP)
    return run_operation(runtime, Operation("stop", "stopped"), choice, pace.conditions(wait=wait), work)
