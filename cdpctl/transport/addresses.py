"""Connects to the first address of a host that answers."""

import selectors
import socket
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

# Seconds before the next address is tried (RFC 8305).
_HEAD_START = 0.25


def connect(found: Sequence[tuple[Any, ...]], seconds: float) -> socket.socket:
    """Connect to the first address that answers. Try the next one after a quarter of a second.

    Args:
        found: at least one address, from `socket.getaddrinfo`.
        seconds: the time limit for all addresses, and the time-out of the socket.

    Returns:
        A connected socket.

    Raises:
        OSError: none answers. Of several errors, the most helpful one.
    """
    end = time.monotonic() + seconds
    waiting = list(found)
    begun: list[socket.socket] = []
    failures: list[OSError] = []
    try:
        with selectors.DefaultSelector() as pending:
            while waiting or pending.get_map():
                if waiting:
                    try:
                        pending.register(_begin(waiting.pop(0), begun), selectors.EVENT_WRITE)
                    except OSError as error:
                        failures.append(error)
                        continue
                left = end - time.monotonic()
                if left <= 0:
                    failures.append(TimeoutError("no answer"))
                    break
                for key, _ in pending.select(min(left, _HEAD_START) if waiting else left):
                    ready: socket.socket = key.fileobj  # type: ignore[assignment]
                    pending.unregister(ready)
                    problem = ready.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
                    if not problem:
                        begun.remove(ready)
                        ready.settimeout(seconds)
                        ready.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                        return ready
                    failures.append(OSError(problem, "connect"))
    finally:
        for sock in begun:
            sock.close()
    raise min(failures, key=_says_least)


def _begin(entry: tuple[Any, ...], begun: list[socket.socket]) -> socket.socket:
    family, kind, protocol, _, address = entry
    sock = socket.socket(family, kind, protocol)
    begun.append(sock)
    sock.setblocking(False)
    with suppress(BlockingIOError):
        sock.connect(address)
    return sock


def _says_least(error: OSError) -> int:
    return 0 if isinstance(error, ConnectionRefusedError) else 1 if isinstance(error, TimeoutError) else 2
