"""What stop, start, restart and wait share: names in, questions asked, the report out."""

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer

from cdpctl.commands.runtime import DEFAULT_TIMEOUT, WAITING_TIMEOUT, Runtime
from cdpctl.deadline import parse_duration
from cdpctl.errors import CdpctlError, ExitCode, NotFoundError, OutputError, UsageError
from cdpctl.models import PeerResult
from cdpctl.names import check_names, shown
from cdpctl.operations import Action, Approve, Inventory, Options, Report, Run, change, look
from cdpctl.output import Document
from cdpctl.selection import Selection, names_from_text

#: So many names are spelled out in a question or a note.
_SHOWN = 20
#: Seconds between two looks at the grid.
_INTERVAL = 2.0

Names = Annotated[
    list[str] | None, typer.Argument(metavar="[NAME]...", help="Peers, by name; - reads standard input.")
]


class Choice(NamedTuple):
    """Which peers a command is about, as typed."""

    names: Names = None
    kinds: Annotated[
        list[str] | None, typer.Option("--type", metavar="T", help="Every peer of type ap or lap.")
    ] = None
    match: Annotated[
        list[str] | None, typer.Option("--match", metavar="GLOB", help="Every AP and LAP whose name matches.")
    ] = None
    status: Annotated[
        list[str] | None, typer.Option("--status", metavar="S", help="Every one in this status.")
    ] = None
    everything: Annotated[bool, typer.Option("--all", help="Every AP and LAP.")] = False
    from_file: Annotated[
        list[str] | None,
        typer.Option(
            "--from-file", metavar="FILE|-", help="Names, one a line, or the JSON of an earlier run."
        ),
    ] = None
    exclude: Annotated[
        list[str] | None, typer.Option("--exclude", metavar="GLOB", help="Leave these out.")
    ] = None

    @property
    def selection(self) -> Selection:
        """The selecting options.

        Raises:
            UsageError: a type that cannot be chosen.
        """
        for kind in self.kinds or ():
            if kind.lower() not in ("ap", "lap"):
                raise UsageError(
                    f"--type: {shown(kind)} cannot be chosen for this",
                    hint="write --type ap or --type lap; a CDP and an HA-CDP are left alone",
                )
        return Selection(
            tuple(self.kinds or ()),
            tuple(self.match or ()),
            tuple(self.status or ()),
            self.everything,
            tuple(self.exclude or ()),
        )

    def check(self) -> Selection:
        """Return the selection of a choice that makes sense.

        Raises:
            UsageError: names and a selection at once, or neither.
        """
        selection, named = self.selection, bool(self.names or self.from_file)
        if selection.selects and named:
            raise UsageError(
                "names and a selection at once: it is not clear which peers are meant",
                hint="give names, or --type, --match, --status, --all; --exclude goes with either",
            )
        if not selection.selects and not named:
            raise UsageError(
                "no peers named", hint="give names, a selection such as --match 'AP*', or --from-file FILE"
            )
        return selection

    def given_names(self, runtime: Runtime) -> list[str]:
        """Return the names typed and read from files, checked, each once, without the excluded.

        Raises:
            UsageError: a name that cannot be a peer's, or a file without names.
            NotFoundError: nothing is left.
        """
        sources = list(self.from_file or ())
        names = list(self.names or ())
        if names == ["-"]:
            names, sources = [], ["-", *sources]
        for source in sources:
            label = "standard input" if source == "-" else source
            names += names_from_text(runtime.read_input(source), label)
        kept, repeated = check_names(names)
        if repeated:
            runtime.output.note(f"named more than once, asked for once: {listed(repeated)}")
        kept = [name for name in kept if not self.selection.excludes(name)]
        if not kept:
            raise nothing_selected()
        return kept


class Pace(NamedTuple):
    """How an operation sends and looks, as typed."""

    interval: Annotated[
        str | None, typer.Option("--interval", metavar="D", help="Between two looks (2s).")
    ] = None
    each: Annotated[bool, typer.Option("--each", help="One call a peer in place of one for all.")] = False
    parallel: Annotated[
        int,
        typer.Option("--parallel", metavar="N", min=1, max=64, help="So many calls at a time with --each."),
    ] = 8
    strict: Annotated[bool, typer.Option("--strict", help="Send nothing unless every name is good.")] = False
    fail_fast: Annotated[
        bool, typer.Option("--fail-fast", help="Send nothing more after a peer that is not ok.")
    ] = False
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Show what would be sent; send nothing.")] = False
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False
    no_preflight: Annotated[
        bool, typer.Option("--no-preflight", help="Send without looking at the grid first.")
    ] = False
    output_failed: Annotated[
        str | None,
        typer.Option("--output-failed", metavar="FILE", help="Write the names not done, for --from-file."),
    ] = None

    def options(self, *, wait: bool) -> Options:
        """Return what the operation goes by.

        Raises:
            UsageError: `--interval` is no duration.
        """
        seconds = _INTERVAL if self.interval is None else parse_duration(self.interval, "--interval")
        return Options(
            wait,
            seconds,
            self.each,
            self.parallel,
            self.strict,
            self.fail_fast,
            self.dry_run,
            not self.no_preflight,
        )


def nothing_selected() -> NotFoundError:
    """Return the error of a selection that matches no peer."""
    return NotFoundError("no peer is selected: nothing was sent", hint="`cdpctl peer list` shows the grid")


def listed(names: Sequence[str]) -> str:
    """Return names for a message: the first twenty, and how many more."""
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more


class Teller:
    """Passes what an operation tells on to the output and its progress.

    A result that cannot be written must not keep the next peer from being asked: the first such error
    is kept, and raised when the operation is over.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._output = runtime.output
        self._progress: Any = None
        self.failure: OutputError | None = None

    def show_progress(self, progress: Any) -> None:
        """Show states in `progress` from now on."""
        self._progress = progress

    def note(self, text: str) -> None:
        """Show a note."""
        if self._progress is None:
            self._output.note(text)
        else:
            self._progress.note(text)

    def warn(self, text: str) -> None:
        """Show a warning."""
        self._output.warn(text)

    def debug(self, level: int, text: str) -> None:
        """Show a decision or a detail where -v asks for it."""
        self._output.debug(level, text)

    def result(self, result: PeerResult) -> None:
        """Show a final result."""
        if self._progress is not None:
            self._progress.update(result.name, result.outcome.value, result.elapsed)
        try:
            self._output.record(result.to_json())
        except OutputError as error:
            self.failure = self.failure or error

    def state(self, name: str, state: str, elapsed: float) -> None:
        """Show a peer's state."""
        if self._progress is not None:
            self._progress.update(name, state, elapsed)


Work = Callable[[Run, str, Approve, Inventory | None], Report]


def operate(
    runtime: Runtime,
    operation: str,
    choice: Choice,
    options: Options,
    work: Work,
    *,
    asking: bool = True,
    output_failed: str | None = None,
) -> ExitCode:
    """Run an operation from the choice of peers to the document on standard output.

    Args:
        runtime: of the command.
        operation: `stop`, `start`, `restart` or `wait`.
        choice: which peers.
        options: how.
        work: the operation itself; takes the run, the REST root, who approves, and a look at the grid.
        asking: False after --yes, and for what changes nothing.
        output_failed: a file for the names that are not ok.

    Returns:
        The exit code of the whole.

    Raises:
        CdpctlError: nothing was sent.
    """
    selection = choice.check()
    names = [] if selection.selects else choice.given_names(runtime)
    url = runtime.require_url()
    asks = asking and (selection.selects or runtime.settings.protected) and not options.dry_run
    if asks and not runtime.interactive:
        why = "a selection" if selection.selects else f"profile {runtime.settings.profile} is protected"
        raise UsageError(
            f"{why}: this must be confirmed, and nobody can be asked here", hint="nothing was sent; add --yes"
        )
    failed_file = _open_failed(output_failed)
    teller = Teller(runtime)
    deadline = runtime.deadline(WAITING_TIMEOUT if options.wait else DEFAULT_TIMEOUT)
    with ExitStack() as stack:
        session = stack.enter_context(runtime.session(deadline, parallel=options.parallel))
        run = Run(session, deadline, options, teller, operation, names=names)
        inventory = None
        if selection.selects:
            inventory = _inventory(run)
            run.names = check_names(selection.choose(inventory.peers.values()))[0]
            if not run.names:
                raise nothing_selected()

        def approve(chosen: Sequence[str]) -> None:
            if asks:
                _ask(runtime, operation, chosen)
            if options.wait:
                teller.show_progress(stack.enter_context(runtime.output.progress(operation, len(chosen))))

        report = work(run, f"{url}/rest", approve, inventory)
        stack.pop_all().close()
    return _finish(runtime, report, teller, failed_file)


def _inventory(run: Run) -> Inventory:
    inventory = look(run)
    if not inventory.served:
        raise UsageError(
            "this CDP serves neither /info/peer nor /peer: there is nothing to select from",
            hint="nothing was sent; name the peers",
        )
    return inventory


def _ask(runtime: Runtime, operation: str, names: Sequence[str]) -> None:
    settings = runtime.settings
    count = f"{len(names)} peer{'' if len(names) == 1 else 's'}"
    question = f"profile {settings.profile}, {settings.url}\n{operation} {count}: {listed(names)}\nGo on?"
    if not runtime.output.confirm(question):
        raise UsageError("not confirmed", hint="nothing was sent")


def _open_failed(path: str | None) -> Path | None:
    """Make sure that the names not done can be written, before anything is sent."""
    if path is None:
        return None
    try:
        with Path(path).open("a", encoding="utf-8"):
            return Path(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise UsageError(
            f"--output-failed: {path}: {reason}", hint="nothing was sent; name a file that can be written"
        ) from None


def _finish(runtime: Runtime, report: Report, teller: Teller, failed_file: Path | None) -> ExitCode:
    settings, output = runtime.settings, runtime.output
    records = [result.to_json() for result in report.results]
    ok = sum(result.ok for result in report.results)
    tail: dict[str, Any] = {"summary": {"requested": len(records), "ok": ok, "not_ok": len(records) - ok}}
    if report.requests:
        tail["requests"] = [
            {
                "method": request.method,
                "url": request.url,
                "headers": {"Authentication-Token": "*****", "Content-Type": "application/json"},
                "body": request.body,
            }
            for request in report.requests
        ]
    _tell_requests(runtime, report)
    failure: CdpctlError | None = teller.failure
    try:
        output.document(
            Document(
                schema="cdpctl.operation/1",
                head={"operation": report.operation, "profile": settings.profile, "url": settings.url},
                key="results",
                records=records,
                tail=tail,
                columns=("name", "type", "outcome", "status", "message"),
                exit_code=report.exit_code,
                error=report.error,
            )
        )
        output.close()
    except OutputError as error:
        failure = failure or error
    if failed_file is not None:
        failure = _write_failed(failed_file, report) or failure
    if report.left_down:
        output.warn(
            f"down, and not brought back: {listed(report.left_down)}; bring them back with: "
            f"cdpctl peer start {' '.join(_quoted(name) for name in report.left_down)}"
            + (f" --profile {settings.profile}" if settings.profile_exists else "")
        )
    if report.error is not None:
        output.error(report.error)
    if failure is not None:
        output.error(failure)
        return report.exit_code or failure.exit_code
    return report.exit_code


def _tell_requests(runtime: Runtime, report: Report) -> None:
    for request in report.requests:
        runtime.output.note(f"would send {request.method} {request.url}")
        runtime.output.note("  Authentication-Token: *****")
        if request.body is not None:
            runtime.output.note(f"  {request.body}")


def _write_failed(path: Path, report: Report) -> OutputError | None:
    names = [result.name for result in report.results if not result.ok]
    try:
        path.write_text("".join(f"{name}\n" for name in names), encoding="utf-8", errors="surrogateescape")
    except OSError as error:
        reason = error.strerror or type(error).__name__
        return OutputError(f"--output-failed: {path}: {reason}", hint="the results themselves are complete")
    return None


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)


def change_peers(runtime: Runtime, action: Action, choice: Choice, pace: Pace, *, wait: bool) -> ExitCode:
    """Stop or start the chosen peers and return the exit code of the whole."""

    def work(run: Run, root: str, approve: Approve, inventory: Inventory | None) -> Report:
        return change(run, action, root, approve, inventory)

    return operate(
        runtime,
        action.verb,
        choice,
        pace.options(wait=wait),
        work,
        asking=not pace.yes,
        output_failed=pace.output_failed,
    )
