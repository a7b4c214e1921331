"""Answers: status, headers and the decompressed body."""

from typing import NamedTuple

from urllib3 import HTTPHeaderDict

_MAX_RETRY_AFTER = 5.0


class Response(NamedTuple):
    """A complete answer. If the body of an error status was cut, it is empty.

    Attributes:
        headers: the headers. Names are not case-sensitive. `getlist` returns all values of one.
    """

    status: int
    headers: HTTPHeaderDict
    body: bytes


def retry_after(headers: HTTPHeaderDict) -> float:
    """Return the seconds in a `Retry-After`, up to a limit. Zero if it is not valid."""
    text = (headers.get("Retry-After") or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _MAX_RETRY_AFTER)
    from email.utils import parsedate_to_datetime

    try:
        then = parsedate_to_datetime(text)
        # Use the server's clock if possible: this machine's may be wrong.
        now = parsedate_to_datetime(headers.get("Date") or "")
        return max(0.0, min((then - now).total_seconds(), _MAX_RETRY_AFTER))
    except (TypeError, ValueError, OverflowError):
        return 0.0
