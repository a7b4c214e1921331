"""The progress on standard error while a run waits for peers."""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from cdpctl.output.live import Live, Region
from cdpctl.output.widths import fit, width_of
from cdpctl.text import printable

_MOST_ROWS = 20
_TICK = 0.5
_BAR = 30


@dataclass(slots=True)
class _Row:
    """The line of one peer, with its own times."""

    name: str
    began: float
    state: str = ""
    ended: float | None = None


class Progress(Live):
    """Shows a live line per peer on a terminal, or a bar for many peers. Elsewhere, a line per finished peer.

    Args:
        title: the operation.
        total: the number of peers.
        write: writes text to standard error unchanged.
        region: where to redraw in place. None if standard error cannot redraw.
        clock: returns the time in seconds.
        tick: seconds between two redraws. None redraws on a change only.
    """

    def __init__(
        self,
        title: str,
        total: int,
        write: Callable[[str], None],
        region: Region | None,
        *,
        clock: Callable[[], float] = time.monotonic,
        tick: float | None = _TICK,
    ) -> None:
        super().__init__(region, tick)
        self._title, self._total, self._write, self._clock = printable(title), total, write, clock
        self._rows: dict[str, _Row] = {}
        self._done = self._bad = 0

    def update(self, name: str, state: str, elapsed: float, *, final: bool = False, ok: bool = True) -> None:
        """Show a peer's new state.

        Args:
            name: the peer's name.
            state: its status or its outcome.
            elapsed: seconds since the run began.
            final: whether the peer is done.
            ok: whether the outcome is ok.
        """
        text = printable(state)
        with self._lock:
            row = self._rows.setdefault(name, _Row(printable(name), self._clock()))
            if row.state == text and not final:
                return
            row.state = text
            counted = final and row.ended is None
            if counted:
                row.ended = self._clock()
                self._done += 1
                self._bad += not ok
        if self._region is None and counted:
            self._write(f"{row.name}: {text} ({elapsed:.1f} s)\n")
        elif self._ticker is None:
            self.redraw()

    def _lines(self, columns: int, rows: int) -> list[str]:
        return self._bar(columns) if self._total > min(_MOST_ROWS, rows - 1) else self._list(columns)

    def _count(self) -> str:
        bad = f", {self._bad} not ok" if self._bad else ""
        return f"{self._done} of {self._total} done{bad}"

    def _bar(self, columns: int) -> list[str]:
        length = max(0, min(_BAR, columns - width_of(self._title) - len(self._count()) - 4))
        filled = length * self._done // max(1, self._total)
        states = Counter(row.state for row in self._rows.values() if row.ended is None)
        lines = [f"{self._title} [{'#' * filled}{'-' * (length - filled)}] {self._count()}"]
        if states:
            lines.append("  " + ", ".join(f"{state} {count}" for state, count in states.most_common(5)))
        return lines

    def _list(self, columns: int) -> list[str]:
        now = self._clock()
        widest = max((width_of(row.name) for row in self._rows.values()), default=0)
        rest = max((width_of(row.state) for row in self._rows.values()), default=0) + 14
        # Cut a long name before the state and the time.
        widest = max(8, min(widest, columns - rest))
        lines = [f"{self._title}: {self._count()}"]
        for row in self._rows.values():
            name = fit(row.name, widest)
            seconds = (now if row.ended is None else row.ended) - row.began
            lines.append(f"  {name}{' ' * (widest - width_of(name))}  {row.state}  {int(seconds)} s")
        return lines
