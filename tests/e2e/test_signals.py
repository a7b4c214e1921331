"""SIGINT and SIGTERM while loading, connecting, sending and reading: messages and exit codes."""

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.documents import mistakes
from tests.support.program import SCRIPT, Program

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(sys.platform == "win32", reason="these signals are POSIX"),
]
_SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143}


class Silent:
    """A server that does not answer paths with `silent`, and lists two peers otherwise."""

    def __init__(self, silent: str) -> None:
        self.reached = threading.Event()
        self._over = threading.Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                if silent in self.path:
                    outer.reached.set()
                    outer._over.wait(30)
                    self.close_connection = True
                    return
                peers = [
                    {"name": name, "type": "Activity Peer", "status": "RUNNING"} for name in ("AP1", "AP2")
                ]
                body = json.dumps({"peerInfoList": peers}).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST = _answer  # noqa: N815 - the library's names

            def log_message(self, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self._over.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def silent(request: pytest.FixtureRequest) -> Iterator[Silent]:
    server = Silent(request.param)
    yield server
    server.close()


def _start(home: Path, url: str, *words: str, **more: str) -> subprocess.Popen[bytes]:
    program = Program(home)
    env = {
        **program.env,
        "CDPCTL_URL": url,
        "CDPCTL_TOKEN": "token-of-a-test",
        "CDPCTL_NO_KEYRING": "1",
        **more,
    }
    return subprocess.Popen(
        [SCRIPT, *words, "-o", "json"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def _end(child: subprocess.Popen[bytes]) -> tuple[int, Any, str]:
    out, err = child.communicate(timeout=20)
    assert b"Traceback" not in err
    document = json.loads(out)
    assert mistakes(document) == []
    assert document["exit_code"] == child.returncode
    return child.returncode, document, err.decode()


@pytest.mark.parametrize("number", _SIGNALS)
@pytest.mark.parametrize("silent", ["/info/peer"], indirect=True)
def test_signal_while_reading_says_that_nothing_was_sent(
    tmp_path: Path, silent: Silent, number: signal.Signals
) -> None:
    child = _start(tmp_path, silent.url, "peer", "list")
    assert silent.reached.wait(20)
    child.send_signal(number)
    code, document, err = _end(child)
    assert (code, document["error"]["code"]) == (_SIGNALS[number], "interrupted")
    assert "nothing was sent" in err


@pytest.mark.parametrize("number", _SIGNALS)
@pytest.mark.parametrize("silent", ["/stop"], indirect=True)
def test_signal_after_sending_leaves_the_peer_unknown(
    tmp_path: Path, silent: Silent, number: signal.Signals
) -> None:
    child = _start(tmp_path, silent.url, "peer", "stop", "AP1")
    assert silent.reached.wait(20)
    child.send_signal(number)
    code, document, _ = _end(child)
    assert (code, document["schema"]) == (_SIGNALS[number], "cdpctl.operation/1")
    assert [result["outcome"] for result in document["results"]] == ["unknown"]


@pytest.mark.parametrize("words", [("peer", "list"), ("peer", "stop", "AP1"), ("doctor",)])
@pytest.mark.parametrize("silent", ["/login"], indirect=True)
def test_signal_during_a_login_says_that_it_may_have_been_carried_out(
    tmp_path: Path, silent: Silent, words: tuple[str, ...]
) -> None:
    user = {"CDPCTL_TOKEN": "", "CDPCTL_USERNAME": "operator", "CDPCTL_PASSWORD": "of-a-test"}
    child = _start(tmp_path, silent.url, *words, **user)
    assert silent.reached.wait(20)
    child.send_signal(signal.SIGINT)
    code, document, err = _end(child)
    host = silent.url.removeprefix("http://")
    assert code == 130
    assert document["error"]["message"] == f"interrupted; the login to {host} may have been carried out"
    assert "nothing was sent" not in err


@pytest.mark.skipif(sys.platform != "linux", reason="looks into /proc for the connection")
@pytest.mark.parametrize("number", _SIGNALS)
def test_signal_while_connecting_says_that_nothing_was_sent(tmp_path: Path, number: signal.Signals) -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        address = full.getsockname()
        # The queue of one is full, so that the next connection gets no answer.
        with socket.create_connection(address):
            child = _start(tmp_path, f"http://127.0.0.1:{address[1]}", "peer", "stop", "AP1")
            _wait_for_syn(address[1])
            child.send_signal(number)
            code, document, err = _end(child)
    assert (code, document["error"]["code"]) == (_SIGNALS[number], "interrupted")
    assert "nothing was sent" in err


def _wait_for_syn(port: int) -> None:
    wanted, end = f"0100007F:{port:04X} 02", time.monotonic() + 20
    while wanted not in Path("/proc/net/tcp").read_text():
        assert time.monotonic() < end, "no connection was tried"
        time.sleep(0.01)


_ON_IMPORT = """
import os, signal, sys
class Finder:
    def find_spec(self, name, path=None, target=None):
        if name == {module!r}:
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Finder())
"""


@pytest.mark.parametrize(
    "module", ["cdpctl.cli", "typer", "cdpctl.output", "cdpctl.commands.peer.list", "requests"]
)
def test_interrupt_while_loading_leaves_no_traceback(tmp_path: Path, module: str) -> None:
    (tmp_path / "sitecustomize.py").write_text(_ON_IMPORT.format(module=module))
    child = _start(tmp_path, "http://127.0.0.1:1", "peer", "list", PYTHONPATH=str(tmp_path))
    _, err = child.communicate(timeout=20)
    assert child.returncode == 130
    assert b"Traceback" not in err


def test_interrupt_in_a_callback_while_requests_is_loaded_is_not_lost(tmp_path: Path) -> None:
    # Python itself drops the errors of some callbacks, such as those of weak references.
    dropping = _ON_IMPORT.replace("os.kill(", "weakref.finalize(type('T', (), {{}})(), os.kill, ")
    (tmp_path / "sitecustomize.py").write_text("import weakref\n" + dropping.format(module="requests"))
    child = _start(tmp_path, "http://127.0.0.1:1", "peer", "list", PYTHONPATH=str(tmp_path))
    _, err = child.communicate(timeout=20)
    assert child.returncode == 130
    assert b"nothing was sent" in err


_IMPORTING = """
import os, signal, weakref
class Kept:
    pass
# As the library that imports modules does: an error in a callback is dropped.
kept = Kept()
watched = weakref.ref(kept, lambda _: os.kill(os.getpid(), signal.SIG))
del kept
whole = True
"""
_RUN = """
import sys
from cdpctl.commands.signals import install_signals
from cdpctl.deadline import sleep
from cdpctl.errors import Interruption
install_signals()
import importing
print(importing.whole, end=" ", flush=True)
try:
    sleep(30)
except Interruption as interruption:
    print(int(interruption.exit_code))
"""


@pytest.mark.parametrize(("number", "code"), _SIGNALS.items())
def test_signal_during_an_import_comes_after_it(tmp_path: Path, number: signal.Signals, code: int) -> None:
    (tmp_path / "importing.py").write_text(_IMPORTING.replace("SIG)", f"{number.name})"))
    env = {**Program(tmp_path).env, "PYTHONPATH": str(tmp_path)}
    run = subprocess.run([sys.executable, "-c", _RUN], env=env, capture_output=True, text=True, timeout=60)
    assert (run.stdout, run.stderr) == (f"True {code}\n", "")
