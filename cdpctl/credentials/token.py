"""A token, and the check that it can be one."""

from dataclasses import dataclass, field

from cdpctl.errors import AuthError
from cdpctl.redact import redactor

_LONGEST = 16 * 1024


@dataclass(frozen=True, slots=True)
class Token:
    """A token and where it came from.

    Attributes:
        source: `CDPCTL_TOKEN`, `CDPCTL_TOKEN_FILE`, `token_file`, `keyring`, `file` or `login`.
    """

    value: str = field(repr=False)
    source: str


def checked(value: str, source: str) -> Token:
    """Return a token that can go into a header.

    Raises:
        AuthError: it cannot; the message does not hold it.
    """
    redactor.add(value)
    if not value or len(value) > _LONGEST or not value.isascii() or not value.isprintable() or " " in value:
        raise AuthError(
            f"the token from {source} is empty, too long or holds a character that no token has",
            hint="check what it holds; a line end inside is a common reason",
        )
    return Token(value, source)
