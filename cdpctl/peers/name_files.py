"""Names of peers in files and on standard output: whatever is written is read back as the same names."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from cdpctl.errors import NotFoundError, UsageError

#: A list of names is never longer than this on purpose.
MAX_BYTES = 16 * 1024 * 1024

_HINT = "nothing was sent; give names, one per line, or what an earlier run printed with -o json"
_UTF16 = (b"\xff\xfe", b"\xfe\xff")


def written(name: str, *, ascii_only: bool = False) -> str:
    """Return a name as a line of a file of names, without its end.

    A name that would be read as another one is written as a JSON string: with blanks at either end, with
    what begins a comment, or beginning like JSON.

    Args:
        name: of a peer, whatever it holds.
        ascii_only: the line goes to a stream that is not UTF-8, which is what files of names are read as.
    """
    plain = (
        (name.isascii() or not ascii_only) and name.isprintable() and name[:1] not in ('"', "[", "{", "#", "")
    )
    return name if plain and _plain_name(name) == name else json.dumps(name)


def names_from_text(data: bytes, source: str) -> list[str]:
    """Read names, one per line, or the JSON that an earlier run printed.

    Of an operation's document (or its jsonl lines) the peers that are not ok are taken, of a list all.
    A `#` begins a comment at the start of a line or after a blank. A line that begins with a double quote
    is a JSON string.

    Args:
        data: the file as it is; bytes that are not UTF-8 make a name that the check of names refuses.
        source: the file's name, for messages.

    Raises:
        UsageError: it is empty, too long, or some other JSON.
        NotFoundError: it is JSON that lists no peers.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"{source}: a list of names is at most {MAX_BYTES >> 20} MiB", hint="nothing was sent"
        )
    # A text of ASCII in UTF-16 is every other byte NUL, with a mark at its beginning or without.
    if data[:2] in _UTF16 or b"\0" in data:
        raise UsageError(
            f"{source}: not a text file in UTF-8 (it looks like UTF-16 or binary data)",
            hint="nothing was sent; save it as UTF-8",
        )
    text = data.decode("utf-8-sig", "surrogateescape")
    if text.lstrip()[:1] in ("{", "["):
        return _names_from_json(text, source)
    names = [
        name
        for number, line in enumerate(text.split("\n"), 1)
        if (name := _name_of_line(line.removesuffix("\r"), f"{source}: line {number}"))
    ]
    if not names:
        raise UsageError(
            f"{source}: there are no names in it",
            hint="nothing was sent; --all selects every AP and LAP, an empty list never does",
        )
    return names


def _name_of_line(line: str, where: str) -> str:
    if not line.startswith('"'):
        return _plain_name(line)
    try:
        name, end = json.JSONDecoder().raw_decode(line)
    except ValueError:
        raise UsageError(
            f"{where}: not a valid JSON string",
            hint="nothing was sent; a line that begins with a double quote is read as JSON",
        ) from None
    rest = line[end:]
    if _plain_name(rest) or (rest and rest[0] not in " \t"):
        raise UsageError(f"{where}: there is more after the name in quotes", hint="nothing was sent")
    return str(name)


def _plain_name(line: str) -> str:
    for index, char in enumerate(line):
        if char == "#" and (index == 0 or line[index - 1] in " \t"):
            line = line[:index]
            break
    return line.strip(" \t")


def _names_from_json(text: str, source: str) -> list[str]:
    try:
        value = _parse(text)
    except (ValueError, RecursionError):
        raise UsageError(f"{source}: not valid JSON", hint=_HINT) from None
    records = _records(value)
    if records is None:
        raise UsageError(f"{source}: not a cdpctl document with results or peers", hint=_HINT)
    if not records:
        raise NotFoundError(f"{source}: it lists no peers", hint="nothing was sent")
    return [record["name"] for record in records if record.get("ok") is not True]


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _records(value: object) -> Sequence[Mapping[str, Any]] | None:
    if isinstance(value, Mapping):
        value = value.get("results", value.get("peers", [value] if "name" in value else None))
    if not isinstance(value, list):
        return None
    for record in value:
        if not isinstance(record, Mapping) or not isinstance(record.get("name"), str):
            return None
    return value
