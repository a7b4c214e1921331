"""The pauses between polls of a grid."""

from itertools import islice

import pytest

from cdpctl.operations.change import change, wait_for
from cdpctl.operations.model import STOP
from cdpctl.operations.pace import reads
from cdpctl.peers.models import Outcome
from tests.support.clock import Clock
from tests.support.grid import FakeGrid, perform, run_on


@pytest.mark.parametrize(
    ("interval", "cost", "first", "pauses"),
    [
        (2.0, 0.0, 0.0, [0.05] * 10),
        (2.0, 0.1, 0.0, [0.05, 1.0, 1.0]),
        (2.0, 1.0, 0.0, [0.05, 2.0, 2.0]),
        (2.0, 0.01, 0.75, [0.75, 0.1, 0.1]),
        (0.02, 0.0, 0.75, [0.02, 0.02, 0.02]),
    ],
)
def test_pause_grows_with_the_cost_of_a_read_up_to_the_interval(
    interval: float, cost: float, first: float, pauses: list[float]
) -> None:
    grid = FakeGrid(["AP1"], Clock())
    run = run_on(grid, ["AP1"], wait=True, interval=interval)
    run.follow(run.result("AP1", Outcome.ACCEPTED, "Accepted"))
    slept: list[float] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        grid.clock.now += seconds

    run.sleep = sleep
    for _ in islice(reads(run, first), len(pauses)):
        grid.clock.now += cost
    assert slept == pytest.approx(pauses)


def test_lost_answer_of_a_run_that_does_not_wait_gets_three_reads() -> None:
    grid = FakeGrid(["AP1"], Clock())
    run = run_on(grid, ["AP1"])
    run.follow(run.result("AP1", Outcome.UNKNOWN, "lost"))
    assert len(list(reads(run, 0.0))) == 3
    assert grid.clock.now == pytest.approx(102.2)


@pytest.mark.parametrize("takes", [0.01, 0.3, 2.0, 7.7, 30.0])
@pytest.mark.parametrize("waiting", [False, True])
def test_report_follows_the_stop_soon(takes: float, waiting: bool) -> None:
    grid = FakeGrid(["AP1"], Clock(), takes=takes)
    run = run_on(grid, ["AP1"], "wait" if waiting else "stop", wait=True, interval=5.0)
    begun = grid.clock.now
    if waiting:
        grid.coming["AP1"] = (begun + takes, "STOPPED")
        report = perform(wait_for, run, STOP, lambda _names: None)
    else:
        report = perform(change, run, STOP, lambda _names: None)
    assert report.results[0].outcome == "confirmed"
    assert grid.clock.now - begun <= takes * 1.1 + 0.1


@pytest.mark.parametrize("interval", [0.5, 3.0, 60.0])
@pytest.mark.parametrize("takes", [3.9, 4.0])
def test_last_poll_comes_at_the_deadline(interval: float, takes: float) -> None:
    grid = FakeGrid(["AP1"], Clock(), takes=takes)
    report = perform(
        change, run_on(grid, ["AP1"], seconds=4.0, wait=True, interval=interval), STOP, lambda _names: None
    )
    assert report.results[0].outcome == "confirmed"


def test_process_that_was_stopped_until_after_the_deadline_polls_once_more() -> None:
    grid = FakeGrid(["AP1"], Clock(), takes=30.0)

    def stopped() -> None:
        grid.clock.now += 100.0

    grid.clock.after(1.0, stopped)
    report = perform(change, run_on(grid, ["AP1"], seconds=4.0, wait=True), STOP, lambda _names: None)
    assert report.results[0].outcome == "confirmed"


def test_grid_that_answers_slowly_is_asked_less_often() -> None:
    grid = FakeGrid(["AP1"], Clock(), takes=20.0)
    listed = grid.list_peer_info

    def slow() -> object:
        grid.clock.now += 0.3
        return listed()

    grid.list_peer_info = slow  # type: ignore[method-assign, assignment]
    perform(change, run_on(grid, ["AP1"], wait=True, interval=5.0), STOP, lambda _names: None)
    # The preflight, the first poll after 50 ms, and then at most one in three seconds.
    assert grid.reads.count("/info/peer") <= 9
