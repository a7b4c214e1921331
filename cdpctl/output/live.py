"""Lines at the end of a terminal that are redrawn in place."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Self

from cdpctl.output.widths import fit, width_of


class Region:
    """Lines that are redrawn in place, above the cursor. Safe to use from several threads.

    Args:
        write: writes text to the terminal unchanged.
        size: returns the terminal's columns and rows.
    """

    def __init__(self, write: Callable[[str], None], size: Callable[[], tuple[int, int]]) -> None:
        self._write, self._size = write, size
        self._lines: list[str] = []
        self.lock = threading.RLock()

    @property
    def room(self) -> tuple[int, int]:
        """The columns and rows for lines. The last row is left for the cursor."""
        columns, rows = self._size()
        # A character in the last column makes some terminals wrap.
        return max(1, columns - 1), max(1, rows - 1)

    def draw(self, lines: Sequence[str]) -> None:
        """Replace the lines with these sanitised lines. They may be coloured."""
        columns, rows = self.room
        with self.lock:
            new = [_cut(line, columns) for line in lines[:rows]]
            up = f"\x1b[{len(self._lines)}F" if self._lines else ""
            self._write(up + "".join(f"{line}\x1b[K\n" for line in new) + "\x1b[J")
            self._lines = new

    def erase(self) -> None:
        """Remove the lines and leave the cursor where they began."""
        with self.lock:
            if self._lines:
                self._write(f"\x1b[{len(self._lines)}F\x1b[J")
                self._lines = []

    def leave(self) -> None:
        """Keep the lines on the screen and write below them from now on."""
        with self.lock:
            if self._lines:
                # A terminal shows Ctrl-C as `^C`. Remove it before the shell's next prompt.
                self._write("\r\x1b[K")
            self._lines = []

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Remove the lines while something else is written, and draw them again below it."""
        with self.lock:
            kept = self._lines
            self.erase()
            try:
                yield
            finally:
                if kept:
                    self.draw(kept)


class Live:
    """Lines that are redrawn in a thread, from the beginning to the end of a `with`.

    Args:
        region: where to draw. None draws nothing.
        tick: seconds between two redraws. None redraws on a change only.
    """

    # Whether the lines stay on the screen at the end.
    _stays = False

    def __init__(self, region: Region | None, tick: float | None) -> None:
        self._region, self._tick = region, tick
        self._lock = threading.RLock() if region is None else region.lock
        self._over = threading.Event()
        self._ticker: threading.Thread | None = None

    def __enter__(self) -> Self:
        if self._region is not None and self._tick is not None:
            ticker = threading.Thread(target=self._redraw_often, daemon=True)
            # Where no thread can be started, nothing ticks.
            with suppress(RuntimeError):
                ticker.start()
                self._ticker = ticker
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        if self._region is not None and self._stays:
            self._region.leave()
        elif self._region is not None:
            self._region.erase()

    def _redraw_often(self) -> None:
        while not self._over.wait(self._tick):
            self.redraw()

    def redraw(self) -> None:
        """Draw everything, unless there is nothing to draw or it has ended."""
        with self._lock:
            if self._region is not None and not self._over.is_set():
                lines = self._lines(*self._region.room)
                if lines:
                    self._region.draw(lines)

    def _lines(self, columns: int, rows: int) -> list[str]:
        """Return what to draw. Called under the lock."""
        raise NotImplementedError


def _cut(line: str, columns: int) -> str:
    """Cut a line that is too wide. A wrapped line could not be redrawn."""
    import re

    plain = re.sub(r"\x1b\[[0-9;]*m", "", line) if "\x1b" in line else line
    return line if width_of(plain) <= columns else fit(plain, columns)
