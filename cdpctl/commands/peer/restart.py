"""`cdpctl peer restart`: stops and starts peers, a few at a time."""

from functools import partial

from cdpctl.commands.options import command, duration, flag, option, whole_number
from cdpctl.commands.peer_options import SENDING, WAITING, OperationOptions, PeerSelection
from cdpctl.commands.report import Operation
from cdpctl.commands.run_operation import run_operation
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode, UsageError
from cdpctl.operations.restart import RestartOptions, rolling_restart


@command(timeout="none; see --batch-timeout")
def run(
    runtime: Runtime,
    choice: PeerSelection,
    *,
    # For those who type it as for stop.
    wait: bool = flag("--wait", "Wait for each step, as a restart always does.", WAITING),  # noqa: ARG001
    pace: OperationOptions,
    batch: str = option("--batch N|N%", "Peers to restart at a time (default 1).", SENDING, "1"),
    batch_timeout: float = duration(
        "--batch-timeout D", "Time for the stop and start of a batch (default 10m).", WAITING, 600.0
    ),
    max_failures: int = whole_number("--max-failures N", "Failures to tolerate (default 0).", SENDING),
    start_stopped: bool = flag(
        "--start-stopped", "With a selection: start peers that are stopped, too.", SENDING
    ),
) -> ExitCode:
    """Stop and start peers, a few at a time, and confirm each step.

    The next batch begins when all peers of a batch are RUNNING again. Peers that are stopped are started
    if they are named. A selection takes running peers only. After more than --max-failures failures, the
    remaining peers are not restarted. There is no time limit for the whole restart unless --timeout is
    given. If a restart fails or is interrupted, it shows which peers are down and how to start them. The
    peers are always read first, so --no-preflight is refused. Selections and protected profiles ask for
    confirmation.

    Examples:
        cdpctl peer restart AP1 AP2 AP3
        cdpctl peer restart --type ap --batch 25% --max-failures 1 --yes --timeout 30m
        cdpctl peer restart --all --batch 2 --batch-timeout 15m --start-stopped
    """
    if pace.no_preflight:
        raise UsageError(
            "restart cannot be combined with --no-preflight: it has to read the peers first",
            hint="nothing was sent; leave out --no-preflight",
        )
    work = partial(rolling_restart, rolling=RestartOptions(batch, max_failures, batch_timeout))
    conditions = pace.conditions(wait=True)._replace(timeout=None)
    return run_operation(
        runtime, Operation("restart", "restarted"), choice, conditions, work, running_only=not start_stopped
    )
