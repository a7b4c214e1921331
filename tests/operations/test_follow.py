"""Following peers: faults on the way, and waits that time out."""

from functools import partial
from typing import Any

import pytest

from cdpctl.errors import LostAnswerError, UnreachableError
from cdpctl.operations.change import change, wait_for
from cdpctl.operations.delete import delete
from cdpctl.operations.model import STOP, Report
from cdpctl.operations.run import Run
from tests.support.clock import Clock
from tests.support.grid import FakeGrid, Told, outcomes, perform, run_on


@pytest.fixture
def grid() -> FakeGrid:
    return FakeGrid(["AP1", "AP2"], Clock(), takes=10_000.0)


def told(run: Run) -> Told:
    assert isinstance(run.reporter, Told)
    return run.reporter


def stop(run: Run) -> Report:
    return perform(change, run, STOP, lambda _names: None)


def stop_while(grid: FakeGrid, *states: tuple[float, str], **options: Any) -> Report:
    """Stop AP1 and show each state from its time on."""
    for seconds, status in states:
        grid.clock.after(seconds, partial(grid.status.update, AP1=status))
    return stop(run_on(grid, ["AP1"], wait=True, **options))


def test_time_at_a_question_is_not_counted(grid: FakeGrid) -> None:
    run = run_on(grid, ["AP1"], wait=True, seconds=60.0)

    def approve(_names: object) -> None:
        with run.deadline.paused():
            grid.clock.sleep(300.0)
        grid.clock.after(2.0, partial(grid.status.update, AP1="STOPPED"))

    [result] = perform(change, run, STOP, approve).results
    assert result.outcome == "confirmed"
    assert result.elapsed == pytest.approx(2.1, abs=0.2)


@pytest.mark.parametrize("status", ["FAULT STATE", "Start failed", "Error 7"])
def test_peer_that_stays_at_fault_has_failed(grid: FakeGrid, status: str) -> None:
    [result] = stop_while(grid, (0.1, status)).results
    assert (result.outcome, result.message) == ("failed", f"the peer is now {status}")
    assert grid.clock.now - 100.0 == pytest.approx(1.3, abs=0.2)


@pytest.mark.parametrize(
    ("interval", "lasts", "outcome"),
    [(2.0, 0.8, "confirmed"), (2.0, 1.6, "failed"), (0.2, 0.6, "failed")],
)
def test_fault_is_forgiven_for_a_second_or_an_interval(
    grid: FakeGrid, interval: float, lasts: float, outcome: str
) -> None:
    report = stop_while(grid, (0.1, "FAULT"), (0.1 + lasts, "STOPPED"), interval=interval)
    assert outcomes(report.results) == {"AP1": outcome}


def test_fault_that_comes_again_is_forgiven_again(grid: FakeGrid) -> None:
    states = [(0.1, "FAULT"), (0.8, "STOPPING"), (1.2, "FAULT"), (1.9, "STOPPED")]
    assert outcomes(stop_while(grid, *states).results) == {"AP1": "confirmed"}


@pytest.mark.parametrize(("before", "outcome"), [("FAULT", "confirmed"), ("FAULT 1", "failed")])
def test_fault_counts_where_it_is_another_than_before(grid: FakeGrid, before: str, outcome: str) -> None:
    grid.status["AP1"] = before
    report = stop_while(grid, (0.1, "FAULT"), (5.0, "STOPPED"))
    assert outcomes(report.results) == {"AP1": outcome}


def test_last_poll_always_has_two_seconds_and_the_others_what_is_left(grid: FakeGrid) -> None:
    run = run_on(grid, ["AP1"], wait=True, seconds=1.0, interval=0.6)
    listed = grid.list_peer_info
    left: list[float] = []

    def noting() -> object:
        left.append(run.overall.remaining())
        return listed()

    grid.list_peer_info = noting  # type: ignore[method-assign, assignment]
    stop(run)
    assert all(0.0 < each <= 1.0 for each in left[:-1])
    assert left[-2] < 0.5
    assert left[-1] == pytest.approx(2.0)


def test_poll_that_fails_is_followed_by_others_and_told_as_a_decision(grid: FakeGrid) -> None:
    grid.takes = 1.0
    run = run_on(grid, ["AP1"], wait=True)
    grid.clock.before_sleep = [lambda: grid.read_failures.append(UnreachableError("the CDP is busy"))]
    assert outcomes(stop(run).results) == {"AP1": "confirmed"}
    assert "1 reading the peers failed: the CDP is busy" in told(run).decisions


@pytest.mark.parametrize(("count", "noted"), [(1, True), (10, True), (11, False)])
def test_command_to_keep_waiting_names_ten_peers_at_most(count: int, noted: bool) -> None:
    names = [f"AP{number}" for number in range(count)]
    run = run_on(FakeGrid(names, Clock(), takes=1000.0), names, wait=True, seconds=5.0)
    assert set(outcomes(stop(run).results).values()) == {"timed_out"}
    expected = [f"to keep waiting: cdpctl peer wait --for stopped {' '.join(names)}"]
    assert told(run).notes == (expected if noted else [])


def test_wait_that_times_out_says_where_the_peers_are(grid: FakeGrid) -> None:
    run = run_on(grid, ["AP1"], "wait", wait=True, seconds=5.0)
    [result] = perform(wait_for, run, STOP, lambda _names: None).results
    assert (result.outcome, result.message) == ("timed_out", "still RUNNING after 5 s")
    assert told(run).notes == []


def test_peer_that_shows_no_status_at_the_deadline_is_said_to_show_none(grid: FakeGrid) -> None:
    grid.clock.after(1.0, lambda: grid.status.update(AP1=None))
    [result] = stop(run_on(grid, ["AP1"], wait=True, seconds=5.0)).results
    assert result.message == "accepted, but without a status after 5 s"


def test_peer_that_is_not_listed_at_the_deadline_is_not_said_to_be_running(grid: FakeGrid) -> None:
    grid.clock.after(1.0, lambda: grid.going.update(AP1=grid.clock.now))
    [result] = stop(run_on(grid, ["AP1"], wait=True, seconds=5.0)).results
    assert result.message == "accepted, but not listed by the CDP after 5 s"


@pytest.mark.parametrize(("status", "outcome"), [("RUNNING", "unknown"), ("STOPPING", "timed_out")])
def test_lost_answer_is_accepted_by_the_deadline_where_an_effect_shows(
    grid: FakeGrid, status: str, outcome: str
) -> None:
    grid.refusals["stop AP1"] = LostAnswerError("it was sent, and nothing came", http_status=502)
    grid.clock.after(20.0, lambda: grid.status.update(AP1=status))
    run = run_on(grid, ["AP1"], wait=True)
    [result] = stop(run).results
    assert (result.outcome, result.http_status) == (outcome, 502)
    going_on = [note for note in told(run).notes if "to keep waiting" in note]
    assert bool(going_on) is (outcome == "timed_out")


def test_cdp_that_serves_no_read_any_more_is_polled_no_more(grid: FakeGrid) -> None:
    def unserved() -> None:
        grid.info_served = grid.plain_served = False

    grid.clock.after(3.0, unserved)
    [result] = stop(run_on(grid, ["AP1"], wait=True)).results
    assert result.outcome == "unknown"
    assert result.message == (
        "accepted, but the grid can no longer be read: this CDP serves neither /info/peer nor /peer"
    )
    assert grid.clock.now < 105.0


def test_second_read_of_a_fault_is_enough_where_they_are_an_interval_apart() -> None:
    grid = FakeGrid(["AP1"], Clock(0.0), takes=10_000.0)
    interval = 1 / 32
    assert outcomes(stop_while(grid, (0.01, "FAULT"), interval=interval).results) == {"AP1": "failed"}
    assert grid.clock.now == 2 * interval


def test_grid_that_cannot_be_read_to_the_deadline_shows_nothing(grid: FakeGrid) -> None:
    run = run_on(grid, ["AP1"], wait=True, seconds=5.0)
    fail = partial(grid.read_failures.append, UnreachableError("the CDP is busy"))
    grid.clock.before_sleep = [fail] * 100
    [result] = stop(run).results
    assert result.outcome == "timed_out"
    assert "does not show whether it is stopped" in result.message


def test_deleted_peer_is_looked_for_soon() -> None:
    grid = FakeGrid(["AP1", "AP2"], Clock(0.0), takes=0.5)
    grid.status["AP1"] = "STOPPED"
    report = perform(delete, run_on(grid, ["AP1"], "delete", wait=True), lambda _names: None)
    assert outcomes(report.results) == {"AP1": "confirmed"}
    assert 0.5 <= grid.clock.now <= 0.65
