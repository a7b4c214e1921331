"""Calls in background threads: results, errors, and callers that stop waiting."""

import threading

import pytest

from cdpctl.background import BackgroundCall


def _fail(error: BaseException) -> None:
    raise error


def test_result_is_what_the_work_returns_and_raises_what_it_raises() -> None:
    assert BackgroundCall(threading.current_thread, "test").result().name == "test"
    assert BackgroundCall(lambda: 7, "test").result(float("inf")) == 7
    for error in (KeyError("x"), KeyboardInterrupt()):
        with pytest.raises(type(error)) as caught:
            BackgroundCall(lambda error=error: _fail(error), "test").result()  # type: ignore[misc]
        assert caught.value is error


def test_work_that_takes_longer_is_left_behind() -> None:
    end = threading.Event()
    call = BackgroundCall(lambda: end.wait(30), "test")
    with pytest.raises(TimeoutError):
        call.result(0.01)
    end.set()
    assert call.result() is True


def test_work_is_done_at_once_where_no_thread_can_be_started(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_thread(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", no_thread)
    call = BackgroundCall(threading.current_thread, "test")
    assert call.result(0.0) is threading.current_thread()


def test_signal_while_the_thread_starts_is_raised_and_the_work_done_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done = threading.Semaphore(0)
    start = threading.Thread.start

    def interrupted(thread: threading.Thread) -> None:
        start(thread)
        try:
            raise KeyboardInterrupt
        finally:
            raise RuntimeError("cannot release un-acquired lock")

    monkeypatch.setattr(threading.Thread, "start", interrupted)
    with pytest.raises(KeyboardInterrupt):
        BackgroundCall(done.release, "test")
    assert done.acquire(timeout=10)
    assert not done.acquire(timeout=0.05)


def test_work_that_began_in_a_thread_is_not_done_again(monkeypatch: pytest.MonkeyPatch) -> None:
    done = threading.Semaphore(0)
    start = threading.Thread.start

    def broken(thread: threading.Thread) -> None:
        start(thread)
        thread.join(10)
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", broken)
    BackgroundCall(done.release, "test")
    assert done.acquire(timeout=10)
    assert not done.acquire(timeout=0.05)
