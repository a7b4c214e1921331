"""What a run writes: results on standard output in the format asked for, all else on standard error."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Any

from cdpctl.errors import CdpctlError, OutputError, UsageError
from cdpctl.output import formats
from cdpctl.output.colors import Colors
from cdpctl.output.document import Document, Format, error_record
from cdpctl.output.messages import Messages
from cdpctl.output.streams import Stream, uninterrupted
from cdpctl.text import printable, quoted, reason_of

if TYPE_CHECKING:
    from cdpctl.output.progress import Progress
    from cdpctl.output.tables import Style
    from cdpctl.output.watch import WatchTable

# The widest first word of a line: `warning`.
_WORD = 9


class Output(Messages):
    """Writes for one run; made once, before the arguments are parsed.

    Args:
        environ: the environment variables; None takes the process's own.

    Attributes:
        format: table on a terminal and tsv elsewhere until an option, a variable or a profile says otherwise.
        fields: of records, in their order; none means all.
        headers: tables and tsv begin with a header row.
        broken_pipe: the reader of standard output has left.
        answered: the result of the run was written, or an error in its place.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        super().__init__(environ)
        self._out = Stream(sys.stdout)
        self.format = Format.TABLE if self._out.is_terminal else Format.TSV
        self.fields: tuple[str, ...] = ()
        self.headers = True
        self.broken_pipe = False
        self._streamed = 0
        self.answered = False

    @property
    def for_people(self) -> bool:
        """Whether somebody sees the result as a table: then a run ends with its totals."""
        return self.format is Format.TABLE and self._out.is_terminal and self._err.is_terminal

    @property
    def sentences(self) -> bool:
        """Whether a result that has plain sentences is shown in them."""
        return self.format is Format.TABLE and not self.fields

    def totals(self, text: str) -> None:
        """Show the totals of a run, at a terminal and unless --quiet."""
        if self.for_people:
            self.say(text)

    def record(self, record: Mapping[str, Any]) -> None:
        """Write a result as it happens, where the format is jsonl."""
        if self.format is Format.JSONL:
            self._write_line([formats.jsonl(record, self.check_fields(record))])
            self._streamed += 1

    def json_line(self, value: Mapping[str, Any]) -> None:
        """Write something that is not a result as a line, where the format is jsonl."""
        if self.format is Format.JSONL:
            self._write_line([formats.json_value(value, indented=False)])

    def line(self, status: str, text: str) -> None:
        """Write a line for people at once: a word that takes a colour, and what it is about."""
        word = self._colors.word(status.ljust(_WORD), status)
        self._write_line([f"{word}{formats.cell(text)}\n"])

    def plugin_line(self, text: str) -> None:
        """Write the one line of a monitoring plugin, which is the result of the run."""
        self.answered = True
        with uninterrupted(deliver=False):
            self._write([f"{printable(text)}\n"])

    def row(self, record: Mapping[str, Any], columns: tuple[str, ...]) -> None:
        """Write a record at once in any format but JSON: a line each, below one header.

        Args:
            record: of a sequence without an end.
            columns: where `--fields` names no others.
        """
        fields = self.check_fields(record)
        if self.format is Format.JSONL:
            lines = [formats.jsonl(record, fields)]
        elif self.format is Format.NAME:
            lines = [formats.name_line(record.get("name"), ascii_only=not self._out.is_unicode)]
        else:
            shown = fields or columns
            header = ["\t".join(shown) + "\n"] if self.headers and not self._streamed else []
            lines = [*header, formats.tsv_row(record, shown)]
        self._streamed += 1
        self._write_line(lines)

    def watch_table(
        self, columns: Sequence[str], interval: float
    ) -> "AbstractContextManager[WatchTable | None]":
        """Give a table that is drawn in place, or None where standard output is not a terminal that can.

        Args:
            columns: where `--fields` names no others.
            interval: seconds between two answers.
        """
        stream = self._out
        if self.format is not Format.TABLE or not self.redraws(stream.is_terminal):
            return nullcontext()
        from cdpctl.output.live import Region
        from cdpctl.output.watch import WatchTable

        self._region = Region(lambda text: self._write([text]), lambda: stream.size)
        fields = self.fields or columns
        return WatchTable(self._region, self._style(), fields, asked=bool(self.fields), interval=interval)

    def document(self, document: Document, *, last: bool = True) -> None:
        """Write a result in the format asked for; of jsonl only what was not written by `record`.

        A signal does not cut it in two. Where it is the end of a run, its exit code stands.

        Args:
            document: the document.
            last: nothing but cleaning up follows; False passes a signal on once the document is written.

        Raises:
            UsageError: `--fields` names one that the records do not have.
            OutputError: it cannot be written.
        """
        fields = self.check_fields(document.records[0]) if document.records and self.fields else self.fields
        with uninterrupted(deliver=not last):
            self.answered = True
            self._write(self._blocks(document, fields))

    def _blocks(self, document: Document, fields: tuple[str, ...]) -> Iterable[str]:
        match self.format:
            case Format.JSON:
                return formats.json_blocks(document, fields, indented=self._out.is_terminal)
            case Format.JSONL:
                return formats.jsonl_blocks(document.records[self._streamed :], fields)
            case Format.NAME:
                return formats.name_blocks(document, ascii_only=not self._out.is_unicode)
            case Format.TSV:
                return formats.tsv_blocks(document, fields, headers=self.headers)
        from cdpctl.output import tables

        style = self._style()
        if document.key is not None:
            return tables.table(document, fields, style)
        sections = () if fields else tables.sections(document, style)
        return [*tables.key_values(document, fields, style), *sections]

    def _style(self) -> "Style":
        from cdpctl.output.tables import Style

        mark = "…" if self._out.shown("…") == "…" else "..."
        return Style(self._colors, self.columns, self.headers, mark, self._out.shown)

    @property
    def _colors(self) -> Colors:
        return Colors(self._environ, terminal=self._out.is_terminal, no_color=self.no_color)

    @property
    def columns(self) -> int | None:
        """How wide the terminal is that standard output is; None where it is not one."""
        if not self._out.is_terminal:
            return None
        asked = self._environ.get("COLUMNS", "")
        return int(asked) if asked.isdecimal() and int(asked) else self._out.size[0]

    def error_document(self, error: CdpctlError) -> None:
        """Write an error as the one JSON document, where the format is JSON and none was written yet."""
        if self.format not in (Format.JSON, Format.JSONL) or self.answered:
            return
        document = error_record(error, error.exit_code)
        indented = self.format is Format.JSON and self._out.is_terminal
        with uninterrupted(deliver=False):
            self.answered = True
            self._write([formats.json_value(document, indented=indented)])

    def check_fields(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the fields asked for, and make sure that records like this one have them.

        Raises:
            UsageError: `--fields` names one that they do not have.
        """
        for name in self.fields:
            if name not in record:
                raise UsageError(
                    f"--fields: unknown field {quoted(name, 40)}",
                    hint=f"use one or more of {', '.join(record)}",
                )
        return self.fields

    def text(self, text: str | bytes) -> None:
        """Write a text of our own to standard output, in the stream's encoding, or bytes as they are."""
        self._write([text])

    def answer(self, data: bytes) -> None:
        """Write the body of an answer: as it is, or, on a terminal, readable and harmless.

        A terminal gets JSON indented, any other text a line at a time with what would steer the
        terminal escaped, and a newline at the end.
        """
        if not self._out.is_terminal:
            self._write([data])
        elif data:
            lines = data.decode("utf-8", "backslashreplace").removesuffix("\n").split("\n")
            text = formats.indented_json(data)
            self._write([text or "".join(f"{printable(line)}\n" for line in lines)])

    def _write_line(self, lines: Sequence[str]) -> None:
        with self._above(), uninterrupted(deliver=True):
            self._write(lines)

    def _write(self, blocks: Iterable[str | bytes]) -> None:
        if self.broken_pipe:
            return
        if self._out.file is None:
            raise OutputError("cannot write the result: standard output is closed")
        try:
            self._out.write(blocks)
        except BrokenPipeError:
            self.broken_pipe = True
        except (OSError, ValueError) as error:
            # What comes next would stand behind a hole.
            self.broken_pipe = True
            reason = "it is closed" if isinstance(error, ValueError) else reason_of(error)
            raise OutputError(f"cannot write the result to standard output: {reason}") from None

    def close(self) -> None:
        """Write what standard error has not taken yet; standard output has everything already."""
        self._err.close()

    def progress(self, title: str, total: int) -> "Progress":
        """Show peers' states until the end of a `with`; what is written meanwhile goes above them."""
        from cdpctl.output.progress import Progress

        def write(text: str) -> None:
            if not self.quiet:
                self._err.say(text)

        self._region = self._drawing()
        return Progress(title, total, write, self._region)
