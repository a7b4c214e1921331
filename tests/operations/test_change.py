"""Stop, start and wait: the requests, the polls and the outcome of each peer."""

from collections.abc import Sequence
from typing import Any
from unittest import mock

import pytest

from cdpctl.errors import (
    AuthError,
    CdpctlError,
    DeadlineError,
    ExitCode,
    ForbiddenError,
    Interruption,
    LostAnswerError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from cdpctl.operations.change import change, wait_for
from cdpctl.operations.model import START, STOP, Report
from cdpctl.operations.restart import RestartOptions, rolling_restart
from cdpctl.operations.run import Run
from tests.support.clock import Clock
from tests.support.grid import FakeGrid, Told, outcomes, perform, run_on


def yes(_names: Sequence[str]) -> None:
    """Approve."""


@pytest.fixture
def grid() -> FakeGrid:
    return FakeGrid(["AP1", "AP2", "AP3"], Clock())


def told(run: Run) -> Told:
    assert isinstance(run.reporter, Told)
    return run.reporter


def stop(grid: FakeGrid, *names: str, **options: Any) -> Report:
    return perform(change, run_on(grid, names or tuple(grid.types), **options), STOP, yes)


def test_one_name_is_a_put_and_many_are_a_post(grid: FakeGrid) -> None:
    stop(grid, "AP1")
    stop(grid, "AP2", "AP3")
    assert grid.sent == ["stop AP1", "stop [AP2 AP3]"]
    assert grid.reads == ["/info/peer", "/peer/AP1", "/info/peer", "/peer"]


def test_one_peer_left_after_the_look_is_a_put(grid: FakeGrid) -> None:
    grid.status["AP1"] = "stopped"
    grid.types["CDP"] = "CDP"
    grid.status["CDP"] = "RUNNING"
    report = stop(grid, "AP1", "CDP", "AP9", "AP2")
    assert outcomes(report.results) == {
        "AP1": "unchanged",
        "CDP": "refused",
        "AP9": "not_found",
        "AP2": "accepted",
    }
    assert grid.sent == ["stop AP2"]
    assert report.exit_code is ExitCode.PARTIAL


@pytest.mark.parametrize("status", [400, 404, 405])
def test_refused_post_becomes_a_put_a_peer(grid: FakeGrid, status: int) -> None:
    grid.refusals["stop [AP1 AP2 AP3]"] = RejectedError("no", http_status=status)
    grid.refusals["stop AP2"] = RejectedError("no", http_status=404)
    report = stop(grid)
    assert grid.sent[0] == "stop [AP1 AP2 AP3]"
    assert sorted(grid.sent[1:]) == ["stop AP1", "stop AP2", "stop AP3"]
    assert outcomes(report.results) == {"AP1": "accepted", "AP2": "failed", "AP3": "accepted"}


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (RejectedError("no", http_status=500), ExitCode.FAILED),
        (ForbiddenError("no", http_status=403), ExitCode.FORBIDDEN),
        (AuthError("no", http_status=401), ExitCode.AUTH),
        (UnreachableError("refused"), ExitCode.UNREACHABLE),
    ],
)
def test_other_refusals_of_the_post_are_final(grid: FakeGrid, error: CdpctlError, code: ExitCode) -> None:
    grid.refusals["stop [AP1 AP2 AP3]"] = error
    report = stop(grid)
    assert len(grid.sent) == 1
    assert set(outcomes(report.results).values()) == {"failed"}
    assert report.exit_code is code


def test_fail_fast_sends_nothing_after_a_refusal(grid: FakeGrid) -> None:
    grid.refusals["stop AP2"] = RejectedError("no", http_status=500)
    report = stop(grid, each=True, parallel=1, fail_fast=True)
    assert grid.sent == ["stop AP1", "stop AP2"]
    assert outcomes(report.results) == {"AP1": "accepted", "AP2": "failed", "AP3": "skipped"}


def test_fail_fast_is_about_requests_and_not_about_names(grid: FakeGrid) -> None:
    report = stop(grid, "AP9", "AP1", "AP2", each=True, fail_fast=True)
    assert outcomes(report.results) == {"AP9": "not_found", "AP1": "accepted", "AP2": "accepted"}


def test_fail_fast_counts_a_lost_answer(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LostAnswerError("stop AP1 was sent, and nothing came")
    report = stop(grid, each=True, parallel=1, fail_fast=True)
    assert outcomes(report.results) == {"AP1": "unknown", "AP2": "skipped", "AP3": "skipped"}
    assert report.exit_code is ExitCode.UNKNOWN


def test_each_lost_answer_keeps_its_own_words(grid: FakeGrid) -> None:
    for name in ("AP1", "AP2"):
        grid.refusals[f"stop {name}"] = LostAnswerError(f"stop {name} was sent, and nothing came")
    report = stop(grid, each=True, parallel=1)
    assert [
        f"stop {name} was sent" in report.results[index].message for index, name in [(0, "AP1"), (1, "AP2")]
    ]
    assert report.results[1].message.startswith("stop AP2")


def test_lost_answer_is_settled_by_what_the_peers_show(grid: FakeGrid) -> None:
    grid.refusals["stop [AP1 AP2 AP3]"] = LostAnswerError("it was sent, and nothing came")
    grid.lost.add("stop [AP1 AP2 AP3]")
    report = stop(grid)
    assert set(outcomes(report.results).values()) == {"accepted"}
    assert len(grid.sent) == 1


def test_lost_answer_with_no_read_afterwards_is_unknown(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LostAnswerError("it was sent, and nothing came")
    grid.lost.add("stop AP1")
    run = run_on(grid, ["AP1"])
    run.sleep = lambda _seconds: grid.read_failures.append(UnreachableError("gone"))
    report = perform(change, run, STOP, yes)
    assert report.exit_code is ExitCode.UNKNOWN
    assert grid.sent == ["stop AP1"]


def test_deadline_before_a_put_leaves_it_unattempted(grid: FakeGrid) -> None:
    grid.refusals["stop AP2"] = DeadlineError("the deadline passed before it was sent")
    report = stop(grid, each=True, parallel=1)
    assert outcomes(report.results)["AP2"] == "skipped"


def test_wait_polls_once_a_round_for_all(grid: FakeGrid) -> None:
    grid.takes = 3.0
    run = run_on(grid, list(grid.types), wait=True, interval=1.0)
    report = perform(change, run, STOP, yes)
    assert set(outcomes(report.results).values()) == {"confirmed"}
    rounds = grid.reads.count("/info/peer") - 1
    assert grid.reads == ["/info/peer", "/peer"] + ["/info/peer"] * rounds
    assert rounds <= 30
    assert told(run).states.count("AP1 STOPPING") == 1


def test_wait_ends_at_the_deadline_with_a_command_to_go_on(grid: FakeGrid) -> None:
    grid.takes = 1000.0
    grid.types["AP 4"] = "AP"
    grid.status["AP 4"] = "RUNNING"
    run = run_on(grid, ["AP 4"], wait=True, seconds=5.0)
    report = perform(change, run, STOP, yes)
    assert report.exit_code is ExitCode.TIMEOUT
    assert report.results[0].message == "accepted, but still STOPPING after 5 s"
    assert told(run).notes[-1].endswith("peer wait --for stopped 'AP 4'")


def test_wait_survives_reads_that_fail(grid: FakeGrid) -> None:
    run = run_on(grid, ["AP1"], wait=True)
    failing: list[CdpctlError] = [UnreachableError("busy"), RejectedError("500", http_status=500)]
    sleeps = 0

    def sleep(seconds: float) -> None:
        nonlocal sleeps
        sleeps += 1
        if failing:
            grid.read_failures.append(failing.pop())
        grid.clock.now += seconds

    run.sleep = sleep
    assert perform(change, run, STOP, yes).exit_code is ExitCode.OK
    assert sleeps > 2


@pytest.mark.parametrize(
    ("error", "code"),
    [(AuthError("no", http_status=401), ExitCode.UNKNOWN), (ForbiddenError("no"), ExitCode.UNKNOWN)],
)
def test_wait_that_may_look_no_more_says_unknown(grid: FakeGrid, error: CdpctlError, code: ExitCode) -> None:
    run = run_on(grid, ["AP1"], wait=True)
    run.sleep = lambda _seconds: grid.read_failures.append(error)
    report = perform(change, run, STOP, yes)
    assert outcomes(report.results) == {"AP1": "unknown"}
    assert report.exit_code is code


def test_fault_seen_twice_is_a_failure_and_once_is_none(grid: FakeGrid) -> None:
    grid.effects["start AP1"] = "FAULT STATE"
    grid.status["AP1"] = grid.status["AP2"] = "STOPPED"
    report = perform(change, run_on(grid, ["AP1", "AP2"], "start", wait=True), START, yes)
    assert outcomes(report.results) == {"AP1": "failed", "AP2": "confirmed"}
    assert "FAULT STATE" in report.results[0].message


def test_old_cdp_with_the_plain_list_alone_works(grid: FakeGrid) -> None:
    grid.info_served = False
    grid.types["CDP"] = "CDP"
    report = stop(grid, "AP1", "CDP", "AP9")
    assert outcomes(report.results) == {"AP1": "accepted", "CDP": "refused", "AP9": "not_found"}
    assert grid.reads == ["/info/peer", "/peer"]


def test_cdp_without_any_read_is_sent_to_and_says_what_was_not_checked(grid: FakeGrid) -> None:
    grid.info_served = grid.plain_served = False
    run = run_on(grid, ["AP1", "AP2"])
    report = perform(change, run, STOP, yes)
    assert set(outcomes(report.results).values()) == {"accepted"}
    assert "cannot be checked" in told(run).warnings[0]


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("dry_run", [True, False])
def test_wait_without_a_status_is_refused_before_sending(grid: FakeGrid, plain: bool, dry_run: bool) -> None:
    grid.info_served, grid.plain_served = False, plain
    with pytest.raises(UsageError, match="cannot wait"):
        stop(grid, "AP1", wait=True, dry_run=dry_run)
    assert grid.sent == []


def test_wait_unseen_where_nothing_is_served_ends_at_once(grid: FakeGrid) -> None:
    grid.info_served = grid.plain_served = False
    report = stop(grid, "AP1", wait=True, preflight=False, seconds=600.0)
    assert outcomes(report.results) == {"AP1": "unknown"}
    assert grid.clock.now < 110


def test_name_missing_in_the_short_list_is_looked_up_in_the_long_one(grid: FakeGrid) -> None:
    grid.listed = {"AP1"}
    report = stop(grid, "AP1", "AP2", "AP9")
    assert outcomes(report.results) == {"AP1": "accepted", "AP2": "accepted", "AP9": "not_found"}
    assert grid.reads == ["/info/peer", "/peer"]


def test_strict_sends_nothing_when_a_name_is_bad(grid: FakeGrid) -> None:
    report = stop(grid, "AP1", "AP9", strict=True)
    assert outcomes(report.results) == {"AP1": "skipped", "AP9": "not_found"}
    assert report.exit_code is ExitCode.NOT_FOUND
    assert grid.sent == []


def test_failed_look_says_that_nothing_was_sent(grid: FakeGrid) -> None:
    grid.read_failures = [RejectedError("500", http_status=500)]
    with pytest.raises(RejectedError) as caught:
        stop(grid)
    assert "nothing was sent" in (caught.value.hint or "")
    assert grid.sent == []


def test_failed_look_of_a_wait_does_not_speak_of_sending(grid: FakeGrid) -> None:
    grid.read_failures = [RejectedError("500", http_status=500)]
    with pytest.raises(RejectedError) as caught:
        perform(wait_for, run_on(grid, ["AP1"], "wait", wait=True), STOP, lambda _names: None)
    assert "sent" not in (caught.value.hint or "")


def test_interruption_while_waiting_says_what_goes_on(grid: FakeGrid) -> None:
    def interrupt() -> None:
        raise Interruption(ExitCode.TERMINATED)

    grid.takes = 1000.0
    grid.clock.before_sleep = [lambda: None, interrupt]
    report = stop(grid, "AP1", "AP2", "AP9", wait=True)
    assert outcomes(report.results) == {"AP1": "accepted", "AP2": "accepted", "AP9": "not_found"}
    assert report.exit_code is ExitCode.TERMINATED
    assert report.error is not None
    assert "accepted, but not confirmed: AP1, AP2" in report.error.message


def test_interruption_of_the_question_leaves_all_untouched(grid: FakeGrid) -> None:
    def interrupt(_names: Sequence[str]) -> None:
        raise Interruption(ExitCode.INTERRUPTED)

    report = perform(change, run_on(grid, ["AP1"]), STOP, interrupt)
    assert outcomes(report.results) == {"AP1": "skipped"}
    assert grid.sent == []


def test_wait_only_reads(grid: FakeGrid) -> None:
    grid.coming["AP1"] = (103.0, "STOPPED")
    grid.status["AP2"] = "STOPPED"
    run = run_on(grid, ["AP1", "AP2", "AP9"], "wait", wait=True)
    report = perform(wait_for, run, STOP, lambda _names: None)
    assert outcomes(report.results) == {"AP1": "confirmed", "AP2": "confirmed", "AP9": "not_found"}
    assert grid.sent == []
    assert "AP1 RUNNING" in told(run).states
    assert "AP1 accepted" not in told(run).states


def test_wait_for_what_nothing_reports_is_refused(grid: FakeGrid) -> None:
    grid.info_served = False
    with pytest.raises(UsageError, match="does not report a status"):
        perform(wait_for, run_on(grid, ["AP1"], "wait", wait=True), STOP, lambda _names: None)
    grid.plain_served = False
    with pytest.raises(UsageError, match="serves neither"):
        perform(wait_for, run_on(grid, ["AP1"], "wait", wait=True), STOP, lambda _names: None)


def test_thousands_of_unknown_names_are_compared_within_a_budget() -> None:
    grid = FakeGrid([f"AP{number}" for number in range(5000)], Clock())
    names = [f"XP{number}" for number in range(5000)]
    with mock.patch("difflib.get_close_matches", return_value=["AP1"]) as compared:
        report = perform(change, run_on(grid, names), STOP, yes)
    assert {result.outcome.value for result in report.results} == {"not_found"}
    assert compared.call_count <= 5


class Counted(str):
    """A name that counts how often it is compared."""

    compared = 0

    def __eq__(self, other: object) -> bool:
        Counted.compared += 1
        return str.__eq__(self, other) if isinstance(other, str) else NotImplemented

    __hash__ = str.__hash__


def test_no_step_looks_for_a_name_among_all_others() -> None:
    count = 1000
    names = [Counted(f"AP{number}") for number in range(count)]
    grid = FakeGrid(names, Clock(), takes=2.0)
    every = f"stop [{' '.join(names)}]"
    grid.refusals[every] = LostAnswerError("nothing came")
    grid.lost.add(every)
    Counted.compared = 0
    asked = [Counted(name) for name in names]
    assert stop(grid, *asked, wait=True).exit_code is ExitCode.OK
    # A few per dictionary access. Searching a list would take half a million.
    assert Counted.compared < 100 * count
    Counted.compared = 0
    run = run_on(grid, asked, "restart", wait=True)
    restarted = perform(rolling_restart, run, yes, RestartOptions("50%"))
    assert restarted.exit_code is ExitCode.OK
    assert Counted.compared < 100 * count
