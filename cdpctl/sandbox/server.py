"""The embedded grid's REST API over HTTP, on loopback only."""

import json
import socket
import struct
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cdpctl.errors import UsageError
from cdpctl.sandbox.faults import Fault, call_of, choose_fault
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.routes import Routes
from cdpctl.sandbox.sessions import Sessions

_ROOT = "/baocdp/rest"
_MOST_BYTES = 16 * 1024 * 1024
_MESSAGES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    500: "Internal Server Error",
}
# What a proxy says of a CDP that does not answer it.
_GATEWAY = (502, 503, 504)
_LOGIN_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action='/rsso/login'></html>"
)


class Conduct(NamedTuple):
    """How the embedded CDP behaves.

    Attributes:
        operator: the name of the user who may do everything.
        idle: seconds after which an unused session ends.
        longest: seconds after which any session ends.
        latency: seconds before each answer.
        accepted: the status of a stop or start that was taken: 200, 202 or 204.
        reads: which reads of the peers it serves, of `routes.READS`.
        faults: what goes wrong.
        tls: serve https with a certificate made for it.
    """

    operator: str = "operator"
    idle: float = 1800.0
    longest: float = 24 * 3600.0
    latency: float = 0.0
    accepted: int = 204
    reads: str = "both"
    faults: tuple[Fault, ...] = ()
    tls: bool = False


class Call(NamedTuple):
    """A request the sandbox received, and the status it answered; 0 where it gave no answer."""

    method: str
    path: str
    token: str | None
    body: bytes
    status: int


class Sandbox:
    """A grid behind a server on 127.0.0.1; a context manager.

    Args:
        grid: the peers.
        port: 0 takes a free one.
        conduct: how it behaves.

    Attributes:
        url: the base URL.
        username: of the user who may do everything.
        viewer: a user who may only read, with the same password.
        password: made for this sandbox.
        journal: every request so far.

    Raises:
        UsageError: the port cannot be used.
    """

    def __init__(self, grid: Grid, *, port: int = 0, conduct: Conduct = Conduct()) -> None:  # noqa: B008 - immutable
        self.grid = grid
        self.conduct = conduct
        self.journal: list[Call] = []
        self.sessions = Sessions(conduct.operator, idle=conduct.idle, longest=conduct.longest)
        self.username, self.viewer = self.sessions.operator, self.sessions.viewer
        self.password = self.sessions.password
        self.routes = Routes(grid, self.sessions, conduct.reads, conduct.accepted)
        try:
            self._server = _Server(("127.0.0.1", port), _handler(self))
        except (OSError, OverflowError):
            raise UsageError(
                f"--port: {port} cannot be used here", hint="leave --port out for a free one"
            ) from None
        self._folder = tempfile.TemporaryDirectory(prefix="cdpctl-sandbox-") if conduct.tls else None
        self.ca_bundle: Path | None = None
        if self._folder is not None:
            from cdpctl.sandbox.certificate import server_context

            context, self.ca_bundle = server_context(Path(self._folder.name))
            self._server.socket = context.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self.port = int(self._server.server_address[1])
        self.url = f"{'https' if conduct.tls else 'http'}://127.0.0.1:{self.port}/baocdp"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "Sandbox":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
        if self._folder is not None:
            self._folder.cleanup()

    def environment(self) -> dict[str, str]:
        """Return the variables with which cdpctl uses this grid."""
        found = {
            "CDPCTL_URL": self.url,
            "CDPCTL_USERNAME": self.username,
            "CDPCTL_PASSWORD": self.password,
            "CDPCTL_NO_KEYRING": "1",
        }
        if self.ca_bundle is not None:
            found["CDPCTL_CA_BUNDLE"] = str(self.ca_bundle)
        return found

    def expire_sessions(self) -> None:
        """End every session: the next call with an old token meets 401."""
        self.sessions.end_all()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Keep quiet: a client that leaves, or trusts no certificate, is not the grid's trouble."""


def _handler(sandbox: Sandbox) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body go out together: two small packets would wait for each other's receipt.
        wbufsize = -1
        disable_nagle_algorithm = True
        timeout = 60

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
            """Keep quiet: the terminal belongs to the command that is tried."""

        def _serve(self) -> None:
            length = self.headers.get("Content-Length", "0")
            if not length.isdigit() or int(length) > _MOST_BYTES:
                self.close_connection = True
                self._reply(400)
                return
            body = self.rfile.read(int(length))
            parts = urlsplit(self.path)
            path = parts.path.removeprefix(_ROOT)
            fault = None
            if parts.path.startswith(_ROOT + "/"):
                fault = choose_fault(sandbox.conduct.faults, call_of(self.command, path))
            time.sleep(sandbox.conduct.latency + (fault.seconds if fault is not None else 0.0))
            if fault is None or fault.kind in ("lost", "slow"):
                status, value, headers = self._carry_out(path, parts.query, body)
            else:
                status, value, headers = self._go_wrong(fault)
            if fault is not None and fault.kind in ("lost", "drop"):
                status = 0
            token = self.headers.get("Authentication-Token")
            sandbox.journal.append(Call(self.command, parts.path, token, body, status))
            if status:
                self._reply(status, value, headers)
            else:
                self._hang_up(reset=fault is not None and fault.kind == "lost")

        def _carry_out(self, path: str, query: str, body: bytes) -> tuple[int, Any, list[tuple[str, str]]]:
            if path == self.path.partition("?")[0]:
                return 404, None, []
            if path != "/login":
                token = self.headers.get("Authentication-Token")
                return *sandbox.routes.answer(self.command, path, query, token, body), []
            if self.command != "POST":
                return 405, None, []
            result = sandbox.sessions.log_in(body)
            if isinstance(result, int):
                return result, None, []
            # Newer servers set cookies beside the header; the header is what counts.
            cookies = [("Set-Cookie", f"{name}; Path=/baocdp; HttpOnly") for name in ("JSESSIONID=sandbox",)]
            cookies.append(("Set-Cookie", f"Authentication-Token={result}; Path=/baocdp; HttpOnly"))
            return 200, {"login": "true"}, [("Authentication-Token", result), *cookies]

        def _go_wrong(self, fault: Fault) -> tuple[int, Any, list[tuple[str, str]]]:
            if fault.kind == "failure":
                return 200, {"response": "Failure"}, []
            if fault.kind == "html":
                return 200, _LOGIN_PAGE, []
            if fault.kind == "redirect":
                return 302, None, [("Location", "https://sso.example.com/rsso/start?goto=cdp")]
            if fault.status in _GATEWAY:
                return fault.status, b"<html><body><h1>The server behind this proxy is away</h1></html>", []
            return fault.status, None, []

        def _reply(
            self, status: int, value: Any = None, headers: list[tuple[str, str]] | None = None
        ) -> None:
            html = isinstance(value, bytes)
            if value is None and status in _MESSAGES:
                value = {"message": _MESSAGES[status]}
            body = value if html else b"" if value is None else json.dumps(value).encode()
            self.send_response(status, _MESSAGES.get(status))
            for name, text in headers or ():
                self.send_header(name, text)
            if status != 204:
                self.send_header("Content-Type", "text/html" if html else "application/json")
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            if status != 204:
                self.wfile.write(body)

        def _hang_up(self, *, reset: bool) -> None:
            self.close_connection = True
            if reset:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

        do_GET = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - the base class looks for these names

    return Handler
