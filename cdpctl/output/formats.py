"""A document in every format, as lines of text: no stream is touched here."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from cdpctl.output.document import Document, error_json
from cdpctl.output.live import width_of
from cdpctl.redact import redactor
from cdpctl.text import printable

#: Past so many rows a rich table costs seconds: see the benchmarks.
RICH_ROWS = 200
_CHUNK = 500
_GOOD = frozenset({"accepted", "confirmed", "unchanged", "planned", "RUNNING", "good"})
_BAD = frozenset({"not_found", "refused", "failed", "timed_out", "unknown", "skipped"})


def masked(value: Any, key: str = "") -> Any:
    """Return a JSON value with every known secret hidden; a `name` is the truth scripts depend on."""
    if isinstance(value, str):
        return value if key == "name" else redactor.mask(value)
    if isinstance(value, Mapping):
        return {each: masked(part, each) for each, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [masked(part, key) for part in value]
    return value


def cell(value: Any, key: str = "") -> str:
    """Return a value as one line of harmless text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    text = value if isinstance(value, str) else json.dumps(value)
    return printable(text if key == "name" else redactor.mask(text))


def json_lines(document: Document, fields: Sequence[str]) -> Iterator[str]:
    """Write one JSON document, a record a line: quick to write, and to read for people too."""
    head: dict[str, Any] = {"schema": document.schema, **document.head, "exit_code": int(document.exit_code)}
    tail: dict[str, Any] = {**document.tail, "error": error_json(document.error)}
    records: Any = (_chosen(record, fields) for record in document.records)
    if document.key is None:
        for record in records:
            head.update(record)
    yield "{" + ", ".join(f"{json.dumps(key)}: {_dumps(value, key)}" for key, value in head.items())
    if document.key is not None:
        yield f",\n {json.dumps(document.key)}: ["
        separator = "\n  "
        while chunk := list(islice(records, _CHUNK)):
            yield separator + _record_lines(chunk)
            separator = ",\n  "
        yield "]"
    for key, value in tail.items():
        yield f",\n {json.dumps(key)}: {_dumps(value, key)}"
    yield "}\n"


def _record_lines(records: list[Mapping[str, Any]]) -> str:
    """Return records as JSON, a line each: one call of the encoder for all of them is the quick way."""
    text = _dumps(records)
    # No string can hold this: its quote would stand escaped, and after a closing one comes no name.
    seam = f"{{{json.dumps(next(iter(records[0]), ''))}: "
    return text[1:-1].replace("}, " + seam, "},\n  " + seam)


def jsonl(record: Mapping[str, Any], fields: Sequence[str]) -> str:
    """Write one record as a line."""
    return _dumps(_chosen(record, fields)) + "\n"


def _dumps(value: Any, key: str = "") -> str:
    """Return a value as JSON with every known secret hidden."""
    text = json.dumps(value)
    # To look through the text is quick; only what holds a secret is taken apart.
    return json.dumps(masked(value, key)) if redactor.finds(text) else text


def tsv_lines(document: Document, fields: Sequence[str]) -> Iterator[str]:
    """Write a header row and a row a record; a tab inside a value is shown escaped."""
    columns = fields or document.columns
    records = document.records
    if not columns:
        # A document of one record, which says all there is to say: what stands before it is a part of it.
        records = [{**document.head, **record} for record in records]
        columns = tuple(records[0]) if records else ()
    yield "\t".join(columns) + "\n"
    for record in records:
        yield "\t".join(cell(record.get(column), column) for column in columns) + "\n"


def row(record: Mapping[str, Any], columns: Sequence[str]) -> tuple[str, str]:
    """Return a header and a row, with tabs between the columns."""
    return "\t".join(columns) + "\n", "\t".join(cell(record.get(each), each) for each in columns) + "\n"


def name_lines(document: Document) -> Iterator[str]:
    """Write the names of the records that are ok."""
    for record in document.records:
        if record.get("ok") is not False and record.get("name") is not None:
            yield cell(record["name"], "name") + "\n"


def plain_table(document: Document, fields: Sequence[str], color: bool) -> Iterator[str]:
    """Write an aligned table without rich, for any number of rows."""
    yield from _aligned(fields or document.columns, document.records, color)


def _aligned(columns: Sequence[str], records: Sequence[Mapping[str, Any]], color: bool) -> Iterator[str]:
    rows = [[cell(record.get(column), column) for column in columns] for record in records]
    titles = [printable(column).upper() for column in columns]
    widths = [
        max([width_of(title), *(width_of(row[index]) for row in rows)]) for index, title in enumerate(titles)
    ]
    header = _padded(titles, widths)
    yield f"\x1b[1m{header}\x1b[0m\n" if color else header + "\n"
    for row in rows:
        yield _padded(row, widths) + "\n"


def _padded(cells: Sequence[str], widths: Sequence[int]) -> str:
    """Return cells side by side; a wide character counts twice, a combining one not at all."""
    pairs = zip(cells, widths, strict=True)
    return "  ".join(text + " " * (width - width_of(text)) for text, width in pairs).rstrip()


def rich_table(document: Document, fields: Sequence[str], color: bool, width: int) -> str:
    """Write a table by rich; names are never cut, the other columns give way first."""
    from io import StringIO

    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    columns = fields or document.columns
    rows = [[cell(record.get(column), column) for column in columns] for record in document.records]
    table = Table(box=None, pad_edge=False, show_edge=False, header_style="bold")
    needed = 0
    for index, column in enumerate(columns):
        kept = column == "name"
        if kept:
            needed = max([4, *(width_of(row[index]) for row in rows)])
        table.add_column(
            Text(column.upper()), no_wrap=kept, min_width=needed if kept else None, overflow="fold"
        )
    for row in rows:
        table.add_row(*(Text(value, style=_style(value)) for value in row))
    buffer = StringIO()
    console = Console(
        file=buffer,
        width=max(width, needed + 4 * len(columns)),
        force_terminal=color,
        no_color=not color,
        color_system="standard" if color else None,
        legacy_windows=False,
    )
    console.print(table)
    return "\n".join(line.rstrip() for line in buffer.getvalue().split("\n"))


def sections(document: Document, color: bool) -> Iterator[str]:
    """Write the small tables below a single record."""
    for section in document.sections:
        yield f"\n{printable(section.title)}:\n"
        for line in _aligned(section.columns, section.rows, color):
            yield f"  {line}"


def key_values(document: Document, fields: Sequence[str]) -> Iterator[str]:
    """Write the one record of a document, a field a line."""
    fields = fields or document.columns
    for record in document.records:
        chosen = {**document.head, **record} if not fields else _chosen({**document.head, **record}, fields)
        width = max((len(key) for key in chosen), default=0)
        for key, value in chosen.items():
            yield f"{key.ljust(width)}  {cell(value, key)}".rstrip() + "\n"


def _chosen(record: Mapping[str, Any], fields: Sequence[str]) -> Mapping[str, Any]:
    return {name: record.get(name) for name in fields} if fields else record


_SGR = {"ok": "32", "warning": "33", "failed": "31"}


def painted(word: str, color: bool) -> str:
    """Return the first word of a line in its colour, as wide as the widest one."""
    padded = word.ljust(9)
    return f"\x1b[{_SGR[word]}m{padded}\x1b[0m" if color and word in _SGR else padded


def _style(value: str) -> str:
    if value in _GOOD:
        return "green"
    return "red" if value in _BAD else ""
