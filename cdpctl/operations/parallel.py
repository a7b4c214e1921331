"""A few threads that work off a list of names and never outlive the run."""

import queue
import threading
from collections.abc import Callable, Sequence

from cdpctl.errors import CdpctlError


def run_parallel(
    names: Sequence[str],
    work: Callable[[str], None],
    parallel: int,
    stop: Callable[[], bool],
) -> None:
    """Call `work` once for each name, at most `parallel` at a time, until `stop` says so.

    The threads are daemons: an interrupted run leaves at once, and does not wait for a server that
    has stopped answering.

    Args:
        names: in the order in which they are begun.
        work: handles its own CdpctlErrors; anything else it raises is raised here.
        parallel: the number of threads, at most.
        stop: asked before each name; True leaves the rest untouched.
    """
    if parallel <= 1 or len(names) == 1:
        for name in names:
            if stop():
                return
            work(name)
        return
    waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
    for name in names:
        waiting.put(name)
    failures: list[Exception] = []

    def loop() -> None:
        while not failures and not stop():
            try:
                name = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                work(name)
            except (CdpctlError, Exception) as failure:  # noqa: BLE001 - raised again by the caller's thread
                failures.append(failure)

    threads = []
    try:
        for _ in range(min(parallel, len(names))):
            threads.append(threading.Thread(target=loop, daemon=True))
            threads[-1].start()
    except RuntimeError:
        # The system gives no more threads: this one works with those that are there.
        threads.pop()
        loop()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
