"""Reports an operation: progress, results, the file of failed names, the error line and the totals."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from cdpctl.commands.runtime import Runtime
from cdpctl.errors import CdpctlError, ExitCode, OutputError, UsageError
from cdpctl.operations.model import Report
from cdpctl.output.document import Document
from cdpctl.output.results import OutputReporter, dry_run_lines, left_down_warnings, operation_document
from cdpctl.output.totals import operation_totals, outcome_words
from cdpctl.peers.models import Outcome
from cdpctl.peers.name_files import format_name
from cdpctl.text import command_line, has_wildcard, plural, printable, reason_of, shell_words

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


def open_failed(path: str | None) -> Path | None:
    """Check that the file for failed names can be written, before anything is sent."""
    if path is None:
        return None
    from cdpctl.output.files import check_output

    try:
        check_output(Path(path))
    except OSError as error:
        raise UsageError(
            f"--output-failed: {path}: {reason_of(error)}",
            hint="nothing was sent; name a file that can be written",
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
    for line in dry_run_lines(report):
        output.say(line)
    failure: CdpctlError | None = reporter.failure
    document = operation_document(report, runtime.head)
    try:
        output.document(document)
    except OutputError as error:
        failure = failure or error
    left = [result.name for result in report.results if not result.ok]
    failure = write_failed(failed_file, left, seconds) or failure
    _show_not_ok(runtime, operation, report, document)
    if report.error is not None:
        output.error(report.error)
    output.totals(operation_totals(operation.done, report.results))
    if failure is not None:
        output.error(failure)
        return report.exit_code or failure.exit_code
    return report.exit_code


def _show_not_ok(runtime: Runtime, operation: Operation, report: Report, document: Document) -> None:
    """Show which peers are not ok, whatever the output format, and why if the table cuts that."""
    bad = [result for result in report.results if not result.ok]
    if bad:
        if runtime.output.cuts(document):
            for each in bad[:_MOST_BAD]:
                runtime.output.show("", f"{printable(each.name)}: {each.message}")
        listed = [f"{printable(each.name)} ({outcome_words(each.outcome)})" for each in bad[:_MOST_BAD]]
        more = f" and {len(bad) - _MOST_BAD} more" if len(bad) > _MOST_BAD else ""
        few, goal = f"{len(bad)} of {plural(len(report.results), 'peer')}", report.goal or operation.done
        hint = _meant(runtime.invocation.words, operation, report)
        runtime.output.error(CdpctlError(f"{few} not {goal}: {', '.join(listed)}{more}", hint=hint))
    for text in left_down_warnings(report):
        runtime.output.warn(text)


def _meant(words: Sequence[str], operation: Operation, report: Report) -> str | None:
    """Return what to type if names do not exist: what comma lists or a pattern meant, or `peer list`."""
    missing = {result.name for result in report.results if result.outcome is Outcome.NOT_FOUND}
    if not missing:
        return None
    from cdpctl.peers.not_found import separate_names

    meant: list[str] = []
    for word in words:
        if word not in missing:
            meant.append(word)
        elif has_wildcard(word) and not operation.selects:
            # A pipe would not work, because its question needs the terminal.
            listing = command_line(f"peer list -o name --match {shell_words([word])}")
            return f"{command_line(f'peer {operation.name}')} $({listing})"
        elif has_wildcard(word) and len(report.results) == 1:
            meant += ["--match", word]
        else:
            meant += separate_names(word) or [word]
    return command_line("peer list") if meant == list(words) else f"cdpctl {shell_words(meant)}"


def write_failed(path: Path | None, names: Sequence[str], seconds: float) -> OutputError | None:
    """Write names, one per line, in the time that is left. Return the error if that fails."""
    if path is None:
        return None
    from cdpctl.output.files import write_output

    try:
        write_output(path, "".join(f"{format_name(name)}\n" for name in names).encode(), seconds)
    except OSError as error:
        reason = reason_of(error)
        return OutputError(f"--output-failed: {path}: {reason}", hint="standard output has all results")
    return None
