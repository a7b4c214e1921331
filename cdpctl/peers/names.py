"""Which names a peer can have, and what a mistyped one may have meant."""

import unicodedata
from collections.abc import Iterable

from cdpctl.errors import UsageError

_MAX_LENGTH = 255
_FORBIDDEN = frozenset("/\\%;?#")
# Cc control, Cf format (bidi and zero-width among them), Cs lone surrogate, Zl and Zp line ends.
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def check_name(name: str) -> str | None:
    """Say why `name` cannot be a peer's, or return None.

    The rules are the interface's: such a name would change the address it is put into (`.` becomes the
    many-peers call), or is not what the operator sees on the screen.
    """
    if not name:
        return "it is empty"
    if name in (".", ".."):
        return "it would change the address of the call"
    if name.isspace():
        return "it is only white space"
    if len(name) > _MAX_LENGTH:
        return f"it has {len(name)} characters, the most is {_MAX_LENGTH}"
    for char in name:
        if char in _FORBIDDEN:
            return f"it holds {char!r}, which would change the address of the call"
        if unicodedata.category(char) in _FORBIDDEN_CATEGORIES:
            return f"it holds the invisible character U+{ord(char):04X}"
    return None


def shown(name: str) -> str:
    """Return a name for a message: whole where it is harmless, else escaped and cut."""
    text = name if name.isprintable() else ascii(name)[1:-1]
    return f"'{text if len(text) <= 60 else text[:57] + '...'}'"


def check_names(names: Iterable[str]) -> tuple[list[str], list[str]]:
    """Check every name and drop repeats.

    Returns:
        The names in the order asked for, each once; and those that were given more than once.

    Raises:
        UsageError: one or more cannot be a peer's name; all of them are listed.
    """
    kept: dict[str, None] = {}
    repeated: dict[str, None] = {}
    bad: list[str] = []
    for name in names:
        why = None if name in kept else check_name(name)
        if why:
            bad.append(f"{shown(name)}: {why}")
        elif name in kept:
            repeated[name] = None
        else:
            kept[name] = None
    if bad:
        more = f" (and {len(bad) - 5} more)" if len(bad) > 5 else ""
        raise UsageError(
            f"not a peer's name: {'; '.join(bad[:5])}{more}",
            hint="nothing was sent; `cdpctl peer list -o name` shows the names of the grid",
        )
    return list(kept), list(repeated)


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

    def of(self, name: str, most: int = 3) -> list[str]:
        """Return up to `most` known names that `name` may have meant, the likeliest first.

        Names that differ in case or in how their characters are put together are always found; looking
        for other slips ends when the price of the whole run is reached.
        """
        if self._folded is None:
            self._folded = {}
            for each in self._known:
                self._folded.setdefault(_fold(each), []).append(each)
        found = self._folded.get(_fold(name), [])[:most]
        if len(found) < most and len(self._known) <= self._left:
            from difflib import get_close_matches

            self._left -= len(self._known)
            found = [*found, *get_close_matches(name, self._known, n=most, cutoff=0.6)]
        return list(dict.fromkeys(found))[:most]


def near_misses(name: str, known: Iterable[str], most: int = 3) -> list[str]:
    """Return up to `most` known names that one `name` may have meant, the likeliest first."""
    return NearMisses(known).of(name, most)


def meant(close: Iterable[str]) -> str:
    """Return near misses as the end of a message, or nothing where there are none."""
    names = " or ".join(shown(each)[1:-1] for each in close)
    return f"; did you mean {names}?" if names else ""


def _fold(name: str) -> str:
    return unicodedata.normalize("NFKC", name).casefold().strip()
