"""Tokens and their checks."""

from collections.abc import Callable
from typing import NamedTuple

from cdpctl.errors import AuthError
from cdpctl.redact import redactor

_LONGEST = 16 * 1024
#: Where a token is, in words, if its source is not the name of a setting.
PLACES = {"keyring": "the keyring", "file": "a file"}


class Token(NamedTuple):
    """A token and where it came from.

    Attributes:
        source: `CDPCTL_TOKEN`, `CDPCTL_TOKEN_FILE`, `token_file`, `keyring`, `file` or `login`.
    """

    value: str
    source: str

    def __repr__(self) -> str:
        """Return a text without the value, which is a secret."""
        return f"Token from {self.source}"

    @property
    def place(self) -> str:
        """Where it came from, in words."""
        return PLACES.get(self.source, self.source)

    @property
    def provided(self) -> bool:
        """Whether the user provided the token, so that no login may replace it."""
        return self.source in ("CDPCTL_TOKEN", "CDPCTL_TOKEN_FILE", "token_file")


def checked(value: str, source: str) -> Token:
    """Return a token that can be sent in a header.

    Raises:
        AuthError: it cannot be sent. The message does not contain it.
    """
    redactor.add(value)
    if not value or len(value) > _LONGEST or not value.isascii() or not value.isprintable() or " " in value:
        raise AuthError(
            f"the token from {source} is empty, too long or contains an invalid character",
            hint="-vv shows what answers there"
            if source == "login"
            else "store the token alone, on one line",
        )
    return Token(value, source)


def usable_token(value: object, source: str, debug: Callable[[int, str], None]) -> Token | None:
    """Return a stored token. None if it cannot be sent in a header, so that a login replaces it."""
    if not isinstance(value, str) or not value:
        return None
    try:
        return checked(value, source)
    except AuthError as error:
        debug(1, error.message)
        return None
