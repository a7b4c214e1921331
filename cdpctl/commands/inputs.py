"""Reads standard input and files that the user names."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from cdpctl.errors import UsageError
from cdpctl.peers.name_files import MAX_BYTES
from cdpctl.text import printable, reason_of

_PIECE = 1 << 16


def comma_list(option: str, typed: Iterable[str] | None) -> tuple[str, ...]:
    """Return the values of an option that takes comma lists as well as repeats, each once.

    Raises:
        UsageError: one of them is empty.
    """
    found = [part.strip() for each in typed or () for part in each.split(",")]
    if not all(found):
        raise UsageError(f"{option}: a value in the list is empty", hint=f"for example: {option} A,B")
    return tuple(dict.fromkeys(found))


def read_input(source: str) -> bytes:
    """Read a file to its end, or standard input for `-`.

    Returns:
        The content, but not much more than `MAX_BYTES`.

    Raises:
        UsageError: it cannot be read.
    """
    try:
        if source != "-":
            with Path(source).open("rb") as file:
                return _read(file)
        if sys.stdin is None:
            raise UsageError("standard input is closed", hint="nothing was sent; name a file in place of -")
        return _read(sys.stdin.buffer)
    except (OSError, ValueError) as error:
        label = "standard input" if source == "-" else printable(source)
        raise UsageError(f"{label}: cannot be read: {reason_of(error)}", hint="nothing was sent") from None


def _read(file: IO[bytes]) -> bytes:
    pieces, size = [], 0
    while size <= MAX_BYTES:
        piece: bytes | None = file.read(_PIECE)
        if piece == b"":
            break
        if piece is None:
            # A non-blocking pipe without data.
            _wait(file)
            continue
        pieces.append(piece)
        size += len(piece)
    return b"".join(pieces)


def _wait(file: IO[bytes]) -> None:
    from select import select

    select([file.fileno()], [], [])
