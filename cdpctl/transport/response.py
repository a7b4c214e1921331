"""An answer as the layers above see it, and how its body is read to its end."""

from collections.abc import Iterable
from http.client import HTTPException
from typing import Any, NamedTuple

from urllib3.exceptions import HTTPError

from cdpctl.transport.dial import Failure, TransportError
from cdpctl.transport.replies import Call, Reply

_PIECE = 65536
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


def read_body(raw: Any, reply: Reply, call: Call, headers: Headers) -> bytes:
    """Read a body to its end, within the cap before and after decompression.

    Args:
        raw: urllib3's response, not yet read.
        reply: the reply below it, which knows its framing.
        call: whose cap and limits hold.
        headers: of the answer.

    Raises:
        TransportError: cut off, too long, or not to be decompressed.
    """
    cap = call.cap
    if reply.expected is not None and reply.expected > cap:
        raise TransportError(Failure.TOO_LONG)
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := raw.read(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > cap:
                raise TransportError(Failure.TOO_LONG)
    except (HTTPError, HTTPException, OSError, ValueError):
        raise TransportError(Failure.CUT) from None
    if reply.expected is not None and size != reply.expected:
        raise TransportError(Failure.CUT)
    body = b"".join(pieces)
    encoding = (headers.get("Content-Encoding") or "").strip().lower().removeprefix("x-")
    if not body or encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "deflate"):
        raise TransportError(Failure.FRAMING, "its body is encoded in a way that was not asked for")
    try:
        body, whole = inflate(body, encoding, cap)
    except ValueError:
        raise TransportError(Failure.FRAMING, "its body does not decompress") from None
    if not whole:
        raise TransportError(Failure.TOO_LONG if len(body) > cap else Failure.CUT)
    return body


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
