"""One call of the program, before and after its arguments are parsed."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import copy

from cdpctl.errors import CdpctlError
from cdpctl.output.document import Format
from cdpctl.output.output import Output
from cdpctl.text import unknown_value


class Invocation:
    """One call of the program, made by `main` before the arguments are parsed.

    Attributes:
        environ: the environment variables.
        output: the output of the run. A command configures it once its options are known.
        words: the words of the command line.
        configured: whether the output format is known from the options, the variable or the profile.
        monitoring: whether the command answers as a monitoring plugin.
        warned: the warnings that were shown.
        sent: the calls other than reads that were sent, or are about to be.
    """

    def __init__(self, environ: Mapping[str, str], output: Output, words: Sequence[str] = ()) -> None:
        self.environ = environ
        self.output = output
        self.words = words
        self.configured = self.monitoring = False
        self.warned: set[str] = set()
        self.sent: dict[str, None] = {}

    def with_output(self, output: Output) -> "Invocation":
        """Return the same call with another output."""
        other = copy(self)
        other.output = output
        return other

    def choose_format(self, option: str | None, profile: str | None = None) -> None:
        """Use the format from option, variable or profile, or keep the default of the stream.

        Raises:
            UsageError: the option or the variable is not a known format.
        """
        chosen = option or self.environ.get("CDPCTL_OUTPUT") or profile
        if not chosen:
            return
        try:
            self.output.format = Format(chosen)
        except ValueError:
            where = "--output" if option else "CDPCTL_OUTPUT"
            raise unknown_value(where, chosen, Format, "format") from None
        self.configured = True

    def guess_format(self, typed: Mapping[str, str]) -> None:
        """Use the best known format for an error before the options were parsed.

        Args:
            typed: values of shared options, by long name.
        """
        chosen = typed.get("--output") or self.environ.get("CDPCTL_OUTPUT")
        if not chosen:
            from cdpctl.settings.resolve import resolve

            # The error may be that the configuration cannot be read.
            with suppress(CdpctlError):
                chosen = resolve({"profile": typed.get("--profile")}, self.environ, interactive=False).output
        if chosen in {each.value for each in Format}:
            self.output.format = Format(chosen)
