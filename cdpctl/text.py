"""Text for messages: safe text, quoted and joined names, similar names, and commands in hints."""

import threading
import unicodedata
from collections.abc import Iterable, Sequence

from cdpctl.errors import UsageError
from cdpctl.redact import redactor, without_user_info

# Messages and questions list at most this many names.
_MOST_NAMES = 20
# Up to this length, a word with two slips is another word.
_SHORT_WORD = 5


def printable(text: str, most: int | None = None, *, own: bool = False) -> str:
    """Return text as one safe line, with secrets masked and control and bidi characters escaped.

    Secrets are masked before the text is cut, because half a token could not be recognised.

    Args:
        text: any text from a server, a file or the user.
        most: the most characters to keep, including `...`. None keeps everything.
        own: it is a message of our own, in which foreign text was made printable before.
    """
    text = redactor.mask_message(text) if own else redactor.mask(text)
    if most is not None:
        text = text[: most + 1]
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


def are_the(names: Sequence[str], what: str) -> str:
    """Return what some names are: `AP1 is the last AP`, `AP1, AP2 are the last APs`."""
    one = len(names) == 1
    return f"{join_names(names)} {'is' if one else 'are'} the {what}{'' if one else 's'}"


def has_wildcard(text: str) -> bool:
    """Return whether a text is a shell pattern rather than a name."""
    return any(char in text for char in "*?[")


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
            self._left -= len(self._known)
            found = [*found, *self._alike(name, most, likeness)]
        return list(dict.fromkeys(found))[:most]

    def _alike(self, name: str, most: int, likeness: float) -> list[str]:
        """Return the likeliest names. Of those that are equally likely, the first of the list come first."""
        from difflib import SequenceMatcher

        matcher = SequenceMatcher(b=name)
        scored = []
        for place, each in enumerate(self._known):
            matcher.set_seq1(each)
            # The cheap upper bounds first, as difflib does.
            if matcher.real_quick_ratio() < likeness or matcher.quick_ratio() < likeness:
                continue
            if (ratio := matcher.ratio()) >= likeness:
                scored.append((-ratio, each[:1] != name[:1], place, each))
        return [each for *_, each in sorted(scored)[:most]]


def slips(word: str, known: str) -> float | None:
    """Return how many slips turn a known word into the typed one, or None if there are too many.

    A slip is a letter too many, missing, wrong or swapped with the next. A word with all its letters in
    another order, and the beginning of a word, count as one too.
    """
    word, known = word.lstrip("-").lower(), known.lstrip("-").lower()
    if word == known:
        return 0
    if sorted(word) == sorted(known):
        # The commonest slip.
        return 0.5
    most = 1 if len(word) <= _SHORT_WORD else 2
    if abs(len(word) - len(known)) <= most and (count := _distance(word, known)) <= most:
        return count
    return 1.5 if len(word) > 2 and known.startswith(word) else None


def _distance(word: str, known: str) -> int:
    """Return the distance by Levenshtein, with two swapped letters as one step."""
    before: list[int] = []
    row = list(range(len(known) + 1))
    for i, letter in enumerate(word, 1):
        older, before, row = before, row, [i]
        for j, other in enumerate(known, 1):
            steps = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == known[j - 2] and word[i - 2] == other:
                steps = min(steps, older[j - 2] + 1)
            row.append(steps)
    return row[-1]


def near_misses(word: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return up to `most` known words that `word` is a slip of, the most similar first."""
    found = [(count, each) for each in known if (count := slips(word, each)) is not None]
    return [each for _, each in sorted(found, key=lambda pair: pair[0])[:most]]


def one_of(words: Sequence[str]) -> str:
    """Return words as alternatives: `A, B or C`."""
    return " or ".join(filter(None, (", ".join(words[:-1]), *words[-1:])))


def did_you_mean(close: Iterable[str]) -> str:
    """Return similar names as the end of a message, or an empty string."""
    names = one_of([printable(each, 60) for each in close])
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
        hint=f"use {one_of(words)}",
    )


def cannot_combine(first: str, second: str) -> UsageError:
    """Return the error for two options of which only one can be given."""
    return UsageError(f"{first} and {second} cannot be combined", hint="leave one of them out")


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()


def shell_words(words: Iterable[str]) -> str:
    """Return words quoted for a shell."""
    from shlex import quote

    return " ".join(quote(word) for word in words)


#: An option as words: `("--profile", "prod")` or `("--insecure-http",)`.
Option = tuple[str, ...]
# Commands that call no CDP. Of the options in use, they take the profile alone.
_CALL_NOTHING = ("ansible", "completion", "config", "help", "sandbox")
# In the value of `--profile`, for several profiles.
_SEVERAL = frozenset(",*?[")


def typed_words(words: Iterable[str]) -> str:
    """Return words that the user typed, for a hint: quoted for a shell, and without the user in a URL."""
    return printable(shell_words(without_user_info(word) if "://" in word else word for word in words))


class CommandLines:
    """Makes the command lines in hints, so that they can be pasted.

    Attributes:
        of_login: the options of the `cdpctl login` that is running; None if none is.
    """

    def __init__(self) -> None:
        self._options: tuple[Option, ...] = ()
        self._here = threading.local()
        self.of_login: tuple[Option, ...] | None = None

    @property
    def options(self) -> tuple[Option, ...]:
        """The options that every command line needs, such as the profile in use.

        A thread that reads one of several grids sets its own. Other threads use those of the main thread.
        """
        found: tuple[Option, ...] | None = getattr(self._here, "options", None)
        return self._options if found is None else found

    @options.setter
    def options(self, options: tuple[Option, ...]) -> None:
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
        calls = command.partition(" ")[0] not in _CALL_NOTHING
        options = [word for each in self.options if calls or each[0] == "--profile" for word in each]
        dashes = ["--"] if any(each.startswith("-") and each != "-" for each in arguments) else []
        words = shell_words([*options, *dashes, *arguments])
        return f"cdpctl {command} {words}".rstrip()

    @property
    def to_doctor(self) -> str:
        """The hint to check each step."""
        return f"to check each step: {self('doctor')}"

    def login(self, url: str | None = None, *more: Option) -> str:
        """Return the command line of a login, which repeats the options of one that is running.

        Args:
            url: the URL to log in to; None for the one in use.
            more: further options. They replace others of the same name.
        """
        found = {each[0]: each for each in (*self.options, *(self.of_login or ()), *more)}
        in_use = found.pop("--url", ("", ""))[1]
        # A login takes one profile.
        if not _SEVERAL.isdisjoint("".join(found.get("--profile", ())[1:])):
            del found["--profile"]
        places = [in_use if url is None else url]
        options = [word for option in found.values() for word in option]
        return shell_words(["cdpctl", "login", *filter(None, places), *options])


#: Shared by all modules, because every layer makes hints. `main` sets the profile or URL in use.
command_line = CommandLines()
