"""Rolling restarts: the order of requests, and the report of a restart that fails."""

from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import pytest

from cdpctl.cdp.responses import Accepted
from cdpctl.errors import AuthError, ExitCode, Interruption, LostAnswerError, RejectedError, UsageError
from cdpctl.operations.interrupted import interrupted_report
from cdpctl.operations.model import Report
from cdpctl.operations.restart import RestartOptions, batch_size, rolling_restart
from cdpctl.operations.run import Run
from cdpctl.peers.models import PeerResult
from tests.support.clock import Clock
from tests.support.grid import ROOT, FakeGrid, Told, outcomes, perform, run_on


def yes(_names: Sequence[str]) -> None:
    """Approve."""


@pytest.fixture
def grid() -> FakeGrid:
    return FakeGrid(["AP1", "AP2", "AP3"], Clock())


def restart(run: Run, **options: object) -> Report:
    return perform(rolling_restart, run, yes, RestartOptions(**options))  # type: ignore[arg-type]


def restart_all(
    grid: FakeGrid, *, seconds: float = 60.0, fail_fast: bool = False, **options: object
) -> Report:
    run = run_on(grid, list(grid.types), "restart", seconds, wait=True, interval=0.5, fail_fast=fail_fast)
    return restart(run, **options)


def test_three_peers_go_down_one_after_the_other(grid: FakeGrid) -> None:
    report = restart_all(grid)
    assert grid.sent == ["stop AP1", "start AP1", "stop AP2", "start AP2", "stop AP3", "start AP3"]
    assert set(outcomes(report.results).values()) == {"confirmed"}
    assert report.exit_code is ExitCode.OK
    assert tuple(report.left_down) == ()


def test_batch_of_two_is_back_before_the_next_one_goes(grid: FakeGrid) -> None:
    restart_all(grid, batch="2")
    assert grid.sent == ["stop [AP1 AP2]", "start [AP1 AP2]", "stop AP3", "start AP3"]


@pytest.mark.parametrize(
    ("text", "count", "size"),
    [
        ("1", 9, 1),
        ("25%", 8, 2),
        ("25%", 3, 1),
        ("100%", 7, 7),
        ("50%", 5, 2),
        ("12", 3, 12),
        (" 25% ", 8, 2),
        ("1000000", 3, 1_000_000),
    ],
)
def test_batch_is_a_number_or_a_share_rounded_down(text: str, count: int, size: int) -> None:
    assert batch_size(text, count) == size


@pytest.mark.parametrize("text", ["0", "0%", "101%", "-1", "1.5", "%", "", "x", "٣", "1000001"])
def test_batch_that_is_none_is_refused_before_anything_is_read(grid: FakeGrid, text: str) -> None:
    with pytest.raises(UsageError, match="--batch"):
        restart_all(grid, batch=text)
    assert grid.reads == grid.sent == []


def test_start_that_fails_leaves_the_rest_running(grid: FakeGrid) -> None:
    grid.refusals["start AP1"] = RejectedError("start AP1: Internal Server Error (500)", http_status=500)
    report = restart_all(grid)
    assert grid.sent == ["stop AP1", "start AP1"]
    assert outcomes(report.results) == {"AP1": "failed", "AP2": "skipped", "AP3": "skipped"}
    assert report.exit_code is ExitCode.FAILED
    assert tuple(report.left_down) == ("AP1",)
    assert grid.status["AP2"] == grid.status["AP3"] == "RUNNING"


def test_stop_that_is_refused_leaves_nothing_down(grid: FakeGrid) -> None:
    grid.refusals["stop AP2"] = RejectedError("stop AP2: Bad request (400)", http_status=400)
    report = restart_all(grid)
    assert outcomes(report.results) == {"AP1": "confirmed", "AP2": "failed", "AP3": "skipped"}
    assert report.exit_code is ExitCode.PARTIAL
    assert tuple(report.left_down) == ()


def test_failures_up_to_the_limit_do_not_end_the_rolling(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = RejectedError("no", http_status=400)
    report = restart_all(grid, max_failures=1)
    assert outcomes(report.results) == {"AP1": "failed", "AP2": "confirmed", "AP3": "confirmed"}


def test_fail_fast_ends_the_rolling_whatever_the_limit(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = RejectedError("no", http_status=400)
    report = restart_all(grid, max_failures=5, fail_fast=True)
    assert outcomes(report.results) == {"AP1": "failed", "AP2": "skipped", "AP3": "skipped"}
    assert "--fail-fast" in report.results[2].message


def test_peer_gone_to_a_fault_is_said_to_be_down(grid: FakeGrid) -> None:
    grid.effects["stop AP1"] = "FAULT STATE"
    report = restart_all(grid)
    assert outcomes(report.results) == {"AP1": "failed", "AP2": "skipped", "AP3": "skipped"}
    assert tuple(report.left_down) == ("AP1",)


def test_stopped_peer_is_started(grid: FakeGrid) -> None:
    grid.status["AP1"] = "STOPPED"
    report = restart_all(grid)
    assert grid.sent == ["start AP1", "stop AP2", "start AP2", "stop AP3", "start AP3"]
    assert set(outcomes(report.results).values()) == {"confirmed"}


def test_stopped_peer_is_started_with_its_batch_and_in_its_place(grid: FakeGrid) -> None:
    grid.status["AP2"] = "STOPPED"
    report = restart_all(grid, batch="3")
    assert grid.sent == ["stop [AP1 AP3]", "start [AP1 AP2 AP3]"]
    assert report.exit_code is ExitCode.OK


def test_deadline_between_stop_and_start_is_told_as_such(grid: FakeGrid) -> None:
    grid.takes = 100.0
    report = restart_all(grid, seconds=10.0)
    assert grid.sent == ["stop AP1"]
    assert outcomes(report.results) == {"AP1": "timed_out", "AP2": "skipped", "AP3": "skipped"}
    assert report.exit_code is ExitCode.TIMEOUT
    assert tuple(report.left_down) == ("AP1",)


def test_accepted_stop_without_an_effect_by_the_deadline_may_come_later(grid: FakeGrid) -> None:
    grid.takes = 0.0
    grid.effects["stop AP1"] = "RUNNING"
    report = restart_all(grid, seconds=10.0)
    [result, *_] = report.results
    assert result.message == "the stop was accepted, but still RUNNING after 10 s; the start was not sent"
    assert report.left_down == {"AP1": "RUNNING"}


def test_start_that_may_have_arrived_may_still_take_effect(grid: FakeGrid) -> None:
    grid.refusals["start AP1"] = LostAnswerError("start AP1 was sent, and the connection was reset")
    report = restart_all(grid, seconds=10.0)
    assert outcomes(report.results)["AP1"] == "unknown"
    assert report.left_down == {"AP1": "STOPPED"}
    assert report.may_start == {"AP1"}
    grid.refusals["start AP1"] = RejectedError("no", http_status=500)
    assert restart_all(grid, seconds=10.0).may_start == set()


def test_token_refused_in_the_middle_is_an_auth_failure(grid: FakeGrid) -> None:
    grid.refusals["stop AP2"] = AuthError("the CDP refused the token", http_status=401)
    report = restart_all(grid)
    assert outcomes(report.results) == {"AP1": "confirmed", "AP2": "failed", "AP3": "skipped"}
    assert report.exit_code is ExitCode.PARTIAL
    assert tuple(report.left_down) == ()


def test_lost_stop_that_worked_goes_on_to_the_start(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LostAnswerError("stop AP1 was sent, and the connection was reset")
    grid.lost.add("stop AP1")
    assert restart_all(grid).exit_code is ExitCode.OK
    assert grid.sent.count("stop AP1") == 1


def test_lost_stop_without_effect_is_unknown_and_what_runs_is_not_said_to_be_down(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LostAnswerError("stop AP1 was sent, and the connection was reset")
    report = restart_all(grid, seconds=10.0)
    assert outcomes(report.results)["AP1"] == "unknown"
    assert tuple(report.left_down) == ()
    assert grid.sent == ["stop AP1"]


def interrupt() -> None:
    raise Interruption(ExitCode.TERMINATED)


def interrupted_after(grid: FakeGrid, seconds: float) -> Report:
    grid.clock.after(seconds, interrupt)
    return restart_all(grid)


def test_interruption_while_stopping_says_that_the_peer_goes_down(grid: FakeGrid) -> None:
    report = interrupted_after(grid, 0.5)
    assert grid.sent == ["stop AP1"]
    assert outcomes(report.results) == {"AP1": "unknown", "AP2": "skipped", "AP3": "skipped"}
    assert report.exit_code is ExitCode.TERMINATED
    assert tuple(report.left_down) == ("AP1",)
    assert report.error is not None
    assert "AP1" in report.error.message


def test_interruption_while_starting_leaves_the_start_to_the_grid(grid: FakeGrid) -> None:
    report = interrupted_after(grid, 1.2)
    assert grid.sent == ["stop AP1", "start AP1"]
    assert outcomes(report.results) == {"AP1": "accepted", "AP2": "skipped", "AP3": "skipped"}
    assert tuple(report.left_down) == ()


def test_interruption_with_half_a_batch_stopped_names_both(grid: FakeGrid) -> None:
    run = run_on(grid, list(grid.types), "restart", wait=True, interval=0.5)

    def slower() -> None:
        grid.coming["AP2"] = (1000.0, "STOPPED")

    grid.clock.after(0.2, slower)
    grid.clock.after(1.5, interrupt)
    report = restart(run, batch="2")
    assert outcomes(report.results) == {"AP1": "failed", "AP2": "unknown", "AP3": "skipped"}
    assert tuple(report.left_down) == ("AP1", "AP2")
    assert report.exit_code is ExitCode.TERMINATED


def test_each_peer_is_told_of_once(grid: FakeGrid) -> None:
    run = run_on(grid, list(grid.types), "restart", wait=True)
    restart(run)
    told = run.reporter
    assert isinstance(told, Told)
    assert [result.name for result in told.results] == ["AP1", "AP2", "AP3"]


def test_dry_run_shows_both_halves_and_sends_nothing(grid: FakeGrid) -> None:
    grid.status["AP3"] = "STOPPED"
    run = run_on(grid, list(grid.types), "restart", wait=True, dry_run=True)
    report = restart(run, batch="2")
    assert [request.url.removeprefix(ROOT) for request in report.requests] == [
        "/peer/stop",
        "/peer/start",
        "/peer/AP3/start",
    ]
    assert set(outcomes(report.results).values()) == {"planned"}
    assert grid.sent == []
    told = run.reporter
    assert isinstance(told, Told)
    assert len(told.results) == 3


def test_strict_restart_with_an_unknown_name_touches_nothing(grid: FakeGrid) -> None:
    grid.status["AP3"] = "STOPPED"
    run = run_on(grid, ["AP1", "AP9", "AP3"], "restart", wait=True, strict=True)
    report = restart(run)
    assert outcomes(report.results) == {"AP1": "skipped", "AP9": "not_found", "AP3": "skipped"}
    assert grid.sent == []


def test_restart_where_nothing_reports_a_status_is_refused(grid: FakeGrid) -> None:
    grid.info_served = False
    with pytest.raises(UsageError, match="cannot restart AP1, AP2, AP3: "):
        restart_all(grid)
    assert grid.sent == []


def test_restart_is_one_peer_at_a_time_for_ten_minutes_each_and_ends_with_a_failure() -> None:
    assert RestartOptions() == ("1", 0, 600.0)


def test_peers_after_the_limit_of_failures_say_which_limit_it_was(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = grid.refusals["stop AP2"] = RejectedError("no", http_status=400)
    [*_, last] = restart_all(grid, max_failures=1).results
    assert (last.outcome, last.message) == (
        "skipped",
        "not attempted: 2 restarts failed, and --max-failures is 1",
    )
    [*_, last] = restart_all(
        FakeGrid(["AP1", "AP2"], Clock(), takes=70.0), fail_fast=True, max_failures=7
    ).results
    assert last.message == "not attempted: 1 restart failed, and --fail-fast was given"


def test_peers_after_the_time_limit_say_so(grid: FakeGrid) -> None:
    grid.takes = 6.0
    report = restart_all(grid, seconds=13.0, max_failures=9)
    assert outcomes(report.results) == {"AP1": "confirmed", "AP2": "timed_out", "AP3": "skipped"}
    assert report.results[2].message == "not attempted: the time limit was reached"


def test_fault_that_the_stop_had_cleared_fails_the_start(grid: FakeGrid) -> None:
    grid.status["AP1"] = "FAULT"
    grid.effects["start AP1"] = "FAULT"
    report = restart_all(grid)
    assert outcomes(report.results)["AP1"] == "failed"
    assert report.left_down == {"AP1": "FAULT"}


def test_peer_whose_stop_was_refused_is_as_it_was_whatever_that_is(grid: FakeGrid) -> None:
    grid.status["AP1"] = "SUSPENDED"
    grid.refusals["stop AP1"] = RejectedError("no", http_status=500)
    report = restart_all(grid)
    assert outcomes(report.results)["AP1"] == "failed"
    assert report.left_down == {}


def test_read_of_what_is_down_that_fails_changes_nothing_and_has_two_seconds(grid: FakeGrid) -> None:
    grid.takes = 100.0
    run = run_on(grid, list(grid.types), "restart", 10.0, wait=True)
    listed = grid.list_peer_info
    left: list[float] = []

    def failing() -> object:
        if "AP1" in run.results:
            left.append(run.overall.remaining())
            raise RejectedError("the CDP is busy", http_status=500)
        return listed()

    grid.list_peer_info = failing  # type: ignore[method-assign, assignment]
    report = restart(run)
    assert report.left_down == {"AP1": "STOPPING"}
    assert left == pytest.approx([2.0])
    told = run.reporter
    assert isinstance(told, Told)
    assert told.decisions[-1] == "1 reading the peers failed: the CDP is busy"


def test_restart_that_leaves_nothing_down_reads_the_grid_no_more(grid: FakeGrid) -> None:
    run = run_on(grid, list(grid.types), "restart", wait=True)
    listed = grid.list_peer_info

    def noting() -> object:
        assert len(run.results) < 3
        return listed()

    grid.list_peer_info = noting  # type: ignore[method-assign, assignment]
    assert restart(run).exit_code is ExitCode.OK


@pytest.mark.parametrize(("status", "down"), [("STARTING", False), ("running", False), ("FAULT", True)])
def test_peer_that_is_on_its_way_up_in_the_end_is_not_said_to_be_down(
    grid: FakeGrid, status: str, down: bool
) -> None:
    grid.takes = 100.0
    grid.clock.after(9.99, lambda: grid.status.update(AP1="STOPPING"))
    run = run_on(grid, list(grid.types), "restart", 10.0, wait=True)
    listed = grid.list_peer_info
    reads = 0

    def later() -> object:
        nonlocal reads
        reads += grid.clock.now >= 110.0
        if reads == 2:
            grid.status["AP1"] = status
        return listed()

    grid.list_peer_info = later  # type: ignore[method-assign, assignment]
    report = restart(run)
    assert outcomes(report.results)["AP1"] == "timed_out"
    assert report.left_down == ({"AP1": status} if down else {})


def read_after_the_end(grid: FakeGrid, run: Run, then: Callable[[], None]) -> Report:
    """Restart, and let something happen before the last read, which comes after the results."""
    listed = grid.list_peer_info

    def later() -> object:
        if "AP1" in run.results:
            then()
        return listed()

    grid.list_peer_info = later  # type: ignore[method-assign, assignment]
    return restart(run)


def test_peer_that_the_last_read_does_not_list_is_still_said_to_be_down(grid: FakeGrid) -> None:
    grid.takes = 100.0

    def remove() -> None:
        for kept in (grid.status, grid.types, grid.coming):
            kept.pop("AP1", None)

    run = run_on(grid, list(grid.types), "restart", 10.0, wait=True)
    assert read_after_the_end(grid, run, remove).left_down == {"AP1": "STOPPING"}


def test_start_that_takes_effect_after_its_time_leaves_nothing_down(grid: FakeGrid) -> None:
    grid.start = lambda *_: Accepted(204, "Accepted")  # type: ignore[method-assign]
    run = run_on(grid, list(grid.types), "restart", 10.0, wait=True)
    report = read_after_the_end(grid, run, lambda: grid.status.update(AP1="RUNNING"))
    assert outcomes(report.results)["AP1"] == "timed_out"
    assert report.left_down == {}


def test_interruption_after_a_stop_whose_answer_was_lost_keeps_its_words(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LostAnswerError("stop AP1 was sent, but the connection was reset")
    report = interrupted_after(grid, 1.0)
    [result, *_] = report.results
    assert result.outcome == "unknown"
    assert result.message.startswith("stop AP1 was sent, but the connection was reset")
    assert list(report.left_down) == ["AP1"]


class Interrupting(Told):
    """Is interrupted by one message."""

    def __init__(self, at: str) -> None:
        super().__init__()
        self.at = at

    def _tell(self, what: str) -> None:
        if what == self.at:
            self.at = ""
            interrupt()

    def result(self, result: PeerResult) -> None:
        super().result(result)
        self._tell(f"{result.name} {result.outcome.value}")

    def state(self, name: str, state: str, elapsed: float) -> None:
        super().state(name, state, elapsed)
        self._tell(f"{name} {state}")


def interrupted_at(grid: FakeGrid, at: str, **options: object) -> Report:
    run = run_on(grid, list(grid.types), "restart", wait=True, interval=0.5)
    run.reporter = Interrupting(at)
    try:
        report = restart(run, **options)
    except Interruption as interruption:
        report = interrupted_report(run, interruption)
    assert report.exit_code is ExitCode.TERMINATED
    return report


def test_interruption_while_an_accepted_stop_is_told_leaves_its_batch_on_the_way_down(grid: FakeGrid) -> None:
    report = interrupted_at(grid, "AP1 accepted", batch="2")
    assert grid.sent == ["stop [AP1 AP2]"]
    assert outcomes(report.results) == {"AP1": "unknown", "AP2": "unknown", "AP3": "skipped"}
    assert list(report.left_down) == ["AP1", "AP2"]


def test_interruption_while_an_accepted_start_is_told_leaves_none_down(grid: FakeGrid) -> None:
    run = run_on(grid, ["AP1", "AP2"], "restart", wait=True)
    run.reporter = Interrupting("")
    start = grid.start_many

    def begun(*arguments: Any) -> Any:
        assert isinstance(run.reporter, Interrupting)
        run.reporter.at = "AP1 accepted"
        return start(*arguments)

    grid.start_many = begun  # type: ignore[method-assign, assignment]
    report = restart(run, batch="2")
    assert outcomes(report.results) == {"AP1": "accepted", "AP2": "accepted"}
    assert report.left_down == {}


def test_interruption_when_a_peer_is_up_again_leaves_it_up(grid: FakeGrid) -> None:
    report = interrupted_at(grid, "AP1 confirmed")
    assert outcomes(report.results) == {"AP1": "confirmed", "AP2": "skipped", "AP3": "skipped"}
    assert report.left_down == {}


@pytest.mark.parametrize(("verb", "down"), [("stop", []), ("start", ["AP1"])])
def test_interruption_after_a_refusal_tells_what_it_left_down(
    grid: FakeGrid, verb: str, down: list[str]
) -> None:
    grid.refusals[f"{verb} AP1"] = RejectedError("no", http_status=500)
    report = interrupted_at(grid, "AP1 failed")
    assert outcomes(report.results) == {"AP1": "failed", "AP2": "skipped", "AP3": "skipped"}
    assert list(report.left_down) == down


def test_interruption_after_a_stop_that_timed_out_tells_that_it_may_be_down(grid: FakeGrid) -> None:
    grid.takes = 100.0
    report = interrupted_at(grid, "AP1 timed_out", batch_timeout=5.0)
    assert outcomes(report.results)["AP1"] == "timed_out"
    assert list(report.left_down) == ["AP1"]


@pytest.mark.parametrize("between", [False, True])
def test_interruption_between_stop_and_start_says_that_the_peer_is_stopped(
    grid: FakeGrid, between: bool
) -> None:
    if between:
        tokens = mock.patch.object(
            grid, "ensure_token", side_effect=[None, Interruption(ExitCode.TERMINATED)]
        )
        with tokens:
            report = interrupted_at(grid, "")
    else:
        report = interrupted_at(grid, "AP1 STOPPED")
    assert grid.sent == ["stop AP1"]
    [result, *_] = report.results
    assert result.outcome == ("failed" if between else "unknown")
    assert "the run was interrupted before it was started again" in result.message
    assert list(report.left_down) == ["AP1"]
