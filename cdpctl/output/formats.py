"""Formats documents as JSON, jsonl, tsv or names. It returns blocks of text and writes nothing."""

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from cdpctl.output.document import Document, error_json
from cdpctl.peers.name_files import format_name
from cdpctl.redact import redactor
from cdpctl.text import printable

# Records are encoded in blocks of this size, which is fast and limits memory.
_CHUNK = 500
# Fields with text of our own.
_OWN = ("message", "hint", "profile", "username")


def mask_value(value: Any, key: str = "") -> Any:
    """Return a JSON value with every known secret hidden, but names unchanged: scripts depend on them."""
    if isinstance(value, str):
        if key in _OWN:
            return redactor.mask_message(value)
        return value if key == "name" else redactor.mask(value)
    if isinstance(value, Mapping):
        return {each: mask_value(part, each) for each, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [mask_value(part, key) for part in value]
    return value


def cell(value: Any) -> str:
    """Return a value as one line of safe text."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple)) and all(isinstance(each, str) for each in value):
        value = ", ".join(value)
    return printable(value if isinstance(value, str) else json.dumps(value))


def json_blocks(document: Document, fields: Sequence[str], *, indented: bool = False) -> Iterator[str]:
    """Write one JSON document.

    Args:
        document: the result.
        fields: the fields of each record. None given means all.
        indented: indent it for a terminal. Otherwise each record is one line, which is faster.
    """
    if indented:
        yield indented_json("".join(json_blocks(document, fields)))
        return
    head: dict[str, Any] = {"schema": document.schema, **document.head, "exit_code": int(document.exit_code)}
    if document.key is None:
        for record in document.records:
            head.update(select_fields(record, fields))
    yield _dumps(head)[:-1]
    if document.key is not None:
        # JSON strings contain no newlines, so every newline belongs to the layout.
        grids = ["".join(json_blocks(grid, fields))[:-1].replace("\n", "\n  ") for grid in document.grids]
        chunks = (_records(chunk, ",\n  ") for chunk in _chunks(document.records, fields))
        yield f",\n {json.dumps(document.key)}: ["
        for place, text in enumerate(grids or chunks):
            yield f"{',' if place else ''}\n  {text}"
        yield "\n ]" if grids else "]"
    for key, value in {**document.tail, "error": error_json(document.error)}.items():
        yield f",\n {_dumps({key: value})[1:-1]}"
    yield "}\n"


def jsonl_blocks(records: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> Iterator[str]:
    """Write records, one per line."""
    for chunk in _chunks(records, fields):
        yield _records(chunk, "\n") + "\n"


def jsonl(record: Mapping[str, Any], fields: Sequence[str]) -> str:
    """Write one record as a line."""
    return _dumps(select_fields(record, fields)) + "\n"


def _chunks(records: Sequence[Mapping[str, Any]], fields: Sequence[str]) -> Iterator[list[Mapping[str, Any]]]:
    left = (select_fields(record, fields) for record in records)
    while chunk := list(islice(left, _CHUNK)):
        yield chunk


def _records(records: list[Mapping[str, Any]], separator: str) -> str:
    """Return records as JSON with one call of the encoder for all of them."""
    text = _dumps(records)[1:-1]
    # No string can contain this seam, because its quotes would be escaped.
    seam = f"}}, {{{json.dumps(next(iter(records[0]), ''))}: "
    if text.count(seam) != len(records) - 1:
        # A record contains records of the same kind.
        return separator.join(_dumps(record) for record in records)
    return text.replace(seam, f"}}{separator}{seam[3:]}")


def _dumps(value: Any) -> str:
    """Return a value as JSON with every known secret hidden."""
    text = json.dumps(value)
    # Searching the text is fast. Only a value with a secret is masked field by field.
    return json.dumps(mask_value(value)) if redactor.finds(text) else text


def indented_json(text: str | bytes) -> str:
    """Return JSON indented for a terminal, in ASCII.

    Raises:
        ValueError: it is not JSON.
        RecursionError: it is nested too deeply.
    """
    return json.dumps(json.loads(text), indent=2) + "\n"


def tsv_blocks(
    records: Sequence[Mapping[str, Any]], columns: Sequence[str], *, headers: bool = True
) -> Iterator[str]:
    """Write a header row and one row per record. A tab inside a value is escaped."""
    if headers:
        yield "\t".join(columns) + "\n"
    for record in records:
        yield "\t".join([cell(record.get(column)) for column in columns]) + "\n"


def name_blocks(records: Sequence[Mapping[str, Any]], *, ascii_only: bool = False) -> Iterator[str]:
    """Write the names of the records that are ok, so that they can be read back unchanged."""
    for record in records:
        if record.get("ok") is not False and record.get("name") is not None:
            yield format_name(str(record["name"]), ascii_only=ascii_only) + "\n"


def select_fields(record: Mapping[str, Any], fields: Sequence[str]) -> Mapping[str, Any]:
    """Return the given fields of a record, or all if none are given."""
    return {name: record.get(name) for name in fields} if fields else record
