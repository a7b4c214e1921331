"""Calls in parallel: each name once, and none after the run has ended."""

import threading

import pytest

from cdpctl.errors import RejectedError
from cdpctl.operations.parallel import run_parallel

_NAMES = [f"AP{number}" for number in range(1, 51)]


@pytest.mark.parametrize("parallel", [1, 4, 64])
def test_each_name_is_worked_on_once(parallel: int) -> None:
    done: list[str] = []
    run_parallel(_NAMES, done.append, parallel, lambda: False)
    assert sorted(done) == sorted(_NAMES)
    assert done == _NAMES or parallel > 1


def test_as_many_as_asked_for_work_side_by_side() -> None:
    # Passes only if four arrive at the same time.
    meeting = threading.Barrier(4, timeout=30)

    def work(_: str) -> None:
        meeting.wait()

    run_parallel(_NAMES[:8], work, 4, lambda: False)
    assert not meeting.broken


@pytest.mark.parametrize("parallel", [1, 4])
def test_no_name_is_begun_after_the_stop(parallel: int) -> None:
    done: list[str] = []
    stopped = threading.Event()

    def work(name: str) -> None:
        done.append(name)
        stopped.set()

    run_parallel(_NAMES, work, parallel, stopped.is_set)
    assert 1 <= len(done) <= parallel


@pytest.mark.parametrize("parallel", [1, 4])
@pytest.mark.parametrize("failure", [RejectedError("no"), ValueError("a bug")])
def test_failure_of_a_thread_is_raised_here(parallel: int, failure: Exception) -> None:
    done: list[str] = []

    def work(name: str) -> None:
        done.append(name)
        raise failure

    with pytest.raises(type(failure)) as caught:
        run_parallel(_NAMES, work, parallel, lambda: False)
    assert caught.value is failure
    assert len(done) <= parallel


@pytest.mark.parametrize("threads", [0, 2])
def test_run_goes_on_with_the_threads_there_are(monkeypatch: pytest.MonkeyPatch, threads: int) -> None:
    start, left = threading.Thread.start, [None] * threads

    def limited(thread: threading.Thread) -> None:
        if not left:
            raise RuntimeError("can't start new thread")
        left.pop()
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", limited)
    done: list[str] = []
    run_parallel(_NAMES, done.append, 8, lambda: False)
    assert sorted(done) == sorted(_NAMES)
