"""One CDP of the embedded grid: the REST API over HTTP, and the faults that were asked for."""

import json
import socket
import struct
import threading
import time
from collections.abc import Callable
from http.client import HTTPMessage
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cdpctl.errors import UsageError
from cdpctl.sandbox.faults import Fault, call_of, choose_fault
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.protocol import Handler, Server
from cdpctl.sandbox.routes import Routes
from cdpctl.sandbox.sessions import Sessions
from cdpctl.text import reason_of

_ROOT = "/baocdp/rest"
_JSON = "application/json;charset=UTF-8"
_ALLOW = "GET, HEAD, PUT, POST, DELETE, OPTIONS"
# These are answered with a message.
_EXPLAINED = (400, 401, 403, 404, 405, 500)
#: Status, JSON value or HTML page, and headers of an answer.
_Answer = tuple[int, Any, list[tuple[str, str]]]
_LOGIN_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action='/rsso/login'></html>"
)
# The answers of faults that are not a status alone.
_FAULTY: dict[str, _Answer] = {
    "failure": (200, {"response": "Failure"}, []),
    "html": (200, _LOGIN_PAGE, []),
    "redirect": (302, None, [("Location", "https://sso.example.com/rsso/start?goto=cdp")]),
}
# A proxy whose CDP does not respond answers with a page.
_GATEWAY = (502, 503, 504)
_AWAY = b"<html><body><h1>The server behind this proxy is away</h1></html>"


class Conduct(NamedTuple):
    """How the embedded CDP behaves.

    Attributes:
        operator: the name of the user with all permissions.
        idle: seconds after which an unused session ends.
        longest: seconds after which any session ends.
        latency: seconds before each answer.
        accepted: the status of a change that was accepted: 200, 202 or 204.
        reads: the reads that it serves, one of `routes.READS`.
        faults: the faults.
        tls: serve https with a new certificate.
        standby: also serve the grid through a second CDP, on another port.
        chunked: send the bodies of answers in chunks.
    """

    operator: str = "operator"
    idle: float = 1800.0
    longest: float = 24 * 3600.0
    latency: float = 0.0
    accepted: int = 204
    reads: str = "both"
    faults: tuple[Fault, ...] = ()
    tls: bool = False
    standby: bool = False
    chunked: bool = False


class Call(NamedTuple):
    """A request the sandbox received.

    Attributes:
        status: the status of the answer, or 0 without an answer.
        seconds: from the request to its answer.
        port: the port of the CDP.
    """

    method: str
    path: str
    token: str | None
    body: bytes
    status: int
    seconds: float = 0.0
    port: int = 0


def cannot_start(reason: str) -> UsageError:
    """Return the error of a sandbox that lacks a process or a thread of its own."""
    return UsageError(
        f"cannot start the embedded grid: {reason}",
        hint="allow this user more processes and threads (ulimit -u, or the container's pids limit)",
    )


class Cdp(Server):
    """A server on 127.0.0.1 with its own sessions.

    Args:
        grid: the peers.
        conduct: its behaviour.
        record: called with every request.
        port: the port, or 0 for a free one.
        password: the password of the users. None means a new one.

    Raises:
        UsageError: the port cannot be used.
    """

    def __init__(
        self,
        grid: Grid,
        conduct: Conduct,
        record: Callable[[Call], object],
        port: int,
        password: str | None = None,
    ) -> None:
        self.conduct, self.record = conduct, record
        self.sessions = Sessions(
            conduct.operator, idle=conduct.idle, longest=conduct.longest, password=password
        )
        self.routes = Routes(grid, self.sessions, conduct.reads, conduct.accepted)
        try:
            super().__init__(("127.0.0.1", port), _Handler)
        except (OSError, OverflowError) as error:
            raise UsageError(
                f"--port: cannot listen on port {port}: {reason_of(error)}",
                hint="leave --port out to use a free port",
            ) from None
        self.port = int(self.server_address[1])
        self.url = f"{'https' if conduct.tls else 'http'}://127.0.0.1:{self.port}/baocdp"
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        """Serve from now on."""
        try:
            self._thread.start()
        except RuntimeError:
            self.server_close()
            raise cannot_start("no thread can be started") from None

    def stop(self) -> None:
        """Refuse connections from now on."""
        if self._thread.is_alive():
            self.shutdown()
        self.server_close()


class _Handler(Handler):
    server: Cdp
    # Until a request is parsed.
    path, headers = "", HTTPMessage()

    def refused(self, status: int) -> None:
        self._record(b"", status, time.monotonic())

    def _record(self, body: bytes, status: int, began: float) -> None:
        path, token = self.path.partition("?")[0], self.headers.get("Authentication-Token")
        spent = time.monotonic() - began
        self.server.record(Call(self.command or "", path, token, body, status, spent, self.server.port))

    def answer(self, body: bytes) -> None:
        began = time.monotonic()
        conduct = self.server.conduct
        target = urlsplit(self.path)
        path = target.path.removeprefix(_ROOT)
        method = "GET" if self.command == "HEAD" else self.command
        of_api = target.path.startswith(_ROOT + "/")
        fault = choose_fault(conduct.faults, call_of(method, path)) if of_api else None
        time.sleep(conduct.latency + (0.0 if fault is None else fault.seconds))
        kind = None if fault is None else fault.kind
        if fault is not None and kind not in ("lost", "slow"):
            page = _AWAY if fault.status in _GATEWAY else None
            status, value, headers = _FAULTY.get(fault.kind, (fault.status, page, []))
        elif method == "OPTIONS":
            status, value, headers = 200, None, [("Allow", _ALLOW)]
        elif not of_api:
            status, value, headers = 404, None, []
        else:
            status, value, headers = self._carry_out(method, path, target.query, body)
        if kind in ("lost", "drop"):
            self._record(body, 0, began)
            self._hang_up(reset=kind == "lost")
            return
        self._record(body, status, began)
        self._answer_with(status, value, headers)

    def _carry_out(self, method: str, path: str, query: str, body: bytes) -> _Answer:
        if path != "/login":
            token = self.headers.get("Authentication-Token")
            return *self.server.routes.answer(method, path, query, token, body), []
        if method != "POST":
            return 405, None, []
        result = self.server.sessions.log_in(body)
        if isinstance(result, int):
            return result, None, []
        # Newer servers also set cookies, but only the header counts.
        cookies = ("JSESSIONID=sandbox", f"Authentication-Token={result}")
        headers = [("Set-Cookie", f"{cookie}; Path=/baocdp; HttpOnly") for cookie in cookies]
        return 200, {"login": "true"}, [("Authentication-Token", result), *headers]

    def _answer_with(self, status: int, value: Any, headers: list[tuple[str, str]]) -> None:
        if value is None and status in _EXPLAINED:
            value = {"message": self.responses[status][0]}
        if isinstance(value, bytes):
            kind, body = "text/html;charset=UTF-8", value
        else:
            kind, body = _JSON, b"" if value is None else json.dumps(value).encode()
        if status != 204:
            headers = [*headers, ("Content-Type", kind)]
        self.reply(status, headers, body, chunked=self.server.conduct.chunked)

    def _hang_up(self, *, reset: bool) -> None:
        self.close_connection = True
        if reset:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.connection.close()
