"""Progress: what is drawn in place on a terminal, and the lines that are written elsewhere."""

from collections.abc import Callable

import pytest

from cdpctl.output.live import Region, fit, width_of
from cdpctl.output.progress import Progress
from tests.support.terminal import final_screen


class Terminal:
    """Keeps what was written."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.text = ""
        self.now = 0.0
        self.size = (columns, rows)

    def write(self, text: str) -> None:
        self.text += text

    @property
    def region(self) -> Region:
        return Region(self.write, lambda: self.size)

    @property
    def lines(self) -> list[str]:
        return final_screen(self.text.replace("\n", "\r\n"))[:-1]

    def progress(self, total: int, *, live: bool = True) -> Progress:
        return Progress(
            "stop", total, self.write, self.region if live else None, clock=lambda: self.now, tick=None
        )


def test_each_peer_has_a_line_whose_time_ticks() -> None:
    terminal = Terminal()
    with terminal.progress(2) as progress:
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
    with terminal.progress(21) as progress:
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
    with terminal.progress(4) as progress:
        progress.update("AP1", "accepted", 0.0)
        progress.redraw()
        assert "[" in terminal.lines[0]


def test_no_line_is_ever_wider_than_the_terminal() -> None:
    terminal = Terminal(columns=30)
    with terminal.progress(2) as progress:
        progress.update("a-very-long-name-of-a-peer-in-a-grid", "STOPPING", 0.0)
        progress.update("長い名前のピアがここにあります", "STOPPING", 0.0)
        progress.redraw()
        assert all(width_of(line) < 30 for line in terminal.lines)
        assert all(line.endswith("STOPPING  0 s") for line in terminal.lines[1:])


@pytest.mark.parametrize("live", [True, False])
def test_what_would_steer_the_terminal_is_shown_escaped(live: bool) -> None:
    terminal = Terminal()
    with terminal.progress(1, live=live) as progress:
        progress.update("AP\x1b]0;x\x07\u202e1", "STOP\x1b[2J\nPED", 0.0)
        progress.redraw()
        assert "\x07" not in terminal.text
        assert "\\x1b]0;x\\x07\\u202e1" in terminal.text
        assert "STOP\\x1b[2J\\nPED" in terminal.text


def test_elsewhere_a_change_is_a_line_and_no_change_is_none() -> None:
    terminal = Terminal()
    with terminal.progress(1, live=False) as progress:
        progress.update("AP1", "accepted", 0.1)
        progress.update("AP1", "accepted", 0.6)
        progress.update("AP1", "STOPPING", 1.2)
        progress.update("AP1", "confirmed", 2.5, final=True)
        progress.redraw()
    assert terminal.text == "AP1: accepted (0.1 s)\nAP1: STOPPING (1.2 s)\nAP1: confirmed (2.5 s)\n"


def test_what_is_written_meanwhile_goes_above_the_lines() -> None:
    terminal = Terminal()
    region = terminal.region
    region.draw(["one", "two"])
    with region.aside():
        terminal.write("a note\n")
    assert terminal.lines == ["a note", "one", "two"]
    region.draw(["three"])
    assert terminal.lines == ["a note", "three"]
    region.erase()
    assert terminal.lines == ["a note"]


def test_lines_that_do_not_fit_the_height_are_left_out() -> None:
    terminal = Terminal(rows=3)
    region = terminal.region
    for _ in range(2):
        region.draw([str(number) for number in range(10)])
    assert terminal.lines == ["0", "1"]


@pytest.mark.parametrize(
    ("text", "columns", "cut"),
    [
        ("AP1", 3, "AP1"),
        ("AP1", 2, "AP"),
        ("AP1234567", 6, "AP1..."),
        ("ピアピア", 6, "ピ..."),
        ("ピア", 4, "ピア"),
        ("AP1", 0, ""),
    ],
)
def test_text_is_cut_to_columns(text: str, columns: int, cut: str) -> None:
    assert fit(text, columns) == cut


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
    assert not progress._ticker.is_alive()
