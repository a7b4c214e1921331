"""Reports an operation: progress, results, the file of failed names, the error line and the totals."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from cdpctl.commands.runtime import Runtime
from cdpctl.errors import CdpctlError, ExitCode, OutputError, UsageError
from cdpctl.files import check_output, write_output
from cdpctl.operations.model import START, Report
from cdpctl.output.document import Document, Format, Rows
from cdpctl.output.output import Output
from cdpctl.output.streams import uninterrupted
from cdpctl.output.totals import operation_totals, outcome_words
from cdpctl.peers.models import RUNNING, Outcome, PeerResult, normalised
from cdpctl.peers.name_files import format_name
from cdpctl.peers.not_found import is_pattern, separate_names
from cdpctl.text import command_line, join_names, plural, printable, reason_of, shell_words

if TYPE_CHECKING:
    from cdpctl.output.progress import Progress

_MOST_BAD = 10


class Operation(NamedTuple):
    """An operation in the words of its command.

    Attributes:
        name: such as `stop`.
        done: the word for peers it has confirmed, such as `stopped`.
        selects: whether the command takes a selection, such as `--match`.
    """

    name: str
    done: str
    selects: bool = True


class OutputReporter:
    """Passes the messages and results of an operation on to the output.

    If a result cannot be written, the operation continues. The error is kept and shown at the end.

    Attributes:
        progress: shows the states of peers, if the run waits.
        failure: the first error of writing a result.
    """

    def __init__(self, output: Output) -> None:
        self._output = output
        self.note, self.warn, self.debug = output.note, output.warn, output.debug
        self._told: set[str] = set()
        self.progress: Progress | None = None
        self.failure: OutputError | None = None

    def result(self, result: PeerResult) -> None:
        """Show a final result, unless it has been shown. It may come twice after a signal."""
        if self.progress is not None:
            self.progress.update(result.name, result.outcome.value, result.elapsed, final=True, ok=result.ok)
        if self._output.format is not Format.JSONL or result.name in self._told:
            return
        try:
            with uninterrupted(deliver=True):
                self._output.record(result.to_json())
                self._told.add(result.name)
        except OutputError as error:
            self.failure = self.failure or error

    def state(self, name: str, state: str, elapsed: float) -> None:
        """Show a peer's state."""
        if self.progress is not None:
            self.progress.update(name, state, elapsed)


def open_failed(path: str | None) -> Path | None:
    """Check that the file for failed names can be written, before anything is sent."""
    if path is None:
        return None
    try:
        check_output(Path(path))
    except OSError as error:
        reason = reason_of(error)
        raise UsageError(
            f"--output-failed: {path}: {reason}", hint="nothing was sent; name a file that can be written"
        ) from None
    return Path(path)


def report_results(
    runtime: Runtime,
    operation: Operation,
    report: Report,
    reporter: OutputReporter,
    failed_file: Path | None,
    seconds: float,
) -> ExitCode:
    """Write the results of an operation and return the exit code.

    Args:
        runtime: the command's runtime.
        operation: the operation.
        report: the results.
        reporter: the reporter of the operation.
        failed_file: the file for the names that are not ok.
        seconds: the time left for the run.
    """
    output = runtime.output
    records = Rows(report.results, PeerResult.to_json)
    ok = sum(result.ok for result in report.results)
    tail: dict[str, Any] = {"summary": {"requested": len(records), "ok": ok, "not_ok": len(records) - ok}}
    if report.operation == "restart":
        tail["left_down"] = list(report.left_down)
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
    columns: tuple[str, ...] = ("name", "type", "outcome", "status", "message")
    if report.operation == "update" and not any(result.status for result in report.results):
        # The read with the settings has no status in most versions.
        columns = ("name", "type", "outcome", "message")
    _show_requests(runtime, report)
    failure: CdpctlError | None = reporter.failure
    document = Document(
        "cdpctl.operation/1",
        {"operation": report.operation, **runtime.head},
        "results",
        records,
        tail=tail,
        columns=columns,
        exit_code=report.exit_code,
        error=report.error,
    )
    try:
        output.document(document)
    except OutputError as error:
        failure = failure or error
    if failed_file is not None:
        left = [result.name for result in report.results if not result.ok]
        failure = write_failed(failed_file, left, seconds) or failure
    _show_not_ok(runtime, operation, report)
    if report.error is not None:
        output.error(report.error)
    output.totals(operation_totals(operation.done, report.results))
    if failure is not None:
        output.error(failure)
        return report.exit_code or failure.exit_code
    return report.exit_code


def _show_not_ok(runtime: Runtime, operation: Operation, report: Report) -> None:
    """Show which peers are not ok, whatever the output format."""
    bad = [result for result in report.results if not result.ok]
    if bad:
        listed = [f"{printable(each.name)} ({outcome_words(each.outcome)})" for each in bad[:_MOST_BAD]]
        more = f" and {len(bad) - _MOST_BAD} more" if len(bad) > _MOST_BAD else ""
        runtime.output.error(
            CdpctlError(
                f"{len(bad)} of {plural(len(report.results), 'peer')} not "
                f"{report.goal or operation.done}: {', '.join(listed)}{more}",
                hint=_meant(runtime.invocation.words, operation, report),
            )
        )
    _warn_left_down(runtime, report)


def _warn_left_down(runtime: Runtime, report: Report) -> None:
    """Warn of peers that a restart left stopped, or may have left stopped."""
    groups: dict[str, dict[str, str]] = {"down": {}, "stopping": {}, "starting": {}}
    for name, status in report.left_down.items():
        if name in report.may_start:
            group = "starting"
        else:
            unclear = normalised(status) in ("", RUNNING, START.transition)
            group = "stopping" if unclear else "down"
        groups[group][name] = printable(status or "without a status", 40)
    for group, peers in groups.items():
        if not peers:
            continue
        one = len(peers) == 1
        names, states = join_names(list(peers)), " or ".join(dict.fromkeys(peers.values()))
        it = "it" if one else "them"
        text = {
            "down": f"{names} {'is' if one else 'are'} {states} and {'was' if one else 'were'} not started "
            f"again. To start {it}:",
            "stopping": f"{names} may be stopped by now (last seen {states}). If so, start {it} with:",
            "starting": f"{names} may be starting (last seen {states}). If not, start {it} with:",
        }[group]
        runtime.output.warn(f"{text}\n  {command_line('peer start', *peers)}")


def _meant(words: Sequence[str], operation: Operation, report: Report) -> str | None:
    """Return the command line that was meant if comma lists or one pattern were typed as names."""
    meant: list[str] = []
    missing = {result.name for result in report.results if result.outcome is Outcome.NOT_FOUND}
    for word in words:
        if word not in missing:
            meant.append(word)
        elif is_pattern(word) and not operation.selects:
            # A pipe would not work, because its question needs the terminal.
            listing = command_line(f"peer list -o name --match {shell_words([word])}")
            return f"{command_line(f'peer {operation.name}')} $({listing})"
        elif is_pattern(word) and len(report.results) == 1:
            meant += ["--match", word]
        else:
            meant += separate_names(word) or [word]
    return None if meant == list(words) else f"cdpctl {shell_words(meant)}"


def _show_requests(runtime: Runtime, report: Report) -> None:
    for request in report.requests:
        runtime.output.say(f"would send {request.method} {request.url}")
        runtime.output.say("  Authentication-Token: *****")
        if request.body is not None:
            runtime.output.say(f"  {request.body}")


def write_failed(path: Path, names: Sequence[str], seconds: float) -> OutputError | None:
    """Write names, one per line, in the time that is left. Return the error if that fails."""
    try:
        write_output(path, "".join(f"{format_name(name)}\n" for name in names).encode(), seconds)
    except OSError as error:
        reason = reason_of(error)
        return OutputError(f"--output-failed: {path}: {reason}", hint="standard output has all results")
    return None
