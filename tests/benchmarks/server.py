"""A very fast CDP: prepared answers, served over real HTTP."""

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "benchmark-token"


def peers(count: int, status: str = "RUNNING") -> bytes:
    """Return the body of `GET /info/peer` for a grid of this many activity peers."""
    entries = [
        {
            "name": f"AP{number}",
            "status": status,
            "osName": "Linux",
            "productVersion": "8.2.00",
            "hostName": f"host{number}",
            "type": "Activity Peer",
        }
        for number in range(1, count + 1)
    ]
    return json.dumps({"peerInfoList": entries}).encode()


def handler(count: int, settles_after: float) -> type[BaseHTTPRequestHandler]:
    """Return a handler for a grid of this many peers.

    Args:
        count: the number of peers.
        settles_after: seconds after a stop until every peer is listed as stopped.
    """
    running, stopped = peers(count), peers(count, "STOPPED")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True
        stopped_at: float | None = None

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Log nothing."""

        def _answer(self, body: bytes, *, token: str | None = None) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if token:
                self.send_header("Authentication-Token", token)
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self) -> None:
            at = Handler.stopped_at
            self._answer(stopped if at is not None and time.monotonic() >= at else running)

        def do_PUT(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", "0")))
            if self.path.endswith("/login"):
                self._answer(b'{"login":"true"}', token=TOKEN)
                return
            if settles_after >= 0 and self.path.endswith("/stop"):
                Handler.stopped_at = time.monotonic() + settles_after
            if self.path.endswith("/start"):
                Handler.stopped_at = None
            self._answer(b'{"response":"Success"}')

        do_POST = do_PUT  # noqa: N815 - the base class looks for this name

    return Handler


def main() -> None:
    """Serve until standard input ends, so that the server ends with its benchmark."""
    count, settles_after = int(sys.argv[1]), float(sys.argv[2])
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler(count, settles_after))
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    main()
