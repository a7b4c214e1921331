"""An answer as the layers above see it: status, headers, and a body that is decompressed."""

from collections.abc import Iterable
from typing import NamedTuple

_MAX_RETRY_AFTER = 5.0


class Headers:
    """The headers of an answer, by name in any case.

    Args:
        pairs: in the order in which they came.
    """

    __slots__ = ("_pairs",)

    def __init__(self, pairs: Iterable[tuple[str, str]]) -> None:
        self._pairs = tuple(pairs)

    def get(self, name: str) -> str | None:
        """Return the first value of a header, or None."""
        return next(iter(self.get_all(name)), None)

    def get_all(self, name: str) -> list[str]:
        """Return every value of a header, in order."""
        wanted = name.lower()
        return [value for each, value in self._pairs if each.lower() == wanted]

    def items(self) -> tuple[tuple[str, str], ...]:
        """Return all names and values."""
        return self._pairs


class Response(NamedTuple):
    """What came back, read to its end and decompressed.

    Attributes:
        complete: False where nothing but the end of the connection ended the body, or where the body
            of an error status broke off: what is here may be a part.
    """

    status: int
    headers: Headers
    body: bytes
    complete: bool = True


def retry_after(headers: Headers) -> float:
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
