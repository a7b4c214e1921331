"""Messages on standard error: errors, hints, warnings, notes, debug output and questions."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

from cdpctl.errors import CdpctlError, ExitCode, Interruption, UsageError
from cdpctl.output.colors import Colors
from cdpctl.output.streams import MessageStream
from cdpctl.redact import redactor
from cdpctl.text import printable

if TYPE_CHECKING:
    from cdpctl.output.live import Region


class Messages:
    """Writes the messages of one run to standard error.

    Args:
        environ: the environment variables. None means those of the process.

    Attributes:
        quiet: no notes and no progress.
        verbosity: 0 to 3.
        no_color: whether --no-color was given. NO_COLOR, FORCE_COLOR and TERM=dumb are respected as well.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self._environ = os.environ if environ is None else environ
        self._err = MessageStream(sys.stderr)
        self._region: Region | None = None
        self.no_color = False
        self.quiet = False
        self.verbosity = 0

    @property
    def interactive_streams(self) -> bool:
        """Whether standard input and standard error are terminals."""
        try:
            return sys.stdin is not None and sys.stdin.isatty() and self._err.is_terminal
        except ValueError:
            return False

    def say(self, text: str) -> None:
        """Show a line on standard error, unless --quiet is given."""
        if not self.quiet:
            self.show("", text)

    def note(self, text: str) -> None:
        """Show a note, unless --quiet is given."""
        if not self.quiet:
            self.show("note: ", text)

    def warn(self, text: str) -> None:
        """Show a warning, even with --quiet."""
        self.show("warning: ", text, "warning")

    def error(self, error: CdpctlError, about: str = "") -> None:
        """Show an error and its hint.

        Args:
            error: the error.
            about: the name of the grid, if there are several.
        """
        message = error.message
        if about:
            message = f"{about}: {message.removeprefix(f'profile {about}: ')}"
        self.show("error: ", message, "bad")
        if error.hint:
            self.show("hint: ", error.hint)

    def debug(self, level: int, text: str) -> None:
        """Show a decision (1), a call (2) or its contents (3), if -v is high enough."""
        if self.verbosity >= level:
            self.show("", text)

    def show(self, prefix: str, text: str, kind: str | None = None) -> None:
        """Show text after a prefix in the colour of `kind`."""
        if kind is not None:
            prefix = self._error_colors.paint(prefix, kind)
        lines = [printable(line, own=True) for line in text.split("\n")]
        with self._above():
            self._err.say(prefix + "\n".join(lines) + "\n")

    @property
    def _error_colors(self) -> Colors:
        return Colors(self._environ, terminal=self._err.is_terminal, no_color=self.no_color)

    def _above(self) -> AbstractContextManager[None]:
        """Write above the lines that are redrawn in place."""
        return nullcontext() if self._region is None else self._region.aside()

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question. Ctrl-C, the end of the input and any answer but yes mean no."""
        try:
            return self._answer(f"{question} [y/N] ").strip().lower() in ("y", "yes")
        except EOFError:
            return False
        except Interruption as interruption:
            if interruption.exit_code is ExitCode.INTERRUPTED:
                return False
            raise

    def ask(self, prompt: str) -> str:
        """Ask for a line of text.

        Raises:
            UsageError: there was no answer.
        """
        try:
            return self._answer(prompt).strip()
        except EOFError:
            raise _no_answer() from None

    def _answer(self, prompt: str) -> str:
        lines = [printable(line, own=True) for line in prompt.split("\n")]
        with self._above(), self._line_ended():
            self._err.say("\n".join(lines))
            _wait_for_input()
            if not (line := sys.stdin.readline()):
                raise EOFError
            return line

    def ask_secret(self, prompt: str) -> str:
        """Ask for a secret without showing it.

        Raises:
            UsageError: there was no answer.
        """
        from getpass import getpass

        try:
            with self._above(), self._line_ended():
                secret = getpass(printable(prompt, own=True), stream=self._err.file)
        except EOFError:
            raise _no_answer() from None
        redactor.add(secret)
        return secret

    @contextmanager
    def _line_ended(self) -> Iterator[None]:
        """End the line of a question that got no answer."""
        try:
            yield
        except BaseException:
            self._err.say("\n")
            raise

    def redraws(self, terminal: bool) -> bool:
        """Return whether lines can be redrawn in place on a stream."""
        return terminal and self._environ.get("TERM", "dumb") != "dumb"


def _wait_for_input() -> None:
    """Wait for a line. On a non-blocking terminal there would be none at once."""
    if os.name != "nt":
        from select import select

        # A replacement for standard input may have no descriptor.
        with suppress(OSError, ValueError, AttributeError):
            select([sys.stdin.fileno()], [], [])


def _no_answer() -> UsageError:
    return UsageError("no answer was given", hint="nothing was sent")
