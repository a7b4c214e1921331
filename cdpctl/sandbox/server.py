"""The embedded grid's REST API over HTTP, on loopback only."""

import json
import socket
import struct
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from cdpctl.errors import UsageError
from cdpctl.sandbox.faults import Fault, call_of, choose_fault
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.protocol import Handler, Server
from cdpctl.sandbox.routes import Routes
from cdpctl.sandbox.sessions import Sessions

_ROOT = "/baocdp/rest"
_JSON = "application/json;charset=UTF-8"
_ALLOW = "GET, HEAD, PUT, POST, DELETE, OPTIONS"
_MESSAGES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    408: "Request Timeout",
    413: "Request body too large",
    421: "This grid serves loopback names only",
    500: "Internal Server Error",
}
# The answer of a proxy whose CDP does not respond.
_GATEWAY = (502, 503, 504)
_LOGIN_PAGE = (
    b"<!DOCTYPE html><html><head><title>Sign in</title></head><body><form action='/rsso/login'></html>"
)


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
        standby: serve the grid by a second CDP too, on another port.
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


class _Cdp:
    """One CDP of a grid: a server with its own sessions."""

    def __init__(self, sandbox: "Sandbox", port: int, password: str | None = None) -> None:
        conduct = sandbox.conduct
        self.sessions = Sessions(
            conduct.operator, idle=conduct.idle, longest=conduct.longest, password=password
        )
        self.routes = Routes(sandbox.grid, self.sessions, conduct.reads, conduct.accepted)
        try:
            self.server = Server(("127.0.0.1", port), _handler(sandbox, self))
        except (OSError, OverflowError):
            raise UsageError(
                f"--port: cannot listen on port {port}", hint="leave --port out to use a free port"
            ) from None
        self.port = int(self.server.server_address[1])
        self.url = f"{'https' if conduct.tls else 'http'}://127.0.0.1:{self.port}/baocdp"
        self._thread = threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True)

    def start(self) -> None:
        try:
            self._thread.start()
        except RuntimeError:
            self.server.server_close()
            raise cannot_start("no thread can be started") from None

    def stop(self) -> None:
        if self._thread.is_alive():
            self.server.shutdown()
        self.server.server_close()


class Sandbox:
    """A grid behind one or two servers on 127.0.0.1; a context manager.

    Args:
        grid: the peers.
        port: the port, or 0 for a free one. A second CDP uses the next one.
        conduct: its behaviour.
        record: called with every request. None means `journal.append`.
        folder: the folder for the CA certificate. None means a temporary one.

    Attributes:
        url: the base URL.
        standby_url: the base URL of the second CDP, or None.
        username: the user with all permissions.
        viewer: a user who may only read, with the same password.
        password: the password for this sandbox.
        journal: every request so far.

    Raises:
        UsageError: the port cannot be used.
    """

    def __init__(
        self,
        grid: Grid,
        *,
        port: int = 0,
        conduct: Conduct = Conduct(),  # noqa: B008 - immutable
        record: Callable[[Call], object] | None = None,
        folder: Path | None = None,
    ) -> None:
        self.grid = grid
        self.conduct = conduct
        self.journal: list[Call] = []
        self.record = self.journal.append if record is None else record
        first = _Cdp(self, port)
        self._cdps = [first]
        self.sessions = first.sessions
        self.username, self.viewer = self.sessions.operator, self.sessions.viewer
        self.password = self.sessions.password
        self.port, self.url = first.port, first.url
        self.standby_url: str | None = None
        if conduct.standby:
            try:
                second = _Cdp(self, port + 1 if port else 0, self.password)
            except UsageError:
                first.stop()
                raise
            self._cdps.append(second)
            self.standby_url = second.url
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.ca_bundle: Path | None = None
        if conduct.tls:
            from cdpctl.sandbox.certificate import server_context

            if folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="cdpctl-sandbox-")
                folder = Path(self._folder.name)
            context, self.ca_bundle = server_context(folder)
            for cdp in self._cdps:
                cdp.server.socket = context.wrap_socket(
                    cdp.server.socket, server_side=True, do_handshake_on_connect=False
                )

    def __enter__(self) -> "Sandbox":
        for cdp in self._cdps:
            cdp.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for cdp in self._cdps:
            cdp.stop()
        if self._folder is not None:
            self._folder.cleanup()

    def stop_first_cdp(self) -> None:
        """Let the first CDP refuse connections from now on. The standby keeps running."""
        self._cdps[0].stop()

    def environment(self) -> dict[str, str]:
        """Return the variables that let cdpctl use this grid."""
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
        """End every session: the next call with an old token gets 401."""
        for cdp in self._cdps:
            cdp.sessions.end_all()


def _handler(sandbox: Sandbox, cdp: _Cdp) -> type[Handler]:
    class CdpHandler(Handler):
        def refused(self, status: int) -> None:
            self._record(getattr(self, "path", "") or "", b"", status, time.monotonic())

        def _record(self, path: str, body: bytes, status: int, began: float) -> None:
            headers = getattr(self, "headers", None) or {}
            token = headers.get("Authentication-Token")
            spent = time.monotonic() - began
            sandbox.record(Call(self.command or "", path, token, body, status, spent, cdp.port))

        def answer(self, body: bytes) -> None:
            began = time.monotonic()
            parts = urlsplit(self.path)
            path = parts.path.removeprefix(_ROOT)
            method = "GET" if self.command == "HEAD" else self.command
            fault = None
            if parts.path.startswith(_ROOT + "/"):
                fault = choose_fault(sandbox.conduct.faults, call_of(method, path))
            time.sleep(sandbox.conduct.latency + (fault.seconds if fault is not None else 0.0))
            if fault is None or fault.kind in ("lost", "slow"):
                status, value, headers = self._carry_out(method, path, parts.query, body)
            else:
                status, value, headers = _go_wrong(fault)
            if fault is not None and fault.kind in ("lost", "drop"):
                status = 0
            self._record(parts.path, body, status, began)
            if status:
                self._answer_with(status, value, headers)
            else:
                self._hang_up(reset=fault is not None and fault.kind == "lost")

        def _carry_out(
            self, method: str, path: str, query: str, body: bytes
        ) -> tuple[int, Any, list[tuple[str, str]]]:
            if method == "OPTIONS":
                return 200, None, [("Allow", _ALLOW)]
            if not urlsplit(self.path).path.startswith(_ROOT + "/"):
                return 404, None, []
            if path != "/login":
                token = self.headers.get("Authentication-Token")
                return *cdp.routes.answer(method, path, query, token, body), []
            if method != "POST":
                return 405, None, []
            result = cdp.sessions.log_in(body)
            if isinstance(result, int):
                return result, None, []
            # Newer servers also set cookies, but only the header counts.
            cookies = ("JSESSIONID=sandbox", f"Authentication-Token={result}")
            headers = [("Set-Cookie", f"{cookie}; Path=/baocdp; HttpOnly") for cookie in cookies]
            return 200, {"login": "true"}, [("Authentication-Token", result), *headers]

        def _answer_with(self, status: int, value: Any, headers: list[tuple[str, str]]) -> None:
            html = isinstance(value, bytes)
            if value is None and status in _MESSAGES:
                value = {"message": _MESSAGES[status]}
            body = value if html else b"" if value is None else json.dumps(value).encode()
            if status != 204:
                headers = [*headers, ("Content-Type", "text/html;charset=UTF-8" if html else _JSON)]
            self.reply(status, _MESSAGES.get(status), headers, body, chunked=sandbox.conduct.chunked)

        def _hang_up(self, *, reset: bool) -> None:
            self.close_connection = True
            if reset:
                linger = struct.pack("ii", 1, 0)
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.connection.close()

    return CdpHandler


def _go_wrong(fault: Fault) -> tuple[int, Any, list[tuple[str, str]]]:
    if fault.kind == "failure":
        return 200, {"response": "Failure"}, []
    if fault.kind == "html":
        return 200, _LOGIN_PAGE, []
    if fault.kind == "redirect":
        return 302, None, [("Location", "https://sso.example.com/rsso/start?goto=cdp")]
    if fault.status in _GATEWAY:
        return fault.status, b"<html><body><h1>The server behind this proxy is away</h1></html>", []
    return fault.status, None, []
