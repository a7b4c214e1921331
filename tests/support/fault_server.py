"""A server that records requests and plays scripts of bytes and pauses as answers."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, TypeAlias


@dataclass(frozen=True)
class Pause:
    """Send nothing for this many seconds."""

    seconds: float


@dataclass(frozen=True)
class Repeat:
    """Send the same bytes repeatedly, with or without pauses.

    Attributes:
        times: how often. None means until the client closes the connection.
    """

    data: bytes
    every: float = 0.0
    times: int | None = None


@dataclass(frozen=True)
class Hold:
    """Keep the connection open and silent until the client or the test ends."""


@dataclass(frozen=True)
class Reset:
    """End the connection with an RST."""


@dataclass(frozen=True)
class Close:
    """End the connection with a FIN."""


@dataclass(frozen=True)
class Tunnel:
    """Connect to the target of the CONNECT, or to `port`, and forward bytes both ways."""

    port: int | None = None


Step: TypeAlias = bytes | Pause | Repeat | Hold | Reset | Close | Tunnel
Script: TypeAlias = Sequence[Step]


@dataclass(frozen=True)
class Seen:
    """A received request.

    Attributes:
        line: the request line.
        headers: the headers by lower-case name. Of repeated ones, the last.
        connection: the number of its connection, from 0.
        number: its number on that connection, from 0.
    """

    line: str
    headers: dict[str, str] = field(repr=False)
    body: bytes = b""
    connection: int = 0
    number: int = 0

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]


Behaviour: TypeAlias = Callable[[Seen], Script]


class FaultServer:
    """A server on a free port, for a `with` block.

    Args:
        behaviour: returns the answer to each request. Or a list of scripts, one per request, of which the
            last one is repeated.
        tls: the server's context, for TLS.
        greeting: played before the request is read, like an SSH server.
        host: `127.0.0.1` or `::1`.
    """

    def __init__(
        self,
        behaviour: Behaviour | Sequence[Script],
        *,
        tls: ssl.SSLContext | None = None,
        greeting: Script = (),
        host: str = "127.0.0.1",
    ) -> None:
        self._behaviour = behaviour
        self._tls = tls
        self._greeting = greeting
        self._stop = threading.Event()
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._lock = threading.Lock()
        self.connections = 0
        self.requests: list[Seen] = []
        self._listener = socket.create_server(
            (host, 0), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=64
        )
        self.host = host
        self.port: int = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        """The base URL that a user would type."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self._tls else 'http'}://{host}:{self.port}/baocdp"

    def sent(self, *methods: str) -> list[str]:
        """Return the request lines received, of these methods or of all."""
        with self._lock:
            return [each.line for each in self.requests if not methods or each.method in methods]

    def refuse(self) -> None:
        """Refuse new connections from now on."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def __enter__(self) -> Self:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stop.set()
        self.refuse()
        with self._lock:
            for sock in self._sockets:
                with suppress(OSError):
                    sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
            assert not thread.is_alive()
        for sock in self._sockets:
            sock.close()

    def _start(self, target: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=target, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _keep(self, sock: socket.socket) -> None:
        with self._lock:
            self._sockets.append(sock)
            if self._stop.is_set():
                sock.close()

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self._keep(sock)
            self.connections += 1
            self._start(self._serve, sock, self.connections - 1)

    def _serve(self, sock: socket.socket, connection: int) -> None:
        with suppress(OSError, ValueError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
                self._keep(sock)
                if not _shake_hands(sock):
                    return
            if not self._play(sock, self._greeting, None):
                return
            number = 0
            while (seen := _request(sock, connection, number)) is not None:
                with self._lock:
                    self.requests.append(seen)
                    index = len(self.requests) - 1
                if callable(self._behaviour):
                    script = self._behaviour(seen)
                else:
                    script = self._behaviour[min(index, len(self._behaviour) - 1)]
                if not self._play(sock, script, seen):
                    return
                number += 1
            sock.close()

    def _play(self, sock: socket.socket, script: Script, seen: Seen | None) -> bool:
        for step in script:
            match step:
                case bytes():
                    sock.sendall(step)
                case Pause():
                    self._stop.wait(step.seconds)
                case Repeat():
                    done = 0
                    while (step.times is None or done < step.times) and not self._stop.is_set():
                        sock.sendall(step.data)
                        self._stop.wait(step.every)
                        done += 1
                case Hold():
                    while sock.recv(65536):
                        pass
                    return False
                case Reset():
                    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    sock.close()
                    return False
                case Close():
                    # With an unread request, the FIN would become an RST.
                    with suppress(OSError):
                        sock.shutdown(socket.SHUT_WR)
                    sock.close()
                    return False
                case Tunnel():
                    assert seen is not None
                    self._tunnel(sock, step.port or int(seen.target.rpartition(":")[2]))
                    return False
        return True

    def _tunnel(self, near: socket.socket, port: int) -> None:
        far = socket.create_connection(("127.0.0.1", port))
        self._keep(far)
        self._start(_pump, far, near)
        _pump(near, far)


def _shake_hands(sock: ssl.SSLSocket) -> bool:
    """Do the server's handshake. If it fails, give the client time to read the alert, as good servers do."""
    try:
        sock.do_handshake()
    except OSError as error:
        # Closing with unread bytes would reset the connection, and the alert would be lost.
        with socket.socket(fileno=sock.detach()) as bare, suppress(OSError):
            if isinstance(error, ssl.SSLError) and error.reason == "HTTP_REQUEST":
                # OpenSSL sends nothing here. Java, which a CDP runs on, sends an alert.
                bare.sendall(b"\x15\x03\x03\x00\x02\x02\x50")
            bare.shutdown(socket.SHUT_WR)
            bare.settimeout(2)
            while bare.recv(65536):
                pass
        return False
    return True


def _pump(source: socket.socket, sink: socket.socket) -> None:
    with suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)
    with suppress(OSError):
        sink.shutdown(socket.SHUT_WR)


# A server of plain HTTP closes the connection of a client that begins a TLS handshake.
_CLIENT_HELLO = b"\x16\x03"


def _request(sock: socket.socket, connection: int, number: int) -> Seen | None:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = sock.recv(65536)
        if not piece or piece.startswith(_CLIENT_HELLO):
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    line, *rest = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (each.partition(":") for each in rest)}
    length = int(headers.get("content-length", "0"))
    while len(body) < length:
        piece = sock.recv(65536)
        if not piece:
            return None
        body += piece
    return Seen(line, headers, body, connection, number)


def closed_port() -> int:
    """Return a port of 127.0.0.1 that refuses connections. No server gets it while this process runs."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    port: int = sock.getsockname()[1]
    sock.detach()
    return port


@contextmanager
def unanswering_port() -> Iterator[int]:
    """Yield a port of 127.0.0.1 with a full queue: on Linux, connecting to it gets no answer."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        try:
            for _ in range(4):
                sock = socket.socket()
                sock.setblocking(False)
                with suppress(BlockingIOError):
                    sock.connect(listener.getsockname())
                waiting.append(sock)
            yield listener.getsockname()[1]
        finally:
            for sock in waiting:
                sock.close()
