"""Colours: which streams get them, and that they are readable on light and dark backgrounds."""

import re

import pytest

from cdpctl.output.colors import Colors


@pytest.mark.parametrize(
    ("environ", "terminal", "no_color", "on"),
    [
        ({"TERM": "xterm"}, True, False, True),
        ({"TERM": "xterm"}, False, False, False),
        ({"TERM": "dumb"}, True, False, False),
        ({"TERM": "xterm", "NO_COLOR": "1"}, True, False, False),
        ({"TERM": "xterm", "NO_COLOR": ""}, True, False, True),
        ({"FORCE_COLOR": "1"}, False, False, True),
        ({"FORCE_COLOR": "1", "TERM": "dumb"}, False, False, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False, False),
        ({"FORCE_COLOR": "1", "TERM": "xterm"}, True, True, False),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    environ: dict[str, str], terminal: bool, no_color: bool, on: bool
) -> None:
    colors = Colors(environ, terminal=terminal, no_color=no_color)
    assert colors.on is on
    assert (colors.paint("RUNNING") != "RUNNING") is on
    assert (colors.paint("NAME", "bold") != "NAME") is on
    assert (colors.paint("error: ", "bad") != "error: ") is on


def test_word_of_no_kind_is_left_as_it_is() -> None:
    colors = Colors({"FORCE_COLOR": "1"}, terminal=False)
    assert colors.paint("SOMETHING") == "SOMETHING"
    assert colors.paint("ok       ", "ok") == "\x1b[32mok       \x1b[0m"


def luminance(number: int) -> float:
    """Return the relative luminance of one of the 216 colours of the cube."""
    levels = (0, 95, 135, 175, 215, 255)
    cube = number - 16
    parts = [levels[cube // 36] / 255, levels[cube // 6 % 6] / 255, levels[cube % 6] / 255]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("kind", ["good", "bad", "warning"])
def test_fixed_colours_have_contrast_on_white_and_on_black(kind: str) -> None:
    text = Colors({"FORCE_COLOR": "1", "TERM": "xterm-256color"}, terminal=True).paint("x", kind)
    found = re.fullmatch(r"\x1b\[38;5;(\d+)mx\x1b\[0m", text)
    assert found
    light = luminance(int(found[1]))
    assert 1.05 / (light + 0.05) >= 3.5
    assert (light + 0.05) / 0.05 >= 3.5


@pytest.mark.parametrize("kind", ["good", "bad", "warning"])
def test_terminals_of_eight_colours_get_no_yellow_white_or_black(kind: str) -> None:
    text = Colors({"TERM": "linux"}, terminal=True).paint("x", kind)
    assert re.fullmatch(r"\x1b\[3[125]mx\x1b\[0m", text)
