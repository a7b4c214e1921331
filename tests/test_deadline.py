"""Durations, and the deadline of a run."""

import pytest

from cdpctl.deadline import Deadline, parse_duration, sleep, wait_for
from cdpctl.errors import UsageError


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("5m", 300), ("1.5m", 90), ("250ms", 0.25), (" 2h ", 7200)]
)
def test_duration_is_read_in_its_unit(text: str, seconds: float) -> None:
    assert parse_duration(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "text", ["", "0", "0s", "-1", "1d", "8h8", "1e3", "169h", "٣", "nan", "inf", "1 m x"]
)
def test_duration_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="--timeout"):
        parse_duration(text, "--timeout")


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_deadline_passes_once_and_stays_passed() -> None:
    clock = Clock()
    deadline = Deadline(10.0, clock)
    clock.now += 8
    assert deadline.remaining() == 2.0
    assert not deadline.expired
    clock.now += 3
    assert deadline.remaining() == 0.0
    assert deadline.expired


@pytest.mark.parametrize("seconds", [10.0, None])
def test_time_of_a_question_is_not_counted(seconds: float | None) -> None:
    clock = Clock()
    deadline = Deadline(seconds, clock)
    clock.now += 8
    # Even if the question comes while more time is allowed for a read.
    with deadline.extended(5.0):
        with deadline.paused():
            clock.now += 300
        clock.now += 1
    clock.now += 3
    assert (deadline.elapsed, deadline.remaining()) == (12.0, float("inf") if seconds is None else 6.0)


def test_part_of_it_is_held_back_for_a_last_look() -> None:
    clock = Clock()
    assert Deadline(8.0, clock).reserve(0.25, 5.0).remaining() == 6.0
    assert Deadline(100.0, clock).reserve(0.25, 5.0).remaining() == 95.0
    assert Deadline(None, clock).reserve(0.25, 5.0).remaining() == float("inf")


def test_no_deadline_never_passes() -> None:
    deadline = Deadline(None)
    assert not deadline.expired
    assert deadline.remaining() == float("inf")


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Let sleeps take no time, and return their seconds."""
    clock, kept = Clock(), []

    def nap(seconds: float) -> None:
        kept.append(round(seconds, 3))
        clock.now += seconds

    monkeypatch.setattr("cdpctl.deadline.time.sleep", nap)
    monkeypatch.setattr("cdpctl.deadline.time.monotonic", clock)
    return kept


@pytest.mark.parametrize(
    ("seconds", "parts"), [(0.0, [0.0]), (0.3, [0.3]), (0.5, [0.5]), (1.2, [0.5, 0.5, 0.2]), (-1.0, [0.0])]
)
def test_sleep_is_divided_for_signals(naps: list[float], seconds: float, parts: list[float]) -> None:
    sleep(seconds)
    assert naps == parts


def test_wait_ends_when_it_has_come_or_in_time(naps: list[float]) -> None:
    def come(seconds: float) -> bool:
        sleep(seconds)
        return len(naps) == 3

    assert wait_for(come, float("inf"))
    assert naps == [0.5, 0.5, 0.5]
    assert not wait_for(come, 1.0)
    assert len(naps) == 5
