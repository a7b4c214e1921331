"""Answers as they come off the wire: each wait within the deadline, framing beyond doubt.

How an answer that drips is cut off: `http.client` reads through a `BufferedReader`, and the raw end of
that reader is `_TimedReader` here. Before every single `recv` it sets the socket's time-out to the
smaller of the read time-out and what the deadline leaves. A server that sends a byte of a header, of a
`100 Continue` or of a body now and then begins a new wait with each, and each is shorter than the last:
when the deadline is reached the next wait is refused and the connection closed. Header bytes, header
lines and interim answers are counted as well, so that a fast flood ends before the deadline does.
"""

import io
import re
import socket
import ssl
import threading
from dataclasses import dataclass
from http.client import HTTPMessage, HTTPResponse, IncompleteRead
from typing import Any

from cdpctl.transport.dial import Failure, Limits, TransportError, about_client_certificate

MAX_HEAD_BYTES = 65536
MAX_HEADERS = 100
_MAX_CHUNK_LINE = 4096
_BUFFER = 16384
_STATUS_LINE = re.compile(r"HTTP/1\.([0-9]) +([1-9][0-9]{2})(?: +(.*))?")
_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})[ \t]*(?:;[^\r\n]*)?\r?\n")
_LENGTH = re.compile(r"[0-9]{1,18}")
_TLS_RECORDS = (0x15, 0x16)


@dataclass(slots=True)
class Call(Limits):
    """One attempt at one request, and how far it got.

    Attributes:
        target: what the request line must hold, to the letter.
        cap: the most bytes of body wanted.
        fresh: the connection was opened for this attempt.
        sent: bytes of the request may have left this machine.
        received: bytes that came back on this attempt.
    """

    target: str = "/"
    cap: int = 0
    fresh: bool = False
    sent: bool = False
    received: int = 0


class _Current(threading.local):
    call: Call | None = None


_current = _Current()


def enter(call: Call) -> None:
    """Make `call` the one that this thread's connections work for."""
    _current.call = call


def current() -> Call:
    """Return the call that this thread is making."""
    if _current.call is None:
        raise RuntimeError("a connection is used outside of a call")
    return _current.call


class _TimedReader(io.RawIOBase):
    """The receiving end of a socket; see the module's docstring.

    Args:
        sock: whose time-out is set before each read.
        raw: the same socket as a raw stream, which keeps it open as long as this is.
        call: whose limits hold.
    """

    def __init__(self, sock: socket.socket, raw: io.RawIOBase, call: Call) -> None:
        super().__init__()
        self._sock = sock
        self._raw = raw
        self._call = call
        self.budget: int | None = None
        self.stopped = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if self.stopped:
            return 0
        call = self._call
        try:
            self._sock.settimeout(call.piece())
            count = self._raw.readinto(buffer) or 0
        except TimeoutError:
            raise call.timed_out(Failure.TIMEOUT) from None
        except ssl.SSLError as error:
            # In TLS 1.3 a server judges the client's certificate after the client has begun to send; such
            # an alert on a new connection says that the request was not even looked at.
            refused = call.fresh and call.received == 0 and about_client_certificate(error.reason)
            raise TransportError(Failure.TLS_ALERT if refused else Failure.RESET, cause=error) from None
        except OSError:
            raise TransportError(Failure.RESET) from None
        call.received += count
        if self.budget is not None:
            self.budget -= count
            if self.budget < 0:
                raise TransportError(Failure.TOO_LONG)
        return count

    def close(self) -> None:
        try:
            self._raw.close()
        finally:
            super().close()


class Reply(HTTPResponse):
    """An answer whose head is read strictly: doubt about where it ends is an error, not a guess.

    Attributes:
        excess: more came than the answer says: its connection must not be used again.
        expected: bytes of body announced; None where it is chunked or ends with the connection.
    """

    def __init__(
        self, sock: socket.socket, debuglevel: int = 0, method: str | None = None, url: str | None = None
    ) -> None:
        super().__init__(sock, debuglevel, method, url)
        self._call = current()
        self._reader = _TimedReader(sock, self.fp.detach(), self._call)
        self.fp = io.BufferedReader(self._reader, _BUFFER)
        self._head_left = MAX_HEAD_BYTES
        self.excess = False
        self.expected: int | None = None

    def begin(self) -> None:
        """Read the head of the answer, past interim ones; http.client calls this once."""
        status = 100
        while 100 <= status < 200:
            minor, status, reason = self._status_line()
            message = self._header_lines()
            if status == 101:
                raise TransportError(Failure.FRAMING, "it switched to another protocol")
        self.code = self.status = status
        self.reason = reason
        self.version = 10 if minor == "0" else 11
        self.headers = self.msg = message
        self._frame(message)
        # A chunk of one byte takes six; nobody honest sends more than that around a body.
        self._reader.budget = 8 * self._call.cap + 2 * MAX_HEAD_BYTES

    def _line(self) -> str:
        line = self.fp.readline(self._head_left + 1)
        if not line:
            kind = Failure.CUT if self._call.received else Failure.EOF
            raise TransportError(kind, "the connection was closed in the middle of the header")
        self._head_left -= len(line)
        if self._head_left < 0:
            raise TransportError(Failure.FRAMING, f"its header is longer than {MAX_HEAD_BYTES // 1024} KB")
        if line[-1:] != b"\n":
            if self._call.fresh and line[0] in _TLS_RECORDS:
                raise TransportError(Failure.TLS_ANSWER)
            raise TransportError(Failure.CUT, "the connection was closed in the middle of the header")
        return line.decode("latin-1").rstrip("\r\n")

    def _status_line(self) -> tuple[str, int, str]:
        line = self._line()
        match = _STATUS_LINE.fullmatch(line)
        if match is None:
            if self._call.fresh and line[:1] and ord(line[0]) in _TLS_RECORDS:
                raise TransportError(Failure.TLS_ANSWER)
            what = "SSH" if line.startswith("SSH-") else "something that is not HTTP/1.1"
            raise TransportError(Failure.FRAMING, f"{what} answers there")
        return match[1], int(match[2]), (match[3] or "").strip()

    def _header_lines(self) -> HTTPMessage:
        pairs: list[tuple[str, str]] = []
        while line := self._line():
            if line[0] in " \t" and pairs:
                pairs[-1] = (pairs[-1][0], f"{pairs[-1][1]} {line.strip()}")
                continue
            name, colon, value = line.partition(":")
            if not colon or not _HEADER_NAME.fullmatch(name):
                raise TransportError(Failure.FRAMING, "its header has a line that is none")
            if len(pairs) >= MAX_HEADERS:
                raise TransportError(Failure.FRAMING, f"it has more than {MAX_HEADERS} header lines")
            pairs.append((name, value.strip()))
        message = HTTPMessage()
        for name, value in pairs:
            message[name] = value
        return message

    def _frame(self, message: HTTPMessage) -> None:
        """Decide where the body ends, and refuse what two readers could read in two ways."""
        codings = [
            each.strip().lower() for each in ",".join(message.get_all("Transfer-Encoding", [])).split(",")
        ]
        codings = [each for each in codings if each not in ("", "identity")]
        lengths = {
            each.strip() for value in message.get_all("Content-Length", []) for each in value.split(",")
        }
        if codings and codings != ["chunked"]:
            raise TransportError(Failure.FRAMING, "its Transfer-Encoding is not one that was asked for")
        if codings and lengths:
            raise TransportError(Failure.FRAMING, "it gives both a Content-Length and a Transfer-Encoding")
        if len(lengths) > 1 or not all(_LENGTH.fullmatch(each) for each in lengths):
            raise TransportError(Failure.FRAMING, "it gives several lengths, or none that is a number")
        announced = int(lengths.pop()) if lengths else None
        self.chunked = bool(codings)
        self.chunk_left = None
        self.will_close = self._check_close()  # type: ignore[attr-defined]
        self.length = None if self.chunked else announced
        if self._method == "HEAD" or self.status in (204, 304):  # type: ignore[attr-defined]
            # Such an answer has no body; one that announces it all the same would be read as the next.
            self.excess = self.status == 204 and bool(self.chunked or announced)
            self.chunked = False
            self.length = 0
        elif not self.chunked and announced is None:
            self.will_close = True
        self.expected = self.length

    @property
    def delimited(self) -> bool:
        """Whether the answer itself says where its body ends; else only the connection's end does."""
        return bool(self.chunked) or self.expected is not None

    def _read_next_chunk_size(self) -> int:
        line = self.fp.readline(_MAX_CHUNK_LINE)
        if not line.endswith(b"\n") and len(line) < _MAX_CHUNK_LINE:
            raise IncompleteRead(b"")
        match = _CHUNK_SIZE.fullmatch(line)
        if match is None:
            raise TransportError(Failure.FRAMING, "it has a chunk without a length")
        return int(match[1], 16)

    def _close_conn(self) -> None:
        if not self.will_close and not self.excess and not self.fp.closed:
            self._reader.stopped = True
            self.excess = bool(self.fp.peek(1))
        super()._close_conn()  # type: ignore[misc]
