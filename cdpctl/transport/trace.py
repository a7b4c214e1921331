"""Traces requests and answers for `-vvv`, with secrets masked."""

import re
from collections.abc import Mapping

from cdpctl.redact import MASK, redactor
from cdpctl.text import printable

# Authentication-Token, Authorization, Proxy-Authorization, WWW-Authenticate, Cookie, Set-Cookie.
_SECRET_NAME = re.compile("auth|cookie", re.IGNORECASE)
_SECRET_VALUE = re.compile(
    r'("[^"]{0,40}(?:passw|secret|token)[^"]{0,40}"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE
)
_MOST = 4000


def traced(mark: str, first: str, headers: Mapping[str, str], body: bytes | str | None) -> str:
    """Return a request or an answer as lines that begin with a mark.

    Args:
        mark: `>` or `<`.
        first: the first line.
        headers: the headers. Names are not case-sensitive.
        body: the body, or None.
    """
    lines = [first]
    for name, value in headers.items():
        lines.append(f"{name}: {MASK if _SECRET_NAME.search(name) else value}")
    if body:
        data = body.encode() if isinstance(body, str) else body
        # Mask secrets before cutting, because half a secret would not be recognised.
        text = redactor.mask(data.decode("utf-8", "replace"))[:_MOST]
        # A value cut in two by the limit is still inside its quotes: the pattern needs no closing one.
        lines += ["", *_SECRET_VALUE.sub(rf"\g<1>{MASK}", text).splitlines()]
        if len(data) > _MOST:
            lines.append(f"... {len(data)} bytes in all")
    return "\n".join(f"{mark} {printable(line, _MOST)}" for line in lines)
