"""An answer as the layers above see it: status, headers, and a body that is decompressed."""

from typing import NamedTuple

from urllib3 import HTTPHeaderDict

_MAX_RETRY_AFTER = 5.0


class Response(NamedTuple):
    """What came back, read to its end and decompressed; of an error status whose body broke off no body.

    Attributes:
        headers: by name in any case; `getlist` gives every value of a repeated one.
    """

    status: int
    headers: HTTPHeaderDict
    body: bytes


def retry_after(headers: HTTPHeaderDict) -> float:
    """Return the seconds that a `Retry-After` asks for: zero where it is bogus, and never many."""
    text = (headers.get("Retry-After") or "").strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _MAX_RETRY_AFTER)
    from email.utils import parsedate_to_datetime

    try:
        then = parsedate_to_datetime(text)
        # The server's own clock, where it shows it: this machine's may be years away.
        now = parsedate_to_datetime(headers.get("Date") or "")
        return max(0.0, min((then - now).total_seconds(), _MAX_RETRY_AFTER))
    except (TypeError, ValueError, OverflowError):
        return 0.0


def inflate(data: bytes, encoding: str, cap: int) -> tuple[bytes, bool]:
    """Undo `gzip` or `deflate`, holding never more than `cap` bytes and one.

    Nothing here is asked to compress; some proxies do all the same.

    Args:
        data: the body as it came.
        encoding: `gzip` or `deflate`.
        cap: the most bytes wanted.

    Returns:
        The bytes (`cap` + 1 of them where there are more), and whether the end was reached: False
        means cut off or too long.

    Raises:
        ValueError: the bytes are not of that encoding.
    """
    import zlib

    result = b""
    # 47: gzip or zlib by its header; -15: the raw deflate that some servers send as `deflate`.
    for wbits in (47,) if encoding == "gzip" else (47, -15):
        inflater = zlib.decompressobj(wbits)
        try:
            result = inflater.decompress(data, cap + 1)
        except zlib.error:
            continue
        return result, inflater.eof and len(result) <= cap
    raise ValueError(encoding)
