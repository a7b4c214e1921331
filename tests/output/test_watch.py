"""The table of --watch: marks, footer, and missing answers."""

import re
from collections.abc import Sequence
from typing import Any

import pytest

from cdpctl.errors import UnreachableError
from cdpctl.output.colors import Colors
from cdpctl.output.tables import Style
from cdpctl.output.watch import WatchTable
from cdpctl.output.widths import width_of
from tests.output.screen import Terminal

_COLUMNS = ("name", "type", "status", "host", "os", "version")


def watch(terminal: Terminal) -> WatchTable:
    return WatchTable(
        terminal.region,
        Style(Colors({}, terminal=False)),
        _COLUMNS,
        asked=False,
        interval=2.0,
        clock=lambda: terminal.now,
        tick=None,
    )


def peers(*statuses: str | None) -> Sequence[dict[str, Any]]:
    return [
        {
            "name": f"AP{number}",
            "type": "AP",
            "status": status,
            "host": "host1",
            "os": "Linux",
            "version": "8",
        }
        for number, status in enumerate(statuses, 1)
    ]


def times(lines: Sequence[str]) -> list[str]:
    return [re.sub(r"\d\d:\d\d:\d\d", "TIME", line) for line in lines]


def test_changed_and_troubled_peers_are_marked_and_counted() -> None:
    terminal = Terminal(columns=100)
    with watch(terminal) as table:
        table.answer(peers("RUNNING", "RUNNING", "STOPPED"), [])
        table.answer(peers("RUNNING", "STOPPING", "STOPPED"), [("changed", {"name": "AP2"})])
        assert times(terminal.lines) == [
            "  NAME  TYPE  STATUS    HOST   OS     VERSION",
            "  AP1   AP    RUNNING   host1  Linux  8",
            "* AP2   AP    STOPPING  host1  Linux  8",
            "! AP3   AP    STOPPED   host1  Linux  8",
            "3 peers: 1 running, 1 stopping, 1 stopped   * changed   ! not running",
            "last answer TIME, every 2 s; Ctrl-C to quit",
        ]


def test_mark_of_a_change_fades() -> None:
    terminal = Terminal()
    with watch(terminal) as table:
        table.answer(peers("RUNNING"), [("changed", {"name": "AP1"})])
        terminal.now = 9.0
        table.redraw()
        assert terminal.lines[1].startswith("* AP1")
        terminal.now = 11.0
        table.redraw()
        assert terminal.lines[1].startswith("  AP1")
        assert "changed" not in terminal.lines[2]


def test_cdp_that_stops_answering_is_reported_with_the_time_of_the_last_answer() -> None:
    terminal = Terminal()
    with watch(terminal) as table:
        table.answer(peers("RUNNING"), [])
        at = terminal.lines[-1].split()[2].rstrip(",")
        terminal.now = 60.0
        table.trouble(UnreachableError("connection refused"))
        assert terminal.lines[-1] == f"no answer since {at} (connection refused); retrying"
        assert terminal.lines[1].startswith("  AP1")
        table.answer(peers("STOPPED"), [("changed", {"name": "AP1"})])
        assert terminal.lines[-1].startswith("last answer ")


def test_answer_that_is_late_is_reported_before_it_fails() -> None:
    terminal = Terminal()
    with watch(terminal) as table:
        table.answer(peers("RUNNING"), [])
        terminal.now = 4.0
        table.redraw()
        assert terminal.lines[-1].startswith("last answer ")
        terminal.now = 6.0
        table.redraw()
        assert times(terminal.lines)[-1] == "no answer since TIME; waiting"


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_no_line_is_as_wide_as_the_terminal_and_nothing_of_the_footer_is_lost(columns: int) -> None:
    terminal = Terminal(columns=columns)
    with watch(terminal) as table:
        table.answer(
            peers("RUNNING", "STOPPING", None, "STARTING", "STOPPED", "BROKEN", "ODD"),
            [("changed", {"name": "AP1"})],
        )
        table.trouble(UnreachableError("the connection was reset before the answer had come"))
        assert all(width_of(line) < columns for line in terminal.lines)
        text = " ".join(terminal.lines)
        assert "7 peers: 1 running, 1 stopping, 1 without a status, 1 starting, 1 stopped, 2 other" in text
        assert "(the connection was reset before the answer had come); retrying" in text


def test_peers_that_do_not_fit_are_counted_and_the_footer_stays() -> None:
    terminal = Terminal(rows=8)
    with watch(terminal) as table:
        table.answer(peers(*["RUNNING"] * 10), [])
        assert times(terminal.lines)[1:] == [
            "  AP1   AP    RUNNING  host1  Linux  8",
            "  AP2   AP    RUNNING  host1  Linux  8",
            "  AP3   AP    RUNNING  host1  Linux  8",
            "… and 7 more; --match, --type and --status show fewer",
            "10 peers: 10 running",
            "last answer TIME, every 2 s; Ctrl-C to quit",
        ]


def test_terminal_that_is_resized_gets_another_layout() -> None:
    terminal = Terminal(columns=80)
    with watch(terminal) as table:
        table.answer(peers("RUNNING"), [])
        terminal.size = (40, 24)
        table.redraw()
        assert terminal.lines[0].split() == ["NAME", "TYPE", "STATUS", "HOST", "VERSION"]


def test_table_stays_when_the_watch_ends() -> None:
    terminal = Terminal()
    with watch(terminal) as table:
        table.answer(peers("RUNNING"), [])
    table.redraw()
    assert terminal.lines[0].split()[0] == "NAME"
    assert terminal.text.count("NAME") == 1


def test_drawing_by_itself_shows_what_became_of_the_time() -> None:
    terminal = Terminal()
    style = Style(Colors({}, terminal=False))
    table = WatchTable(terminal.region, style, _COLUMNS, asked=False, interval=2.0, tick=0.01)
    with table:
        table.answer(peers("RUNNING"), [])
        while terminal.text.count("NAME") < 3:
            pass
    drawn = terminal.text.count("NAME")
    table.redraw()
    assert terminal.text.count("NAME") == drawn
