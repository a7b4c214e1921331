"""The one way out: data on standard output in the format asked for, everything else on standard error."""

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any, TextIO

from cdpctl.errors import CdpctlError, OutputError, UsageError
from cdpctl.output import formats
from cdpctl.output.document import Document, Format, Rows, Section, error_json
from cdpctl.output.live import Canvas, Region, size_of
from cdpctl.output.progress import Progress
from cdpctl.redact import redactor
from cdpctl.text import printable

__all__ = ["Document", "Format", "Output", "Progress", "Rows", "Section"]


def _is_terminal(stream: TextIO | None) -> bool:
    try:
        return stream is not None and stream.isatty()
    except ValueError:
        return False


class Output:
    """Writes for one run; made once, before the arguments are parsed.

    Args:
        environ: the environment variables; None takes the process's own.

    Attributes:
        format: table on a terminal and tsv elsewhere until `configure` says otherwise.
        fields: of records, in their order; none means all.
        quiet: no notes and no progress.
        verbosity: 0 to 3.
        headers: tables and tsv begin with a header row.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._out, self._err = sys.stdout, sys.stderr
        self._environ = os.environ if environ is None else environ
        self.format = Format.TABLE if _is_terminal(self._out) else Format.TSV
        self.fields: tuple[str, ...] = ()
        self.quiet = False
        self.verbosity = 0
        self.headers = True
        self._no_color = False
        self.broken_pipe = False
        self._streamed = 0
        self._region: Region | None = None
        self._document_written = False
        for stream in (self._out, self._err):
            # A name outside the stream's encoding is shown escaped; it must not end the run.
            if stream is not None and hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")

    def configure(
        self,
        *,
        format: Format | None = None,  # noqa: A002 - the interface's word
        fields: tuple[str, ...] | None = None,
        quiet: bool | None = None,
        verbosity: int | None = None,
        no_color: bool | None = None,
        headers: bool | None = None,
    ) -> None:
        """Take over what is known of the options by now; None leaves a setting as it is.

        Args:
            format: of standard output.
            fields: of records, in their order; none means all.
            quiet: no notes and no progress.
            verbosity: 0 to 3.
            no_color: of the option; NO_COLOR, FORCE_COLOR and TERM=dumb count as well.
            headers: False leaves the header row of tables and tsv out.
        """
        self.format = self.format if format is None else format
        self.fields = self.fields if fields is None else fields
        self.quiet = self.quiet if quiet is None else quiet
        self.verbosity = self.verbosity if verbosity is None else verbosity
        self._no_color = self._no_color if no_color is None else no_color
        self.headers = self.headers if headers is None else headers

    @property
    def interactive_streams(self) -> bool:
        """Whether standard input and standard error are terminals."""
        return _is_terminal(sys.stdin) and _is_terminal(self._err)

    def color(self, stream: TextIO | None) -> bool:
        """Whether a stream takes colour."""
        if self._no_color or self._environ.get("NO_COLOR"):
            return False
        if self._environ.get("FORCE_COLOR"):
            return True
        return _is_terminal(stream) and self._environ.get("TERM") != "dumb"

    def note(self, text: str) -> None:
        """Say something on standard error, unless --quiet."""
        if not self.quiet:
            self._say("", text)

    def warn(self, text: str) -> None:
        """Warn on standard error, --quiet or not."""
        self._say("warning: ", text, "33")

    def error(self, error: CdpctlError) -> None:
        """Show an error and its way out on standard error."""
        self._say("error: ", error.message, "31")
        if error.hint:
            self._say("hint: ", error.hint)

    def debug(self, level: int, text: str) -> None:
        """Show a decision (1), a call (2) or its contents (3) where -v asks for it."""
        if self.verbosity >= level:
            self._say("", text)

    def _say(self, prefix: str, text: str, sgr: str = "") -> None:
        if sgr and self.color(self._err):
            prefix = f"\x1b[{sgr}m{prefix}\x1b[0m"
        lines = [printable(line) for line in text.split("\n")]
        with self._above():
            self._write_error(prefix + "\n".join(lines) + "\n")

    def _above(self) -> AbstractContextManager[None]:
        """Keep lines that are drawn in place out of the way of what is written."""
        return nullcontext() if self._region is None else self._region.aside()

    def _write_error(self, text: str) -> None:
        if self._err is None:
            return
        try:
            self._err.write(text)
            self._err.flush()
        except (OSError, ValueError):
            # Nobody can be told that nobody can be told; the exit code remains.
            self._err = None

    def record(self, record: Mapping[str, Any]) -> None:
        """Write a result as it happens, where the format is jsonl."""
        if self.format is Format.JSONL:
            with self._above():
                self._write([formats.jsonl(record, self._known(record))], flush=True)
            self._streamed += 1

    def line(self, status: str, text: str) -> None:
        """Write a line for people at once: a word that takes a colour, and what it is about."""
        word = formats.painted(status, self.color(self._out))
        self._write([f"{word}{formats.cell(text)}\n"], flush=True)

    def row(self, record: Mapping[str, Any], columns: tuple[str, ...]) -> None:
        """Write a record at once in any format but JSON: a line each, below one header.

        Args:
            record: of a sequence without an end.
            columns: where `--fields` names no others.
        """
        fields = self._known(record)
        header, line = formats.row(record, fields or columns)
        if self.format is Format.JSONL:
            lines = [formats.jsonl(record, fields)]
        elif self.format is Format.NAME:
            lines = [formats.cell(record.get("name"), "name") + "\n"]
        else:
            lines = [line] if self._streamed else [header, line]
        self._streamed += 1
        self._write(lines, flush=True)

    @contextmanager
    def canvas(self) -> Iterator[Canvas | None]:
        """Give a place to draw tables in, or None where standard output is no terminal for it."""
        stream = self._out
        if stream is None or self.format is not Format.TABLE or not self._redraws(stream):
            yield None
            return
        region = Region(lambda text: self._write([text], flush=True), lambda: size_of(stream))

        def lines_of(document: Document) -> list[str]:
            return [line.rstrip("\n") for line in formats.plain_table(document, self.fields, False)]

        self._region = region
        try:
            yield Canvas(region, lines_of)
        finally:
            region.leave()

    def document(self, document: Document) -> None:
        """Write a result in the format asked for; of jsonl only what was not written by `record`.

        Raises:
            UsageError: `--fields` names one that the records do not have.
            OutputError: it cannot be written.
        """
        fields = self._known(document.records[0]) if document.records and self.fields else self.fields
        self._document_written = True
        if self.format is Format.JSON:
            self._write(formats.json_lines(document, fields))
        elif self.format is Format.JSONL:
            self._write(formats.jsonl(record, fields) for record in document.records[self._streamed :])
        elif self.format is Format.NAME:
            self._write(formats.name_lines(document))
        elif self.format is Format.TSV:
            self._write(formats.tsv_lines(document, fields))
        elif document.key is None:
            self._write(formats.key_values(document, fields))
            if not fields:
                self._write(formats.sections(document, self.color(self._out)))
        elif len(document.records) > formats.RICH_ROWS or not document.records:
            self._write(formats.plain_table(document, fields, self.color(self._out)))
        else:
            self._write([formats.rich_table(document, fields, self.color(self._out), self._width())])

    def error_document(self, error: CdpctlError) -> None:
        """Write an error as the one JSON document, where the format is JSON and none was written yet."""
        if self.format not in (Format.JSON, Format.JSONL) or self._document_written:
            return
        self._document_written = True
        import json

        value = {"schema": "cdpctl.error/1", "exit_code": int(error.exit_code), "error": error_json(error)}
        self._write([json.dumps(formats.masked(value)) + "\n"])

    def check_fields(self, record: Mapping[str, Any]) -> None:
        """Make sure, before anything is done, that records like this one have every field asked for.

        Raises:
            UsageError: `--fields` names one that they do not have.
        """
        self._known(record)

    def _known(self, record: Mapping[str, Any]) -> tuple[str, ...]:
        for name in self.fields:
            if name not in record:
                raise UsageError(
                    f"--fields: there is no field {printable(name[:40])!r}",
                    hint=f"one or more of {', '.join(record)}",
                )
        return self.fields

    def _width(self) -> int:
        import shutil

        return shutil.get_terminal_size((100, 24)).columns

    def text(self, text: str) -> None:
        """Write a text of our own to standard output, in the stream's encoding."""
        self._write([text])

    def raw(self, data: bytes) -> None:
        """Write bytes to standard output as they are."""
        self._write([data.decode("utf-8", "surrogateescape")], data=data)

    def _write(self, texts: Iterable[str], *, data: bytes | None = None, flush: bool = False) -> None:
        if self.broken_pipe:
            return
        if self._out is None:
            raise OutputError("standard output is closed: the result cannot be written")
        try:
            if data is not None and hasattr(self._out, "buffer"):
                self._out.flush()
                self._out.buffer.write(data)
            else:
                for text in texts:
                    self._out.write(text)
            if flush:
                self._out.flush()
        except BrokenPipeError:
            self._drop()
        except (OSError, ValueError) as error:
            raise self._failure(error) from None

    def close(self) -> None:
        """Flush standard output.

        Raises:
            OutputError: it is closed or full; a reader that has gone is no error.
        """
        if self._out is None or self.broken_pipe:
            return
        try:
            self._out.flush()
        except BrokenPipeError:
            self._drop()
        except (OSError, ValueError) as error:
            raise self._failure(error) from None

    def _failure(self, error: Exception) -> OutputError:
        self._drop()
        reason = getattr(error, "strerror", None) or "closed"
        return OutputError(f"standard output: the result cannot be written: {reason}")

    def _drop(self) -> None:
        """Send what is still buffered nowhere, so that the interpreter's last flush does not complain."""
        self.broken_pipe = True
        try:
            null = os.open(os.devnull, os.O_WRONLY)
            os.dup2(null, self._out.fileno())
            os.close(null)
        except (OSError, ValueError):
            sys.stdout = None

    def confirm(self, question: str) -> bool:
        """Ask on standard error; anything but yes is no."""
        self._say("", f"{question} [y/N]")
        return sys.stdin.readline().strip().lower() in ("y", "yes")

    def ask_secret(self, prompt: str) -> str:
        """Ask for a secret without showing it.

        Raises:
            UsageError: nobody answered.
        """
        from getpass import getpass

        try:
            with self._above():
                secret = getpass(prompt, stream=self._err)
        except EOFError:
            raise UsageError("no answer was given", hint="nothing was sent") from None
        redactor.add(secret)
        return secret

    def progress(self, title: str, total: int) -> Progress:
        """Show peers' states until the end of a `with`; what is written meanwhile goes above them."""

        def write(text: str) -> None:
            if not self.quiet:
                self._write_error(text)

        stream = self._err
        self._region = None
        if stream is not None and not self.quiet and self._redraws(stream):
            self._region = Region(write, lambda: size_of(stream))
        return Progress(title, total, write, self._region)

    def _redraws(self, stream: TextIO | None) -> bool:
        """Whether a stream is a terminal on which lines can be drawn in place."""
        return _is_terminal(stream) and self._environ.get("TERM", "dumb") != "dumb"
