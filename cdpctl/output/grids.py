"""What is said and shown of one of several grids: messages with its name, its result kept for later."""

from collections.abc import Iterator, Mapping
from typing import Any

from cdpctl.errors import CdpctlError
from cdpctl.output.document import GRID, Document
from cdpctl.output.output import Output


class GridOutput(Output):
    """Takes the place of the run's output while one of several grids is read.

    Args:
        whole: of the run; what is said goes there.
        grid: the profile's name.
        named: messages begin with the name.
        hold: keep messages until `release`.

    Attributes:
        grid: the profile's name.
        result: the document, once there is one.
        errors: in the order in which they were met; the run says them when every grid is done.
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
        """Several grids are shown in a table."""
        return False

    def speak(self, prefix: str, text: str, kind: str | None = None) -> None:
        """Say something of the grid."""
        text = f"{self.grid}: {text}" if self._named else text
        if self._hold:
            self._held.append((prefix, text, kind))
        else:
            self._whole.speak(prefix, text, kind)

    def release(self) -> None:
        """Say what was kept."""
        for prefix, text, kind in self._held:
            self._whole.speak(prefix, text, kind)
        self._held.clear()

    def error(self, error: CdpctlError, about: str = "") -> None:  # noqa: ARG002
        """Keep an error."""
        self.errors.append(error)

    def document(self, document: Document, *, last: bool = True) -> None:  # noqa: ARG002
        """Keep the result."""
        self.result = document

    def record(self, record: Mapping[str, Any]) -> None:
        """Leave a record to the document: what is written of a grid is written together."""

    def totals(self, text: str) -> None:
        """Leave the totals to the end of the run."""

    def failed(self, error: CdpctlError) -> Document:
        """Return the document of a grid that could not be read."""
        head = {"profile": self.grid}
        return Document("cdpctl.error/1", head, None, [], exit_code=error.exit_code, error=error)


def rows_of(grid: str, document: Document) -> Iterator[dict[str, Any]]:
    """Return the records of a grid's document with its name."""
    head = {} if document.key else {key: value for key, value in document.head.items() if key != "profile"}
    for record in document.records:
        yield {GRID: grid, **head, **record}
