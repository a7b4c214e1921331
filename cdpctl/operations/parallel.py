"""A few threads that work off a list of names, and take no more of them once the run has ended."""

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
    """Call `work` once for each name, at most `parallel` at a time, until `stop` says so.

    The threads are daemons: an interrupted run leaves at once, and does not wait for a server that
    has stopped answering. What comes back to a thread after that is dropped. Where no thread can be
    started, the names are worked off one after another.

    Args:
        names: in the order in which they are begun.
        work: may be called from several threads at once.
        parallel: the number of threads, at most.
        stop: asked before each name; True leaves the rest untouched.
        begin: told of a name before `work` gets it; one call at a time, as `done` and `stop`.
        done: takes what `work` returned.

    Raises:
        BaseException: what `work` raised first, or what ended the run.
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
        # A thread may hold the lock, and the signal may have come while this one did.
        ended = True
        if lock.acquire(timeout=1.0):
            lock.release()
        raise
