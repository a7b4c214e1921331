"""Updates and deletions with faults, through the program: the exit code, and one request."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from cdpctl.operations import pace
from tests.support.catalogue import by_name
from tests.support.fault_server import FaultServer, Script, Seen
from tests.support.program import (
    CANARY_PASSWORD,
    CANARY_TOKEN,
    Finished,
    StrictInProcess,
    StrictProgram,
    together,
)
from tests.support.wire_grid import TOKEN, answer, faulty, healthy

pytestmark = pytest.mark.loopback

_CHANGES = {
    "delete": ("peer", "delete", "AP1", "--yes", "--force"),
    "update": ("peer", "update", "AP1", "--description", "for tests"),
}
_LINES = {"delete": "DELETE /baocdp/rest/peer/AP1 HTTP/1.1", "update": "PUT /baocdp/rest/peer HTTP/1.1"}
_ANSWERS: dict[str, tuple[Script, int]] = {
    "reset_before_the_answer": (by_name("reset_before_the_answer").script, 7),
    "end_before_the_answer": (by_name("end_before_the_answer").script, 7),
    "cut_chunk": (by_name("cut_chunk").script, 7),
    "short_content_length": (by_name("short_content_length").script, 7),
    "body_failure": (by_name("body_failure").script, 1),
    "body_deeply_nested": (by_name("body_deeply_nested").script, 7),
    "400": ([answer(400)], 1),
    "403": ([answer(403)], 9),
    "404": ([answer(404)], 1),
    "405": ([answer(405)], 1),
    "500": ([answer(500)], 1),
    "502": ([answer(502)], 7),
    "503": ([answer(503)], 1),
}


def is_change(seen: Seen) -> bool:
    return seen.method in ("PUT", "DELETE", "POST") and not seen.target.endswith("/login")


def meet(
    verb: str, script: Script, code: int, home: Path, kind: type[StrictProgram] = StrictInProcess
) -> None:
    """Change a peer of a grid with a fault in the answer, and without any effect."""
    with FaultServer(faulty(lambda _: script, is_change, CANARY_TOKEN)) as server:
        run = kind(home, server.url)(*_CHANGES[verb], "--no-wait", code=code)
        assert server.sent("PUT", "POST", "DELETE") == [_LINES[verb]]
        if code == 7:
            assert run.outcomes == {"AP1": "unknown"}
            assert "cdpctl peer show" in run.document["results"][0]["message"]


@pytest.mark.parametrize("verb", _CHANGES)
def test_change_meets_the_fault_and_is_never_sent_twice(
    verb: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The grid never shows that the change worked, however long it is read.
    monkeypatch.setattr(pace, "_PAUSES", (0.0, 0.02, 0.05))
    cases: dict[str, Callable[[], None]] = {
        name: partial(meet, verb, *row, tmp_path) for name, row in _ANSWERS.items()
    }
    together(cases, at_a_time=1)


@pytest.mark.parametrize("verb", _CHANGES)
def test_change_of_the_installed_program_meets_the_fault(verb: str, tmp_path: Path) -> None:
    meet(verb, *_ANSWERS["reset_before_the_answer"], tmp_path, StrictProgram)


@pytest.mark.parametrize("verb", _CHANGES)
def test_lost_answer_is_followed_to_the_deadline(verb: str, tmp_path: Path) -> None:
    script = by_name("reset_before_the_answer").script
    with FaultServer(faulty(lambda _: script, is_change, CANARY_TOKEN)) as server:
        run = StrictInProcess(tmp_path, server.url).hurried()(*_CHANGES[verb], code=7)
        assert server.sent("PUT", "POST", "DELETE") == [_LINES[verb]]
    assert run.outcomes == {"AP1": "unknown"}


@pytest.mark.parametrize("verb", _CHANGES)
def test_grid_that_accepts_and_never_changes_is_timed_out(verb: str, tmp_path: Path) -> None:
    with FaultServer(healthy(CANARY_TOKEN)) as server:
        run = StrictInProcess(tmp_path, server.url).hurried()(*_CHANGES[verb], code=8)
        assert len(server.sent("PUT", "POST", "DELETE")) == 1
    assert run.outcomes == {"AP1": "timed_out"}


def renewing(verb: str, home: Path, refusals: int) -> tuple[Finished, list[str]]:
    good = healthy()
    left = [answer(401)] * refusals

    def behave(seen: Seen) -> Script:
        return [left.pop()] if is_change(seen) and left else good(seen)

    variables = {"CDPCTL_TOKEN": "", "CDPCTL_USERNAME": "operator", "CDPCTL_PASSWORD": CANARY_PASSWORD}
    with FaultServer(behave) as server:
        run = StrictInProcess(home, server.url, **variables)(*_CHANGES[verb], "--no-wait")
        assert TOKEN not in run.said
        return run, [each for each in server.sent("PUT", "POST", "DELETE") if "/log" not in each]


@pytest.mark.parametrize("verb", _CHANGES)
def test_401_is_renewed_by_one_login_and_the_change_made_once_more(verb: str, tmp_path: Path) -> None:
    run, sent = renewing(verb, tmp_path, 1)
    assert (run.code, sent) == (0, [_LINES[verb]] * 2)
    run, sent = renewing(verb, tmp_path, 2)
    assert (run.code, sent) == (4, [_LINES[verb]] * 2)
