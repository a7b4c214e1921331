"""A few threads that work off a list of names, and take no more of them once the run has ended."""

import threading
from collections.abc import Callable, Sequence
from typing import TypeVar

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
    failures: list[Exception] = []
    ended = False

    def take() -> str | None:
        with lock:
            if ended or failures or stop():
                return None
            name = next(waiting, None)
            if name is not None:
                begin(name)
            return name

    def loop() -> None:
        while (name := take()) is not None:
            try:
                answer = work(name)
                with lock:
                    if not ended:
                        done(name, answer)
            except Exception as failure:  # noqa: BLE001 - raised again by the caller's thread
                failures.append(failure)

    try:
        for thread in _started(loop, min(parallel, len(names))):
            thread.join()
        # All of it where there is no thread; else nothing is left.
        loop()
    except BaseException:
        # A thread may hold the lock, and the signal may have come while this one did.
        ended = True
        if lock.acquire(timeout=1.0):
            lock.release()
        raise
    if failures:
        raise failures[0]


def _started(loop: Callable[[], None], count: int) -> list[threading.Thread]:
    threads: list[threading.Thread] = []
    for _ in range(count if count > 1 else 0):
        thread = threading.Thread(target=loop, daemon=True)
        try:
            thread.start()
        except RuntimeError:
            # The limit of the system or of a container is reached.
            break
        threads.append(thread)
    return threads
