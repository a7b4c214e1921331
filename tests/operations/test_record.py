"""Every run reports what it sent, however it ends: signals, lost answers, failed restarts."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from unittest import mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpctl.background import BackgroundCall
from cdpctl.errors import (
    AuthError,
    CdpctlError,
    DeadlineError,
    ExitCode,
    Interruption,
    LostAnswerError,
    NotFoundError,
    RejectedError,
    UnreachableError,
)
from cdpctl.operations.change import change, wait_for
from cdpctl.operations.interrupted import interrupted_report
from cdpctl.operations.model import START, STOP, Report
from cdpctl.operations.parallel import run_parallel
from cdpctl.operations.restart import RestartOptions, rolling_restart
from cdpctl.operations.run import Run
from tests.support.clock import Clock
from tests.support.grid import ROOT, FakeGrid, Told, outcomes, perform, run_on

LOST = LostAnswerError("it was sent, and nothing came")


def yes(_names: Sequence[str]) -> None:
    """Approve."""


def interrupt() -> None:
    raise Interruption(ExitCode.INTERRUPTED)


@pytest.fixture
def grid() -> FakeGrid:
    return FakeGrid(["AP1", "AP2", "AP3"], Clock())


def restart(run: Run, **options: Any) -> Report:
    return perform(rolling_restart, run, yes, RestartOptions(**options))


def restarted(grid: FakeGrid, seconds: float | None = 60.0, **options: Any) -> Report:
    return restart(run_on(grid, list(grid.types), "restart", seconds, wait=True), **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "error",
    [
        NotFoundError("start AP1: Not Found (404)", http_status=404),
        UnreachableError("connection refused"),
        AuthError("the login was refused", http_status=401),
        RejectedError("500", http_status=500),
    ],
)
@pytest.mark.parametrize("every", [False, True])
def test_start_that_fails_ends_with_a_code_that_says_something_was_done(
    grid: FakeGrid, error: CdpctlError, every: bool
) -> None:
    grid.refusals["start AP1"] = grid.refusals["start [AP1 AP2 AP3]"] = error
    report = restarted(grid, batch="100%" if every else "1")
    one_by_one = every and error.http_status == 404
    assert report.exit_code is (ExitCode.PARTIAL if one_by_one else ExitCode.FAILED)
    first = report.results[0]
    assert first.outcome == "failed"
    assert first.message.startswith("stopped, but not started again: ")
    assert list(report.left_down) == (
        ["AP1", "AP2", "AP3"] if every and error.http_status != 404 else ["AP1"]
    )


def test_login_that_fails_between_the_halves_leaves_results(grid: FakeGrid) -> None:
    with mock.patch.object(grid, "ensure_token", side_effect=[None, AuthError("expired")]):
        report = restarted(grid)
    assert outcomes(report.results) == {"AP1": "failed", "AP2": "skipped", "AP3": "skipped"}
    assert report.exit_code is ExitCode.FAILED
    assert list(report.left_down) == ["AP1"]


def test_login_that_fails_before_the_first_request_is_the_error_of_the_run(grid: FakeGrid) -> None:
    with mock.patch.object(grid, "ensure_token", side_effect=AuthError("no")), pytest.raises(AuthError):
        restarted(grid)


def test_start_that_the_deadline_cuts_is_a_time_out(grid: FakeGrid) -> None:
    grid.refusals["start AP1"] = DeadlineError("the deadline passed before it was sent")
    report = restarted(grid)
    assert outcomes(report.results)["AP1"] == "failed"
    assert list(report.left_down) == ["AP1"]


def test_peer_that_another_run_has_started_is_not_said_to_be_down(grid: FakeGrid) -> None:
    grid.effects["stop AP1"] = "RUNNING"
    report = restarted(grid, seconds=None, batch_timeout=5.0)
    assert outcomes(report.results)["AP1"] == "timed_out"
    assert report.left_down == {}
    grid.refusals["start AP2"] = RejectedError("500", http_status=500)
    grid.clock.after(2.0, lambda: None)
    report = restart(run_on(grid, ["AP2"], "restart", wait=True))
    assert report.left_down == {"AP2": "STOPPED"}


def test_batch_has_a_time_limit_of_its_own_and_the_run_has_none(grid: FakeGrid) -> None:
    grid.takes = 100.0
    report = restarted(grid, seconds=None, batch_timeout=30.0, max_failures=1)
    assert grid.sent == ["stop AP1", "stop AP2"]
    assert [result.message for result in report.results[:2]] == [
        "the stop was accepted, but still STOPPING after 30 s; the start was not sent"
    ] * 2
    grid.takes = 20.0
    slow = FakeGrid(["A", "B", "C"], Clock(), takes=20.0)
    assert restarted(slow, seconds=None, batch_timeout=60.0).exit_code is ExitCode.OK


@pytest.mark.parametrize(
    ("status", "before", "outcome"),
    [
        ("STOPPED", "RUNNING", "accepted"),
        ("stopped ", "RUNNING", "accepted"),
        ("Stopping", "RUNNING", "accepted"),
        (" STOPPING", "FAULT", "accepted"),
        ("Running", "RUNNING", "unknown"),
        (" running ", "RUNNING", "unknown"),
        ("STARTING", "RUNNING", "unknown"),
        ("FAULT STATE", "RUNNING", "unknown"),
        ("stopping", "STOPPING", "unknown"),
        ("RUNNING", "STARTING", "unknown"),
        (None, "RUNNING", "unknown"),
    ],
)
def test_lost_answer_is_believed_only_where_the_peer_is_there_or_on_its_way(
    grid: FakeGrid, status: str | None, before: str, outcome: str
) -> None:
    grid.status["AP1"] = before
    grid.refusals["stop AP1"] = LOST
    grid.clock.before_sleep = [lambda: grid.status.update(AP1=status)]
    report = perform(change, run_on(grid, ["AP1"]), STOP, yes)
    assert outcomes(report.results) == {"AP1": outcome}
    assert grid.sent == ["stop AP1"]


@pytest.mark.parametrize("poll", [1, 2, 3])
def test_effect_that_a_later_poll_shows_counts(grid: FakeGrid, poll: int) -> None:
    grid.refusals["stop AP1"] = LOST
    nothing: Callable[[], None] = lambda: None  # noqa: E731
    grid.clock.before_sleep = [nothing] * (poll - 1) + [lambda: grid.status.update(AP1="STOPPING")]
    assert outcomes(perform(change, run_on(grid, ["AP1"]), STOP, yes).results) == {"AP1": "accepted"}


def test_lost_answer_after_the_deadline_is_still_looked_into(grid: FakeGrid) -> None:
    grid.refusals["stop AP1"] = LOST
    grid.lost.add("stop AP1")
    sent = grid.stop

    def slow(name: str, _deadline: Any = None) -> Any:
        grid.clock.now += 100.0
        return sent(name)

    with mock.patch.object(grid, "stop", slow):
        report = perform(change, run_on(grid, ["AP1"], seconds=10.0), STOP, yes)
    assert outcomes(report.results) == {"AP1": "accepted"}


def test_peers_of_a_refused_request_are_not_called_not_attempted(grid: FakeGrid) -> None:
    grid.refusals["stop [AP1 AP2 AP3]"] = RejectedError("400", http_status=400)
    grid.refusals["stop AP1"] = RejectedError("500", http_status=500)
    report = perform(change, run_on(grid, list(grid.types), fail_fast=True, parallel=1), STOP, yes)
    assert outcomes(report.results) == {"AP1": "failed", "AP2": "failed", "AP3": "failed"}
    assert "the CDP refused the request for 3 peers (400)" in report.results[2].message
    grid.refusals["stop AP1"] = UnreachableError("refused")
    report = perform(change, run_on(grid, list(grid.types), fail_fast=True, parallel=1), STOP, yes)
    assert report.exit_code is ExitCode.FAILED


@pytest.mark.parametrize("verb", ["stop", "start"])
def test_signal_while_a_request_for_many_is_out_leaves_its_names_unknown(grid: FakeGrid, verb: str) -> None:
    action = STOP if verb == "stop" else START
    grid.status = dict.fromkeys(grid.types, "RUNNING" if verb == "stop" else "STOPPED")
    with mock.patch.object(grid, f"{verb}_many", side_effect=Interruption(ExitCode.INTERRUPTED)):
        report = perform(change, run_on(grid, [*grid.types, "AP9"], verb), action, yes)
    assert outcomes(report.results) == {
        "AP1": "unknown",
        "AP2": "unknown",
        "AP3": "unknown",
        "AP9": "not_found",
    }
    assert report.error is not None
    assert "nothing was sent" not in report.error.message
    assert "no answer yet for 3 peers" in report.error.message


def test_signal_in_the_stopping_half_with_part_of_the_batch_unsent(grid: FakeGrid) -> None:
    calls = iter([None, interrupt])
    sent = grid.stop

    def stop(name: str, deadline: Any = None) -> Any:
        call = next(calls)
        if call is not None:
            call()
        return sent(name, deadline)

    with mock.patch.object(grid, "stop", stop):
        run = run_on(grid, list(grid.types), "restart", wait=True, each=True, parallel=1)
        report = restart(run, batch="3")
    assert outcomes(report.results) == {"AP1": "unknown", "AP2": "unknown", "AP3": "skipped"}
    assert list(report.left_down) == ["AP1", "AP2"]


def test_no_name_leaves_the_queue_after_the_signal() -> None:
    begun: list[str] = []
    answered: list[str] = []
    late = threading.Event()

    def work(name: str) -> str:
        if name not in ("0", "1", "2", "3"):
            return name
        late.wait(10)
        return name

    def interrupted(_call: BackgroundCall[None]) -> None:
        while len(begun) < 4:
            time.sleep(0.001)
        raise Interruption(ExitCode.INTERRUPTED)

    with mock.patch.object(BackgroundCall, "result", interrupted), pytest.raises(Interruption):
        run_parallel(
            [str(number) for number in range(50)],
            work,
            4,
            lambda: False,
            begin=begun.append,
            done=lambda name, _answer: answered.append(name),
        )
    workers = [thread for thread in threading.enumerate() if thread.name == "parallel"]
    assert len(workers) == 4
    late.set()
    for thread in workers:
        thread.join(10)
    assert begun == ["0", "1", "2", "3"]
    assert answered == []


@pytest.mark.parametrize("most", [0, 1, 3])
def test_where_no_thread_can_be_started_the_others_do_the_work(grid: FakeGrid, most: int) -> None:
    started: list[threading.Thread] = []
    start = threading.Thread.start

    def limited(thread: threading.Thread) -> None:
        if len(started) == most:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    with mock.patch.object(threading.Thread, "start", limited):
        report = perform(change, run_on(grid, list(grid.types), each=True), STOP, yes)
    assert set(outcomes(report.results).values()) == {"accepted"}
    assert sorted(grid.sent) == ["stop AP1", "stop AP2", "stop AP3"]


def test_dry_run_of_each_shows_one_put_per_peer(grid: FakeGrid) -> None:
    report = perform(change, run_on(grid, list(grid.types), each=True, dry_run=True), STOP, yes)
    assert [(request.method, request.url, request.body) for request in report.requests] == [
        ("PUT", f"{ROOT}/peer/{name}/stop", None) for name in grid.types
    ]
    assert grid.sent == []


def test_unlisted_name_is_followed_without_a_preflight(grid: FakeGrid) -> None:
    grid.listed = {"AP2"}
    report = perform(change, run_on(grid, ["AP9", "AP2"], wait=True, preflight=False, seconds=5.0), STOP, yes)
    assert outcomes(report.results) == {"AP9": "timed_out", "AP2": "confirmed"}


def test_peer_at_fault_before_the_stop_is_not_failed_by_it(grid: FakeGrid) -> None:
    grid.status["AP1"] = "FAULT"
    grid.takes = 5.0
    with mock.patch.object(grid, "stop", lambda name, _deadline=None: _slow_stop(grid, name)):
        report = perform(change, run_on(grid, ["AP1"], wait=True), STOP, yes)
    assert outcomes(report.results) == {"AP1": "confirmed"}


def _slow_stop(grid: FakeGrid, name: str) -> Any:
    grid.coming[name] = (grid.clock.now + 5.0, "STOPPED")
    grid.sent.append(f"stop {name}")
    from cdpctl.cdp.responses import Accepted

    return Accepted(204, "Accepted")


class Moments:
    """Raises an interruption at the nth call of a run to its environment."""

    def __init__(self, nth: int) -> None:
        self.left = nth

    def __call__(self) -> None:
        self.left -= 1
        if self.left == 0:
            interrupt()


class Teller(Told):
    """Gets results, and may be interrupted."""

    def __init__(self, moment: Moments) -> None:
        super().__init__()
        self.moment = moment

    def result(self, result: Any) -> None:
        self.moment()
        super().result(result)
        self.moment()

    def state(self, name: str, state: str, elapsed: float) -> None:
        self.moment()
        super().state(name, state, elapsed)


class Struck(FakeGrid):
    """A grid whose calls may be interrupted before they are sent, or before the answer."""

    def __init__(self, moment: Moments, **options: Any) -> None:
        super().__init__(["AP1", "AP2", "AP3", "AP4"], Clock(), **options)
        self.moment = moment

    def _fail_read(self, path: str) -> None:
        self.moment()
        super()._fail_read(path)

    def _change(self, what: str, names: Sequence[str], verb: str) -> Any:
        self.moment()
        answer = super()._change(what, names, verb)
        self.moment()
        return answer


@settings(max_examples=300)
@given(
    nth=st.integers(1, 60),
    kind=st.sampled_from(["stop", "start", "restart", "wait"]),
    wait=st.booleans(),
    each=st.booleans(),
    batch=st.sampled_from(["1", "2", "4"]),
    refused=st.sampled_from([None, 400, 500, "lost"]),
    takes=st.sampled_from([0.01, 0.3, 2.0]),
)
def test_signal_at_any_moment_leaves_a_report_that_agrees_with_the_grid(
    nth: int, kind: str, wait: bool, each: bool, batch: str, refused: Any, takes: float
) -> None:
    moment = Moments(nth)
    grid = Struck(moment, takes=takes)
    if kind == "start":
        grid.status = dict.fromkeys(grid.types, "STOPPED")
    if refused is not None:
        error = LOST if refused == "lost" else RejectedError("no", http_status=refused)
        for what in ("stop [AP1 AP2 AP3 AP4]", "start [AP1 AP2 AP3 AP4]", "stop AP2", "start AP3"):
            grid.refusals[what] = error
        if refused == "lost":
            grid.lost.update(grid.refusals)
    run = run_on(
        grid, list(grid.types), kind, 30.0, wait=wait or kind in ("restart", "wait"), each=each, parallel=1
    )
    run.reporter = Teller(moment)
    grid.moment = moment
    try:
        if kind == "restart":
            report = restart(run, batch=batch, max_failures=9)
        elif kind == "wait":
            report = perform(wait_for, run, STOP, lambda _names: None)
        else:
            report = perform(change, run, STOP if kind == "stop" else START, yes)
    except Interruption as interruption:
        # The signal came while the report was made.
        report = interrupted_report(run, interruption)
    assert [result.name for result in report.results] == list(grid.types)
    asked: dict[str, list[str]] = {name: [] for name in grid.types}
    for line in grid.sent:
        verb, *names = line.replace("[", "").replace("]", "").split()
        for name in names:
            asked[name].append(verb)
    for result in report.results:
        if asked[result.name]:
            assert result.outcome.value not in ("skipped", "unchanged", "planned"), (result, grid.sent)
        elif kind != "wait":
            assert result.outcome.value in ("skipped", "unchanged", "unknown"), (result, grid.sent)
    if report.error is not None and "nothing was sent" in report.error.message:
        assert grid.sent == []
    told = [result.name for result in run.reporter.results]
    assert set(told) == set(grid.types)
    if kind == "restart":
        for name, verbs in asked.items():
            ended = next(result for result in report.results if result.name == name)
            if verbs[-1:] == ["stop"] and refused is None:
                assert name in report.left_down or ended.outcome == "skipped"
            if not verbs and ended.outcome != "unknown":
                assert name not in report.left_down


def test_dry_run_of_many_is_one_post_and_of_none_is_nothing(grid: FakeGrid) -> None:
    report = perform(change, run_on(grid, list(grid.types), dry_run=True), STOP, yes)
    [request] = report.requests
    assert (request.method, request.url) == ("POST", f"{ROOT}/peer/stop")
    assert request.body == '{"peers": [{"name": "AP1"}, {"name": "AP2"}, {"name": "AP3"}]}'
    assert set(outcomes(report.results).values()) == {"planned"}
    assert perform(change, run_on(grid, ["AP8", "AP9"], dry_run=True), STOP, yes).requests == ()
    assert grid.sent == []
