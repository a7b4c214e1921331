"""`cdpctl peer stop`: the documented Stop peers call, one peer or many."""

from functools import partial
from typing import Annotated

from cdpctl.commands.options import command, option
from cdpctl.commands.peer_options import WAITING, OperationOptions, PeerSelection
from cdpctl.commands.run_operation import run_operation
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode
from cdpctl.operations.change import change
from cdpctl.operations.run import STOP

EXAMPLES = {
    "run": (
        "cdpctl peer stop AP1 AP2 --wait",
        "cdpctl peer stop --match 'AP*' --exclude AP9 --dry-run",
        "cdpctl peer stop --from-file names.txt -o json | jq -r '.results[] | select(.ok | not) | .name'",
    )
}


@command
def run(
    runtime: Runtime,
    choice: PeerSelection,
    pace: OperationOptions,
    wait: Annotated[
        bool,
        option(
            "--wait/--no-wait",
            "Wait until each peer is STOPPED, up to --timeout (default --no-wait).",
            WAITING,
        ),
    ] = False,
) -> ExitCode:
    """Stop peers.

    The CDP accepts the request at once and the peers stop in the background: accepted is not stopped.
    With --wait each peer is followed until a read of the grid shows it STOPPED.

    Names are checked and looked up first. A name the grid does not have, a CDP, and a peer that is
    stopped already are told apart, and the rest is sent: one call for one peer, one for many.
    A CDP and an HA-CDP are never stopped.
    """
    work = partial(change, action=STOP)
    return run_operation(runtime, "stop", choice, pace.conditions(wait=wait), work)
