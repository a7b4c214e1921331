"""The line of totals at the end of a run."""

import pytest

from cdpctl.output.totals import operation_totals, peer_totals
from cdpctl.peers.models import Outcome, PeerResult


def results(*outcomes: Outcome) -> list[PeerResult]:
    return [PeerResult(f"AP{number}", outcome, "", elapsed=4.8) for number, outcome in enumerate(outcomes)]


@pytest.mark.parametrize(
    ("done", "outcomes", "text"),
    [
        ("stopped", [Outcome.CONFIRMED] * 12, "12 peers stopped in 4.8 s"),
        ("started", [Outcome.CONFIRMED], "1 peer started in 4.8 s"),
        ("restarted", [Outcome.CONFIRMED] * 2, "2 peers restarted in 4.8 s"),
        ("stopped", [Outcome.ACCEPTED] * 2, "2 peers: accepted"),
        (
            "stopped",
            [Outcome.CONFIRMED, Outcome.NOT_FOUND, Outcome.CONFIRMED, Outcome.SKIPPED, Outcome.TIMED_OUT],
            "5 peers: 2 stopped, 1 not found, 1 not attempted, 1 timed out in 4.8 s",
        ),
        ("stopped", [Outcome.REFUSED], "1 peer: refused"),
        ("stopped", [Outcome.FAILED], "1 peer: failed in 4.8 s"),
        ("stopped", [], "0 peers: nothing to do"),
    ],
)
def test_operation_is_summed_up_in_a_line(done: str, outcomes: list[Outcome], text: str) -> None:
    assert operation_totals(done, results(*outcomes)) == text


@pytest.mark.parametrize(
    ("statuses", "text"),
    [
        (["RUNNING"] * 5 + ["STOPPED"], "6 peers: 5 running, 1 stopped"),
        (["RUNNING"], "1 peer: 1 running"),
        ([None, "", "RUNNING"], "3 peers: 2 without a status, 1 running"),
        (list("ABCDEFG"), "7 peers: 1 a, 1 b, 1 c, 1 d, 1 e, 2 other"),
        (["\x1b[2J"], "1 peer: 1 \\x1b[2j"),
        ([], "0 peers"),
    ],
)
def test_peers_are_counted_by_status(statuses: list[str | None], text: str) -> None:
    assert peer_totals(statuses) == text
