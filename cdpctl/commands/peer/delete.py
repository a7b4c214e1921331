"""`cdpctl peer delete`: deletes peers from the grid, and confirms it."""

from functools import partial

from cdpctl.commands.options import Texts, argument, command, flag
from cdpctl.commands.peer_options import FAIL_FAST, NO_SELECTION, SENDING, ChangeOptions, PeerSelection
from cdpctl.commands.report import Operation
from cdpctl.commands.run_operation import run_operation
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode, UsageError
from cdpctl.operations.delete import delete
from cdpctl.text import command_line


@command(timeout="30s, or 60s with --no-wait")
def run(
    runtime: Runtime,
    pace: ChangeOptions,
    names: Texts = argument("NAME...", "Names of peers; - reads standard input.", None),
    force: bool = flag("--force", "Also delete peers that are not stopped.", SENDING),
    fail_fast: bool = FAIL_FAST,
) -> ExitCode:
    """Delete peers from the grid. This cannot be undone.

    It always asks for confirmation, and needs --yes without a terminal. It never deletes a CDP or an
    HA-CDP. It deletes a peer that is not stopped only with --force. A deletion is confirmed when the grid
    no longer lists the peer.

    Examples:
        cdpctl peer delete AP3
        cdpctl peer delete AP3 AP4 --dry-run
        cdpctl peer delete AP3 --yes -o json | jq -r '.results[].outcome'
    """
    if not names:
        raise UsageError("no peers given", hint=command_line("peer delete", "NAME"))

    return run_operation(
        runtime,
        Operation("delete", "deleted", selects=False),
        PeerSelection(NO_SELECTION, names),
        pace.conditions(fail_fast=fail_fast),
        partial(delete, force=force),
        irreversible=True,
    )
