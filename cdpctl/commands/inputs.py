"""Reads standard input and files that the user names."""

import sys
from collections.abc import Iterable
from math import inf
from pathlib import Path

from cdpctl.background import BackgroundCall
from cdpctl.errors import UsageError
from cdpctl.files import read_to_end
from cdpctl.peers.name_files import MAX_BYTES
from cdpctl.text import printable, reason_of


def comma_list(option: str, typed: Iterable[str] | None) -> tuple[str, ...]:
    """Return the values of an option that takes comma lists as well as repeats, each once.

    Raises:
        UsageError: one of them is empty.
    """
    found = [part.strip() for each in typed or () for part in each.split(",")]
    if not all(found):
        raise UsageError(f"{option}: a value in the list is empty", hint=f"for example: {option} A,B")
    return tuple(dict.fromkeys(found))


def read_input(source: str, seconds: float = inf, option: str = "") -> bytes:
    """Read a file to its end, or standard input for `-`.

    Args:
        source: the file, or `-`.
        seconds: the most that reading may take. A pipe without a writer would take forever.
        option: the option that names the source, for messages.

    Returns:
        The content, but not much more than `MAX_BYTES`.

    Raises:
        UsageError: it cannot be read.
    """
    stdin = sys.stdin
    if source == "-" and stdin is None:
        raise UsageError("standard input is closed", hint="nothing was sent; name a file in place of -")

    def work() -> bytes:
        if source == "-":
            return read_to_end(stdin.buffer, MAX_BYTES)
        with Path(source).open("rb") as file:
            return read_to_end(file, MAX_BYTES)

    label = f"{option}: " if option else ""
    # An option that names a file is for the embedded grid, which nothing is sent to.
    hint = None if option else "nothing was sent"
    label += "standard input" if source == "-" else printable(source)
    try:
        return BackgroundCall(work, "input").result(seconds)
    except TimeoutError:
        raise UsageError(f"{label}: did not end within {seconds:g} s (--timeout)", hint=hint) from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{label}: cannot be read: {reason_of(error)}", hint=hint) from None
