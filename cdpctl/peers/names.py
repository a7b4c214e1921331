"""Checks of peer names."""

import unicodedata
from collections import Counter
from collections.abc import Sequence

from cdpctl.errors import UsageError
from cdpctl.text import command_line, quoted

_MAX_LENGTH = 255
_FORBIDDEN = frozenset("/\\%;?#")
# Cc: control, Cf: format, such as bidi and zero-width, Cs: lone surrogate, Zl and Zp: line ends.
_FORBIDDEN_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_SHOWN = 5


def check_name(name: str) -> str | None:
    """Return why `name` is not a valid peer name, or None.

    An invalid name would change the URL of the request (`.` becomes the call for many peers), or would
    look like another name on the screen.
    """
    # Most names are like this one, and a grid may have thousands.
    if name.replace("-", "").replace("_", "").isalnum() and len(name) <= _MAX_LENGTH:
        return None
    if not name:
        return "it is empty"
    if name in (".", ".."):
        return "it has a special meaning in a URL"
    if name.isspace():
        return "it contains only white space"
    if len(name) > _MAX_LENGTH:
        return f"it has {len(name)} characters; at most {_MAX_LENGTH} are allowed"
    if not _FORBIDDEN.isdisjoint(name):
        char = next(char for char in name if char in _FORBIDDEN)
        return f"it contains '{char}'"
    if not name.isprintable():
        # An unprintable character may just be a letter that this version of Python does not know.
        for char in name:
            category = unicodedata.category(char)
            if category == "Cs":
                return "it is not valid UTF-8 text"
            if category in _FORBIDDEN_CATEGORIES:
                return f"it contains the invisible character U+{ord(char):04X}"
    return None


def check_names(names: Sequence[str]) -> tuple[list[str], list[str]]:
    """Check every name and drop repeats.

    Returns:
        The names in the order given, each once, and the names that were given more than once.

    Raises:
        UsageError: some names are not valid. The message lists them.
    """
    kept = dict.fromkeys(names)
    bad = [f"{quoted(name)}: {why}" for name in kept if (why := check_name(name))]
    if bad:
        more = f" (and {len(bad) - _SHOWN} more)" if len(bad) > _SHOWN else ""
        raise UsageError(
            f"invalid peer name {'; '.join(bad[:_SHOWN])}{more}",
            hint=f"nothing was sent; to list the names: {command_line('peer list -o name')}",
        )
    return list(kept), [name for name, count in Counter(names).items() if count > 1]
