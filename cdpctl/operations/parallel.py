"""Calls a function for many names in a few threads."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

from cdpctl.background import BackgroundCall

T = TypeVar("T")


def run_parallel(
    names: Sequence[str],
    work: Callable[[str], T],
    parallel: int,
    stop: Callable[[], bool],
    *,
    begin: Callable[[str], None] = lambda _name: None,
    done: Callable[[str, T], None] = lambda _name, _answer: None,
) -> None:
    """Call `work` once for each name, at most `parallel` at a time, until `stop` returns True.

    The threads are daemons: an interrupted run ends at once, without waiting for a server that has
    stopped answering, and drops late results. If no thread can be started, the calls are made one after
    another.

    Args:
        names: the names, in order.
        work: called from several threads at once.
        parallel: the most threads.
        stop: called before each name. True leaves out the rest.
        begin: called with a name before `work`. `begin`, `done` and `stop` never run at the same time.
        done: takes the result of `work`.

    Raises:
        BaseException: the first exception of `work`, or the one that ended the run.
    """
    lock = threading.Lock()
    waiting = iter(names)
    ended = False

    def take() -> str | None:
        with lock:
            name = None if ended or stop() else next(waiting, None)
            if name is not None:
                begin(name)
            return name

    def loop() -> None:
        nonlocal ended
        try:
            while (name := take()) is not None:
                answer = work(name)
                with lock:
                    if not ended:
                        done(name, answer)
        except BaseException:
            ended = True
            raise

    try:
        calls = [BackgroundCall(loop, "parallel") for _ in range(min(parallel, len(names)))]
        for call in calls:
            call.result()
    except BaseException:
        # Wait for a thread in `begin` or `done`. If this thread holds the lock itself, the wait times out.
        ended = True
        if lock.acquire(timeout=1.0):
            lock.release()
        raise
