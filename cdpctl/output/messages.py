"""Messages on standard error: errors, hints, warnings, notes, debug output and questions."""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING

from cdpctl.errors import CdpctlError, ExitCode, Interruption, UsageError
from cdpctl.output.colors import Colors
from cdpctl.output.streams import MessageStream, Stream
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
        return Stream(sys.stdin).is_terminal and self._err.is_terminal

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
            prefix = self.colors_of(self._err).paint(prefix, kind)
        with self._above():
            self._err.say(f"{prefix}{_safe(text)}\n")

    def colors_of(self, stream: Stream) -> Colors:
        """Return the colours for a stream."""
        return Colors(self._environ, terminal=stream.is_terminal, no_color=self.no_color)

    def _above(self) -> AbstractContextManager[None]:
        """Write above the lines that are redrawn in place."""
        return nullcontext() if self._region is None else self._region.aside()

    def confirm(self, question: str) -> bool:
        """Ask a yes-or-no question. Ctrl-C, the end of the input and any answer but yes mean no."""
        try:
            return self.ask(f"{question} [y/N] ").lower() in ("y", "yes")
        except UsageError:
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
        with self._above(), self._line_ended():
            self._err.say(_safe(prompt))
            _wait_for_input()
            if not (line := sys.stdin.readline()):
                raise EOFError
            return line.strip()

    def ask_secret(self, prompt: str) -> str:
        """Ask for a secret without showing it.

        Raises:
            UsageError: there was no answer.
        """
        from getpass import getpass

        with self._above(), self._line_ended():
            secret = getpass(printable(prompt, own=True), stream=self._err.file)
        redactor.add(secret)
        return secret

    @contextmanager
    def _line_ended(self) -> Iterator[None]:
        """End the line of a question that got no answer."""
        try:
            yield
        except BaseException as error:
            self._err.say("\n")
            if isinstance(error, EOFError):
                raise UsageError("no answer was given", hint="nothing was sent") from None
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


def _safe(text: str) -> str:
    """Return our own text with everything in it made safe but its line ends."""
    return "\n".join(printable(line, own=True) for line in text.split("\n"))
