"""Peer names in files and on standard output, written so that they can be read back unchanged."""

import json
import re
from collections.abc import Mapping
from typing import Any

from cdpctl.errors import NotFoundError, UsageError
from cdpctl.text import command_line, join_names

#: The most bytes of a list of names.
MAX_BYTES = 16 * 1024 * 1024

_HINT = "nothing was sent; give names, one per line, or what an earlier run printed with -o json"
# Documents of which only the peers that are not ok are taken.
_JUDGED = ("cdpctl.operation/1", "cdpctl.check/1")
# In records of several grids.
_GRID = "grid"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")
# At the start of a line or after a blank.
_COMMENT = r"(?<![^ \t])#"


def format_name(name: str, *, ascii_only: bool = False) -> str:
    """Return a name as a line of a file, without the newline.

    A name that would not be read back unchanged is written as a JSON string: one with blanks at either
    end, with the start of a comment, or one that begins like JSON.

    Args:
        name: the name of a peer.
        ascii_only: the stream is not UTF-8. Files of names are read as UTF-8.
    """
    plain = (
        (name.isascii() or not ascii_only) and name.isprintable() and name[:1] not in ('"', "[", "{", "#", "")
    )
    return name if plain and _plain_name(name) == name else json.dumps(name)


def names_from_text(data: bytes, source: str) -> list[str]:
    """Read names, one per line, or the JSON that an earlier run printed.

    From the result of an operation, the peers that are not ok are taken. From a list of peers, all are.
    A `#` at the start of a line or after a blank begins a comment. A line that begins with a double quote
    is a JSON string.

    Args:
        data: the content of the file. Bytes that are not UTF-8 lead to an invalid name.
        source: the file's name, for messages.

    Raises:
        UsageError: it is empty, too long, or some other JSON.
        NotFoundError: it is JSON that lists no peers.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"{source}: too large; a list of names has at most {MAX_BYTES >> 20} MiB", hint="nothing was sent"
        )
    # Every other byte of ASCII text in UTF-16 is NUL, with or without a byte order mark.
    if data[:2] in _UTF16 or b"\0" in data:
        raise UsageError(
            f"{source}: not a text file in UTF-8 (it looks like UTF-16 or binary data)",
            hint="nothing was sent; save it as UTF-8",
        )
    text = data.decode("utf-8-sig", "surrogateescape")
    if text.lstrip()[:1] in ("{", "["):
        return _names_from_json(text, source)
    lines = text.removesuffix("\r").replace("\r\n", "\n").split("\n")
    names = [
        _quoted_name(line, f"{source}: line {number}") if line[:1] == '"' else _plain_name(line)
        for number, line in enumerate(lines, 1)
    ]
    names = [name for name in names if name]
    if not names:
        raise UsageError(f"{source}: no names found", hint="nothing was sent")
    return names


def _quoted_name(line: str, where: str) -> str:
    try:
        name, end = json.JSONDecoder().raw_decode(line)
    except ValueError:
        raise UsageError(
            f"{where}: not a valid JSON string",
            hint="nothing was sent; a line that begins with a double quote is read as JSON",
        ) from None
    rest = line[end:]
    if _plain_name(rest) or (rest and rest[0] not in " \t"):
        raise UsageError(f"{where}: unexpected text after the quoted name", hint="nothing was sent")
    return str(name)


def _plain_name(line: str) -> str:
    # Most lines have no comment, so they are not searched character by character.
    comment = re.search(_COMMENT, line) if "#" in line else None
    return (line[: comment.start()] if comment else line).strip(" \t")


def _names_from_json(text: str, source: str) -> list[str]:
    try:
        value = _parse(text)
    except (ValueError, RecursionError):
        raise UsageError(f"{source}: not valid JSON", hint=_HINT) from None
    records = _records(value, source)
    if not records:
        raise NotFoundError(f"{source}: it lists no peers", hint="nothing was sent")
    grids = list(dict.fromkeys(str(record[_GRID]) for record in records if _GRID in record))
    if len(grids) > 1:
        raise UsageError(
            f"{source}: it lists peers of several grids: {join_names(grids)}",
            hint=f"nothing was sent; to list the peers of one grid: {command_line('peer list -o json')}",
        )
    return [record["name"] for record in records if record.get("ok") is not True]


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _records(value: Any, source: str) -> list[Mapping[str, Any]]:
    """Return the records of a document or of lines of JSON.

    Of several grids, every record names its grid. Grids that could not be read are left out.

    Raises:
        UsageError: it is something else.
    """
    grids = value.get("grids") if isinstance(value, Mapping) else None
    if isinstance(grids, list) and all(isinstance(grid, Mapping) for grid in grids):
        read = [grid for grid in grids if _is_no_error(grid)]
        return [{**record, _GRID: grid.get("profile")} for grid in read for record in _records(grid, source)]
    judged = isinstance(value, Mapping) and value.get("schema") in _JUDGED
    if isinstance(value, Mapping):
        value = value.get("results", value.get("peers", [value] if "name" in value else None))
    if isinstance(value, list):
        lines = [record for record in value if _is_no_error(record) or _GRID not in record]
        if all(isinstance(record, Mapping) and isinstance(record.get("name"), str) for record in lines):
            if judged and not all("ok" in record for record in lines):
                # Without this field, peers that are ok would be taken too.
                raise UsageError(
                    f"{source}: it does not say which peers are ok",
                    hint="nothing was sent; with --fields, include name and ok",
                )
            return lines
    raise UsageError(f"{source}: not a cdpctl document with results or peers", hint=_HINT)


def _is_no_error(value: object) -> bool:
    return not isinstance(value, Mapping) or value.get("schema") != "cdpctl.error/1"
