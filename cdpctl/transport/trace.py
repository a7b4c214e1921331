"""Traces requests and answers for `-vvv`, with secrets masked."""

import re
from collections.abc import Iterable, Mapping

from cdpctl.redact import MASK, redactor
from cdpctl.text import printable

# Authentication-Token, Authorization, Proxy-Authorization, WWW-Authenticate, Cookie, Set-Cookie.
_SECRET_NAME = re.compile("auth|cookie", re.IGNORECASE)
_SECRET_VALUE = re.compile(
    r'("[^"]{0,40}(?:passw|secret|token)[^"]{0,40}"\s*:\s*")(?:[^"\\]|\\.)*', re.IGNORECASE
)
_MOST = 4000


def request_text(method: str, target: str, headers: Mapping[str, str], body: bytes | str | None) -> str:
    """Return a request as lines that begin with `>`."""
    lines = [f"{method} {target}", *_headers(headers.items())]
    return _marked(">", lines, body.encode() if isinstance(body, str) else body)


def answer_text(status: int, headers: Iterable[tuple[str, str]], body: bytes) -> str:
    """Return an answer as lines that begin with `<`."""
    return _marked("<", [str(status), *_headers(headers)], body)


def _headers(headers: Iterable[tuple[str, str]]) -> list[str]:
    return [
        f"{printable(name)}: {MASK if _SECRET_NAME.search(name) else printable(value)}"
        for name, value in headers
    ]


def _marked(mark: str, lines: list[str], body: bytes | None) -> str:
    if body:
        # Mask secrets before cutting, because half a secret would not be recognised.
        text = redactor.mask(body.decode("utf-8", "replace"))[:_MOST]
        # A value cut in two by the limit is still inside its quotes: the pattern needs no closing one.
        lines = [*lines, "", *_SECRET_VALUE.sub(rf"\g<1>{MASK}", text).splitlines()]
        if len(body) > _MOST:
            lines.append(f"... {len(body)} bytes in all")
    return "\n".join(f"{mark} {printable(line, _MOST)}" for line in lines)
