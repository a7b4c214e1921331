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
    """Return the seconds in a `Retry-After`, up to a limit. Zero if it has none: a date is not read."""
    text = headers.get("Retry-After", "").strip()
    return min(float(text), _MAX_RETRY_AFTER) if text.isdecimal() else 0.0
