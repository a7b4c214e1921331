"""The table of `peer list --watch`, redrawn in place, and its lines where nothing can be redrawn."""

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from cdpctl.errors import CdpctlError
from cdpctl.output.live import Live, Region
from cdpctl.output.tables import Style, aligned
from cdpctl.output.totals import peer_totals
from cdpctl.text import printable

if TYPE_CHECKING:
    from cdpctl.output.output import Output

Record = Mapping[str, Any]
_TICK = 1.0
#: How many seconds a change stays marked.
_FRESH = 10.0
# An answer is late when it takes this many seconds longer than the interval.
_LATE = 3.0
_CHANGED, _NOT_RUNNING = "*", "!"
_LEGEND = {_CHANGED: "* changed", _NOT_RUNNING: "! not running"}


class WatchTable(Live):
    """Shows the peers of the last answer, their changes, and the time of the answer.

    Args:
        region: where to draw.
        style: the style of the table. Its width is the region's.
        columns: the columns of the table.
        asked: whether the user chose the columns.
        interval: seconds between two answers.
        clock: returns the time in seconds.
        tick: seconds between two redraws. None redraws on a change only.
    """

    redraws = True
    _stays = True

    def __init__(
        self,
        region: Region,
        style: Style,
        columns: Sequence[str],
        *,
        asked: bool,
        interval: float,
        clock: Callable[[], float] = time.time,
        tick: float | None = _TICK,
    ) -> None:
        super().__init__(region, tick)
        self._style, self._columns, self._asked = style, columns, asked
        self._interval, self._clock = interval, clock
        self._records: Sequence[Mapping[str, Any]] | None = None
        self._totals = ""
        self._changed: dict[str, float] = {}
        self._answered = 0.0
        self._trouble: str | None = None

    def answer(self, records: Sequence[Record], changes: Sequence[tuple[str, Record]]) -> None:
        """Show a new answer.

        Args:
            records: the records of the peers.
            changes: what has changed since the last answer: `added`, `changed` or `removed`, with the
                record. In the first answer every peer is `listed`.
        """
        now = self._clock()
        changed = [str(record["name"]) for kind, record in changes if kind != "listed"]
        with self._lock:
            fresh = {name: at for name, at in self._changed.items() if now - at < _FRESH}
            self._changed = {**fresh, **dict.fromkeys(changed, now)}
            self._records, self._answered, self._trouble = records, now, None
            self._totals = peer_totals([record.get("status") for record in records], self._style.mark)
        self.redraw()

    def trouble(self, error: CdpctlError) -> None:
        """Show why there was no answer."""
        with self._lock:
            self._trouble = printable(error.reason)
        self.redraw()

    def _lines(self, columns: int, rows: int) -> list[str]:
        records = self._records
        if records is None:
            return []
        now = self._clock()
        marks = [self._mark(record, now) for record in records]
        footer = self._footer(columns, now, set(marks))
        room = max(2, rows - len(footer)) - self._style.headers
        more = []
        if len(records) > room:
            hidden = len(records) - room + 1
            more = [f"… and {hidden} more; --match, --type and --status show fewer"]
            records, marks = records[: room - 1], marks[: room - 1]
        if self._style.headers:
            marks.insert(0, "")
        style = self._style._replace(room=columns - 2)
        table = aligned(self._columns, records, style, asked=self._asked)
        lines = [f"{mark:2}{line}".rstrip() for mark, line in zip(marks, table, strict=True)]
        return [*lines, *more, *footer]

    def _mark(self, record: Mapping[str, Any], now: float) -> str:
        at = self._changed.get(str(record.get("name")))
        if at is not None and now - at < _FRESH:
            return _CHANGED
        return "" if str(record.get("status") or "").upper() == "RUNNING" else _NOT_RUNNING

    def _footer(self, columns: int, now: float, marks: set[str]) -> list[str]:
        from textwrap import wrap

        at = time.strftime("%H:%M:%S", time.localtime(self._answered))
        legend = [text for mark, text in _LEGEND.items() if mark in marks]
        lines = wrap("   ".join([self._totals, *legend]), columns)
        if self._trouble is not None:
            state = f"no answer since {at} ({self._trouble}); retrying"
        elif now - self._answered > self._interval + _LATE:
            state = f"no answer since {at}; waiting"
        else:
            return [*lines, *wrap(f"last answer {at}, every {self._interval:g} s; Ctrl-C to quit", columns)]
        return [*lines, *(self._style.colors.paint(line, "bad") for line in wrap(state, columns))]


class WatchLines:
    """Shows a line for each change, and one warning for consecutive failures."""

    redraws = False

    def __init__(self, output: "Output", columns: Sequence[str], interval: float) -> None:
        self._output, self._interval = output, interval
        self._columns = ("time", "change", *columns)
        self._failing = False

    def __enter__(self) -> "WatchLines":
        return self

    def __exit__(self, *_error: object) -> None:
        """Do nothing: every line was written at once."""

    def trouble(self, error: CdpctlError) -> None:
        """Show why there was no answer."""
        if not self._failing:
            self._output.warn(f"{error.message}; trying again every {self._interval:g} s")
        self._failing = True

    def answer(self, _records: Sequence[Record], changes: Sequence[tuple[str, Record]]) -> None:
        """Show the changes."""
        if self._failing:
            self._output.note("the peers can be read again")
        self._failing = False
        now = datetime.now(UTC).isoformat(timespec="seconds")
        for kind, record in changes:
            self._output.row({"time": now, "change": kind, **record}, self._columns)
