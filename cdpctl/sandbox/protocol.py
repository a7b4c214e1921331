"""HTTP for the embedded grid, with limits for bodies and time, and for loopback names only."""

import re
import socket
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from cdpctl.settings.urls import is_loopback

# The most bytes of a body.
_MOST_BYTES = 16 * 1024 * 1024
# After a refusal, read and drop what the client still sends for this long. Closing at once would reset
# the connection, and the client would not see the answer.
_LAST_SECONDS = 2.0
_MOST_CONNECTIONS = 256
_MOST_LINE = 1024
_MOST_TRAILERS = 100
_PIECE = 1024


class RefusedRequestError(Exception):
    """A request that is refused before it is carried out."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Server(ThreadingHTTPServer):
    """Serves each connection in its own thread. Connections above a limit are closed."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, address: tuple[str, int], handler: type[BaseHTTPRequestHandler]) -> None:
        self._slots = threading.BoundedSemaphore(_MOST_CONNECTIONS)
        super().__init__(address, handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Start the connection's thread, if there is room."""
        if not self._slots.acquire(blocking=False):
            self.shutdown_request(request)
            return
        try:
            super().process_request(request, client_address)
        except RuntimeError:
            # No thread can be started: serve one connection after the other.
            self.process_request_thread(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Serve the connection, and make room again."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._slots.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that disconnect or refuse the certificate."""


class Handler(BaseHTTPRequestHandler):
    """Reads a request, refuses invalid ones, and passes the others to `answer`."""

    # Also for answers to requests that cannot be parsed.
    protocol_version = default_request_version = "HTTP/1.1"
    server_version, sys_version = "cdpctl-sandbox", ""
    disable_nagle_algorithm = True
    # Seconds to wait for a silent client.
    timeout = 30.0

    def answer(self, body: bytes) -> None:
        """Answer a complete request."""
        raise NotImplementedError

    def refused(self, status: int) -> None:
        """Record a refused request."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Write nothing, because the terminal belongs to the command."""

    def send_error(self, code: int, *_: object, **__: object) -> None:
        """Answer a request that the base class could not parse, without quoting it."""
        self._refuse(code)

    def _serve(self) -> None:
        try:
            length = self._check()
            body = self._chunks() if length is None else self._exactly(length)
        except RefusedRequestError as refusal:
            self._refuse(refusal.status)
        except TimeoutError:
            self._refuse(408)
        else:
            self.answer(body)

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = do_OPTIONS = do_PATCH = _serve  # noqa: N815 - http.server's names

    def _check(self) -> int | None:
        """Return the length of the body, or None if it comes in chunks.

        Raises:
            RefusedRequestError: the request is for another host, ambiguous or too long.
        """
        hosts = self.headers.get_all("Host", [])
        _require(len(hosts) == 1 or (not hosts and self.request_version == "HTTP/1.0"), 400)
        try:
            target = urlsplit(self.path)
            loopback = [is_loopback(f"//{host}") for host in hosts]
        except ValueError:
            raise RefusedRequestError(400) from None
        if target.scheme:
            loopback.append(is_loopback(self.path))
        # Web pages may reach loopback by other host names, so only loopback names are served.
        _require(all(loopback), 421)
        codings = self.headers.get_all("Transfer-Encoding", [])
        lengths = set(self.headers.get_all("Content-Length", []))
        _require(len(lengths) + bool(codings) <= 1, 400)
        if codings:
            _require([each.strip().lower() for each in codings] == ["chunked"], 501)
            return None
        length = next(iter(lengths), "0")
        _require(re.fullmatch(r"\d+", length, re.ASCII) is not None, 400)
        _require(len(length) <= 18 and int(length) <= _MOST_BYTES, 413)
        return int(length)

    def _exactly(self, length: int) -> bytes:
        data = self.rfile.read(length)
        _require(len(data) == length, 400)
        return data

    def _line(self) -> bytes:
        line = self.rfile.readline(_MOST_LINE + 1)
        _require(line.endswith(b"\n") and len(line) <= _MOST_LINE, 400)
        return line.strip()

    def _chunks(self) -> bytes:
        body = bytearray()
        while True:
            size = re.match(rb"([0-9a-fA-F]{1,16})[ \t]*(?:;|$)", self._line())
            if size is None:
                raise RefusedRequestError(400)
            length = int(size[1], 16)
            if length == 0:
                break
            _require(len(body) + length <= _MOST_BYTES, 413)
            body += self._exactly(length)
            _require(not self._line(), 400)
        for _ in range(_MOST_TRAILERS):
            if not self._line():
                return bytes(body)
        raise RefusedRequestError(400)

    def _refuse(self, status: int) -> None:
        self.close_connection = True
        self.refused(status)
        self.reply(status)
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)
            self.connection.settimeout(_LAST_SECONDS)
            end = time.monotonic() + _LAST_SECONDS
            while time.monotonic() < end and self.rfile.read(_PIECE):
                pass

    def reply(
        self,
        status: int,
        headers: Sequence[tuple[str, str]] = (),
        body: bytes = b"",
        *,
        chunked: bool = False,
    ) -> None:
        """Send an answer.

        Args:
            status: the status of the answer.
            headers: additional headers.
            body: the body. It is left out for HEAD and 204.
            chunked: send the body in chunks.
        """
        self.send_response(status)
        for name, text in headers:
            self.send_header(name, text)
        if self.close_connection:
            self.send_header("Connection", "close")
        if status == 204:
            body = b""
        elif chunked and self.request_version == "HTTP/1.1":
            self.send_header("Transfer-Encoding", "chunked")
            body = _in_chunks(body)
        else:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def _require(condition: bool, status: int) -> None:
    if not condition:
        raise RefusedRequestError(status)


def _in_chunks(body: bytes) -> bytes:
    pieces = [body[start : start + _PIECE] for start in range(0, len(body), _PIECE)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"
