"""Deleting peers: what is refused, what is sent, and how a deletion is confirmed."""

from collections.abc import Sequence
from typing import Any
from unittest import mock

import pytest

from cdpctl.errors import (
    CdpctlError,
    ExitCode,
    ForbiddenError,
    Interruption,
    LostAnswerError,
    NotFoundError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from cdpctl.operations.delete import delete
from cdpctl.operations.model import Report
from tests.support.clock import Clock
from tests.support.grid import ROOT, FakeGrid, Told, outcomes, perform, run_on


def yes(_names: Sequence[str]) -> None:
    """Approve."""


@pytest.fixture
def grid() -> FakeGrid:
    grid = FakeGrid(["AP1", "AP2", "AP3"], Clock())
    grid.status |= dict.fromkeys(grid.types, "STOPPED")
    grid.types["CDP"] = "CDP"
    grid.status["CDP"] = "RUNNING"
    return grid


def remove(grid: FakeGrid, *names: str, force: bool = False, wait: bool = True, **options: Any) -> Report:
    run = run_on(grid, names, "delete", seconds=30, wait=wait, **options)
    return perform(delete, run, yes, force=force)


def test_each_peer_is_one_request_and_confirmed_when_it_is_gone(grid: FakeGrid) -> None:
    report = remove(grid, "AP1", "AP2")
    assert sorted(grid.sent) == ["delete AP1", "delete AP2"]
    assert outcomes(report.results) == {"AP1": "confirmed", "AP2": "confirmed"}
    assert report.exit_code is ExitCode.OK


def test_only_stopped_peers_that_are_not_vital_are_sent(grid: FakeGrid) -> None:
    grid.types |= {"HACDP": "HA-CDP", "ODD": ""}
    grid.status |= {"HACDP": "STOPPED", "ODD": "STOPPED", "AP1": "RUNNING", "AP2": "STOPPING"}
    with mock.patch.dict(
        "tests.support.grid.LONG_TYPES", {"HA-CDP": "HA configuration distribution peer", "": ""}
    ):
        report = remove(grid, "AP1", "AP2", "AP3", "CDP", "HACDP", "ODD", "AP9")
    assert outcomes(report.results) == {
        "AP1": "refused",
        "AP2": "refused",
        "AP3": "confirmed",
        "CDP": "refused",
        "HACDP": "refused",
        "ODD": "refused",
        "AP9": "not_found",
    }
    assert grid.sent == ["delete AP3"]


def test_force_takes_running_peers_and_never_a_cdp(grid: FakeGrid) -> None:
    grid.status["AP1"] = "RUNNING"
    assert outcomes(remove(grid, "AP1", "CDP", force=True).results) == {"AP1": "confirmed", "CDP": "refused"}
    assert grid.sent == ["delete AP1"]


def test_without_waiting_it_is_accepted_and_not_read_again(grid: FakeGrid) -> None:
    assert outcomes(remove(grid, "AP1", wait=False).results) == {"AP1": "accepted"}
    assert grid.reads == ["/info/peer", "/peer"]


def test_still_listed_at_the_deadline_is_timed_out(grid: FakeGrid) -> None:
    grid.takes = 1000
    report = remove(grid, "AP1")
    assert report.exit_code is ExitCode.TIMEOUT
    assert "still listed as STOPPED" in report.results[0].message
    assert grid.sent == ["delete AP1"]


def test_gone_by_the_deadline_is_confirmed(grid: FakeGrid) -> None:
    grid.takes = 29.4
    assert outcomes(remove(grid, "AP1").results) == {"AP1": "confirmed"}


def test_dry_run_shows_the_requests_and_sends_nothing(grid: FakeGrid) -> None:
    report = remove(grid, "AP1", dry_run=True)
    assert [(each.method, each.url, each.body) for each in report.requests] == [
        ("DELETE", f"{ROOT}/peer/AP1", None)
    ]
    assert grid.sent == []


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("arrived", [True, False])
def test_lost_answer_is_decided_by_reading(grid: FakeGrid, wait: bool, arrived: bool) -> None:
    grid.refusals["delete AP1"] = LostAnswerError("DELETE /peer/AP1 was sent, and the answer was cut off")
    if arrived:
        grid.lost.add("delete AP1")
    report = remove(grid, "AP1", wait=wait)
    arrived_as = "confirmed" if wait else "accepted"
    assert outcomes(report.results) == {"AP1": arrived_as if arrived else "unknown"}
    assert report.exit_code is (ExitCode.OK if arrived else ExitCode.UNKNOWN)
    assert grid.sent == ["delete AP1"]
    assert arrived or "cdpctl peer show" in report.results[0].message


def test_grid_that_lists_nothing_proves_nothing(grid: FakeGrid) -> None:
    def forget() -> None:
        grid.status.clear()
        grid.types.clear()

    grid.takes = 1000
    grid.clock.before_sleep.append(forget)
    assert outcomes(remove(grid, "AP1").results) == {"AP1": "timed_out"}


def test_peer_missing_from_the_first_read_alone_is_not_gone(grid: FakeGrid) -> None:
    grid.takes = 1000
    grid.clock.before_sleep.append(lambda: setattr(grid, "listed", {"CDP"}))
    assert outcomes(remove(grid, "AP1").results) == {"AP1": "timed_out"}


def test_reads_that_fail_are_made_again(grid: FakeGrid) -> None:
    grid.clock.before_sleep.append(lambda: grid.read_failures.append(UnreachableError("refused")))
    assert outcomes(remove(grid, "AP1").results) == {"AP1": "confirmed"}


def test_read_that_is_forbidden_ends_the_waiting(grid: FakeGrid) -> None:
    grid.clock.before_sleep.append(lambda: grid.read_failures.append(ForbiddenError("no", http_status=403)))
    assert remove(grid, "AP1").exit_code is ExitCode.UNKNOWN


@pytest.mark.parametrize(
    ("error", "outcome", "code"),
    [
        (NotFoundError("gone", http_status=404), "failed", ExitCode.FAILED),
        (RejectedError("no", http_status=500), "failed", ExitCode.FAILED),
        (ForbiddenError("no", http_status=403), "failed", ExitCode.FORBIDDEN),
    ],
)
def test_refusal_is_final(grid: FakeGrid, error: CdpctlError, outcome: str, code: ExitCode) -> None:
    grid.refusals["delete AP1"] = error
    report = remove(grid, "AP1")
    assert outcomes(report.results) == {"AP1": outcome}
    assert report.exit_code is code
    assert grid.sent == ["delete AP1"]


def test_fail_fast_sends_nothing_after_a_refusal(grid: FakeGrid) -> None:
    grid.refusals["delete AP1"] = RejectedError("no", http_status=500)
    report = remove(grid, "AP1", "AP2", parallel=1, fail_fast=True)
    assert outcomes(report.results) == {"AP1": "failed", "AP2": "skipped"}


def test_strict_sends_nothing_unless_every_name_is_good(grid: FakeGrid) -> None:
    assert outcomes(remove(grid, "AP1", "AP9", strict=True).results) == {"AP1": "skipped", "AP9": "not_found"}
    assert grid.sent == []


def test_grid_that_serves_no_read_is_left_alone(grid: FakeGrid) -> None:
    grid.info_served = grid.plain_served = False
    with pytest.raises(UsageError, match="cannot delete"):
        remove(grid, "AP1")
    assert grid.sent == []


def test_interruption_while_waiting_keeps_what_was_accepted(grid: FakeGrid) -> None:
    def interrupt() -> None:
        raise Interruption(ExitCode.INTERRUPTED)

    grid.clock.before_sleep.append(interrupt)
    report = remove(grid, "AP1")
    assert outcomes(report.results) == {"AP1": "accepted"}
    assert report.exit_code is ExitCode.INTERRUPTED


def test_peer_that_one_of_two_reads_calls_a_cdp_is_kept(grid: FakeGrid) -> None:
    grid.settings["AP1"]["type"] = "CDP"
    assert outcomes(remove(grid, "AP1", force=True).results) == {"AP1": "refused"}
    assert grid.sent == []


def test_last_of_their_kind_are_warned_about(grid: FakeGrid) -> None:
    grid.status["AP1"] = "RUNNING"
    grid.settings["AP1"]["metricsyncPoint"] = "true"
    run = run_on(grid, ["AP1"], "delete", dry_run=True)
    perform(delete, run, yes, force=True)
    assert isinstance(run.reporter, Told)
    assert run.reporter.warnings == ["AP1 is the last running AP", "AP1 is the only metrics sync point"]
