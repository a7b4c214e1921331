"""A few lines at the end of a terminal that are drawn again and again in place."""

import os
import threading
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from cdpctl.output.document import Document


def width_of(text: str) -> int:
    """Return how many columns a terminal takes for sanitised text."""
    if text.isascii():
        return len(text)
    return sum(_columns(char) for char in text)


def _columns(char: str) -> int:
    if unicodedata.combining(char):
        return 0
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def fit(text: str, columns: int) -> str:
    """Cut text to so many columns, with `...` for what is gone: a line that wraps cannot be drawn over."""
    if columns <= 3 or width_of(text) <= columns:
        return text[: max(0, columns)] if columns <= 3 else text
    kept, used = [], 0
    for char in text:
        used += _columns(char)
        if used > columns - 3:
            break
        kept.append(char)
    return "".join(kept) + "..."


def size_of(stream: TextIO) -> tuple[int, int]:
    """Return a terminal's columns and rows as it is now; 80 and 24 where it does not say."""
    try:
        columns, rows = os.get_terminal_size(stream.fileno())
    except (OSError, ValueError):
        columns, rows = 0, 0
    return columns or 80, rows or 24


class Region:
    """Lines in place, on a terminal whose cursor stands below them; safe to use from several threads.

    Args:
        write: writes to the terminal as it is.
        size: returns the terminal's columns and rows.
    """

    def __init__(
        self,
        write: Callable[[str], None],
        size: Callable[[], tuple[int, int]],
    ) -> None:
        self._write = write
        self._size = size
        self._lines: list[str] = []
        self.lock = threading.RLock()

    @property
    def room(self) -> tuple[int, int]:
        """Columns and rows that lines may take; the last row is the cursor's."""
        columns, rows = self._size()
        # A character in the last column makes some terminals wrap.
        return max(1, columns - 1), max(1, rows - 1)

    def draw(self, lines: Sequence[str]) -> None:
        """Put `lines` (sanitised, without colour) in the place of those drawn before."""
        columns, rows = self.room
        with self.lock:
            new = [fit(line, columns) for line in lines[:rows]]
            up = f"\x1b[{len(self._lines)}F" if self._lines else ""
            self._write(up + "".join(f"{line}\x1b[K\n" for line in new) + "\x1b[J")
            self._lines = new

    def erase(self) -> None:
        """Take the lines away and leave the cursor where they began."""
        with self.lock:
            if self._lines:
                self._write(f"\x1b[{len(self._lines)}F\x1b[J")
                self._lines = []

    def leave(self) -> None:
        """Leave the lines where they are for good: what comes next stands below them."""
        with self.lock:
            self._lines = []

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Let something else be written above the lines."""
        with self.lock:
            kept = self._lines
            self.erase()
            try:
                yield
            finally:
                if kept:
                    self.draw(kept)


class Canvas:
    """A table on a terminal that is drawn in place.

    Args:
        region: where.
        lines_of: puts a document into lines without colour.
    """

    def __init__(self, region: Region, lines_of: Callable[[Document], list[str]]) -> None:
        self._region, self._lines_of = region, lines_of

    def table(self, document: Document, footer: str) -> None:
        """Draw a document in the place of the last one; rows that do not fit are counted."""
        lines = self._lines_of(document)
        room = self._region.room[1] - 1
        if len(lines) > room:
            hidden = len(lines) - room + 1
            lines = [*lines[: room - 1], f"... and {hidden} more; --match, --type and --status show fewer"]
        self._region.draw([*lines, footer])
