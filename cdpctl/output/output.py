"""Writes results to standard output in the chosen format, and everything else to standard error."""

import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from cdpctl.errors import CdpctlError, OutputError, UsageError
from cdpctl.output import formats
from cdpctl.output.document import Document, Format, error_record
from cdpctl.output.messages import Messages
from cdpctl.output.streams import Stream, uninterrupted
from cdpctl.output.widths import wrapped
from cdpctl.text import printable, quoted, reason_of

if TYPE_CHECKING:
    from cdpctl.output.progress import Progress
    from cdpctl.output.tables import Style
    from cdpctl.output.watch import WatchLines, WatchTable

# The width of the first word of a line, such as `warning`.
_WORD = 9
# The least room for a text beside its title.
_LEAST = 20


class Output(Messages):
    """The output of one run. It is made once, before the arguments are parsed.

    Args:
        environ: the environment variables. None means those of the process.

    Attributes:
        format: table on a terminal and tsv elsewhere until an option, a variable or a profile says otherwise.
        fields: the fields of records, in order. None given means all.
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
        """Whether a person reads the result as a table, so that the run ends with its totals."""
        return self.format is Format.TABLE and self._out.is_terminal and self._err.is_terminal

    @property
    def sentences(self) -> bool:
        """Whether to show a result in sentences, if the command has them."""
        return self.format is Format.TABLE and not self.fields

    def totals(self, text: str) -> None:
        """Show the totals of a run, at a terminal and unless --quiet."""
        if self.for_people:
            self.say(text)

    def record(self, record: Mapping[str, Any]) -> None:
        """Write a result at once, if the format is jsonl."""
        if self.format is Format.JSONL:
            self._write_line([formats.jsonl(record, self.check_fields(record))])
            self._streamed += 1

    def json_line(self, value: Mapping[str, Any]) -> None:
        """Write something other than a result as a line, if the format is jsonl."""
        if self.format is Format.JSONL:
            self._write_line([formats.jsonl(value, ())])

    def line(self, status: str, title: str, text: str) -> None:
        """Write a line for people at once: a coloured word, a title, and a text with a hanging indent.

        On a narrow terminal the text begins on a line of its own.
        """
        word = self.colors_of(self._out).paint(status.ljust(_WORD), status)
        indent = _WORD + len(title)
        front = f"{word}{formats.cell(title)}"
        if self.columns is not None and self.columns < indent + _LEAST:
            indent, front = 2, f"{front.rstrip()}\n  " if status else "  "
        self._write_line([front + wrapped(formats.cell(text), self.columns, indent, indent) + "\n"])

    def sentence(self, text: str) -> None:
        """Write a sentence for people, with a hanging indent."""
        self._write([wrapped(formats.cell(text), self.columns, 2) + "\n"])

    def plugin_line(self, text: str) -> None:
        """Write the line of a monitoring plugin, which is the result of the run."""
        self._write_result([f"{printable(text)}\n"])

    def row(self, record: Mapping[str, Any], columns: tuple[str, ...]) -> None:
        """Write a record at once as a line, below one header. Not for JSON.

        Args:
            record: the record, one of an endless sequence.
            columns: the columns, unless `--fields` is given.
        """
        fields = self.check_fields(record) or columns
        if self.format is Format.JSONL:
            lines = formats.jsonl_blocks([record], self.fields)
        elif self.format is Format.NAME:
            lines = formats.name_blocks([record], ascii_only=not self._out.is_unicode)
        else:
            lines = formats.tsv_blocks([record], fields, headers=self.headers and not self._streamed)
        self._streamed += 1
        self._write_line(lines)

    def watch(self, columns: Sequence[str], interval: float) -> "WatchTable | WatchLines":
        """Return a table that is redrawn in place, or lines if standard output cannot redraw.

        Args:
            columns: the columns, unless `--fields` is given.
            interval: seconds between two answers.
        """
        from cdpctl.output.live import Region
        from cdpctl.output.watch import WatchLines, WatchTable

        stream = self._out
        if self.format is not Format.TABLE or not self.redraws(stream.is_terminal):
            return WatchLines(self, columns, interval)
        self._region = Region(lambda text: self._write([text]), lambda: stream.size)
        fields = self.fields or columns
        return WatchTable(self._region, self._style(), fields, asked=bool(self.fields), interval=interval)

    def document(self, document: Document, *, last: bool = True) -> None:
        """Write a result in the chosen format. In jsonl, records that were already written are left out.

        A signal does not interrupt it.

        Args:
            document: the document.
            last: whether the run ends here, so that a signal is ignored. If False, it is handled afterwards.

        Raises:
            UsageError: `--fields` names a field that the records do not have.
            OutputError: it cannot be written.
        """
        fields = self.check_fields(document.records[0]) if document.records and self.fields else self.fields
        self._write_result(self._blocks(document, fields), last=last)

    def document_or(self, text: str | bytes, document: Document, *, last: bool = True) -> None:
        """Write a document if the format is JSON, and else a text. Arguments as for `document`."""
        if self.format in (Format.JSON, Format.JSONL):
            self.document(document, last=last)
        elif text:
            self.text(text)

    def _write_result(self, blocks: Iterable[str], *, last: bool = True) -> None:
        with uninterrupted(deliver=not last):
            self.answered = True
            self._write(blocks)

    def _blocks(self, document: Document, fields: tuple[str, ...]) -> Iterable[str]:
        match self.format:
            case Format.JSON:
                return formats.json_blocks(document, fields, indented=self._out.is_terminal)
            case Format.JSONL:
                return formats.jsonl_blocks(document.records[self._streamed :], fields)
            case Format.NAME:
                return formats.name_blocks(document.records, ascii_only=not self._out.is_unicode)
            case Format.TSV:
                records, columns = document.records, fields or document.columns
                if not columns:
                    # A document of one record: its head belongs to the row.
                    records = [{**document.head, **record} for record in records]
                    columns = tuple(records[0]) if records else ()
                return formats.tsv_blocks(records, columns, headers=self.headers)
        from cdpctl.output import tables

        style = self._style()
        if document.key is not None:
            columns = fields or document.columns
            return tables.aligned(columns, document.records, style, asked=bool(fields))
        sections = () if fields else tables.sections(document, style)
        return [*tables.key_values(document, fields, style), *sections]

    def _style(self) -> "Style":
        from cdpctl.output.tables import Style

        colors = self.colors_of(self._out)
        return Style(colors, self.columns, self.headers, self.mark, self._out.shown)

    def cuts(self, document: Document) -> bool:
        """Return whether the terminal is too narrow for the table of a document, so that texts are cut."""
        if self.format is not Format.TABLE or self.columns is None:
            return False
        from cdpctl.output.tables import natural_width

        return natural_width(self.fields or document.columns, document.records) > self.columns

    @property
    def mark(self) -> str:
        """What is written in place of text that was cut."""
        return "…" if self._out.shown("…") == "…" else "..."

    @property
    def columns(self) -> int | None:
        """The width of the terminal, or None if standard output is not a terminal."""
        if not self._out.is_terminal:
            return None
        asked = self._environ.get("COLUMNS", "")
        return int(asked) if asked.isdecimal() and int(asked) else self._out.size[0]

    def error_document(self, error: CdpctlError) -> None:
        """Write an error as the JSON document, if the format is JSON and nothing was written yet."""
        if self.format not in (Format.JSON, Format.JSONL) or self.answered:
            return
        text = formats.jsonl(error_record(error, error.exit_code), ())
        if self.format is Format.JSON and self._out.is_terminal:
            text = formats.indented_json(text)
        self._write_result([text])

    def check_fields(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        """Return the fields of `--fields`, after checking that records like this one have them.

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
        """Write text to standard output in the stream's encoding, or bytes unchanged."""
        self._write([text])

    def answer(self, data: bytes) -> None:
        """Write the body of an answer: unchanged, or made readable and safe for a terminal.

        On a terminal, JSON is indented, control characters in other text are escaped, and a newline is
        added at the end.
        """
        if not self._out.is_terminal:
            self._write([data])
        elif data:
            try:
                text = formats.indented_json(data)
            except (ValueError, RecursionError):
                lines = data.decode("utf-8", "backslashreplace").removesuffix("\n").split("\n")
                text = "".join(f"{printable(line)}\n" for line in lines)
            self._write([text])

    def _write_line(self, lines: Iterable[str]) -> None:
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
            # Write nothing more: it would follow a gap.
            self.broken_pipe = True
            reason = "it is closed" if isinstance(error, ValueError) else reason_of(error)
            raise OutputError(f"cannot write the result to standard output: {reason}") from None

    def close(self) -> None:
        """Write what is still kept for standard error. Standard output is already complete."""
        self._err.close()

    def progress(self, title: str, total: int) -> "Progress":
        """Show the states of peers during a `with`, with messages above them."""
        from cdpctl.output.live import Region
        from cdpctl.output.progress import Progress

        if not self.quiet and self.redraws(self._err.is_terminal):
            self._region = Region(self._err.say, lambda: self._err.size)
        write = (lambda _text: None) if self.quiet else self._err.say
        return Progress(title, total, write, self._region)
