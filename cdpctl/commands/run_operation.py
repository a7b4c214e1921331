"""What stop, start, restart and wait share: names in, questions asked, the report out."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path

from cdpctl.commands.audit import AuditTrail
from cdpctl.commands.peer_options import Conditions, PeerSelection, nothing_selected
from cdpctl.commands.report import OutputReporter, open_failed, report_results, write_failed
from cdpctl.commands.runtime import DEFAULT_TIMEOUT, Runtime
from cdpctl.errors import AuthError, CdpctlError, ExitCode, ForbiddenError, Interruption, UsageError
from cdpctl.operations.change import interrupted_report, read_grid
from cdpctl.operations.inventory import Inventory, complete_inventory, incomplete, lacks
from cdpctl.operations.preflight import nothing_sent_hint
from cdpctl.operations.run import Report, Run
from cdpctl.output.streams import uninterrupted
from cdpctl.peers.models import RUNNING, STOPPED, Outcome, PeerResult
from cdpctl.peers.names import check_names
from cdpctl.peers.selection import Selection
from cdpctl.text import join_names, plural

# Takes the run, the REST root, who approves and the inventory; the rest is bound by the command.
Work = Callable[..., Report]


def run_operation(
    runtime: Runtime,
    operation: str,
    choice: PeerSelection,
    conditions: Conditions,
    work: Work,
    *,
    irreversible: bool = False,
    read: Callable[[Run, Selection], Inventory] | None = None,
    running_only: bool = False,
) -> ExitCode:
    """Run an operation from the choice of peers to the document on standard output.

    Args:
        runtime: of the command.
        operation: `stop`, `start`, `restart`, `update`, `delete` or `wait`.
        choice: which peers.
        conditions: what it goes by.
        work: the operation itself.
        irreversible: it cannot be undone: always asked about, plain names included.
        read: reads the peers that a selection chooses from, where the operation needs other reads.
        running_only: a selection chooses peers that run.

    Returns:
        The exit code of the whole.

    Raises:
        CdpctlError: nothing was sent.
    """
    options, asking, output_failed, timeout = conditions
    # A wait changes nothing, and neither does a dry run.
    with AuditTrail(runtime, operation, enabled=operation != "wait" and not options.dry_run) as trail:
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
        teller = OutputReporter(runtime.output)
        deadline = runtime.deadline(timeout if options.wait else DEFAULT_TIMEOUT)

        def tell(report: Report) -> ExitCode:
            # The end of a run is told whole; a second signal ends the process all the same.
            with uninterrupted(deliver=False):
                trail.done(report.results, report.exit_code)
                return report_results(runtime, report, teller, failed_file)

        try:
            with ExitStack() as stack:
                session = stack.enter_context(runtime.session(deadline, parallel=options.parallel))
                run = trail.run = Run(session, deadline, options, teller, operation, names=names)
                inventory = None
                if selection.selects:
                    inventory = _inventory(run, selection, read)
                    chosen = check_names(selection.choose(inventory.peers.values()))[0]
                    run.names = _running(run, selection, chosen, inventory) if running_only else chosen
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
                        progress = runtime.output.progress(operation, len(chosen))
                        teller.progress = stack.enter_context(progress)

                if inventory is None and options.dry_run and options.preflight:
                    # Which CDP answers is known from here on.
                    inventory = _read(run, selection, read)
                root = f"{runtime.settings.url or url}/rest"
                report = work(run, root=root, approve=approve, inventory=inventory)
                # Before anything that may fail or take time: ending the session, writing the results.
                trail.done(report.results, report.exit_code)
                stack.pop_all().close()
            return tell(report)
        except Interruption as interruption:
            # Whatever the run was doing, logging out included: what is known of the peers is told.
            if trail.run is None or not trail.run.names:
                _fail(failed_file, names)
                raise
            return tell(interrupted_report(trail.run, interruption))
        except CdpctlError as error:
            if trail.run is None or not trail.run.sent:
                _fail(failed_file, names if trail.run is None else trail.run.names)
                raise
            runtime.output.error(error)
            return tell(trail.run.report())


def _fail(failed_file: Path | None, names: Sequence[str]) -> None:
    """Write all names: none of them is done, and an older list must not pass for this run's."""
    if failed_file is not None:
        write_failed(failed_file, names)


def _running(run: Run, selection: Selection, names: Sequence[str], inventory: Inventory) -> list[str]:
    """Leave out what does not run; a status that was asked for is kept, unless it is stopped."""
    kept = []
    for name in names:
        peer = inventory.peers[name]
        asked = bool(selection.statuses) and not peer.is_at(STOPPED)
        if peer.status is None or peer.is_at(RUNNING) or asked:
            kept.append(name)
    if len(kept) < len(names):
        left = set(names).difference(kept)
        run.reporter.note(
            f"not running, left out: {join_names([name for name in names if name in left])} "
            "(--start-stopped restarts them too)"
        )
    return kept


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
        run.reporter.warn(f"not selected, because the CDP does not show their type: {join_names(typeless)}")
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
