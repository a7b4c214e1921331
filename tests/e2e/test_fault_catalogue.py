"""Faults of connections and bodies, through the program: the exit code, and at most one stop."""

from collections.abc import Sequence
from functools import partial
from pathlib import Path

import pytest

from cdpctl.operations import pace
from tests.support.catalogue import BODIES, WIRE, After, Fault, by_name
from tests.support.fault_server import Close, FaultServer, Reset, Script, Seen, closed_port
from tests.support.program import CANARY_TOKEN, Finished, StrictInProcess, StrictProgram, together
from tests.support.wire_grid import answer, faulty, healthy

pytestmark = pytest.mark.loopback

# The results for bodies with a success status.
_BY_BODY = {
    "half_json_without_length": 7,
    "cut_gzip": 7,
    "status_999": 7,
    "body_html": 4,
    "body_html_called_json": 4,
    "body_list": 7,
    "body_number": 7,
    "body_failure": 1,
    "body_duplicate_keys": 7,
    "body_utf_16": 7,
    "body_latin_1": 7,
    "body_lone_surrogate": 1,
    "body_lone_surrogate_bytes": 7,
    "body_5000_digits": 7,
    "body_float_too_large": 7,
    "body_deeply_nested": 7,
    "body_deeply_nested_objects": 7,
    "body_nan": 7,
    "body_infinity": 7,
    "body_nul_bytes": 7,
    "body_trailing_text": 7,
}
_CODES = {After.UNREACHABLE: 6, After.LOST: 7, After.REDIRECT: 1, After.SSO: 4}
_LOOK = "cdpctl peer show"


def expected(fault: Fault) -> int:
    """Return the exit code of a stop with this fault."""
    if fault.greeting:
        # No request gets through, not even the preflight.
        return 6
    if fault.send is After.ANSWER:
        assert fault.status is not None
        return _BY_BODY.get(fault.name, 0 if fault.status in (200, 202, 204) else 1)
    return _CODES[fault.send]


def stops(server: FaultServer) -> list[str]:
    return server.sent("PUT", "POST")


def is_change(seen: Seen) -> bool:
    return seen.method != "GET"


def meet(fault: Fault, home: Path, *names: str, kind: type[StrictProgram] = StrictInProcess) -> Finished:
    """Stop peers on a grid with a fault in the answer to the stop only."""
    behaviour = faulty(lambda _: fault.script, is_change, CANARY_TOKEN)
    with FaultServer(behaviour, greeting=fault.script if fault.greeting else ()) as server:
        places = {
            "server": server.url,
            "closed": f"http://127.0.0.1:{closed_port()}/baocdp",
            "unresolvable": "https://cdp.invalid:38080/baocdp",
        }
        program = kind(home, places[fault.place]).hurried(fault.waits)
        run = program("peer", "stop", *names, code=expected(fault))
        assert len(stops(server)) <= 1, stops(server)
        if run.code == 7:
            assert set(run.outcomes.values()) == {"unknown"}
            assert _LOOK in run.document["results"][0]["message"]
            assert server.sent("GET")[1:], "the peers were not read again"
    return run


_ALL = (*WIRE, *BODIES)
_WAITING = [fault for fault in _ALL if fault.waits]
_OTHER = [fault for fault in _ALL if not fault.waits]


def test_stop_meets_the_fault_that_ends_with_a_time_out(tmp_path: Path) -> None:
    # As processes, because these wait side by side.
    meet_it = partial(meet, kind=StrictProgram)
    together({fault.name: partial(meet_it, fault, tmp_path, "AP1") for fault in _WAITING})


@pytest.mark.parametrize("faults", [_OTHER[::2], _OTHER[1::2]], ids=["even", "odd"])
def test_stop_meets_the_fault(
    faults: Sequence[Fault], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The grid never shows that the stop worked, however long it is read.
    monkeypatch.setattr(pace, "_PAUSES", (0.0, 0.02, 0.05))
    together({fault.name: partial(meet, fault, tmp_path, "AP1") for fault in faults}, at_a_time=1)


_MANY = (
    "reset_before_the_answer",
    "cut_chunk",
    "status_502",
    "body_failure",
    "body_html",
    "body_deeply_nested",
)


def test_stop_of_many_meets_the_fault(tmp_path: Path) -> None:
    meet_it = partial(meet, kind=StrictProgram)
    together({name: partial(meet_it, by_name(name), tmp_path, "AP1", "LAP1") for name in _MANY})


_READ_CODES = {
    "reset_before_the_answer": 6,
    "dripped_body": 6,
    "silent": 6,
    "half_json_without_length": 1,
    "gzip_bomb": 6,
    "status_502": 6,
    "status_503_retry_after_100000": 6,
    "status_999": 1,
    "body_empty": 1,
    "body_html": 4,
    "body_null": 1,
    "body_deeply_nested": 1,
    "body_5000_digits": 1,
    "body_escape_in_an_error": 1,
    "redirect_302_sso": 4,
    "redirect_307_half_an_address": 1,
}


def test_list_meets_the_fault(tmp_path: Path) -> None:
    def meet_reading(name: str, code: int) -> None:
        fault = by_name(name)
        with FaultServer([fault.script]) as server:
            hurried = fault.waits or "retry_after" in name
            StrictInProcess(tmp_path, server.url).hurried(hurried)("peer", "list", code=code)
            assert 1 <= len(server.sent()) <= 3

    together({name: partial(meet_reading, name, code) for name, code in _READ_CODES.items()}, at_a_time=1)


def test_list_is_read_again_where_that_helps(tmp_path: Path) -> None:
    good = healthy(CANARY_TOKEN)

    def behave(seen: Seen) -> Script:
        return [Reset()] if seen.connection == 0 else good(seen)

    with FaultServer(behave) as server:
        run = StrictInProcess(tmp_path, server.url)("peer", "list", code=0)
        # The first of the two reads of a list.
        assert len(server.sent("GET")) == 3
    assert [peer["name"] for peer in run.document["peers"]] == ["CDP", "AP1", "AP2", "LAP1"]


_LOST: dict[str, Script] = {
    "reset": [Reset()],
    "end": [Close()],
    "cut": by_name("short_content_length").script,
    "502": [answer(502)],
    "504": [answer(504)],
    "silent": by_name("silent").script,
}


def test_lost_answer_is_accepted_where_the_peers_show_it(tmp_path: Path) -> None:
    def lose(name: str, script: Script) -> None:
        good = healthy(CANARY_TOKEN)

        def behave(seen: Seen) -> Script:
            played = good(seen)
            return script if is_change(seen) else played

        with FaultServer(behave) as server:
            program = StrictInProcess(tmp_path, server.url).hurried(name == "silent")
            run = program("peer", "stop", "AP1", code=0)
            assert len(stops(server)) == 1
        [result] = run.document["results"]
        assert (result["outcome"], result["status"]) == ("accepted", "STOPPED")

    together({name: partial(lose, name, script) for name, script in _LOST.items()}, at_a_time=1)


def test_reset_of_a_stop_is_unknown_where_the_peers_cannot_be_read_any_more(tmp_path: Path) -> None:
    good = healthy(CANARY_TOKEN)
    gone: list[Seen] = []

    def behave(seen: Seen) -> Script:
        if is_change(seen):
            gone.append(seen)
        return [Reset()] if gone else good(seen)

    with FaultServer(behave) as server:
        run = StrictInProcess(tmp_path, server.url)("peer", "stop", "AP1", code=7)
        assert len(stops(server)) == 1
    assert _LOOK in run.document["results"][0]["message"]


def test_waiting_ends_with_the_one_deadline(tmp_path: Path) -> None:
    behaviour = faulty(lambda _: [answer(202)], is_change, CANARY_TOKEN)
    with FaultServer(behaviour) as server:
        run = StrictInProcess(tmp_path, server.url).hurried()("peer", "stop", "AP1", "--wait", code=8)
        assert len(stops(server)) == 1
    assert run.outcomes == {"AP1": "timed_out"}
