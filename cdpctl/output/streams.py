"""Writes to standard output and standard error: completely, even if a stream blocks or is non-blocking."""

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TextIO

#: The signals that end a run. Windows has no SIGHUP.
SIGNALS: list[int] = [number for number in signal.Signals if number.name in ("SIGINT", "SIGTERM", "SIGHUP")]
# The bytes collected before a system call.
_BLOCK = 65536
# POSIX guarantees that a pipe that is ready takes this many bytes without blocking.
_READY = 512
#: Seconds to wait for standard error: for each message, and at the end of the run.
_PATIENCE = 1.0
_LAST_PATIENCE = 5.0
# The bytes of messages kept while standard error takes none. Later messages are lost.
_MOST_KEPT = 1024 * 1024


def write_all(descriptor: int, data: bytes | bytearray) -> None:
    """Write all bytes, and wait if a non-blocking descriptor is full.

    Raises:
        OSError: the disk is full, or the descriptor or its reader was closed.
    """
    view = memoryview(data)
    while view:
        try:
            view = view[os.write(descriptor, view) :]
        except BlockingIOError:
            _ready(descriptor, None)


def _ready(descriptor: int, seconds: float | None) -> bool:
    """Wait until a descriptor takes data. Return False if it does not in time."""
    import select

    return bool(select.select([], [descriptor], [], seconds)[1])


@contextmanager
def uninterrupted(*, deliver: bool) -> Iterator[None]:
    """Hold signals back while something is written completely. A second signal ends the process.

    Args:
        deliver: handle the signal afterwards. If False, this is the end of a run, and the first signal is
            ignored from here on.
    """
    if threading.current_thread() is not threading.main_thread():
        # Handlers run in the main thread only.
        yield
        return
    caught: list[int] = []

    def hold(number: int, _frame: object) -> None:
        signal.signal(number, signal.SIG_DFL)
        caught.append(number)

    handlers = {number: handler for number in SIGNALS if callable(handler := signal.getsignal(number))}
    for number in handlers:
        signal.signal(number, hold)
    try:
        yield
    finally:
        if deliver:
            for number, handler in handlers.items():
                if number not in caught:
                    signal.signal(number, handler)
            if caught:
                handlers[caught[0]](caught[0], None)


class Stream:
    """A standard stream of the process, or a replacement for one.

    Args:
        file: the stream in `sys`. None if the process was started without it.
    """

    def __init__(self, file: TextIO | None) -> None:
        self.file = file
        self._lock = threading.Lock()
        self._descriptor = self._find_descriptor()

    def _find_descriptor(self) -> int | None:
        # On Windows a console takes text, not bytes.
        if self.file is None or os.name == "nt":
            return None
        try:
            self.file.flush()
            return self.file.fileno()
        except (OSError, ValueError, AttributeError):
            return None

    @property
    def is_terminal(self) -> bool:
        """Whether the stream is a terminal."""
        try:
            return self.file is not None and self.file.isatty()
        except ValueError:
            return False

    @property
    def size(self) -> tuple[int, int]:
        """The current columns and rows of the terminal, or 80 and 24 if they are unknown."""
        try:
            columns, rows = os.get_terminal_size(-1 if self._descriptor is None else self._descriptor)
        except (OSError, ValueError):
            columns, rows = 0, 0
        return columns or 80, rows or 24

    def shown(self, text: str) -> str:
        """Return text that the stream's encoding can show."""
        if text.isascii() or self.is_unicode:
            return text
        return text.encode(self._encoding, "backslashreplace").decode(self._encoding)

    @property
    def is_unicode(self) -> bool:
        """Whether every character can be written."""
        return self._encoding.lower().replace("-", "").startswith("utf")

    @property
    def _encoding(self) -> str:
        return getattr(self.file, "encoding", None) or "utf-8"

    def write(self, blocks: Iterable[str | bytes]) -> None:
        """Write text and bytes completely, without anything from another thread in between.

        Raises:
            OSError: the disk is full, or the stream or its reader was closed.
            ValueError: this process has closed the stream.
        """
        with self._lock:
            data = bytearray()
            for block in blocks:
                data += block if isinstance(block, bytes) else self._encoded(block)
                if len(data) >= _BLOCK:
                    self._write(data)
                    data = bytearray()
            if data:
                self._write(data)

    def _encoded(self, text: str) -> bytes:
        return text.encode(self._encoding, "backslashreplace")

    def _write(self, data: bytes | bytearray) -> None:
        if self._descriptor is not None:
            write_all(self._descriptor, data)
            return
        if self.file is None:
            raise ValueError("there is no such stream")
        if (os.name == "nt" and self.is_terminal) or not hasattr(self.file, "buffer"):
            self.file.write(data.decode(self._encoding, "replace"))
        else:
            self.file.flush()
            self.file.buffer.write(data)
        self.file.flush()


class MessageStream(Stream):
    """Standard error. Writing to it never fails and never blocks for long.

    Messages that cannot be written in time are kept and written later.
    """

    def __init__(self, file: TextIO | None) -> None:
        super().__init__(file)
        self._kept = bytearray()
        self._stuck = False

    def say(self, text: str) -> None:
        """Write text, or keep it for later."""
        self._say(self._encoded(text), 0.0 if self._stuck else _PATIENCE)

    def close(self) -> None:
        """Write what was kept, as far as possible in the time."""
        self._say(b"", _LAST_PATIENCE)

    def _say(self, data: bytes, seconds: float) -> None:
        try:
            with self._lock:
                if self._descriptor is not None:
                    if len(self._kept) < _MOST_KEPT:
                        self._kept += data
                    self._drain(self._descriptor, seconds)
                elif self.file is not None:
                    self._write(data)
        except (OSError, ValueError):
            # There is no way to report this. The exit code is not affected.
            self.file, self._descriptor = None, None

    def _drain(self, descriptor: int, seconds: float) -> None:
        while self._kept:
            self._stuck = not _ready(descriptor, seconds)
            if self._stuck:
                return
            try:
                # A signal between writing a piece and dropping it would have it written twice.
                with uninterrupted(deliver=True):
                    del self._kept[: os.write(descriptor, self._kept[:_READY])]
            except BlockingIOError:
                # Some systems say ready for less than this. The next message tries again.
                self._stuck = True
                return
