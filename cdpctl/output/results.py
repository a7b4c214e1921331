"""The results of an operation: each as it happens, then all as a document, and what was left undone."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from cdpctl.errors import OutputError
from cdpctl.operations.model import START, Report
from cdpctl.output.document import Document, Format, Rows
from cdpctl.output.output import Output
from cdpctl.output.streams import uninterrupted
from cdpctl.peers.models import RUNNING, PeerResult, normalised
from cdpctl.text import command_line, join_names, printable

if TYPE_CHECKING:
    from cdpctl.output.progress import Progress

_COLUMNS: tuple[str, ...] = ("name", "type", "outcome", "status", "message")
# A dry run has no token yet.
_HEADERS = {"Authentication-Token": "*****", "Content-Type": "application/json"}


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


def operation_document(report: Report, head: Mapping[str, object]) -> Document:
    """Return the document of an operation.

    Args:
        report: the results.
        head: the profile and the URL.
    """
    records = Rows(report.results, PeerResult.to_json)
    ok = sum(result.ok for result in report.results)
    tail: dict[str, Any] = {"summary": {"requested": len(records), "ok": ok, "not_ok": len(records) - ok}}
    if report.operation == "restart":
        tail["left_down"] = list(report.left_down)
    if report.requests:
        tail["requests"] = [
            {"method": request.method, "url": request.url, "headers": _HEADERS, "body": request.body}
            for request in report.requests
        ]
    columns = _COLUMNS
    if report.operation == "update" and not any(result.status for result in report.results):
        # The read with the settings has no status in most versions.
        columns = tuple(column for column in _COLUMNS if column != "status")
    return Document(
        "cdpctl.operation/1",
        {"operation": report.operation, **head},
        "results",
        records,
        tail=tail,
        columns=columns,
        exit_code=report.exit_code,
        error=report.error,
    )


def dry_run_lines(report: Report) -> Iterator[str]:
    """Yield the requests that a dry run did not send."""
    for request in report.requests:
        yield f"would send {request.method} {request.url}"
        yield "  Authentication-Token: *****"
        if request.body is not None:
            yield f"  {request.body}"


def left_down_warnings(report: Report) -> Iterator[str]:
    """Yield warnings of peers that a restart left stopped, or may have left stopped."""
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
        yield f"{text}\n  {command_line('peer start', *peers)}"
