"""Attempts: their limits, that they never send after they were given up, and the case without threads."""

import socket
import threading

import pytest

from cdpctl.deadline import Deadline
from cdpctl.errors import LostAnswerError
from cdpctl.transport.failures import Failure, TransportError
from cdpctl.transport.guard import Attempt, current
from tests.support.fault_server import FaultServer, Hold, Script
from tests.support.transport import transport_for
from tests.support.wire_grid import answer


def _attempt(seconds: float | None = 5.0, connect: float = 5.0) -> Attempt:
    return Attempt(Deadline(seconds), connect, 5.0)


def _fail(error: BaseException) -> None:
    raise error


def test_run_returns_what_the_work_returns_and_raises_what_it_raises() -> None:
    assert _attempt(None).run(lambda: 7) == 7
    with pytest.raises(KeyError):
        _attempt().run(lambda: _fail(KeyError("x")))


def test_run_does_nothing_when_the_deadline_has_passed() -> None:
    done: list[int] = []
    with pytest.raises(TransportError) as caught:
        _attempt(0.0).run(lambda: done.append(1))
    assert caught.value.failure is Failure.DEADLINE
    assert done == []


@pytest.mark.parametrize(
    ("seconds", "connect", "failure"), [(60.0, 0.05, Failure.TIMEOUT), (0.05, 60.0, Failure.DEADLINE)]
)
def test_work_that_does_not_leave_is_given_up_and_can_never_send(
    seconds: float, connect: float, failure: Failure
) -> None:
    late = threading.Event()
    sent: list[Exception | None] = []

    def work() -> None:
        attempt = current()
        late.wait(10)
        try:
            attempt.leave(None)
            sent.append(None)
        except TransportError as error:
            sent.append(error)
        over.set()

    over = threading.Event()
    attempt = _attempt(seconds, connect)
    with pytest.raises(TransportError) as caught:
        attempt.run(work)
    assert caught.value.failure is failure
    late.set()
    assert over.wait(10)
    assert isinstance(sent[0], TransportError)
    assert not attempt.sent


def test_work_that_left_may_take_as_long_as_the_deadline() -> None:
    left = threading.Event()

    def work() -> str:
        current().leave(None)
        left.wait(0.2)
        return "answer"

    assert _attempt(60.0, 0.05).run(work) == "answer"


def test_connection_of_an_attempt_given_up_is_shut_down() -> None:
    near, far = socket.socketpair()
    with near, far:
        attempt = _attempt(0.1)

        def work() -> bytes:
            current().leave(near)
            return near.recv(1)

        with pytest.raises(TransportError):
            attempt.run(work)
        assert attempt.sent
        assert far.recv(1) == b""


def test_interruption_of_the_caller_gives_the_attempt_up(monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = _attempt()
    monkeypatch.setattr(threading.Event, "wait", lambda *_: _fail(KeyboardInterrupt()))
    with pytest.raises(KeyboardInterrupt):
        attempt.run(lambda: None)
    with pytest.raises(TransportError):
        attempt.leave(None)


def _no_threads(*_: object) -> None:
    raise RuntimeError("can't start new thread")


def test_work_is_done_in_the_calling_thread_where_no_other_can_be_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threading.Thread, "start", _no_threads)
    assert _attempt().run(threading.current_thread) is threading.current_thread()
    with pytest.raises(KeyError):
        _attempt().run(lambda: _fail(KeyError("x")))


@pytest.mark.loopback
def test_calls_and_their_limits_work_without_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    scripts: list[Script] = [
        [answer(200, b"{}")],
        [answer(204)],
        [Hold()],
    ]
    with FaultServer(scripts) as server:
        transport = transport_for(server.url, seconds=1.0, read_timeout=0.2)
        true = threading.Thread.start

        def start(thread: threading.Thread) -> None:
            if thread.name == "call":
                _no_threads()
            true(thread)

        monkeypatch.setattr(threading.Thread, "start", start)
        assert transport.send("GET", "/peer").body == b"{}"
        assert transport.send("PUT", "/peer/AP1/stop").status == 204
        with pytest.raises(LostAnswerError, match="nothing came for"):
            transport.send("PUT", "/peer/AP1/stop")
        transport.close()
    assert len(server.sent("PUT")) == 2
