"""An answer as the layers above see it, and how its body is read to its end."""

from collections.abc import Iterable
from http.client import HTTPException
from typing import Any, NamedTuple

from urllib3.exceptions import HTTPError

from cdpctl.cdp.bodies import inflate
from cdpctl.transport.dial import BrokenError, Kind
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


class Answer(NamedTuple):
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
        BrokenError: cut off, too long, or not to be decompressed.
    """
    cap = call.cap
    if reply.expected is not None and reply.expected > cap:
        raise BrokenError(Kind.TOO_LONG)
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := raw.read(_PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > cap:
                raise BrokenError(Kind.TOO_LONG)
    except (HTTPError, HTTPException, OSError, ValueError):
        raise BrokenError(Kind.CUT) from None
    if reply.expected is not None and size != reply.expected:
        raise BrokenError(Kind.CUT)
    body = b"".join(pieces)
    encoding = (headers.get("Content-Encoding") or "").strip().lower().removeprefix("x-")
    if not body or encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "deflate"):
        raise BrokenError(Kind.FRAMING, "its body is encoded in a way that was not asked for")
    try:
        body, whole = inflate(body, encoding, cap)
    except ValueError:
        raise BrokenError(Kind.FRAMING, "its body does not decompress") from None
    if not whole:
        raise BrokenError(Kind.TOO_LONG if len(body) > cap else Kind.CUT)
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
