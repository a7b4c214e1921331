"""The Nth connect, send or receive of a stop fails, for every N: a known error, and at most one stop."""

import contextlib
import json
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from cdpctl.cli import main
from cdpctl.deadline import Deadline
from cdpctl.errors import ExitCode
from tests.support.fault_server import FaultServer
from tests.support.program import CANARY_PASSWORD
from tests.support.wire_grid import healthy

pytestmark = pytest.mark.loopback

_FAILURES = (
    ConnectionResetError(104, "reset"),
    BrokenPipeError(32, "pipe"),
    TimeoutError("late"),
    OSError(5, "I/O"),
)
_CALLS = ("connect", "sendall", "recv_into")
# More calls of one kind than a stop makes. The test fails if this is not enough.
_MOST = 60
_KNOWN = {int(code) for code in ExitCode} - {int(ExitCode.INTERNAL)}


@pytest.fixture(autouse=True)
def _in_process(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Give `main` an empty home and no pauses, and restore signal handlers."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    for name in ("CDPCTL_TOKEN", "CDPCTL_PROFILE", "http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    values = {"HOME": tmp_path, "CDPCTL_CONFIG": tmp_path / "config.toml", "CDPCTL_NO_KEYRING": 1}
    values |= {"CDPCTL_USERNAME": "operator", "CDPCTL_PASSWORD": CANARY_PASSWORD}
    for name, value in values.items():
        monkeypatch.setenv(name, str(value))
    monkeypatch.setattr("cdpctl.transport.client._PAUSES", (0.0, 0.0))
    monkeypatch.setattr("cdpctl.operations.pace._PAUSES", (0.0, 0.0))
    yield
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("words", "seconds"), [((), 60.0), (("--wait",), 600.0), (("--timeout", "7s"), 7.0)])
def test_run_has_one_deadline(
    words: tuple[str, ...], seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = []

    class Noted(Deadline):
        def __init__(self, seconds: float | None, *args: Any) -> None:
            super().__init__(seconds, *args)
            begun.append(seconds)

    monkeypatch.setattr("cdpctl.commands.runtime.Deadline", Noted)
    with FaultServer(healthy()) as server:
        assert main(["peer", "stop", "AP1", "--url", server.url, *words]) == 0
    assert begun == [seconds]


@contextlib.contextmanager
def _failing(call: str, nth: int, failure: Exception, times: int) -> Iterator[list[int]]:
    """Let the nth call of the program's sockets fail, and those after it up to `times`."""
    true: Callable[..., Any] = getattr(socket.socket, call)
    made, failed = count(1), [0]
    # The threads of the test and of attempts, but not those of the server.
    ours = (threading.current_thread().name, "call")

    def perhaps(sock: socket.socket, *args: Any, **options: Any) -> Any:
        if threading.current_thread().name in ours and nth <= next(made) < nth + times:
            failed[0] += 1
            raise failure
        return true(sock, *args, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, call, perhaps)
        yield failed


@pytest.mark.parametrize("times", [1, 1000], ids=["once", "from_then_on"])
@pytest.mark.parametrize("failure", _FAILURES, ids=lambda failure: type(failure).__name__)
@pytest.mark.parametrize("call", _CALLS)
def test_stop_ends_well_whichever_call_fails(
    call: str, failure: Exception, times: int, capsys: pytest.CaptureFixture[str]
) -> None:
    for nth in range(1, _MOST):
        with FaultServer(healthy()) as server:
            with _failing(call, nth, failure, times) as failed:
                code = main(
                    ["peer", "stop", "AP1", "--url", server.url, "-o", "json", "--read-timeout", "500ms"]
                )
            stops = server.sent("PUT")
        shown = capsys.readouterr()
        if not failed[0]:
            assert code == 0
            assert nth > 1
            break
        assert code in _KNOWN, (nth, shown)
        assert json.loads(shown.out)["exit_code"] == code
        assert "Traceback" not in shown.err
        assert CANARY_PASSWORD not in shown.out + shown.err
        assert len(stops) <= 1
        if code == 6:
            assert not stops, (nth, shown)
    else:
        pytest.fail("a stop makes more calls than were tried")
