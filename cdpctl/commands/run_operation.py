"""Runs an operation for a command: chooses the peers, asks for confirmation, and reports the results."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import partial

from cdpctl.commands.audit import AuditTrail
from cdpctl.commands.peer_options import Conditions, PeerSelection, nothing_selected
from cdpctl.commands.report import Operation, open_failed, report_results, write_failed
from cdpctl.commands.runtime import DEFAULT_TIMEOUT, Runtime
from cdpctl.errors import CdpctlError, ExitCode, ForbiddenError, Interruption, UsageError
from cdpctl.operations.change import read_grid
from cdpctl.operations.ending import interrupted_report, report_of
from cdpctl.operations.inventory import Inventory, incomplete, whole_inventory
from cdpctl.operations.model import Report
from cdpctl.operations.preflight import nothing_sent_hint
from cdpctl.operations.run import Run
from cdpctl.output.results import OutputReporter
from cdpctl.output.streams import uninterrupted
from cdpctl.peers.models import RUNNING, STOPPED, Outcome, PeerResult
from cdpctl.peers.selection import Selection
from cdpctl.text import join_names, plural

# Takes the run, `approve` and the inventory. The command binds everything else.
Work = Callable[..., None]
# Reads the peers for a selection. None reads them as a stop does.
Read = Callable[[Run, Selection], Inventory] | None


def run_operation(
    runtime: Runtime,
    operation: Operation,
    choice: PeerSelection,
    conditions: Conditions,
    work: Work,
    *,
    irreversible: bool = False,
    read: Read = None,
    running_only: bool = False,
) -> ExitCode:
    """Run an operation, from choosing the peers to printing the document.

    Args:
        runtime: the command's runtime.
        operation: its name and its words.
        choice: the peers, as typed.
        conditions: the options of the operation.
        work: the operation itself.
        irreversible: always ask for confirmation, even if only names were given.
        read: reads the peers for a selection, if the operation needs other reads.
        running_only: a selection takes running peers only.

    Returns:
        The exit code.

    Raises:
        CdpctlError: nothing was sent.
    """
    options, asking, output_failed, timeout = conditions
    changes = operation.name != "wait"
    # A dry run changes nothing either.
    with AuditTrail(runtime, operation.name, enabled=changes and not options.dry_run) as trail:
        runtime.output.check_fields(PeerResult("", Outcome.SKIPPED, "").to_json())
        selection = choice.check(runtime)
        names = [] if selection.selects else choice.given_names(runtime)
        runtime.require_url()
        trail.begun, trail.names = True, names
        why = ""
        if irreversible:
            why = f"peer {operation.name}"
        elif selection.selects:
            why = "a selection"
        elif runtime.settings.protected:
            why = f"the protected profile {runtime.settings.profile}"
        asks = asking and bool(why) and not options.dry_run
        if asks:
            require_terminal(runtime, why)
        failed_file = open_failed(output_failed)
        reporter = OutputReporter(runtime.output)
        deadline = runtime.deadline(timeout if options.wait else DEFAULT_TIMEOUT)

        def finish(report: Report) -> ExitCode:
            # The results are printed completely. Only a second signal ends the process.
            with uninterrupted(deliver=False):
                trail.done(report.results, report.exit_code)
                return report_results(runtime, operation, report, reporter, failed_file, deadline.remaining())

        try:
            with ExitStack() as stack:
                session = stack.enter_context(runtime.session(deadline, parallel=options.parallel))
                run = trail.run = Run(session, deadline, options, reporter, operation.name, names=names)
                inventory = None
                if selection.selects:
                    inventory = _inventory(run, selection, read)
                    chosen = selection.choose(inventory.peers.values())
                    run.names = _running(run, selection, chosen, inventory) if running_only else chosen
                    if not run.names:
                        raise nothing_selected()
                    if changes:
                        run.refuse_invalid(inventory.peers)

                def approve(chosen: Sequence[str]) -> None:
                    must = run.must_confirm if asking else ""
                    if must and not runtime.interactive:
                        run.tell_cautions()
                        require_terminal(runtime, must)
                    if asks or must:
                        cautions = [*run.cautions, *(["this cannot be undone"] if irreversible else [])]
                        warned = "".join(f"\n{text[:1].upper()}{text[1:]}." for text in cautions)
                        peers = f"{plural(len(chosen), 'peer')}: {join_names(chosen)}"
                        ask(runtime, f"{operation.name.capitalize()} {peers}{warned}")
                        # The time spent at the question does not count.
                        deadline.restart()
                    else:
                        run.tell_cautions()
                    if options.wait:
                        progress = runtime.output.progress(operation.name, len(chosen))
                        reporter.progress = stack.enter_context(progress)

                report = report_of(run, partial(work, run, approve=approve, inventory=inventory))
                # Log this before anything else can fail or take time, such as the logout.
                trail.done(report.results, report.exit_code)
                stack.pop_all().close()
            return finish(report)
        except Interruption as interruption:
            # Print the results known so far, even if the run was just logging out.
            if trail.run is None or not trail.run.names:
                # Write all names, so that an older list is not mistaken for this run's.
                write_failed(failed_file, names, deadline.remaining())
                raise
            return finish(interrupted_report(trail.run, interruption))
        except CdpctlError as error:
            if trail.run is None or not trail.run.sent:
                known = names if trail.run is None else trail.run.names
                write_failed(failed_file, known, deadline.remaining())
                raise
            runtime.output.error(error)
            return finish(trail.run.report())


def _running(run: Run, selection: Selection, names: Sequence[str], inventory: Inventory) -> list[str]:
    """Return the peers that are running, or that `--status` asked for unless they are stopped."""
    kept: list[str] = []
    left: list[str] = []
    for name in names:
        peer = inventory.peers[name]
        asked = bool(selection.statuses) and not peer.is_at(STOPPED)
        (kept if peer.status is None or peer.is_at(RUNNING) or asked else left).append(name)
    if left:
        what = f"not running, and left out: {join_names(left)}"
        run.reporter.note(f"{what} (use --start-stopped to restart them too)")
    return kept


def _read(run: Run, selection: Selection, read: Read) -> Inventory:
    if read is None:
        return read_grid(run)
    with nothing_sent_hint(unseen=False):
        return read(run, selection)


def _inventory(run: Run, selection: Selection, read: Read) -> Inventory:
    """Read all peers for a selection, from `/peer` too, because `/info/peer` may be incomplete."""
    inventory = _read(run, selection, read)
    if not inventory.served:
        raise UsageError(
            "this CDP serves neither /info/peer nor /peer, so there is nothing to select from",
            hint="nothing was sent; give names",
        )
    if read is None:
        inventory = whole_inventory(run.session, inventory)
        if isinstance(inventory.gap, ForbiddenError):
            raise inventory.gap
    for text in (*incomplete(inventory), *selection.unknown(inventory.entries)):
        run.warn(text)
    of_any_type = selection._replace(all_peers=False).filter(inventory.peers.values())
    typeless = [peer.name for peer in of_any_type if peer.type is None]
    if typeless:
        run.reporter.warn(f"not selected, because the CDP does not show their type: {join_names(typeless)}")
    return inventory


def require_terminal(runtime: Runtime, why: str) -> None:
    """Check that there is a terminal to ask for confirmation on.

    Raises:
        UsageError: there is none, or `--no-input` was given.
    """
    if not runtime.interactive:
        raise UsageError(
            f"{why} needs confirmation, and {runtime.not_asked}; add --yes", hint="nothing was sent"
        )


def ask(runtime: Runtime, what: str) -> None:
    """Ask for confirmation, and show the profile and the URL.

    Args:
        runtime: the command's runtime.
        what: what would be done.

    Raises:
        UsageError: the answer is no, or there is no answer.
    """
    settings = runtime.settings
    if not runtime.output.confirm(f"Profile {settings.profile}, {settings.url}\n{what}\nContinue?"):
        raise UsageError("cancelled; nothing was sent")
