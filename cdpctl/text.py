"""Text for messages: safe text, quoted and joined names, similar names, and commands in hints."""

import threading
import unicodedata
from collections.abc import Iterable, Sequence

from cdpctl.errors import UsageError
from cdpctl.redact import redactor

# Messages and questions list at most this many names.
_MOST_NAMES = 20


def printable(text: str, most: int | None = None) -> str:
    """Return text as one safe line, with secrets masked and control and bidi characters escaped.

    Secrets are masked before the text is cut, because half a token could not be recognised.

    Args:
        text: any text from a server, a file or the user.
        most: the most characters to keep, including `...`. None keeps everything.
    """
    text = redactor.mask(text)
    if most is not None:
        text = text if len(text) <= most else f"{text[: most + 1]}..."
    if not text.isprintable():
        text = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return text if most is None or len(text) <= most else text[: most - 3] + "..."


def quoted(text: str, most: int = 60) -> str:
    """Return a name or an argument in quotes, as safe text of at most `most` characters."""
    return f"'{printable(text, most)}'"


def join_names(names: Sequence[str], most: int = _MOST_NAMES) -> str:
    """Return names for a message: the first `most`, and the number of the others."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(printable(name) for name in names[:most]) + more


def plural(count: int, noun: str) -> str:
    """Return a count and its noun: `1 peer`, `2 peers`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def reason_of(error: BaseException, otherwise: str = "") -> str:
    """Return why a system call failed, in the system's words: `Permission denied`.

    Args:
        error: the error of the call.
        otherwise: the reason if it is not a system error. The default is the name of its class.
    """
    return getattr(error, "strerror", None) or otherwise or type(error).__name__


class NearMisses:
    """Finds names similar to mistyped ones, in limited time.

    Args:
        known: the existing names.
    """

    # Comparing two names takes a few microseconds, but all pairs of two long lists take minutes.
    _COMPARISONS = 20_000

    def __init__(self, known: Iterable[str]) -> None:
        self._known = list(known)
        self._left = self._COMPARISONS
        self._folded: dict[str, list[str]] | None = None

    def of(self, name: str, most: int = 3, likeness: float = 0.6) -> list[str]:
        """Return up to `most` known names that are similar to `name`, the most similar first.

        Names that differ only in case or in Unicode composition are always found. Other similar names are
        found until the limit of comparisons is reached.
        """
        if self._folded is None:
            self._folded = {}
            for each in self._known:
                self._folded.setdefault(_fold(each), []).append(each)
        found = self._folded.get(_fold(name), [])[:most]
        if len(found) < most and len(self._known) <= self._left:
            from difflib import get_close_matches

            self._left -= len(self._known)
            found = [*found, *get_close_matches(name, self._known, n=most, cutoff=likeness)]
        return list(dict.fromkeys(found))[:most]


def likeness(word: str, known: str) -> float:
    """Return how similar a typed word is to a known one, from 0 to 1."""
    from difflib import SequenceMatcher

    # Swapped letters are the most common mistake.
    return 1.0 if sorted(word) == sorted(known) else SequenceMatcher(a=known, b=word).ratio()


def near_misses(name: str, known: Iterable[str], most: int = 3, likeness: float = 0.6) -> list[str]:
    """Return up to `most` known names that are similar to `name`, the most similar first."""
    return NearMisses(known).of(name, most, likeness)


def did_you_mean(close: Iterable[str]) -> str:
    """Return similar names as the end of a message, or an empty string."""
    names = " or ".join(printable(each, 60) for each in close)
    return f"; did you mean {names}?" if names else ""


def unknown_value(where: str, typed: str, known: Iterable[str], noun: str = "value") -> UsageError:
    """Return the error for an unknown value of an option or a setting.

    Args:
        where: the option, the variable or the setting.
        typed: the value.
        known: the allowed values.
        noun: the word for such a value.
    """
    words = list(known)
    return UsageError(
        f"{where}: unknown {noun} {quoted(typed)}{did_you_mean(near_misses(typed, words, 1))}",
        hint=f"use {' or '.join(filter(None, (', '.join(words[:-1]), words[-1])))}",
    )


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def shell_words(words: Iterable[str]) -> str:
    """Return words quoted for a shell."""
    from shlex import quote

    return " ".join(quote(word) for word in words)


class CommandLines:
    """Makes the command lines in hints, so that they can be pasted."""

    def __init__(self) -> None:
        self._options: tuple[str, ...] = ()
        self._here = threading.local()

    @property
    def options(self) -> tuple[str, ...]:
        """The options that every command line needs, such as the profile in use.

        A thread that reads one of several grids sets its own. Other threads use those of the main thread.
        """
        found: tuple[str, ...] | None = getattr(self._here, "options", None)
        return self._options if found is None else found

    @options.setter
    def options(self, options: tuple[str, ...]) -> None:
        if threading.current_thread() is threading.main_thread():
            self._options = options
        else:
            self._here.options = options

    def __call__(self, command: str, *arguments: str) -> str:
        """Return a command line.

        Args:
            command: the command with its options, such as `peer start --wait`.
            arguments: names and other arguments. They are quoted if needed.
        """
        dashes = ["--"] if any(each.startswith("-") and each != "-" for each in arguments) else []
        words = shell_words([*self.options, *dashes, *arguments])
        return f"cdpctl {command} {words}".rstrip()


#: Shared by all modules, because every layer makes hints. `main` sets the profile or URL in use.
command_line = CommandLines()
