"""Runs the installed program on its own terminal."""

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tests.support.program import measured

_MOST_SECONDS = 30.0


class Screen(NamedTuple):
    """The output on the terminal, and the exit code."""

    text: str
    code: int


class Answer(NamedTuple):
    """Type `text` or send a signal, `pause` seconds after `after` has appeared."""

    after: str
    text: str = ""
    number: signal.Signals | None = None
    pause: float = 0.0


def on_terminal(
    words: Sequence[str],
    environ: Mapping[str, str],
    answers: Sequence[Answer] = (),
    *,
    rows: int = 24,
    columns: int = 80,
    blocking: bool = True,
) -> Screen:
    """Run cdpctl with standard input, output and error on one new terminal.

    Args:
        words: the arguments.
        environ: all variables. The default of TERM is `xterm`.
        answers: the answers, in order.
        rows: the rows of the terminal.
        columns: the columns of the terminal.
        blocking: whether reads block. Some programs leave a terminal non-blocking.
    """
    variables = {"TERM": "xterm", "PATH": os.environ["PATH"], **measured(), **environ}
    pid, terminal = pty.fork()
    if pid == 0:
        os.set_blocking(0, blocking)
        os.execve(sys.executable, [sys.executable, "-m", "cdpctl", *words], variables)
    try:
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        seen = b""
        looked = 0
        left = list(answers)
        end = time.monotonic() + _MOST_SECONDS
        while time.monotonic() < end:
            if not select.select([terminal], [], [], 0.2)[0]:
                continue
            try:
                piece = os.read(terminal, 65536)
            except OSError:
                break
            if not piece:
                break
            seen += piece
            if left and (place := seen.find(left[0].after.encode(), looked)) >= 0:
                answer = left.pop(0)
                looked = place + len(answer.after.encode())
                time.sleep(answer.pause)
                if answer.number is not None:
                    os.kill(pid, answer.number)
                else:
                    os.write(terminal, answer.text.encode())
        else:
            os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    finally:
        os.close(terminal)
    return Screen(seen.decode(), os.waitstatus_to_exitcode(status))


def final_screen(text: str) -> list[str]:
    """Return the visible lines of terminal output.

    It knows the sequences that the program uses: moving up, and erasing to the end of the line or screen.
    """
    lines: list[str] = [""]
    row = column = place = 0
    while place < len(text):
        char = text[place]
        if char == "\x1b":
            end = place + 2
            while not text[end].isalpha():
                end += 1
            number, kind = text[place + 2 : end], text[end]
            if kind == "F":
                row -= int(number)
                assert row >= 0, "the cursor left the screen"
                column = 0
            elif kind == "K":
                lines[row] = lines[row][:column]
            elif kind == "J":
                del lines[row + 1 :]
                lines[row] = lines[row][:column]
            place = end + 1
            continue
        if char == "\r":
            column = 0
        elif char == "\n":
            row += 1
            if row == len(lines):
                lines.append("")
        else:
            lines[row] = lines[row][:column] + char + lines[row][column + 1 :]
            column += 1
        place += 1
    return lines
