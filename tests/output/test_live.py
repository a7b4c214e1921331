"""Lines that are redrawn in place."""

from tests.output.screen import Terminal


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


def test_line_that_does_not_fit_the_width_is_cut_and_loses_its_colour() -> None:
    terminal = Terminal(columns=11)
    terminal.region.draw(["\x1b[31mexactly 10\x1b[0m", "\x1b[31mmore than 10\x1b[0m"])
    assert "\x1b[31mexactly 10\x1b[0m\x1b[K\n" in terminal.text
    assert "\nmore than…\x1b[K\n" in terminal.text


def test_what_a_terminal_shows_of_ctrl_c_is_removed() -> None:
    terminal = Terminal()
    region = terminal.region
    region.draw(["one"])
    terminal.write("^C")
    region.leave()
    terminal.write("$ ")
    assert terminal.text.endswith("^C\r\x1b[K$ ")
