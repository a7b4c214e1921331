"""What is shown on standard error while peers are followed."""

import time
from collections.abc import Callable
from types import TracebackType

_MOST_ROWS = 20
_REDRAW_SECONDS = 0.2


class Progress:
    """A live line a peer on a terminal (a count where they are many); a line a change elsewhere.

    Args:
        title: the operation.
        total: how many peers.
        write: writes text to standard error, sanitised.
        live: it is a terminal that can redraw.
    """

    def __init__(self, title: str, total: int, write: Callable[[str], None], *, live: bool) -> None:
        self._title, self._total, self._write, self._live = title, total, write, live
        self._states: dict[str, tuple[str, float]] = {}
        self._done: set[str] = set()
        self._lines = 0
        self._drawn = 0.0

    def __enter__(self) -> "Progress":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._live:
            self._erase()

    def update(self, name: str, state: str, elapsed: float) -> None:
        """Show a peer's new state; `elapsed` in seconds since the run began."""
        if self._states.get(name, ("", 0.0))[0] == state:
            return
        self._states[name] = (state, elapsed)
        if state in ("confirmed", "failed", "timed_out", "unknown", "skipped"):
            self._done.add(name)
        if not self._live:
            self._write(f"{name}: {state} ({elapsed:.1f} s)\n")
        elif time.monotonic() - self._drawn >= _REDRAW_SECONDS or len(self._done) == self._total:
            self._redraw()

    def note(self, text: str) -> None:
        """Show a note among the states."""
        self._erase()
        self._write(text + "\n")

    def _redraw(self) -> None:
        self._drawn = time.monotonic()
        lines = [f"{self._title}: {len(self._done)} of {self._total}"]
        if len(self._states) <= _MOST_ROWS:
            lines += [
                f"  {name}  {state}  {elapsed:.1f} s" for name, (state, elapsed) in self._states.items()
            ]
        self._erase()
        self._write("".join(f"{line}\n" for line in lines))
        self._lines = len(lines)

    def _erase(self) -> None:
        if self._lines:
            self._write(f"\x1b[{self._lines}F\x1b[J")
            self._lines = 0
