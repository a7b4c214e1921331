"""Connecting to a host by whichever of its addresses answers first."""

import selectors
import socket
import time
from collections.abc import Iterator, Sequence
from itertools import chain, zip_longest
from typing import Any

# An address that does not answer holds up the next one for this long (RFC 8305).
_HEAD_START = 0.25


def resolve(host: str, port: int) -> list[tuple[Any, ...]]:
    """Return what `socket.getaddrinfo` does, with the families taking turns: at least one entry.

    Raises:
        OSError, UnicodeError: there is no such name.
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    if not found:
        raise socket.gaierror(socket.EAI_NONAME, "no address")
    first = [entry for entry in found if entry[0] == found[0][0]]
    others = [entry for entry in found if entry[0] != found[0][0]]
    return [entry for entry in chain(*zip_longest(first, others)) if entry is not None]


def connect(found: Sequence[tuple[Any, ...]], seconds: float) -> socket.socket:
    """Connect to the first address that answers; the next one is tried after a quarter of a second.

    Args:
        found: what `resolve` returned.
        seconds: for all of them together, and the time-out of the socket.

    Returns:
        A connected socket.

    Raises:
        OSError: none does; of several reasons the one that says most.
    """
    waiting = iter(found)
    failures: list[OSError] = []
    with selectors.DefaultSelector() as pending:
        try:
            winner = _race(waiting, pending, failures, time.monotonic() + seconds)
            if winner is not None:
                winner.settimeout(seconds)
                winner.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return winner
            if pending.get_map():
                failures.append(TimeoutError("no answer"))
        finally:
            for key in list(pending.get_map().values()):
                key.fileobj.close()  # type: ignore[union-attr]
    raise min(failures, key=_says_least)


def _says_least(error: OSError) -> int:
    return 0 if isinstance(error, ConnectionRefusedError) else 1 if isinstance(error, TimeoutError) else 2


def _race(
    waiting: Iterator[tuple[Any, ...]],
    pending: selectors.BaseSelector,
    failures: list[OSError],
    end: float,
) -> socket.socket | None:
    """Return a socket that has connected, or None when every address has failed or time is over."""
    more = True
    while True:
        entry = next(waiting, None) if more else None
        if entry is not None:
            sock = _begin(entry, failures)
            if sock is None:
                continue
            pending.register(sock, selectors.EVENT_WRITE)
        else:
            more = False
        left = end - time.monotonic()
        if left <= 0 or not pending.get_map():
            return None
        for key, _ in pending.select(min(left, _HEAD_START) if more else left):
            ready: socket.socket = key.fileobj  # type: ignore[assignment]
            problem = ready.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            pending.unregister(ready)
            if not problem:
                return ready
            ready.close()
            failures.append(OSError(problem, "connect"))


def _begin(entry: tuple[Any, ...], failures: list[OSError]) -> socket.socket | None:
    family, kind, protocol, _, address = entry
    try:
        sock = socket.socket(family, kind, protocol)
    except OSError as error:
        failures.append(error)
        return None
    try:
        sock.setblocking(False)
        sock.connect(address)
    except BlockingIOError:
        pass
    except OSError as error:
        sock.close()
        failures.append(error)
        return None
    except BaseException:
        sock.close()
        raise
    return sock
