"""Warnings before a stop: the last running AP or LAP, and the only metrics sync point."""

from collections.abc import Sequence
from typing import Any
from unittest import mock

import pytest

from cdpctl.errors import UnreachableError
from cdpctl.operations.change import change
from cdpctl.operations.model import START, STOP, Report
from cdpctl.operations.restart import RestartOptions, rolling_restart
from tests.support.clock import Clock
from tests.support.grid import FakeGrid, perform, run_on


def yes(_names: Sequence[str]) -> None:
    """Approve."""


@pytest.fixture
def grid() -> FakeGrid:
    grid = FakeGrid(["AP1", "AP2", "LAP", "CDP"], Clock())
    grid.types |= {"LAP": "LAP", "CDP": "CDP"}
    grid.settings["CDP"]["metricsyncPoint"] = "true"
    return grid


def cautions(grid: FakeGrid, *names: str, **options: Any) -> list[str]:
    run = run_on(grid, names, **options)
    perform(change, run, STOP, yes)
    return run.cautions


def test_last_running_peer_of_its_type_is_warned_about(grid: FakeGrid) -> None:
    assert cautions(grid, "AP1") == []
    grid.clock.now += 10
    assert cautions(grid, "AP2") == ["AP2 is the last running AP"]
    assert cautions(grid, "LAP") == ["LAP is the last running LAP"]


def test_several_at_once_are_named_together(grid: FakeGrid) -> None:
    assert cautions(grid, "AP1", "AP2", "LAP") == [
        "AP1, AP2 are the last running APs",
        "LAP is the last running LAP",
    ]


def test_peer_of_unknown_status_may_be_running(grid: FakeGrid) -> None:
    grid.status["AP2"] = None
    assert cautions(grid, "AP1") == []


def test_only_metrics_sync_point_is_warned_about(grid: FakeGrid) -> None:
    grid.settings["CDP"]["metricsyncPoint"] = "false"
    grid.settings["AP1"]["metricsynchPoint"] = "true"
    assert cautions(grid, "AP1") == ["AP1 is the only metrics sync point"]
    assert grid.reads == ["/info/peer", "/peer/AP1", "/peer"]


def test_one_of_two_metrics_sync_points_is_no_matter(grid: FakeGrid) -> None:
    grid.settings["AP1"]["metricsyncPoint"] = "true"
    assert cautions(grid, "AP1") == []


def test_read_that_fails_holds_nothing_up(grid: FakeGrid) -> None:
    def fail(_name: str, _deadline: object) -> None:
        raise UnreachableError("refused")

    grid.get_peer = fail  # type: ignore[method-assign, assignment]
    assert cautions(grid, "AP1") == []
    assert grid.sent == ["stop AP1"]


def test_start_and_no_preflight_warn_of_nothing(grid: FakeGrid) -> None:
    run = run_on(grid, ["LAP"], "start")
    perform(change, run, START, yes)
    assert run.cautions == []
    assert cautions(grid, "LAP", preflight=False) == []


@pytest.mark.parametrize(("batch", "said"), [("1", []), ("2", ["AP1, AP2 are the last running APs"])])
def test_restart_warns_of_what_is_down_at_once(grid: FakeGrid, batch: str, said: list[str]) -> None:
    run = run_on(grid, ["AP1", "AP2"], "restart", wait=True)
    perform(rolling_restart, run, yes, RestartOptions(batch))
    assert run.cautions == said


@pytest.fixture
def disguised(grid: FakeGrid) -> FakeGrid:
    """AP1 is an AP in `/info/peer` and a CDP in every other read."""
    grid.settings["AP1"]["type"] = "CDP"
    return grid


def outcomes(report: Report) -> dict[str, str]:
    return {result.name: result.outcome.value for result in report.results}


def test_peer_that_the_read_of_its_settings_calls_a_cdp_is_not_stopped(disguised: FakeGrid) -> None:
    report = perform(change, run_on(disguised, ["AP1"]), STOP, yes)
    assert outcomes(report) == {"AP1": "refused"}
    assert "lists it as AP RUNNING and CDP" in report.results[0].message
    assert disguised.sent == []


@pytest.mark.parametrize(("strict", "sent"), [(False, ["stop AP2"]), (True, [])])
def test_others_are_stopped_without_it(disguised: FakeGrid, strict: bool, sent: list[str]) -> None:
    report = perform(change, run_on(disguised, ["AP1", "AP2"], strict=strict), STOP, yes)
    assert outcomes(report) == {"AP1": "refused", "AP2": "skipped" if strict else "accepted"}
    assert disguised.sent == sent


def test_it_is_not_restarted_either(disguised: FakeGrid) -> None:
    run = run_on(disguised, ["AP1", "AP2"], "restart", wait=True)
    report = perform(rolling_restart, run, yes, RestartOptions())
    assert outcomes(report) == {"AP1": "refused", "AP2": "confirmed"}
    assert disguised.sent == ["stop AP2", "start AP2"]


@pytest.mark.parametrize("names", [["AP1"], ["AP2", "AP1"]])
def test_peer_whose_type_only_the_read_of_its_settings_shows_is_not_stopped(
    disguised: FakeGrid, names: list[str]
) -> None:
    disguised.plain_served = False
    disguised.types["AP1"] = ""
    with mock.patch.dict("tests.support.grid.LONG_TYPES", {"": ""}):
        report = perform(change, run_on(disguised, names), STOP, yes)
    assert outcomes(report)["AP1"] == "refused"
    assert disguised.sent == ["stop AP2"][: len(names) - 1]


@pytest.mark.parametrize("names", [["AP1"], ["AP1", "AP2"]])
def test_nothing_is_claimed_about_peers_of_unknown_type_and_settings(
    grid: FakeGrid, names: list[str]
) -> None:
    grid.plain_served = False
    grid.types |= {"AP3": "", "CDP": ""}
    grid.status["AP3"] = "RUNNING"
    grid.settings["AP1"] |= {"type": "AP", "metricsyncPoint": "true"}
    grid.settings["AP2"]["type"] = "AP"
    with mock.patch.dict("tests.support.grid.LONG_TYPES", {"": ""}):
        assert cautions(grid, *names) == []
    assert len(grid.sent) == 1
