"""Draws the pictures in the README from real terminal output: `python -m tests.pictures`."""

import re
import shlex
import tempfile
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import NamedTuple

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox
from tests.support.terminal import on_terminal

_FOLDER = Path(__file__).parents[1] / ".github" / "images"
_COLUMNS = 100
_PICTURES = {
    "stop": ("peer list", "peer stop AP1 AP11 AP3 CDP --wait", "peer list --status STOPPED -o name"),
    "restart": ("peer restart AP1 AP2 --batch 1", "doctor"),
}
# The size of a cell, and the margins.
_WIDTH, _HEIGHT, _MARGIN, _TOP = 8.4, 18, 14, 40
_COLOURS = {
    31: "#f47067",
    32: "#6bc46d",
    33: "#d9a343",
    34: "#6cb6ff",
    35: "#dcbdfb",
    36: "#56d4dd",
    37: "#cdd9e5",
}
_STYLES = {
    1: "font-weight='bold'",
    2: "opacity='.65'",
    3: "font-style='italic'",
    4: "text-decoration='underline'",
}


class Cell(NamedTuple):
    """A character and the numbers of its style."""

    char: str
    style: tuple[int, ...]


def cells(text: str) -> list[list[Cell]]:
    """Return the visible lines of terminal output, with their styles.

    Args:
        text: the output. Only the sequences that the program uses are known.

    Raises:
        ValueError: a sequence is unknown.
    """
    lines: list[list[Cell]] = [[]]
    row = column = 0
    style: tuple[int, ...] = ()
    for piece in re.findall(r"\x1b\[[?\d;]*[A-Za-z]|[^\x1b]", text):
        if piece[0] == "\x1b":
            numbers, kind = piece[2:-1], piece[-1]
            if kind == "m":
                given = tuple(int(each or 0) for each in numbers.split(";"))
                style = () if given == (0,) else (*style, *given)
            elif kind == "F":
                row, column = row - int(numbers or 1), 0
            elif kind == "K":
                del lines[row][column:]
            elif kind == "J":
                del lines[row + 1 :]
                del lines[row][column:]
            elif numbers[:1] != "?":
                raise ValueError(f"unknown sequence {piece!r}")
        elif piece == "\r":
            column = 0
        elif piece == "\n":
            row += 1
            if row == len(lines):
                lines.append([])
        else:
            if column == _COLUMNS:
                lines.insert(row + 1, [])
                row, column = row + 1, 0
            lines[row][column:] = [Cell(piece, style), *lines[row][column + 1 :]]
            column += 1
    return lines


def drawn(lines: list[list[Cell]]) -> str:
    """Return an SVG of lines on a terminal.

    Every word is a separate element at the position of its first cell, with a fixed width. So no
    renderer has to keep blanks, and no font can shift a column.
    """
    width = 2 * _MARGIN + _COLUMNS * _WIDTH
    height = _TOP + _MARGIN + len(lines) * _HEIGHT
    font = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace"
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}" width="{width:g}">',
            f'<g font-family="{font}" font-size="14">',
            f'<rect width="{width:g}" height="{height:g}" rx="8" fill="#1c2128"/>',
            *(
                f'<circle cx="{18 + 20 * number}" cy="18" r="6" fill="{colour}"/>'
                for number, colour in enumerate(("#f47067", "#d9a343", "#6bc46d"))
            ),
            *(
                word
                for number, line in enumerate(lines)
                for word in _words(line, _TOP + 14 + number * _HEIGHT)
            ),
            "</g>",
            "</svg>\n",
        ]
    )


def _words(line: list[Cell], y: int) -> Iterator[str]:
    start = 0
    for end in range(1, len(line) + 1):
        if end < len(line) and _alike(line[start], line[end]):
            continue
        text = "".join(each.char for each in line[start:end])
        if text.strip():
            colour = next((_COLOURS[each] for each in line[start].style if each in _COLOURS), "#cdd9e5")
            more = "".join(f" {_STYLES[each]}" for each in line[start].style if each in _STYLES)
            yield (
                f'<text x="{_MARGIN + start * _WIDTH:g}" y="{y}" textLength="{len(text) * _WIDTH:g}"'
                f' lengthAdjust="spacingAndGlyphs" fill="{colour}"{more}>{escape(text)}</text>'
            )
        start = end


def _alike(one: Cell, other: Cell) -> bool:
    return one.style == other.style and (one.char == " ") is (other.char == " ")


def picture(commands: tuple[str, ...]) -> str:
    """Run commands on an embedded grid, and return the terminal output as SVG.

    Args:
        commands: the commands, without the program's name.
    """
    lines: list[list[Cell]] = []
    with (
        tempfile.TemporaryDirectory() as home,
        Sandbox(Grid(default_peers(), 0.5, 0.5)) as sandbox,
    ):
        environ = {**sandbox.environment(), "HOME": home}
        for command in commands:
            shown = on_terminal(shlex.split(command), environ, columns=_COLUMNS).text
            # The port differs in every run, and the folder is a temporary one.
            shown = shown.replace(f"127.0.0.1:{sandbox.port}", "127.0.0.1:38080").replace(home, "~")
            lines += [[Cell(char, (1,)) for char in f"$ cdpctl {command}"], *cells(shown)]
            lines[-1:] = [[]] if lines[-1] == [] else [lines[-1], []]
    return drawn(lines[:-1])


def main() -> None:
    """Draw all pictures."""
    for name, commands in _PICTURES.items():
        (_FOLDER / f"{name}.svg").write_text(picture(commands), encoding="utf-8")


if __name__ == "__main__":
    main()
