"""Types of peers and the exit code of an operation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.errors import ExitCode
from cdpctl.peers.models import Outcome, Peer, PeerResult, exit_code_of, peer_type
from tests.support.strategies import MANY, texts


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("CDP", "CDP"),
        ("Configuration Distribution Peer", "CDP"),
        ("HA-CDP", "HA-CDP"),
        ("High Availability Configuration Distribution Peer", "HA-CDP"),
        ("Activity Peer", "AP"),
        ("Lightweight Activity Peer", "LAP"),
        ("Odd", "Odd"),
        (["Configuration Distribution Peer"], "CDP"),
        ({"name": "CDP"}, "HA-CDP"),
        (["Activity Peer"], None),
        (7, None),
        (None, None),
    ],
)
def test_peer_type_is_read_in_every_spelling(raw: object, expected: str | None) -> None:
    assert peer_type(raw) == expected


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        (["accepted", "unchanged"], ExitCode.OK),
        (["accepted", "not_found"], ExitCode.PARTIAL),
        (["not_found", "refused"], ExitCode.NOT_FOUND),
        (["failed", "unknown", "timed_out"], ExitCode.UNKNOWN),
        (["timed_out", "failed"], ExitCode.TIMEOUT),
        (["refused"], ExitCode.USAGE),
        (["failed", "skipped"], ExitCode.FAILED),
    ],
)
def test_exit_code_is_the_gravest_where_no_peer_is_ok(outcomes: list[str], code: ExitCode) -> None:
    assert exit_code_of([PeerResult("x", Outcome(each), "") for each in outcomes]) is code


_odd = st.one_of(st.none(), st.integers(), texts, st.lists(texts))


@MANY
@given(st.dictionaries(st.sampled_from(["type", "status", "hostName", "osName", "description"]), _odd))
def test_entry_of_any_shape_becomes_a_peer(entry: dict[str, object]) -> None:
    assert Peer.from_wire({"name": "AP1", **entry}).name == "AP1"
