"""Colours that are readable on light and on dark backgrounds."""

from collections.abc import Mapping

# From the 256 fixed colours. Each has a contrast of at least 3.8 against white and against black. The
# eight basic colours differ between terminals, and yellow is unreadable on white.
_FIXED = {"good": "38;5;28", "bad": "38;5;160", "warning": "38;5;130", "bold": "1"}
_OLD = {"good": "32", "bad": "31", "warning": "35", "bold": "1"}

_WORDS = {
    **dict.fromkeys(("accepted", "confirmed", "unchanged", "planned", "RUNNING", "good", "ok"), "good"),
    **dict.fromkeys(("not_found", "refused", "failed", "timed_out", "unknown", "bad"), "bad"),
    **dict.fromkeys(("STARTING", "STOPPING", "warning"), "warning"),
    "bold": "bold",
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

    def paint(self, text: str, word: str | None = None) -> str:
        """Return text in the colour of the status or the outcome it is, or of another `word`."""
        code = self._codes.get(_WORDS.get(text if word is None else word, ""))
        return f"\x1b[{code}m{text}\x1b[0m" if self.on and code else text
