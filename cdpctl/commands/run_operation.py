"""What stop, start, restart and wait share: names in, questions asked, the report out."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from cdpctl.commands.audit import AuditTrail
from cdpctl.commands.peer_options import OperationOptions, PeerSelection, nothing_selected
from cdpctl.commands.report import OutputReporter, open_failed, report_results, write_failed
from cdpctl.commands.runtime import DEFAULT_TIMEOUT, WAITING_TIMEOUT, Runtime
from cdpctl.errors import AuthError, CdpctlError, ExitCode, ForbiddenError, Interruption, UsageError
from cdpctl.operations.change import Approve, change, interrupted_error, read_grid
from cdpctl.operations.inventory import Inventory, complete_inventory, incomplete, lacks
from cdpctl.operations.preflight import nothing_sent_hint
from cdpctl.operations.run import Action, Options, Report, Run
from cdpctl.peers.models import Outcome, PeerResult
from cdpctl.peers.names import check_names
from cdpctl.peers.selection import Selection
from cdpctl.text import join_names, plural

Work = Callable[[Run, str, Approve, Inventory | None], Report]
#: Seconds for a whole run that updates or deletes peers.
CHANGE_TIMEOUT = 30.0


def run_operation(
    runtime: Runtime,
    operation: str,
    choice: PeerSelection,
    options: Options,
    work: Work,
    *,
    asking: bool = True,
    output_failed: str | None = None,
    timeout: float | None = None,
    irreversible: bool = False,
    read: Callable[[Run, Selection], Inventory] | None = None,
) -> ExitCode:
    """Run an operation from the choice of peers to the document on standard output.

    Args:
        runtime: of the command.
        operation: `stop`, `start`, `restart`, `update`, `delete` or `wait`.
        choice: which peers.
        options: how.
        work: the operation itself; takes the run, the REST root, who approves, and the inventory.
        asking: False after --yes, and for what changes nothing.
        output_failed: a file for the names that are not ok.
        timeout: seconds for a run that waits, where neither option, variable nor profile say.
        irreversible: it cannot be undone: always asked about, plain names included.
        read: reads the peers that a selection chooses from, where the operation needs other reads.

    Returns:
        The exit code of the whole.

    Raises:
        CdpctlError: nothing was sent.
    """
    # A wait changes nothing, and neither does a dry run.
    trail = AuditTrail(runtime, operation, enabled=operation != "wait" and not options.dry_run)
    try:
        return _run_operation(
            runtime,
            operation,
            choice,
            options,
            work,
            trail,
            asking=asking,
            output_failed=output_failed,
            timeout=timeout,
            irreversible=irreversible,
            read=read,
        )
    except BaseException as error:
        trail.failed(error)
        raise


def _run_operation(
    runtime: Runtime,
    operation: str,
    choice: PeerSelection,
    options: Options,
    work: Work,
    trail: AuditTrail,
    *,
    asking: bool,
    output_failed: str | None,
    timeout: float | None,
    irreversible: bool,
    read: Callable[[Run, Selection], Inventory] | None,
) -> ExitCode:
    runtime.output.check_fields(PeerResult("", Outcome.SKIPPED, "").to_json())
    selection = choice.check(runtime)
    names = [] if selection.selects else choice.given_names(runtime)
    url = runtime.require_url()
    trail.begun, trail.names = True, names
    why = "a selection" if selection.selects else ""
    if runtime.settings.protected:
        why = why or f"the protected profile {runtime.settings.profile}"
    if irreversible:
        why = f"peer {operation}"
    asks = asking and bool(why) and not options.dry_run
    if asks:
        require_somebody(runtime, why)
    failed_file = open_failed(output_failed)
    teller = OutputReporter(runtime)
    deadline = runtime.deadline((timeout or WAITING_TIMEOUT) if options.wait else DEFAULT_TIMEOUT)
    started: Run | None = None
    report: Report | None = None
    try:
        with ExitStack() as stack:
            session = stack.enter_context(runtime.session(deadline, parallel=options.parallel))
            started = run = Run(session, deadline, options, teller, operation, names=names)
            trail.run = run
            inventory = None
            if selection.selects:
                inventory = _inventory(run, selection, read)
                run.names = check_names(selection.choose(inventory.peers.values()))[0]
                if not run.names:
                    raise nothing_selected()

            def approve(chosen: Sequence[str]) -> None:
                must = run.must_confirm if asking else ""
                if must and not runtime.interactive:
                    run.tell_cautions()
                    require_somebody(runtime, must)
                if asks or must:
                    final = ["this cannot be undone"] if irreversible else []
                    _ask(runtime, operation, chosen, [*run.cautions, *final])
                    # Who thinks before answering does not take the time from the grid.
                    deadline.restart()
                else:
                    run.tell_cautions()
                if options.wait:
                    teller.show_progress(stack.enter_context(runtime.output.progress(operation, len(chosen))))

            if inventory is None and options.dry_run and options.preflight:
                # Which CDP answers is known from here on.
                inventory = _read(run, selection, read)
            report = work(run, f"{runtime.settings.url or url}/rest", approve, inventory)
            # Before anything that may fail or take time: ending the session, writing the results.
            trail.done(report.results, report.exit_code)
            stack.pop_all().close()
    except (CdpctlError, Interruption) as error:
        if started is None or report is None:
            if failed_file is not None:
                # Nothing was sent: none of them is done, and an older list must not pass for this run's.
                write_failed(failed_file, names if started is None else started.names)
            raise
        # While the session was being ended: what became of the peers is known.
        if isinstance(error, Interruption):
            report = report._replace(error=interrupted_error(started, error))
    runtime.invocation.may_have_sent = "the results of the run are complete"
    return report_results(runtime, report, teller, failed_file)


def _read(run: Run, selection: Selection, read: Callable[[Run, Selection], Inventory] | None) -> Inventory:
    if read is None:
        return read_grid(run)
    with nothing_sent_hint(unseen=False):
        return read(run, selection)


def _inventory(
    run: Run, selection: Selection, read: Callable[[Run, Selection], Inventory] | None
) -> Inventory:
    """Read every peer a selection may mean, the longer list too: `/info/peer` may show only a part.

    Where a status is asked for, the longer list can only fill gaps.
    """
    inventory = _read(run, selection, read)
    if not inventory.served:
        raise UsageError(
            "this CDP serves neither /info/peer nor /peer, so there is nothing to select from",
            hint="nothing was sent; give names",
        )
    if read is None and (not selection.statuses or lacks(inventory, inventory.peers)):
        try:
            inventory = complete_inventory(run.session, inventory)
        except (AuthError, ForbiddenError):
            raise
        except CdpctlError as error:
            run.reporter.warn(f"{error.message}; a peer that only /peer lists is not selected")
    for text in (*incomplete(inventory), *selection.unknown(inventory.peers.values())):
        run.warn(text)
    typeless = [peer.name for peer in selection.filter(inventory.peers.values()) if peer.type is None]
    if typeless:
        run.reporter.warn(f"not selected, because no read reports a type: {join_names(typeless)}")
    return inventory


def require_somebody(runtime: Runtime, why: str) -> None:
    """Make sure that a question can be asked, before anything else is done.

    Raises:
        UsageError: there is no terminal, or `--no-input`.
    """
    if not runtime.interactive:
        raise UsageError(
            f"{why} needs confirmation, and there is no terminal to ask on; add --yes",
            hint="nothing was sent",
        )


def ask(runtime: Runtime, what: str) -> None:
    """Ask whether to continue, showing profile and URL.

    Args:
        runtime: of the command.
        what: would be done, and to what.

    Raises:
        UsageError: the answer is no, or there is none.
    """
    settings = runtime.settings
    if not runtime.output.confirm(f"Profile {settings.profile}, {settings.url}\n{what}\nContinue?"):
        raise UsageError("cancelled; nothing was sent")


def _ask(runtime: Runtime, operation: str, names: Sequence[str], cautions: Sequence[str]) -> None:
    warned = "".join(f"\n{text[:1].upper()}{text[1:]}." for text in cautions)
    ask(runtime, f"{operation.capitalize()} {plural(len(names), 'peer')}: {join_names(names)}{warned}")


def change_peers(
    runtime: Runtime, action: Action, choice: PeerSelection, pace: OperationOptions, *, wait: bool
) -> ExitCode:
    """Stop or start the chosen peers and return the exit code of the whole."""

    def work(run: Run, root: str, approve: Approve, inventory: Inventory | None) -> Report:
        return change(run, action, root, approve, inventory)

    return run_operation(
        runtime,
        action.verb,
        choice,
        pace.options(wait=wait),
        work,
        asking=not pace.yes,
        output_failed=pace.output_failed,
    )
