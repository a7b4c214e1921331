"""What is said and shown of one of several grids: messages with its name, its result kept for later."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cdpctl.errors import CdpctlError
from cdpctl.output.document import GRID, Document, error_json
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
        self._held: list[tuple[Callable[[str], None], str]] = []
        self.result: Document | None = None
        self.errors: list[CdpctlError] = []
        self.format, self.fields = whole.format, whole.fields
        self.quiet, self.verbosity = whole.quiet, whole.verbosity

    def configure(self, **_options: Any) -> None:
        """Leave everything as it is: one grid's profile does not decide for the others."""

    @property
    def interactive_streams(self) -> bool:
        """Nobody can answer questions of several grids at a time."""
        return False

    @property
    def sentences(self) -> bool:
        """Several grids are shown in a table."""
        return False

    def say(self, text: str) -> None:
        """Say something of the grid, unless --quiet."""
        self._pass_on(self._whole.say, text)

    def note(self, text: str) -> None:
        """Say what a user may want to know of the grid, unless --quiet."""
        self._pass_on(self._whole.note, text)

    def warn(self, text: str) -> None:
        """Warn of something in the grid."""
        self._pass_on(self._whole.warn, text)

    def debug(self, level: int, text: str) -> None:
        """Show a decision or a detail where -v asks for it."""
        if self.verbosity >= level:
            self._pass_on(lambda line: self._whole.debug(level, line), text)

    def _pass_on(self, say: Callable[[str], None], text: str) -> None:
        text = f"{self.grid}: {text}" if self._named else text
        if self._hold:
            self._held.append((say, text))
        else:
            say(text)

    def release(self) -> None:
        """Say what was kept."""
        for say, text in self._held:
            say(text)
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

    def failed(self, error: CdpctlError, **head: Any) -> Document:
        """Return the document of a grid that could not be read."""
        return Document(
            "cdpctl.error/1",
            {"profile": self.grid, **head},
            None,
            [],
            exit_code=error.exit_code,
            error=error,
        )


def rows_of(grid: str, document: Document) -> Iterator[dict[str, Any]]:
    """Return the records of a grid's document with its name."""
    head = {} if document.key else {key: value for key, value in document.head.items() if key != "profile"}
    for record in document.records:
        yield {GRID: grid, **head, **record}


def error_line(document: Document) -> dict[str, Any]:
    """Return the document of a grid that could not be read, as a line of jsonl."""
    return {
        "schema": document.schema,
        GRID: document.head["profile"],
        **document.head,
        "exit_code": int(document.exit_code),
        "error": error_json(document.error),
    }
