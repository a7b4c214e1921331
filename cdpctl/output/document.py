"""The result of a command, independent of the output format."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar

from cdpctl.errors import CdpctlError, ExitCode

T = TypeVar("T")
#: The column and the key for the name of a grid, if there are several.
GRID = "grid"


class Format(StrEnum):
    """The format of standard output."""

    TABLE = "table"
    TSV = "tsv"
    JSON = "json"
    JSONL = "jsonl"
    NAME = "name"


class Section(NamedTuple):
    """A small table below a single record. Only the table format shows it.

    Attributes:
        columns: the keys of the rows to show, in order.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]


class Document(NamedTuple):
    """A result.

    Attributes:
        schema: its name and version, such as `cdpctl.peers/1`.
        head: the JSON fields before the exit code.
        key: the JSON field of the records. None if there is one record, whose fields are on the top level.
        records: the rows of a table, or the lines of jsonl.
        tail: the JSON fields after the records.
        columns: the columns of table and tsv, unless `--fields` is given.
        error: the error that ended the run early.
        sections: tables below a single record.
        grids: the documents of several grids, which replace the records in JSON.
    """

    schema: str
    head: Mapping[str, Any]
    key: str | None
    records: Sequence[Mapping[str, Any]]
    tail: Mapping[str, Any] = MappingProxyType({})
    columns: tuple[str, ...] = ()
    exit_code: ExitCode = ExitCode.OK
    error: CdpctlError | None = None
    sections: Sequence[Section] = ()
    grids: Sequence["Document"] = ()


class Rows(Sequence[Mapping[str, Any]]):
    """Records that are made one by one as they are written, to save memory.

    Args:
        items: the source of each record.
        make: makes a record of an item.
    """

    def __init__(self, items: Sequence[T], make: Callable[[T], Mapping[str, Any]]) -> None:
        self._items: Sequence[Any] = items
        self._make: Callable[[Any], Mapping[str, Any]] = make

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return map(self._make, self._items)

    def __getitem__(self, index: Any) -> Any:
        found = self._items[index]
        return Rows(found, self._make) if isinstance(index, slice) else self._make(found)


def error_record(error: CdpctlError, exit_code: ExitCode, **head: object) -> dict[str, Any]:
    """Return the document of an error alone."""
    return {"schema": "cdpctl.error/1", **head, "exit_code": int(exit_code), "error": error_json(error)}


def error_json(error: CdpctlError | None) -> dict[str, Any] | None:
    """Return an error as a JSON object."""
    if error is None:
        return None
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "http_status": error.http_status,
    }
