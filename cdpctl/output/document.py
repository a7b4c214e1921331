"""What a command has to show, before any format is chosen."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType
from typing import Any, NamedTuple, TypeVar, overload

from cdpctl.errors import CdpctlError, ExitCode

T = TypeVar("T")
#: The column and the key of a record that name one of several grids.
GRID = "grid"


class Format(StrEnum):
    """How standard output is written."""

    TABLE = "table"
    TSV = "tsv"
    JSON = "json"
    JSONL = "jsonl"
    NAME = "name"


class Section(NamedTuple):
    """A small table below a single record, for people only.

    Attributes:
        columns: the keys of the rows to show, in their order.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[Mapping[str, Any]]


class Document(NamedTuple):
    """A result.

    Attributes:
        schema: its name and version, `cdpctl.peers/1`.
        head: what stands before the exit code in JSON.
        key: what the records are called in JSON; None where there is one record, merged into the rest.
        records: rows of a table, lines of jsonl.
        tail: what stands after the records in JSON.
        columns: of table and tsv, where `--fields` names no others.
        error: what broke the run off.
        sections: tables below a single record in the table format.
        grids: documents of several grids, which JSON holds in place of the records.
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
    """Records that are made when they are written: fifty thousand of them are never there at once.

    Args:
        items: what they are made of.
        make: makes one.
    """

    def __init__(self, items: Sequence[T], make: Callable[[T], Mapping[str, Any]]) -> None:
        self._items: Sequence[Any] = items
        self._make: Callable[[Any], Mapping[str, Any]] = make

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[Mapping[str, Any]]:
        return map(self._make, self._items)

    @overload
    def __getitem__(self, index: int) -> Mapping[str, Any]: ...

    @overload
    def __getitem__(self, index: slice) -> "Rows": ...

    def __getitem__(self, index: int | slice) -> "Mapping[str, Any] | Rows":
        if isinstance(index, slice):
            return Rows(self._items[index], self._make)
        return self._make(self._items[index])


def error_record(error: CdpctlError, exit_code: ExitCode, **head: object) -> dict[str, Any]:
    """Return the document of an error alone."""
    return {"schema": "cdpctl.error/1", **head, "exit_code": int(exit_code), "error": error_json(error)}


def error_json(error: CdpctlError | None) -> dict[str, Any] | None:
    """Return an error as JSON documents hold it."""
    if error is None:
        return None
    return {
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
        "http_status": error.http_status,
    }
