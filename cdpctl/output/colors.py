"""Colours that are readable on light and on dark backgrounds."""

from collections.abc import Mapping

# From the 256 fixed colours. Each has a contrast of at least 3.8 against white and against black. The
# eight basic colours differ between terminals, and yellow is unreadable on white.
_FIXED = {"good": "38;5;28", "bad": "38;5;160", "warning": "38;5;130"}
_OLD = {"good": "32", "bad": "31", "warning": "35"}
_BOLD = "1"

_WORDS = {
    **dict.fromkeys(("accepted", "confirmed", "unchanged", "planned", "RUNNING", "good", "ok"), "good"),
    **dict.fromkeys(("not_found", "refused", "failed", "timed_out", "unknown"), "bad"),
    **dict.fromkeys(("STARTING", "STOPPING", "warning"), "warning"),
}


class Colors:
    """Colours text for one stream, or leaves it unchanged.

    Args:
        environ: the environment variables.
        terminal: whether the stream is a terminal.
        no_color: whether --no-color was given.
    """

    def __init__(self, environ: Mapping[str, str], *, terminal: bool, no_color: bool = False) -> None:
        kind = environ.get("TERM", "")
        wanted = bool(environ.get("FORCE_COLOR")) or (terminal and kind != "dumb")
        self.on = wanted and not no_color and not environ.get("NO_COLOR")
        many = "256color" in kind or bool(environ.get("COLORTERM"))
        self._codes = _FIXED if many else _OLD

    def paint(self, text: str, kind: str) -> str:
        """Return text as `good`, `bad` or `warning`."""
        return self._sgr(text, self._codes[kind])

    def word(self, text: str, word: str | None = None) -> str:
        """Return a status or an outcome in its colour, or text in the colour of another `word`."""
        kind = _WORDS.get(text if word is None else word)
        return text if kind is None else self._sgr(text, self._codes[kind])

    def bold(self, text: str) -> str:
        """Return text as a header."""
        return self._sgr(text, _BOLD)

    def _sgr(self, text: str, code: str) -> str:
        return f"\x1b[{code}m{text}\x1b[0m" if self.on else text
