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


def inflate(data: bytes, encoding: str, cap: int) -> tuple[bytes, bool]:
    """Decompress `gzip` or `deflate`, up to `cap` bytes and one more.

    cdpctl does not ask for compression, but some proxies do it anyway.

    Args:
        data: the received body.
        encoding: `gzip` or `deflate`.
        cap: the most bytes.

    Returns:
        The bytes (`cap` + 1 if there are more), and whether the end was reached: False
        means cut off or too long.

    Raises:
        ValueError: the data is not valid.
    """
    import zlib

    result = b""
    # 47 means gzip or zlib, by the header. -15 means raw deflate, which some servers send as `deflate`.
    for wbits in (47,) if encoding == "gzip" else (47, -15):
        inflater = zlib.decompressobj(wbits)
        try:
            result = inflater.decompress(data, cap + 1)
        except zlib.error:
            continue
        return result, inflater.eof and len(result) <= cap
    raise ValueError(encoding)
