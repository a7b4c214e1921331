"""Runs an operation for a command: chooses the peers, asks for confirmation, and reports the results."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack

from cdpctl.commands.audit import AuditTrail
from cdpctl.commands.peer_options import Conditions, PeerSelection, nothing_selected
from cdpctl.commands.report import Operation, open_failed, report_results, write_failed
from cdpctl.commands.runtime import DEFAULT_TIMEOUT, Runtime
from cdpctl.errors import CdpctlError, ExitCode, Interruption, UsageError
from cdpctl.operations.choose import Read, choose, read_all
from cdpctl.operations.interrupted import interrupted_report
from cdpctl.operations.model import Report
from cdpctl.operations.run import Run
from cdpctl.output.results import OutputReporter
from cdpctl.output.streams import uninterrupted
from cdpctl.peers.models import Outcome, PeerResult
from cdpctl.text import join_names, plural

# Takes the run, `approve` and the inventory. The command binds everything else.
Work = Callable[..., None]


def run_operation(
    runtime: Runtime,
    operation: Operation,
    choice: PeerSelection,
    conditions: Conditions,
    work: Work,
    *,
    irreversible: bool = False,
    read: Read = read_all,
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
                    inventory = choose(run, selection, read, running_only=running_only)
                    if not run.names:
                        raise nothing_selected()

                def approve(chosen: Sequence[str]) -> None:
                    must = run.must_confirm if asking else ""
                    if must and not runtime.interactive:
                        run.tell_cautions()
                        require_terminal(runtime, must)
                    if asks or must:
                        cautions = [*run.cautions, *(["this cannot be undone"] if irreversible else [])]
                        warned = "".join(f"\n{text[:1].upper()}{text[1:]}." for text in cautions)
                        peers = f"{plural(len(chosen), 'peer')}: {join_names(chosen)}"
                        with deadline.paused():
                            ask(runtime, f"{operation.name.capitalize()} {peers}{warned}")
                    else:
                        run.tell_cautions()
                    if options.wait:
                        progress = runtime.output.progress(operation.name, len(chosen))
                        reporter.progress = stack.enter_context(progress)

                try:
                    work(run, approve=approve, inventory=inventory)
                    report = run.report()
                except Interruption as interruption:
                    report = interrupted_report(run, interruption)
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
