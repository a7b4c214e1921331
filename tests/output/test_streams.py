"""Streams that are non-blocking, stuck, closed or interrupted."""

import io
import os
import signal
import sys
import threading
from collections.abc import Iterator
from types import FrameType
from typing import TextIO

import pytest

from cdpctl.output import streams
from cdpctl.output.streams import MessageStream, Stream, uninterrupted

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="pipes of Unix")


class Pipe:
    """A non-blocking pipe, and the stream that writes to it."""

    def __init__(self) -> None:
        self.reading, writing = os.pipe()
        os.set_blocking(writing, False)
        self.file: TextIO = os.fdopen(writing, "w", encoding="utf-8")

    def fill(self) -> int:
        """Fill the pipe completely, and return the number of bytes."""
        size = 0
        try:
            while True:
                size += os.write(self.file.fileno(), b"." * 4096)
        except BlockingIOError:
            return size

    def read(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            data += os.read(self.reading, size - len(data))
        return data


@pytest.fixture
def pipe() -> Iterator[Pipe]:
    made = Pipe()
    yield made
    made.file.close()
    os.close(made.reading)


def test_pipe_that_does_not_block_gets_every_byte_in_order(pipe: Pipe) -> None:
    expected = b"".join(b"%d\n" % number for number in range(100_000))
    found: list[bytes] = []
    reader = threading.Thread(target=lambda: found.append(pipe.read(len(expected))))
    reader.start()
    Stream(pipe.file).write(f"{number}\n" for number in range(100_000))
    reader.join()
    assert found == [expected]


def test_reader_that_has_gone_is_a_broken_pipe() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as file, pytest.raises(BrokenPipeError):
        Stream(file).write(["lost"])


def test_text_and_bytes_go_to_a_stream_without_a_descriptor() -> None:
    buffer = io.BytesIO()
    file = io.TextIOWrapper(buffer, encoding="ascii")
    Stream(file).write(["é", b"\xff", "\n"])
    assert buffer.getvalue() == b"\\xe9\xff\n"


@pytest.mark.parametrize("file", [None, io.StringIO()])
def test_stream_that_is_not_there_is_no_terminal(file: TextIO | None) -> None:
    stream = Stream(file)
    assert not stream.is_terminal
    assert stream.size == (80, 24)


def test_closed_stream_is_an_error() -> None:
    file = io.StringIO()
    file.close()
    with pytest.raises(ValueError):
        Stream(file).write(["lost"])
    with pytest.raises(ValueError):
        Stream(None).write(["lost"])


@pytest.mark.parametrize(
    ("encoding", "shown"),
    [("utf-8", "zé…"), ("UTF8", "zé…"), ("ascii", "z\\xe9\\u2026"), ("latin-1", "zé\\u2026")],
)
def test_text_is_shown_as_the_encoding_can(encoding: str, shown: str) -> None:
    stream = Stream(io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    assert stream.shown("zé…") == shown


def test_messages_are_kept_while_nobody_reads_and_written_then(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(streams, "_PATIENCE", 0.01)
    size = pipe.fill()
    stream = MessageStream(pipe.file)
    stream.say("one\n")
    stream.say("two\n")
    pipe.read(size)
    stream.say("three\n")
    assert pipe.read(14) == b"one\ntwo\nthree\n"
    stream.close()


def test_last_messages_are_written_when_the_run_ends(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_PATIENCE", 0.01)
    size = pipe.fill()
    stream = MessageStream(pipe.file)
    stream.say("error: one\n")
    reader = threading.Timer(0.05, pipe.read, [size])
    reader.start()
    stream.close()
    reader.join()
    assert pipe.read(11) == b"error: one\n"


def test_end_of_a_run_does_not_wait_for_ever(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_PATIENCE", 0.01)
    monkeypatch.setattr(streams, "_LAST_PATIENCE", 0.01)
    size = pipe.fill()
    stream = MessageStream(pipe.file)
    stream.say("lost\n")
    stream.close()
    assert pipe.read(size) == b"." * size


def test_memory_for_kept_messages_is_bounded(pipe: Pipe, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "_PATIENCE", 0.01)
    monkeypatch.setattr(streams, "_MOST_KEPT", 10)
    size = pipe.fill()
    stream = MessageStream(pipe.file)
    for _ in range(1000):
        stream.say("0123456789\n")
    pipe.read(size)
    stream.close()
    assert os.read(pipe.reading, 1000) == b"0123456789\n"


def test_messages_to_a_stream_that_fails_are_dropped() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w", encoding="utf-8") as file:
        stream = MessageStream(file)
        stream.say("lost\n")
        stream.say("lost too\n")
        stream.close()
    MessageStream(None).say("lost\n")


class ToldError(Exception):
    """Raised by the test's handler."""


@pytest.fixture
def handler() -> Iterator[None]:
    def tell(_number: int, _frame: FrameType | None) -> None:
        raise ToldError

    before = signal.signal(signal.SIGTERM, tell)
    yield
    signal.signal(signal.SIGTERM, before)


@pytest.mark.usefixtures("handler")
def test_signal_waits_for_the_end_of_what_must_be_whole() -> None:
    done = []
    with pytest.raises(ToldError), uninterrupted(deliver=True):
        signal.raise_signal(signal.SIGTERM)
        done.append("whole")
    assert done == ["whole"]


@pytest.mark.usefixtures("handler")
def test_signal_at_the_end_of_a_run_is_dropped_and_a_second_one_ends_the_process() -> None:
    with uninterrupted(deliver=False):
        signal.raise_signal(signal.SIGTERM)
        assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.usefixtures("handler")
def test_signal_after_the_end_of_a_run_is_dropped_too() -> None:
    with uninterrupted(deliver=False):
        pass
    signal.raise_signal(signal.SIGTERM)
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL


@pytest.mark.usefixtures("handler")
def test_handlers_are_put_back() -> None:
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    with uninterrupted(deliver=True):
        assert signal.getsignal(signal.SIGTERM) is not before[signal.SIGTERM]
    assert {number: signal.getsignal(number) for number in before} == before


@pytest.mark.usefixtures("handler")
def test_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with uninterrupted(deliver=True):
            signal.raise_signal(signal.SIGHUP)
            assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_threads_write_without_touching_the_handlers() -> None:
    before = signal.getsignal(signal.SIGTERM)
    seen: list[object] = []

    def work() -> None:
        with uninterrupted(deliver=True):
            seen.append(signal.getsignal(signal.SIGTERM))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert seen == [before]


def test_message_is_written_once_though_a_signal_comes_right_after_it(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write(descriptor: int, data: bytes) -> int:
        count = os_write(descriptor, data)
        signal.raise_signal(signal.SIGINT)
        return count

    os_write = os.write
    monkeypatch.setattr(os, "write", write)
    stream = MessageStream(pipe.file)
    with pytest.raises(KeyboardInterrupt):
        stream.say("Continue? [y/N] ")
    monkeypatch.undo()
    stream.say("\n")
    assert pipe.read(17) == b"Continue? [y/N] \n"
    stream.close()
