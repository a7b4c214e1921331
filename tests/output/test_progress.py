"""Progress: redrawn on a terminal, and written as lines elsewhere."""

import threading
from collections.abc import Callable

import pytest

from cdpctl.output.progress import Progress
from cdpctl.output.widths import width_of
from tests.output.screen import Terminal


def progress_on(terminal: Terminal, total: int, *, live: bool = True) -> Progress:
    region = terminal.region if live else None
    return Progress("stop", total, terminal.write, region, clock=lambda: terminal.now, tick=None)


def test_each_peer_has_a_line_whose_time_ticks() -> None:
    terminal = Terminal()
    with progress_on(terminal, 2) as progress:
        progress.update("AP1", "accepted", 0.1)
        progress.redraw()
        terminal.now = 3.2
        progress.update("AP2", "STOPPING", 3.2)
        progress.redraw()
        assert terminal.lines == [
            "stop: 0 of 2 done",
            "  AP1       accepted  3 s",
            "  AP2       STOPPING  0 s",
        ]
        progress.update("AP1", "confirmed", 3.3, final=True)
        terminal.now = 60.0
        progress.redraw()
        assert terminal.lines[:2] == ["stop: 1 of 2 done", "  AP1       confirmed  3 s"]
    assert terminal.lines == []


def test_more_peers_than_rows_are_a_bar_with_counts() -> None:
    terminal = Terminal()
    with progress_on(terminal, 21) as progress:
        for number in range(21):
            progress.update(f"AP{number}", "STOPPING", 0.0)
        progress.update("AP0", "confirmed", 1.0, final=True)
        progress.update("AP1", "failed", 1.0, final=True, ok=False)
        progress.redraw()
        assert terminal.lines == [
            f"stop [{'#' * 2}{'-' * 28}] 2 of 21 done, 1 not ok",
            "  STOPPING 19",
        ]


def test_low_terminal_gets_the_bar_as_well() -> None:
    terminal = Terminal(rows=5)
    with progress_on(terminal, 4) as progress:
        progress.update("AP1", "accepted", 0.0)
        progress.redraw()
        assert "[" in terminal.lines[0]


def test_no_line_is_ever_wider_than_the_terminal() -> None:
    terminal = Terminal(columns=30)
    with progress_on(terminal, 2) as progress:
        progress.update("a-very-long-name-of-a-peer-in-a-grid", "STOPPING", 0.0)
        progress.update("長い名前のピアがここにあります", "STOPPING", 0.0)
        progress.redraw()
        assert all(width_of(line) < 30 for line in terminal.lines)
        assert all(line.endswith("STOPPING  0 s") for line in terminal.lines[1:])


@pytest.mark.parametrize("live", [True, False])
def test_what_would_steer_the_terminal_is_shown_escaped(live: bool) -> None:
    terminal = Terminal()
    with progress_on(terminal, 1, live=live) as progress:
        progress.update("AP\x1b]0;x\x07\u202e1", "STOP\x1b[2J\nPED", 0.0, final=True)
        progress.redraw()
        assert "\x07" not in terminal.text
        assert "\\x1b]0;x\\x07\\u202e1" in terminal.text
        assert "STOP\\x1b[2J\\nPED" in terminal.text


def test_elsewhere_a_peer_has_one_line_when_it_is_done() -> None:
    terminal = Terminal()
    with progress_on(terminal, 1, live=False) as progress:
        progress.update("AP1", "accepted", 0.1)
        progress.update("AP1", "STOPPING", 1.2)
        progress.update("AP1", "confirmed", 2.5, final=True)
        progress.update("AP1", "confirmed", 2.6, final=True)
        progress.redraw()
    assert terminal.text == "AP1: confirmed (2.5 s)\n"


def test_narrow_terminal_keeps_the_counts_of_the_bar() -> None:
    terminal = Terminal(columns=40)
    with progress_on(terminal, 1000) as progress:
        progress.update("AP1", "failed", 0.0, final=True, ok=False)
        progress.redraw()
        assert terminal.lines == ["stop [-------] 1 of 1000 done, 1 not ok"]


def test_without_a_thread_each_update_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    terminal = Terminal()
    with Progress("stop", 2, terminal.write, terminal.region, clock=lambda: terminal.now) as progress:
        progress.update("AP1", "accepted", 0.1)
        terminal.now = 2.0
        progress.update("AP1", "STOPPING", 2.0)
        assert terminal.lines == ["stop: 0 of 2 done", "  AP1       STOPPING  2 s"]
    assert terminal.lines == []


def test_drawing_by_itself_ends_with_the_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    drawn: list[Callable[[], None]] = []
    progress = Progress("stop", 1, terminal.write, terminal.region, tick=0.01)
    monkeypatch.setattr(progress, "redraw", lambda: drawn.append(lambda: None))
    with progress:
        while len(drawn) < 3:
            assert progress._ticker is not None
            progress._ticker.join(0.01)
    assert progress._ticker is not None
    progress._ticker.join(10)
    assert not progress._ticker.is_alive()
