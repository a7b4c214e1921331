"""The output of a run: formats by stream, one document, totals, and closed streams."""

import io
import json
import signal
import sys
from collections.abc import Mapping
from types import FrameType
from typing import Any
from unittest import mock

import pytest

from cdpctl.errors import CdpctlError, OutputError, UsageError
from cdpctl.output.document import Document, Format, Rows
from cdpctl.output.output import Output


class Out(io.TextIOWrapper):
    """A recorded stream."""

    def __init__(self, *, terminal: bool = False, encoding: str = "utf-8") -> None:
        self.kept = io.BytesIO()
        self.terminal = terminal
        super().__init__(self.kept, encoding=encoding)

    def isatty(self) -> bool:
        return self.terminal

    @property
    def text(self) -> str:
        return self.kept.getvalue().decode()


class Run:
    """An output and its streams."""

    def __init__(
        self, *, terminal: bool = False, environ: Mapping[str, str] | None = None, encoding: str = "utf-8"
    ) -> None:
        self.out, self.err = Out(terminal=terminal, encoding=encoding), Out(terminal=terminal)
        with mock.patch.multiple(sys, stdout=self.out, stderr=self.err):
            self.output = Output({"TERM": "xterm", "NO_COLOR": "1", **(environ or {})})


def peers(*names: str) -> Document:
    records = [{"name": name, "status": "RUNNING"} for name in names]
    return Document("cdpctl.peers/1", {}, "peers", records, columns=("name", "status"))


def test_format_is_table_on_a_terminal_and_tsv_elsewhere() -> None:
    assert Run(terminal=True).output.format is Format.TABLE
    assert Run().output.format is Format.TSV


@pytest.mark.parametrize(
    ("format_", "text"),
    [
        (Format.TABLE, "NAME  STATUS\nAP1   RUNNING\n"),
        (Format.TSV, "name\tstatus\nAP1\tRUNNING\n"),
        (Format.NAME, "AP1\n"),
        (Format.JSONL, '{"name": "AP1", "status": "RUNNING"}\n'),
    ],
)
def test_document_is_written_in_the_format_asked_for(format_: Format, text: str) -> None:
    run = Run()
    run.output.format = format_
    run.output.document(peers("AP1"))
    assert run.out.text == text


@pytest.mark.parametrize(
    ("format_", "text"), [(Format.TABLE, "AP1  RUNNING\n"), (Format.TSV, "AP1\tRUNNING\n")]
)
def test_header_is_left_out_where_that_is_asked_for(format_: Format, text: str) -> None:
    run = Run()
    run.output.format = format_
    run.output.headers = False
    run.output.document(peers("AP1"))
    assert run.out.text == text


def test_rows_as_they_happen_stand_below_one_header() -> None:
    run = Run()
    for name in ("AP1", "AP2"):
        run.output.row({"name": name, "status": "RUNNING"}, ("name", "status"))
    assert run.out.text == "name\tstatus\nAP1\tRUNNING\nAP2\tRUNNING\n"
    run = Run()
    run.output.headers = False
    run.output.row({"name": "AP1"}, ("name",))
    assert run.out.text == "AP1\n"


def test_lines_that_were_written_as_they_happened_are_not_written_again() -> None:
    run = Run()
    run.output.format = Format.JSONL
    run.output.record({"name": "AP1"})
    run.output.document(peers("AP1", "AP2"))
    assert [json.loads(line)["name"] for line in run.out.text.splitlines()] == ["AP1", "AP2"]


def test_field_that_no_record_has_is_an_error_before_anything_is_written() -> None:
    run = Run()
    run.output.fields = ("colour",)
    with pytest.raises(UsageError, match="unknown field 'colour'"):
        run.output.document(peers("AP1"))
    assert run.out.text == ""


def test_error_is_the_one_document_unless_there_was_another() -> None:
    run = Run()
    run.output.format = Format.JSON
    run.output.error_document(CdpctlError("it broke", hint="mend it"))
    run.output.error_document(CdpctlError("again"))
    assert json.loads(run.out.text) == {
        "schema": "cdpctl.error/1",
        "exit_code": 70,
        "error": {"code": "internal", "message": "it broke", "hint": "mend it", "http_status": None},
    }


@pytest.mark.parametrize(
    ("terminal", "format_", "quiet", "shown"),
    [
        (True, Format.TABLE, False, True),
        (True, Format.TABLE, True, False),
        (True, Format.JSON, False, False),
        (False, Format.TABLE, False, False),
    ],
)
def test_totals_are_for_people_at_a_terminal(
    terminal: bool, format_: Format, quiet: bool, shown: bool
) -> None:
    run = Run(terminal=terminal)
    run.output.format = format_
    run.output.quiet = quiet
    run.output.totals("6 peers: 6 running")
    assert run.err.text == ("6 peers: 6 running\n" if shown else "")
    assert run.out.text == ""


@pytest.mark.parametrize(("columns", "width"), [("40", 40), ("", 80), ("nonsense", 80), ("0", 80)])
def test_width_is_the_terminals_unless_a_variable_says_another(columns: str, width: int) -> None:
    assert Run(terminal=True, environ={"COLUMNS": columns}).output.columns == width
    assert Run(environ={"COLUMNS": columns}).output.columns is None


def test_encoding_without_an_ellipsis_gets_dots() -> None:
    run = Run(terminal=True, environ={"COLUMNS": "20"}, encoding="ascii")
    run.output.document(peers("a-name-that-is-too-long"))
    assert "..." in run.out.text
    assert "\\u2026" not in run.out.text


def test_answer_is_left_as_it_is_off_a_terminal_and_readable_on_one() -> None:
    run = Run()
    run.output.answer(b'{"a":\xff}')
    assert run.out.kept.getvalue() == b'{"a":\xff}'
    for data, text in (
        (b'{"a":1}', '{\n  "a": 1\n}\n'),
        (b"<p>\x1b[2J</p>\nend", "<p>\\x1b[2J</p>\nend\n"),
        (b"\xff\n", "\\xff\n"),
        (b"", ""),
    ):
        run = Run(terminal=True)
        run.output.answer(data)
        assert run.out.text == text


def test_closed_output_is_an_error_and_said_once() -> None:
    with mock.patch.object(sys, "stdout", None):
        output = Output({})
    with pytest.raises(OutputError, match="standard output is closed"):
        output.text("lost")


class Full(Out):
    """A stream that fails."""

    def __init__(self, error: OSError) -> None:
        super().__init__()
        self.error = error

    def flush(self) -> None:
        raise self.error

    def close(self) -> None:
        """Do nothing."""


def test_full_output_is_an_error_and_nothing_is_written_behind_the_hole() -> None:
    with mock.patch.object(sys, "stdout", Full(OSError(28, "No space left on device"))):
        output = Output({})
    with pytest.raises(OutputError, match="to standard output: No space left on device"):
        output.text("lost")
    output.text("lost too")


def test_reader_that_has_gone_is_quiet() -> None:
    with mock.patch.object(sys, "stdout", Full(BrokenPipeError())):
        output = Output({})
    output.text("lost")
    assert output.broken_pipe


@pytest.mark.skipif(sys.platform == "win32", reason="signals of Unix")
def test_signal_does_not_cut_a_document_in_two() -> None:
    told: list[int] = []

    def tell(number: int, _frame: FrameType | None) -> None:
        told.append(number)
        raise KeyboardInterrupt

    def make(number: int) -> dict[str, Any]:
        if number == 600:
            signal.raise_signal(signal.SIGTERM)
        return {"name": f"AP{number}"}

    run = Run()
    run.output.format = Format.JSON
    before = signal.signal(signal.SIGTERM, tell)
    try:
        run.output.document(Document("cdpctl.peers/1", {}, "peers", Rows(range(1000), make)))
    finally:
        signal.signal(signal.SIGTERM, before)
    assert len(json.loads(run.out.text)["peers"]) == 1000
    assert told == []
