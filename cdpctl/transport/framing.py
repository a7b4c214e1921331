"""Reads answers: heads that are clear about their body, and bodies within limits."""

import io
import zlib
from http.client import HTTPMessage, HTTPResponse
from typing import Any

from cdpctl.transport.failures import Failure, TransportError
from cdpctl.transport.guard import Attempt, current

_PIECE = 65536
_HEAD_BYTES = 65536


class _Lines(io.BufferedReader):
    """The received bytes, with a limit for those in lines: heads, sizes of chunks, and trailers.

    Attributes:
        left: how many more bytes may come.
        cut: whether the last line was not complete.
    """

    left = _HEAD_BYTES
    cut = False

    def read(self, size: int | None = -1) -> bytes:
        """Read one part of the answer. Without a size, it is a chunk with a negative size: refuse it."""
        if size is None or size < 0:
            raise TransportError(Failure.FRAMING, "the size of a chunk is not valid")
        return super().read(size)

    def readline(self, size: int | None = -1) -> bytes:
        line = super().readline(size)
        self.left -= len(line)
        if self.left < 0:
            raise TransportError(Failure.FRAMING, "its header is longer than 64 KB")
        self.cut = not line.endswith(b"\n")
        return line


class Answer(HTTPResponse):
    """An answer. It is refused if its head is ambiguous about the end of the body."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fp = self._lines = _Lines(self.fp.detach())

    def begin(self) -> None:
        """Read the head."""
        super().begin()
        if self._lines.cut:
            raise TransportError(Failure.CUT, again=True)
        if self.status < 200 or self.msg.defects or not _says_where_it_ends(self.msg):
            raise TransportError(Failure.FRAMING, "its header is not valid HTTP/1.1")
        if self.status == 204 and (self.chunked or self.msg.get("Content-Length", "0") != "0"):
            # No body may follow. It would be read as the next answer.
            self.chunked, self.will_close = False, True
        # Chunks of one byte are taken. A larger overhead is refused.
        self._lines.left = _HEAD_BYTES + 8 * current().cap


def _says_where_it_ends(headers: HTTPMessage) -> bool:
    codings = [coding.strip().lower() for coding in headers.get_all("Transfer-Encoding", [])]
    lengths = {length.strip() for length in headers.get_all("Content-Length", [])}
    if codings not in ([], ["identity"]):
        return not lengths and codings == ["chunked"]
    # http.client ignores a number that is too long for Python, and would read to the end of the connection.
    return len(lengths) <= 1 and all(length.isdecimal() and len(length) < 20 for length in lengths)


def read_body(raw: Any, attempt: Attempt) -> bytes:
    """Read a body to its end and decompress it, within the limit before and after that."""
    if (raw.length_remaining or 0) > attempt.cap:
        raise TransportError(Failure.TOO_LONG)
    body = bytearray()
    while piece := raw.read(_PIECE, decode_content=False):
        body += piece
        if len(body) > attempt.cap:
            raise TransportError(Failure.TOO_LONG)
    encoding = raw.headers.get("Content-Encoding", "").strip().lower().removeprefix("x-")
    if not body or encoding in ("", "identity"):
        return bytes(body)
    if encoding not in ("gzip", "deflate"):
        raise TransportError(Failure.FRAMING, "its body is encoded in a way that was not asked for")
    return _decompressed(body, encoding, attempt.cap)


def _decompressed(data: bytearray, encoding: str, cap: int) -> bytes:
    """Decompress a body. urllib3 would take one that was cut for a whole one."""
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
