"""Text for people: foreign text made harmless, names quoted and joined, near misses, commands of hints."""

import threading
import unicodedata
from collections.abc import Iterable, Sequence

from cdpctl.errors import UsageError
from cdpctl.redact import redactor

# Messages and questions spell out this many names.
_MOST_NAMES = 20


def printable(text: str, most: int | None = None) -> str:
    """Return foreign text as one harmless line: secrets masked, control and bidi characters escaped.

    Secrets are masked before anything is cut, because half a token is no longer recognised as one.

    Args:
        text: a reason phrase, a host, a path, anything a server or a file said.
        most: the most characters to keep, `...` included; None keeps everything.
    """
    text = redactor.mask(text)
    if most is not None:
        text = text if len(text) <= most else f"{text[: most + 1]}..."
    if not text.isprintable():
        text = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in text)
    return text if most is None or len(text) <= most else text[: most - 3] + "..."


def quoted(text: str, most: int = 60) -> str:
    """Return a name or an argument in quotes for a message, harmless and at most `most` characters long."""
    return f"'{printable(text, most)}'"


def join_names(names: Sequence[str], most: int = _MOST_NAMES) -> str:
    """Return names for a message: the first `most`, and how many more there are."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(printable(name) for name in names[:most]) + more


def plural(count: int, noun: str) -> str:
    """Return a count and its noun: `1 peer`, `2 peers`."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def reason_of(error: BaseException, otherwise: str = "") -> str:
    """Return why a system call failed, in the system's words: `Permission denied`.

    Args:
        error: of the call.
        otherwise: the reason for an error that is not the system's; its class where this is not given.
    """
    return getattr(error, "strerror", None) or otherwise or type(error).__name__


class NearMisses:
    """Finds what mistyped names may have meant, for a bounded price however many there are.

    Args:
        known: the names there are.
    """

    # Comparing two names by difflib takes some microseconds, all pairs of two long lists minutes.
    _COMPARISONS = 20_000

    def __init__(self, known: Iterable[str]) -> None:
        self._known = list(known)
        self._left = self._COMPARISONS
        self._folded: dict[str, list[str]] | None = None

    def of(self, name: str, most: int = 3, likeness: float = 0.6) -> list[str]:
        """Return up to `most` known names that `name` may have meant, the likeliest first.

        Names that differ only in case, or in how their characters are composed, are always found. The
        search for other slips ends when the price of the whole run is reached.
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
    """Return how much a typed word resembles a known one, 0 to 1."""
    from difflib import SequenceMatcher

    # Letters in another order are the commonest slip, and nothing else.
    return 1.0 if sorted(word) == sorted(known) else SequenceMatcher(a=known, b=word).ratio()


def near_misses(name: str, known: Iterable[str], most: int = 3, likeness: float = 0.6) -> list[str]:
    """Return up to `most` known names that one `name` may have meant, the likeliest first."""
    return NearMisses(known).of(name, most, likeness)


def did_you_mean(close: Iterable[str]) -> str:
    """Return near misses as the end of a message, or nothing where there are none."""
    names = " or ".join(printable(each, 60) for each in close)
    return f"; did you mean {names}?" if names else ""


def unknown_value(where: str, typed: str, known: Iterable[str], noun: str = "value") -> UsageError:
    """Return the error of a word that is not among those an option or a setting takes.

    Args:
        where: the option, the variable or the setting.
        typed: the word.
        known: the words it takes.
        noun: what the words are.
    """
    words = list(known)
    return UsageError(
        f"{where}: unknown {noun} {quoted(typed)}{did_you_mean(near_misses(typed, words, 1))}",
        hint=f"use {' or '.join(filter(None, (', '.join(words[:-1]), words[-1])))}",
    )


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def shell_words(words: Iterable[str]) -> str:
    """Return words as a shell takes them back."""
    from shlex import quote

    return " ".join(quote(word) for word in words)


class CommandLines:
    """Makes the command lines of hints, so that each can be pasted as it stands."""

    def __init__(self) -> None:
        self._options: tuple[str, ...] = ()
        self._here = threading.local()

    @property
    def options(self) -> tuple[str, ...]:
        """What every command line needs, such as the profile in use.

        A thread that reads one of several grids sets its own; any other has those of the main thread.
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
            command: with its options, as typed after the program's name: `peer start --wait`.
            arguments: names and the like, quoted where a shell needs it.
        """
        dashes = ["--"] if any(each.startswith("-") and each != "-" for each in arguments) else []
        words = shell_words([*self.options, *dashes, *arguments])
        return f"cdpctl {command} {words}".rstrip()


#: The one of this process: hints are made in every layer. `main` says which profile or URL is in use.
command_line = CommandLines()
