"""Updates: one PUT for the peers that need it, confirmed by reading them."""

from collections.abc import Sequence
from typing import Any

import pytest

from cdpctl.errors import (
    CdpctlError,
    ExitCode,
    ForbiddenError,
    LostAnswerError,
    NotFoundError,
    RejectedError,
    UnreachableError,
    UsageError,
)
from cdpctl.operations.model import Report
from cdpctl.operations.run import Run
from cdpctl.operations.update import update
from cdpctl.peers.changes import Changes
from tests.support.clock import Clock
from tests.support.grid import ROOT, FakeGrid, Told, outcomes, perform, run_on

DEBUG = Changes(levels={"Adapters": "DEBUG"})


def yes(_names: Sequence[str]) -> None:
    """Approve."""


@pytest.fixture
def grid() -> FakeGrid:
    grid = FakeGrid(["AP1", "AP2", "LAP"], Clock(), takes=0.5)
    grid.types["LAP"] = "LAP"
    for settings in grid.settings.values():
        settings["loggingInfo"] = [{"componentName": "Adapters", "logLevel": "WARN"}]
    return grid


def running(grid: FakeGrid, *names: str, wait: bool = True, **options: Any) -> Run:
    return run_on(grid, names, "update", seconds=30, wait=wait, **options)


def change(grid: FakeGrid, changes: Changes, *names: str, **options: Any) -> Report:
    return perform(update, running(grid, *names, **options), yes, changes)


def test_thousand_peers_are_one_put_and_two_reads() -> None:
    grid = FakeGrid([f"AP{number}" for number in range(1000)], Clock(), takes=0.5)
    report = change(grid, Changes(description="new"), *grid.types)
    assert set(outcomes(report.results).values()) == {"confirmed"}
    assert len(grid.sent) == 1
    assert grid.reads == ["/peer", "/peer"]


def test_without_waiting_it_is_accepted(grid: FakeGrid) -> None:
    assert outcomes(change(grid, DEBUG, "AP1", wait=False).results) == {"AP1": "accepted"}
    assert grid.reads == ["/peer"]


def test_peer_that_has_it_all_is_unchanged_and_not_sent(grid: FakeGrid) -> None:
    grid.settings["AP1"]["loggingInfo"] = [{"componentName": "Adapters", "logLevel": "debug"}]
    report = change(grid, DEBUG, "AP1", "AP2", "AP9")
    assert outcomes(report.results) == {"AP1": "unchanged", "AP2": "confirmed", "AP9": "not_found"}
    assert grid.sent == ["update [AP2]"]


def test_what_does_not_apply_is_refused_peer_by_peer(grid: FakeGrid) -> None:
    report = change(grid, Changes(workflow_server=True), "AP1", "LAP")
    assert outcomes(report.results) == {"AP1": "confirmed", "LAP": "refused"}
    assert grid.sent == ["update [AP1]"]


def test_change_that_does_not_show_is_timed_out_with_the_difference(grid: FakeGrid) -> None:
    grid.takes = 1000
    report = change(grid, DEBUG, "AP1")
    assert report.exit_code is ExitCode.TIMEOUT
    assert "log level of Adapters is WARN, not DEBUG" in report.results[0].message
    assert grid.sent == ["update [AP1]"]


def test_dry_run_shows_the_body(grid: FakeGrid) -> None:
    report = change(grid, Changes(metrics_sync=True), "AP1", "AP2", dry_run=True)
    [request] = report.requests
    assert (request.method, request.url) == ("PUT", f"{ROOT}/peer")
    assert request.body == (
        '{"peers": [{"name": "AP1", "metricsyncPoint": "true"}, {"name": "AP2", "metricsyncPoint": "true"}]}'
    )
    assert grid.sent == []


@pytest.mark.parametrize("wait", [True, False])
@pytest.mark.parametrize("arrived", [True, False])
def test_lost_answer_is_decided_by_reading(grid: FakeGrid, wait: bool, arrived: bool) -> None:
    grid.refusals["update [AP1]"] = LostAnswerError("PUT /peer was sent, and the answer was cut off")
    if arrived:
        grid.lost.add("update [AP1]")
    report = change(grid, DEBUG, "AP1", wait=wait)
    arrived_as = "confirmed" if wait else "accepted"
    assert outcomes(report.results) == {"AP1": arrived_as if arrived else "unknown"}
    assert report.exit_code is (ExitCode.OK if arrived else ExitCode.UNKNOWN)
    assert grid.sent == ["update [AP1]"]


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotFoundError("no", http_status=404), ExitCode.FAILED),
        (RejectedError("no", http_status=405), ExitCode.FAILED),
        (RejectedError("no", http_status=400), ExitCode.FAILED),
        (ForbiddenError("no", http_status=403), ExitCode.FORBIDDEN),
        (UnreachableError("no"), ExitCode.UNREACHABLE),
    ],
)
def test_refusal_is_final(grid: FakeGrid, error: CdpctlError, code: ExitCode) -> None:
    grid.refusals["update [AP1]"] = error
    report = change(grid, DEBUG, "AP1")
    assert outcomes(report.results) == {"AP1": "failed"}
    assert report.exit_code is code
    assert grid.sent == ["update [AP1]"]


def test_last_metrics_sync_point_has_to_be_confirmed(grid: FakeGrid) -> None:
    grid.settings["AP1"]["metricsynchPoint"] = "true"
    run = running(grid, "AP1", "AP2")
    perform(update, run, yes, Changes(metrics_sync=False))
    assert run.must_confirm == "turning off the last metrics sync point"
    assert run.cautions == ["AP1 is the only metrics sync point, and a grid needs at least one"]


def test_metrics_sync_point_that_is_not_the_last_is_no_matter(grid: FakeGrid) -> None:
    grid.settings["AP1"]["metricsyncPoint"] = grid.settings["AP2"]["metricsyncPoint"] = "true"
    run = running(grid, "AP1")
    perform(update, run, yes, Changes(metrics_sync=False))
    assert (run.must_confirm, run.cautions) == ("", [])


def test_last_workflow_server_is_warned_about_in_a_dry_run_too(grid: FakeGrid) -> None:
    grid.settings["AP1"]["workflowServer"] = "true"
    run = running(grid, "AP1", dry_run=True)
    perform(update, run, yes, Changes(workflow_server=False))
    assert isinstance(run.reporter, Told)
    assert run.reporter.warnings == ["AP1 is the only workflow server, and SOAP needs at least one"]


def test_levels_missing_from_the_list_are_read_peer_by_peer(grid: FakeGrid) -> None:
    logging = grid.settings["AP1"].pop("loggingInfo")
    report = change(grid, DEBUG, "AP1", wait=False)
    assert grid.reads == ["/peer", "/peer/AP1"]
    assert outcomes(report.results) == {"AP1": "refused"}
    grid.settings["AP1"]["loggingInfo"] = logging


def test_peer_that_only_the_other_read_lists_is_found_again(grid: FakeGrid) -> None:
    grid.detailed = {"AP2"}
    report = change(grid, Changes(description="new"), "AP1")
    assert "description is ''" in report.results[0].message


def test_grid_that_serves_no_read_is_left_alone(grid: FakeGrid) -> None:
    grid.info_served = grid.plain_served = False
    with pytest.raises(UsageError, match="cannot update"):
        change(grid, DEBUG, "AP1")
    assert grid.sent == []
