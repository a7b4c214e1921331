"""The output of one of several grids: messages begin with its name, and its result is kept for later."""

from collections.abc import Iterator, Mapping
from typing import Any

from cdpctl.errors import CdpctlError, ExitCode
from cdpctl.output.document import GRID, Document, Format, error_record
from cdpctl.output.output import Output


class GridOutput(Output):
    """Replaces the run's output while one of several grids is read.

    Args:
        whole: the run's output, which shows the messages.
        grid: the profile's name.
        named: whether messages begin with the name.
        hold: whether to keep messages until `release`.

    Attributes:
        grid: the profile's name.
        result: the document, once there is one.
        errors: the errors, in order. The run shows them when every grid is done.
    """

    def __init__(self, whole: Output, grid: str, *, named: bool = True, hold: bool = False) -> None:
        super().__init__({})
        self._whole = whole
        self.grid = grid
        self._named, self._hold = named, hold
        self._held: list[tuple[str, str, str | None]] = []
        self.result: Document | None = None
        self.errors: list[CdpctlError] = []
        self.format, self.fields = whole.format, whole.fields
        self.quiet, self.verbosity = whole.quiet, whole.verbosity

    @property
    def sentences(self) -> bool:
        """Always False: several grids are shown in a table."""
        return False

    def show(self, prefix: str, text: str, kind: str | None = None) -> None:
        """Show a message about the grid."""
        text = f"{self.grid}: {text}" if self._named else text
        if self._hold:
            self._held.append((prefix, text, kind))
        else:
            self._whole.show(prefix, text, kind)

    def release(self) -> None:
        """Show the kept messages and the errors."""
        for prefix, text, kind in self._held:
            self._whole.show(prefix, text, kind)
        for error in self.errors:
            self._whole.error(error, about=self.grid if self._named else "")

    def error(self, error: CdpctlError, about: str = "") -> None:  # noqa: ARG002
        """Keep an error."""
        self.errors.append(error)

    def document(self, document: Document, *, last: bool = True) -> None:  # noqa: ARG002
        """Keep the result."""
        self.result = document

    def record(self, record: Mapping[str, Any]) -> None:
        """Write nothing yet: the records of a grid are written together."""

    def totals(self, text: str) -> None:
        """Show nothing yet: the run shows the totals of all grids."""

    def failed(self, error: CdpctlError) -> Document:
        """Return the document of a grid that could not be read."""
        head = {"profile": self.grid}
        return Document("cdpctl.error/1", head, None, [], exit_code=error.exit_code, error=error)


def rows_of(grid: str, document: Document) -> Iterator[dict[str, Any]]:
    """Return the records of a grid's document, each with the grid's name."""
    head = {} if document.key else {key: value for key, value in document.head.items() if key != "profile"}
    for record in document.records:
        yield {GRID: grid, **head, **record}


def together(results: dict[str, Document], code: ExitCode, output: Output) -> Document:
    """Return the document of several grids."""
    rows = [row for profile, result in results.items() for row in rows_of(profile, result)]
    first = next((result for result in results.values() if result.records), None)
    columns: tuple[str, ...] = ()
    if first is not None:
        columns = first.columns or tuple(key for key in rows[0] if key != GRID)
    return Document(
        schema="cdpctl.grids/1",
        head={},
        key="grids",
        records=rows,
        columns=(GRID, *columns),
        exit_code=code,
        grids=tuple(_with_grid(profile, result, output) for profile, result in results.items()),
    )


def _with_grid(profile: str, result: Document, output: Output) -> Document:
    """Return a grid's document for JSON. Its records have the grid's name if `--fields` asks for it."""
    if GRID not in output.fields or not result.records:
        return result
    return result._replace(records=[{GRID: profile, **record} for record in result.records])


def stream(output: Output, profile: str, result: Document) -> None:
    """Write the result of a grid at once, if the format is jsonl."""
    if output.format is not Format.JSONL:
        return
    if result.schema == "cdpctl.error/1" and result.error is not None:
        output.json_line(error_record(result.error, result.exit_code, grid=profile, **result.head))
    for row in rows_of(profile, result):
        output.record(row)
