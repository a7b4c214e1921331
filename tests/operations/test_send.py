"""Sending: the kind of request, its time limit, and the meaning of a refusal."""

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest

from cdpctl.errors import (
    CdpctlError,
    DeadlineError,
    ExitCode,
    Interruption,
    LostAnswerError,
    NotFoundError,
    RejectedError,
    UnclearAnswerError,
    UnreachableError,
)
from cdpctl.operations.change import change
from cdpctl.operations.interrupted import interrupted_report
from cdpctl.operations.model import START, STOP, Report
from cdpctl.operations.restart import RestartOptions, rolling_restart
from cdpctl.operations.run import Run
from cdpctl.operations.send import send
from cdpctl.peers.models import PeerResult
from tests.support.clock import Clock
from tests.support.grid import ROOT, FakeGrid, Told, outcomes, perform, run_on

LOST = [LostAnswerError("it was sent, and nothing came"), UnclearAnswerError("a body that says nothing")]


@pytest.fixture
def grid() -> FakeGrid:
    return FakeGrid(["AP1", "AP2", "AP3"], Clock())


def told(run: Run) -> Told:
    assert isinstance(run.reporter, Told)
    return run.reporter


def stop(run: Run) -> Report:
    return perform(change, run, STOP, lambda _names: None)


def restart(grid: FakeGrid, **options: Any) -> Report:
    run = run_on(grid, list(grid.types), "restart", wait=True)
    return perform(rolling_restart, run, lambda _names: None, RestartOptions(**options))


def test_no_name_is_no_request_and_no_login(grid: FakeGrid) -> None:
    grid.ensure_token = None  # type: ignore[assignment, method-assign]
    send(run_on(grid, []), STOP, [])
    assert grid.sent == []


@pytest.mark.parametrize("error", LOST)
@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("names", [["AP1"], ["AP1", "AP2", "AP3"]])
def test_answer_that_says_neither_yes_nor_no_is_settled_by_the_peers(
    grid: FakeGrid, error: CdpctlError, each: bool, names: list[str]
) -> None:
    for what in ("stop AP1", "stop [AP1 AP2 AP3]"):
        grid.refusals[what] = error
        grid.lost.add(what)
    grid.refusals["stop AP2"] = error
    report = stop(run_on(grid, names, each=each))
    expected = dict.fromkeys(names, "accepted")
    if each and len(names) > 1:
        expected["AP2"] = "unknown"
    assert outcomes(report.results) == expected
    assert len(grid.sent) == (len(names) if each else 1)


@pytest.mark.parametrize(("seconds", "given"), [(8.0, 6.0), (60.0, 55.0)])
@pytest.mark.parametrize("verb", ["stop", "start"])
@pytest.mark.parametrize("many", [False, True])
def test_answer_is_waited_for_while_there_is_time_to_read_the_peers_afterwards(
    grid: FakeGrid, seconds: float, given: float, verb: str, many: bool
) -> None:
    name = f"{verb}_many" if many else verb
    call: Callable[..., Any] = getattr(grid, name)
    left: list[float] = []

    def noting(names: Any, deadline: Any) -> Any:
        left.append(deadline.remaining())
        return call(names, deadline)

    setattr(grid, name, noting)
    grid.status = dict.fromkeys(grid.types, "RUNNING" if verb == "stop" else "STOPPED")
    names = list(grid.types) if many else ["AP1"]
    report = perform(
        change, run_on(grid, names, verb, seconds), STOP if verb == "stop" else START, lambda _names: None
    )
    assert report.exit_code is ExitCode.OK
    assert left == pytest.approx([given])


@pytest.mark.parametrize("names", [["AP1", "AP2"], ["AP1", "AP2", "AP3"]])
def test_one_request_per_peer_in_place_of_one_for_all_is_noted(grid: FakeGrid, names: list[str]) -> None:
    grid.refusals[f"stop [{' '.join(names)}]"] = RejectedError("no", http_status=405)
    run = run_on(grid, names)
    assert stop(run).exit_code is ExitCode.OK
    assert told(run).notes == [
        f"the CDP refused the request for {len(names)} peers (405): sending one request per peer instead"
    ]


@pytest.mark.parametrize("error", [RejectedError("no", http_status=500), *LOST])
def test_peers_after_a_failure_with_fail_fast_say_whose_it_was(grid: FakeGrid, error: CdpctlError) -> None:
    grid.refusals["stop AP1"] = error
    report = stop(run_on(grid, list(grid.types), each=True, parallel=1, fail_fast=True))
    assert [result.message for result in report.results[1:]] == [
        "not sent: the request for AP1 failed, and --fail-fast was given"
    ] * 2


@pytest.mark.parametrize("verb", ["stop", "start"])
@pytest.mark.parametrize("listed", [False, True])
def test_peer_that_the_cdp_does_not_have_is_not_found(grid: FakeGrid, verb: str, listed: bool) -> None:
    grid.status["AP1"] = "RUNNING" if verb == "stop" else "STOPPED"
    grid.refusals[f"{verb} AP1"] = NotFoundError(f"{verb} AP1: Not Found (404)", http_status=404)
    run = run_on(grid, ["AP1"], verb, preflight=listed)
    report = perform(change, run, STOP if verb == "stop" else START, lambda _names: None)
    [result] = report.results
    assert (result.outcome, result.http_status) == ("failed" if listed else "not_found", 404)
    assert result.message.startswith(f"{verb} AP1: Not Found (404)")
    assert result.message.endswith(", although the CDP listed this peer") is listed
    assert report.exit_code is (ExitCode.FAILED if listed else ExitCode.NOT_FOUND)
    assert grid.sent == [f"{verb} AP1"]
    assert told(run).notes == []


def test_call_that_is_not_found_does_not_say_which_of_many_peers_is_meant(grid: FakeGrid) -> None:
    grid.status["AP3"] = "STOPPED"
    missing = NotFoundError("login: Not Found (404)", http_status=404)
    with mock.patch.object(grid, "ensure_token", side_effect=[None, missing]):
        report = restart(grid, batch="3")
    assert grid.sent == ["stop [AP1 AP2]"]
    assert outcomes(report.results) == {"AP1": "failed", "AP2": "failed", "AP3": "failed"}


def test_hint_of_an_error_is_told_with_its_peer(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = RejectedError("the CDP said no", http_status=500, hint="ask the operator")
    grid.refusals["stop AP2"] = RejectedError("the CDP said no", http_status=500)
    report = stop(run_on(grid, ["AP1", "AP2"], each=True))
    assert [result.message for result in report.results] == [
        "the CDP said no; ask the operator",
        "the CDP said no",
    ]


class _Interrupted(Told):
    """Accepts one result only."""

    def result(self, result: PeerResult) -> None:
        super().result(result)
        raise Interruption(ExitCode.INTERRUPTED)


@pytest.mark.parametrize(
    ("error", "sent"),
    [
        (UnreachableError("connection refused"), False),
        (DeadlineError("the deadline passed before it was sent"), False),
        (RejectedError("no", http_status=500), True),
    ],
)
def test_only_what_never_left_counts_as_not_sent(grid: FakeGrid, error: CdpctlError, sent: bool) -> None:
    grid.refusals["stop AP1"] = error
    run = run_on(grid, list(grid.types), each=True, parallel=1)
    run.reporter = _Interrupted()
    with pytest.raises(Interruption) as caught:
        stop(run)
    run.reporter = Told()
    report = interrupted_report(run, caught.value)
    assert report.error is not None
    assert ("nothing was sent" in report.error.message) is not sent


def test_stop_that_is_refused_in_a_restart_is_told_as_such(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = RejectedError("the CDP said no", http_status=500)
    report = restart(grid)
    assert report.results[0].message == "the CDP said no"
    assert report.left_down == {}


@pytest.mark.parametrize(("late", "outcome"), [(False, "failed"), (True, "timed_out")])
def test_start_that_never_left_timed_out_where_the_time_is_up(
    grid: FakeGrid, late: bool, outcome: str
) -> None:
    def start(name: str, _deadline: Any = None) -> Any:
        grid.clock.now += 1000.0 if late else 0.0
        raise DeadlineError("the deadline passed before it was sent")

    grid.start = start  # type: ignore[method-assign]
    [result, *_] = restart(grid).results
    assert (result.outcome, result.message) == (
        outcome,
        "stopped, but not started again: the deadline passed before it was sent",
    )


@pytest.mark.parametrize("each", [False, True])
@pytest.mark.parametrize("names", [["AP1"], ["AP1", "AP2"]])
def test_dry_run_tells_each_peer_its_request(grid: FakeGrid, each: bool, names: list[str]) -> None:
    report = perform(change, run_on(grid, names, each=each, dry_run=True), STOP, lambda _names: None)
    single = each or len(names) == 1
    assert [result.message for result in report.results] == [
        f"would send PUT {ROOT}/peer/{name}/stop"
        if single
        else f"would send POST {ROOT}/peer/stop for 2 peers"
        for name in names
    ]
    assert grid.sent == []
