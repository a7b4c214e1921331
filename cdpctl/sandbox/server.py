"""The embedded grid's REST API over HTTP, on loopback only."""

import json
import secrets
import threading
import time
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

from cdpctl.errors import UsageError
from cdpctl.sandbox.grid import Grid, info_entry, plain_entry

_ROOT = "/baocdp/rest"
_MOST_BYTES = 16 * 1024 * 1024
_MESSAGES = {
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
}


@dataclass(frozen=True)
class Call:
    """A request the sandbox received, and the status it answered."""

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
        idle: seconds after which an unused session ends.

    Attributes:
        url: the base URL.
        username: of the user who may do everything.
        password: made for this sandbox.
        viewer: a user who may only read, with the same password.
        journal: every request so far.

    Raises:
        UsageError: the port is taken.
    """

    def __init__(self, grid: Grid, *, port: int = 0, idle: float = 1800.0) -> None:
        self.grid = grid
        self.username, self.viewer, self.password = "operator", "viewer", secrets.token_urlsafe(12)
        self.journal: list[Call] = []
        self._idle = idle
        self._sessions: dict[str, tuple[str, float]] = {}
        self._lock = threading.Lock()
        try:
            self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        except (OSError, OverflowError):
            raise UsageError(
                f"--port: {port} cannot be used here", hint="leave --port out for a free one"
            ) from None
        self._server.daemon_threads = True
        self.port = int(self._server.server_address[1])
        self.url = f"http://127.0.0.1:{self.port}/baocdp"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)

    def __enter__(self) -> "Sandbox":
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def environment(self) -> dict[str, str]:
        """Return the variables with which cdpctl uses this grid."""
        return {
            "CDPCTL_URL": self.url,
            "CDPCTL_USERNAME": self.username,
            "CDPCTL_PASSWORD": self.password,
            "CDPCTL_NO_KEYRING": "1",
        }

    def expire_sessions(self) -> None:
        """End every session: the next call with an old token meets 401."""
        with self._lock:
            self._sessions.clear()

    def log_in(self, body: bytes) -> str | int:
        """Return a new token, or 400 or 401."""
        try:
            given = json.loads(body)
            user, password = given["username"], given["password"]
        except (ValueError, KeyError, TypeError):
            return 400
        if user not in (self.username, self.viewer) or not secrets.compare_digest(
            str(password).encode(), self.password.encode()
        ):
            return 401
        # As opaque as the real one: several hundred characters, with the signs it may hold.
        token = f"{secrets.token_urlsafe(240)}/+=.*_-"
        with self._lock:
            self._sessions[token] = (user, time.monotonic())
        return token

    def user_of(self, token: str | None) -> str | None:
        """Return whose session a token is, and keep the session awake."""
        with self._lock:
            user, used = self._sessions.get(token or "", ("", 0.0))
            if not user or time.monotonic() - used > self._idle:
                self._sessions.pop(token or "", None)
                return None
            self._sessions[token or ""] = (user, time.monotonic())
            return user

    def log_out(self, token: str | None) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(token or "", None)

    def answer(self, method: str, path: str, token: str | None, body: bytes) -> tuple[int, Any]:
        """Answer any call but the login: a status, and a JSON value or None."""
        user = self.user_of(token)
        if user is None:
            return 401, None
        if (method, path) == ("POST", "/logout"):
            self.log_out(token)
            return 200, {"logout": "true"}
        if method == "GET":
            return self._read(path)
        parts = path.strip("/").split("/")
        if parts[0] != "peer" or parts[-1] not in ("stop", "start"):
            return 404, None
        if user == self.viewer:
            return 403, None
        if method == "PUT" and len(parts) == 3:
            return self.grid.change([unquote(parts[1])], parts[2]), None
        if method != "POST" or len(parts) != 2:
            return 405, None
        try:
            names = [peer["name"] for peer in json.loads(body)["peers"]]
        except (ValueError, KeyError, TypeError):
            return 400, None
        return self.grid.change(names, parts[1]), None

    def _read(self, path: str) -> tuple[int, Any]:
        if path == "/info/peer":
            return 200, {"peerInfoList": [info_entry(peer) for peer in self.grid.all()]}
        if path == "/peer":
            return 200, [plain_entry(peer) for peer in self.grid.all()]
        peer = self.grid.find(unquote(path.removeprefix("/peer/"))) if path.startswith("/peer/") else None
        return (200, [plain_entry(peer)]) if peer is not None else (404, None)


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
                self._reply(400, None, {})
                return
            body = self.rfile.read(int(length))
            token = self.headers.get("Authentication-Token")
            path = urlsplit(self.path).path
            headers = {}
            value: Any
            if not path.startswith(_ROOT + "/"):
                status, value = 404, None
            elif (self.command, path) == ("POST", _ROOT + "/login"):
                result = sandbox.log_in(body)
                status, value = (result, None) if isinstance(result, int) else (200, {"login": "true"})
                if isinstance(result, str):
                    headers = {"Authentication-Token": result, "Set-Cookie": "JSESSIONID=sandbox; HttpOnly"}
            else:
                status, value = sandbox.answer(self.command, path.removeprefix(_ROOT), token, body)
            sandbox.journal.append(Call(self.command, path, token, body, status))
            self._reply(status, value, headers)

        def _reply(self, status: int, value: Any, headers: dict[str, str]) -> None:
            if value is None and status in _MESSAGES:
                value = {"message": _MESSAGES[status]}
            body = b"" if status == 204 else json.dumps(value).encode()
            self.send_response(status)
            for name, text in headers.items():
                self.send_header(name, text)
            if status != 204:
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_PUT = do_POST = do_DELETE = _serve  # noqa: N815 - the base class looks for these names

    return Handler
