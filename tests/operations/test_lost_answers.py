"""Lost answers: how often and how long the peers are read, and the meaning of each read."""

from collections.abc import Callable
from unittest import mock

import pytest

from cdpctl.errors import CdpctlError, LostAnswerError, UnreachableError
from cdpctl.operations.change import change
from cdpctl.operations.follow import state
from cdpctl.operations.model import STOP, Report
from cdpctl.operations.run import Run
from cdpctl.peers.models import Peer
from tests.support.clock import Clock
from tests.support.grid import FakeGrid, Told, outcomes, perform, run_on

LOST = LostAnswerError("it was sent, and nothing came", http_status=504)


def nothing() -> None:
    """Change nothing."""


@pytest.fixture
def grid() -> FakeGrid:
    return FakeGrid(["AP1", "AP2", "AP3"], Clock(0.0))


def told(run: Run) -> Told:
    assert isinstance(run.reporter, Told)
    return run.reporter


def stop(run: Run) -> Report:
    return perform(change, run, STOP, lambda _names: None)


def reads_of(run: Run, grid: FakeGrid) -> list[tuple[float, float]]:
    """Record the time of each read, and its time limit."""
    noted: list[tuple[float, float]] = []
    listed = grid.list_peer_info

    def noting() -> object:
        noted.append((grid.clock.now, run.overall.remaining()))
        return listed()

    grid.list_peer_info = noting  # type: ignore[method-assign, assignment]
    return noted


def failing(grid: FakeGrid, *polls: bool) -> list[Callable[[], None]]:
    """Let some reads after the request fail."""
    fail = lambda: grid.read_failures.append(UnreachableError("the CDP is gone"))  # noqa: E731
    return [fail if poll else nothing for poll in polls]


def test_lost_answer_without_effect_is_read_three_times_within_seconds(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LOST
    run = run_on(grid, ["AP1"])
    reads = reads_of(run, grid)
    report = stop(run)
    assert [moment for moment, _ in reads] == pytest.approx([0.0, 0.0, 0.7, 2.2])
    assert report.results[0].http_status == 504
    assert report.results[0].message == (
        "it was sent, and nothing came; the CDP does not show it stopped (still RUNNING); "
        "check before you retry: cdpctl peer show AP1"
    )
    assert told(run).notes == ["it was sent, and nothing came: reading the peers to see whether it worked"]


def test_first_read_always_has_two_seconds_and_a_later_one_what_is_left(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LOST
    run = run_on(grid, ["AP1"], seconds=1.0)
    reads = reads_of(run, grid)
    stop(run)
    assert [left for _, left in reads] == pytest.approx([1.0, 2.0, 0.3])


def test_no_read_begins_at_the_deadline(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LOST
    run = run_on(grid, ["AP1"], seconds=0.7)
    reads = reads_of(run, grid)
    stop(run)
    assert [moment for moment, _ in reads] == [0.0, 0.0]


def test_reads_end_with_the_first_that_shows_the_effect_for_all(grid: FakeGrid) -> None:
    grid.refusals["stop [AP1 AP2 AP3]"] = LOST
    run = run_on(grid, list(grid.types))
    reads = reads_of(run, grid)
    grid.clock.before_sleep = [
        lambda: grid.status.update(AP1="STOPPING"),
        lambda: grid.status.update(AP1="RUNNING", AP2="STOPPED", AP3="STOPPING"),
    ]
    report = stop(run)
    assert set(outcomes(report.results).values()) == {"accepted"}
    assert len(reads) == 3


def test_reads_end_where_the_cdp_serves_none(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LOST
    grid.info_served = grid.plain_served = False
    report = stop(run_on(grid, ["AP1"]))
    assert outcomes(report.results) == {"AP1": "unknown"}
    assert "the CDP does not show it stopped; check" in report.results[0].message
    assert grid.reads == ["/info/peer", "/peer"] * 2


def test_read_that_fails_is_followed_by_the_next_one(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LOST
    grid.lost.add("stop AP1")
    grid.clock.before_sleep = failing(grid, True, False)
    run = run_on(grid, ["AP1"])
    assert outcomes(stop(run).results) == {"AP1": "accepted"}
    assert told(run).decisions == ["1 reading the peers failed: the CDP is gone"]


def test_answers_that_were_lost_alike_are_noted_once(grid: FakeGrid) -> None:
    for name in grid.types:
        grid.refusals[f"stop {name}"] = LOST
    run = run_on(grid, list(grid.types), each=True, parallel=1)
    stop(run)
    assert len(told(run).notes) == 1


def test_many_lost_answers_are_noted_three_times_and_told_with_every_peer() -> None:
    names = [f"AP{number}" for number in range(6)]
    grid = FakeGrid(names, Clock())
    for name in names:
        grid.refusals[f"stop {name}"] = LostAnswerError(f"stop {name} was sent, and nothing came")
    run = run_on(grid, names, each=True, parallel=1)
    report = stop(run)
    assert [note.partition(":")[0] for note in told(run).notes] == [
        f"stop {name} was sent, and nothing came" for name in names[:3]
    ]
    assert all(result.message.startswith(f"stop {result.name} was sent") for result in report.results)


def test_state_from_before_the_request_is_no_effect_of_it(grid: FakeGrid) -> None:
    run = run_on(grid, ["AP1"])
    run.update_known({"AP1": Peer("AP1", "AP", "STOPPED")})
    run.record_sent("stop", ["AP1"])
    effect = state(run, STOP)
    grid.status["AP1"] = None
    assert effect.missing(["AP1"]) == {"AP1": "without a status"}
    grid.status["AP1"] = "STOPPED"
    assert effect.missing(["AP1"]) == {"AP1": ""}


def test_effect_seen_at_once_confirms_a_run_that_waits(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LOST
    grid.clock.before_sleep = [lambda: grid.status.update(AP1="STOPPED")]
    run = run_on(grid, ["AP1"], wait=True)
    [result] = stop(run).results
    assert (result.outcome, result.http_status) == ("confirmed", 504)
    assert result.message == "it was sent, and nothing came; it is stopped now"
    assert told(run).states == ["AP1 sent", "AP1 STOPPED"]
    assert grid.clock.now == 0.0


def test_effect_that_comes_late_confirms_a_run_that_waits(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LOST
    grid.clock.after(20.0, lambda: grid.status.update(AP1="STOPPED"))
    assert outcomes(stop(run_on(grid, ["AP1"], wait=True)).results) == {"AP1": "confirmed"}


@pytest.mark.parametrize("status", ["RUNNING", None])
def test_peer_without_effect_is_waited_for_until_the_deadline(grid: FakeGrid, status: str | None) -> None:
    grid.refusals["stop AP1"] = LOST
    grid.clock.before_sleep = [lambda: grid.status.update(AP1=status)]
    run = run_on(grid, ["AP1"], wait=True)
    [result] = stop(run).results
    assert result.outcome == "unknown"
    assert grid.clock.now == pytest.approx(60.0)
    assert ("(without a status)" in result.message) is (status is None)


@pytest.mark.parametrize("error", [UnreachableError("the CDP is gone"), None])
def test_peer_that_no_read_has_shown_is_unknown(grid: FakeGrid, error: CdpctlError | None) -> None:
    grid.refusals["stop AP9"] = LOST
    if error is not None:
        grid.clock.before_sleep = failing(grid, True, True, True)
    run = run_on(grid, ["AP9"], wait=True, preflight=False)
    [result] = stop(run).results
    assert result.outcome == "unknown"
    assert "the CDP does not show it stopped" in result.message


def test_peer_without_effect_at_the_deadline_is_read_no_more(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LOST
    sent = grid.stop

    def slow(name: str, _deadline: object = None) -> object:
        grid.clock.now += 100.0
        return sent(name)

    run = run_on(grid, ["AP1"], seconds=10.0, wait=True)
    reads = reads_of(run, grid)
    with mock.patch.object(grid, "stop", slow):
        assert outcomes(stop(run).results) == {"AP1": "unknown"}
    assert [moment for moment, _ in reads] == [0.0, 100.0]
