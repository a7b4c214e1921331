"""Monitoring: the states of peers."""

import pytest

from cdpctl.errors import UnreachableError
from cdpctl.operations.check import CheckedPeer, GridCheck, State, check_peers, overall
from cdpctl.peers.models import Peer


def grid(*peers: CheckedPeer, name: str = "prod", error: UnreachableError | None = None) -> GridCheck:
    return GridCheck(name, peers, 0.1234, 1_800_000_000.0, error)


def checked(**statuses: str | None) -> tuple[CheckedPeer, ...]:
    return check_peers([Peer(name, "AP", status) for name, status in statuses.items()], "RUNNING")


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("RUNNING", State.OK),
        (" running ", State.OK),
        ("STOPPED", State.CRITICAL),
        ("Stopped", State.CRITICAL),
        ("STARTING", State.WARNING),
        ("stopping", State.WARNING),
        ("Partially running", State.WARNING),
        ("Fault State", State.CRITICAL),
        ("FAILING", State.CRITICAL),
        ("NOT RUNNING", State.CRITICAL),
        ("RUNNING (degraded)", State.CRITICAL),
        ("DOWN", State.CRITICAL),
        (None, State.WARNING),
        ("", State.WARNING),
    ],
)
def test_peer_that_should_run_by_its_status(status: str | None, state: State) -> None:
    [peer] = checked(AP1=status)
    assert peer.state is state


def test_peer_that_should_be_stopped() -> None:
    peers = check_peers([Peer("AP1", "AP", "RUNNING"), Peer("AP2", "AP", "STOPPED")], "STOPPED")
    assert [peer.state for peer in peers] == [State.CRITICAL, State.OK]


def test_missing_and_contradictory_peers_are_critical() -> None:
    listed, missing = [Peer("AP1", "AP", "RUNNING")], {"AP9": "; use --match"}
    peers = check_peers(listed, "RUNNING", missing=missing, contradictory={"AP1"})
    assert [(peer.name, peer.state) for peer in peers] == [("AP1", State.CRITICAL), ("AP9", State.CRITICAL)]
    assert peers[1].message == "not found; use --match"


def test_critical_comes_before_unknown_and_unknown_before_warning() -> None:
    bad, vague = grid(*checked(AP1="STOPPED")), grid(*checked(AP1="STARTING"))
    dead = grid(error=UnreachableError("no"))
    assert overall([dead, bad, vague]) is State.CRITICAL
    assert overall([dead, vague]) is State.UNKNOWN
    assert overall([vague, grid(*checked(AP1="RUNNING"))]) is State.WARNING
    assert overall([]) is State.UNKNOWN
