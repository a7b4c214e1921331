"""Which names a peer can have."""

import unicodedata
from collections.abc import Iterable

from cdpctl.errors import UsageError
from cdpctl.text import quoted

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
            bad.append(f"{quoted(name)}: {why}")
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
