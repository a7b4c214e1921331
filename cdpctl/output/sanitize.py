"""Foreign text made harmless for a terminal."""

import unicodedata

# Cc: C0, DEL, C1. Cf: bidi and other invisible characters. Cs: lone surrogates. Zl, Zp: line ends.
_HIDDEN = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def sanitize(text: str) -> str:
    """Return one line of text in which whatever would steer a terminal is shown escaped."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(ascii(char)[1:-1] if unicodedata.category(char) in _HIDDEN else char for char in text)
