"""Reads answers: heads that are clear about their body, and bodies within limits."""

import io
import re
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import Any

from urllib3.exceptions import HTTPError

from cdpctl.transport.failures import Failure, TransportError, after_sending
from cdpctl.transport.guard import Attempt, current

#: What requests, urllib3, http.client and sockets raise where a connection breaks.
BROKEN = (HTTPError, HTTPException, OSError, ValueError)
_PIECE = 65536
_HEAD_BYTES = 65536
_BUFFER = 8192
_MOST_INTERIM = 10
_LENGTH = re.compile(r"[0-9]{1,18}")


class _Received(io.RawIOBase):
    """The receiving side of a socket, with limits for bytes and time.

    Attributes:
        left: how many more bytes may come.
        ended: whether the connection was closed by the peer.
        stopped: whether reading has ended.
    """

    def __init__(self, raw: io.RawIOBase) -> None:
        super().__init__()
        self._raw = raw
        self.attempt = current()
        self.left = _HEAD_BYTES
        self.ended = False
        self.stopped = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.stopped:
            return 0
        self.attempt.cut(1.0)
        count = self._raw.readinto(buffer) or 0
        self.left -= count
        self.ended = not count
        if self.left < 0:
            raise TransportError(Failure.TOO_LONG)
        return count

    def close(self) -> None:
        try:
            self._raw.close()
        finally:
            super().close()


class _Buffer(io.BufferedReader):
    """The received bytes that were not read yet. After extra bytes, the connection is not reused."""

    def __init__(self, received: _Received) -> None:
        # A buffer is part of the head's limit, and the default size is twice the limit since Python 3.14.
        super().__init__(received, _BUFFER)
        self._received = received

    def read(self, size: int | None = -1) -> bytes:
        """Read one part of the answer. Without a size, it is a chunk with a negative size: refuse it."""
        if size is None or size < 0:
            raise TransportError(Failure.FRAMING, "the size of a chunk is not valid")
        return super().read(size)

    def close(self) -> None:
        if not self.closed and not self._received.stopped:
            self._received.stopped = True
            if self.peek(1):
                self._received.attempt.shut_down()
        super().close()


class Answer(HTTPResponse):
    """An answer. It is refused if its head is ambiguous about the end of the body."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._received = _Received(self.fp.detach())
        self.fp = _Buffer(self._received)

    def begin(self) -> None:
        """Read the head, and skip interim answers."""
        super().begin()
        for _ in range(_MOST_INTERIM):
            if not 101 < self.status < 200:
                break
            self.headers = self.msg = None  # type: ignore[assignment]
            super().begin()
        if self._received.ended:
            raise TransportError(Failure.CUT, again=True)
        if self.status < 200 or self.msg.defects:
            raise TransportError(Failure.FRAMING, "its header is not valid HTTP/1.1")
        length = _announced(self.msg)
        if length is not None and self.length is None:
            self.length = length
        if self.status == 204 and (length or self.chunked):
            # No body may follow. It would be read as the next answer.
            self.chunked, self.will_close = False, True
        # A chunk of one byte takes six bytes. A larger overhead is refused.
        self._received.left = 8 * self._received.attempt.cap + _HEAD_BYTES


def _announced(headers: HTTPMessage) -> int | None:
    """Return the length of the body, and refuse a head that is ambiguous about it."""
    codings = {each.strip().lower() for each in ",".join(headers.get_all("Transfer-Encoding", [])).split(",")}
    codings -= {"", "identity"}
    lengths = {each.strip() for value in headers.get_all("Content-Length", []) for each in value.split(",")}
    if codings - {"chunked"} or (codings and lengths):
        raise TransportError(Failure.FRAMING, "its Transfer-Encoding is not one that was asked for")
    if len(lengths) > 1 or not all(_LENGTH.fullmatch(each) for each in lengths):
        raise TransportError(Failure.FRAMING, "its Content-Length is not a single number")
    return int(lengths.pop()) if lengths else None


def read_body(raw: Any, attempt: Attempt) -> bytes:
    """Read a body to its end, within the limit before and after decompression."""
    cap = attempt.cap
    if (raw.length_remaining or 0) > cap:
        raise TransportError(Failure.TOO_LONG)
    pieces: list[bytes] = []
    size = 0
    try:
        while piece := raw.read(_PIECE, decode_content=False):
            pieces.append(piece)
            size += len(piece)
            if size > cap:
                raise TransportError(Failure.TOO_LONG)
    except BROKEN as error:
        broken = attempt.ended(after_sending(error, fresh=False, plain=False))
        if broken.failure is Failure.RESET:
            broken = TransportError(Failure.CUT, again=True)
        raise broken from None
    body = b"".join(pieces)
    encoding = raw.headers.get("Content-Encoding", "").strip().lower().removeprefix("x-")
    if not body or encoding in ("", "identity"):
        return body
    if encoding not in ("gzip", "deflate"):
        raise TransportError(Failure.FRAMING, "its body is encoded in a way that was not asked for")
    return inflate(body, encoding, cap)


def inflate(data: bytes, encoding: str, cap: int) -> bytes:
    """Decompress `gzip` or `deflate`, which some proxies send although it was not asked for.

    Args:
        data: the body as received.
        encoding: `gzip` or `deflate`.
        cap: the most bytes to return.

    Raises:
        TransportError: the data is cut, too long, or not of that encoding.
    """
    import zlib

    # 47 means gzip or zlib, by the header. -15 means raw deflate, which some servers send as `deflate`.
    for wbits in (47,) if encoding == "gzip" else (47, -15):
        inflater = zlib.decompressobj(wbits)
        try:
            body = inflater.decompress(data, cap + 1)
        except zlib.error:
            continue
        if len(body) > cap:
            raise TransportError(Failure.TOO_LONG)
        if not inflater.eof:
            raise TransportError(Failure.CUT, again=True)
        return body
    raise TransportError(Failure.FRAMING, "its body does not decompress")
