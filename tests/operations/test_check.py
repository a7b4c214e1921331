"""Monitoring: the states of peers, the status line and its performance data."""

import re

import pytest

from cdpctl.errors import UnreachableError
from cdpctl.operations.check import CheckedPeer, GridCheck, State, check_peers, overall, status_line
from cdpctl.peers.models import Peer

# Label, value with unit, then warning, critical, least and most, as the guidelines define it.
_DATUM = re.compile(r"'?[^=' ]+'?=-?[0-9.]+(s|%|B|c|us|ms)?(;[^; ]*){0,4}")


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
    peers = check_peers([Peer("AP1", "AP", "RUNNING")], "RUNNING", missing=["AP9"], contradictory={"AP1"})
    assert [(peer.name, peer.state) for peer in peers] == [("AP1", State.CRITICAL), ("AP9", State.CRITICAL)]


def test_line_of_a_grid_where_all_is_well() -> None:
    line = status_line([grid(*checked(AP1="RUNNING", AP2="RUNNING"))], "RUNNING")
    assert (
        line == "PEERS OK - 2 peers running | running=2;;;0;2 stopped=0;;;0;2 other=0;;;0;2 time=0.123s;;;0"
    )


def test_line_names_the_worst_first() -> None:
    line = status_line([grid(*checked(AP1="RUNNING", AP2="STARTING", AP3="STOPPED"))], "RUNNING")
    assert line.startswith("PEERS CRITICAL - 2 of 3 peers not running: AP3 (STOPPED), AP2 (STARTING) | ")


def test_line_of_several_grids_names_each_and_hides_none() -> None:
    grids = [
        grid(*checked(AP1="RUNNING"), name="prod"),
        grid(name="dr", error=UnreachableError("dr:38080: connection refused")),
    ]
    line = status_line(grids, "RUNNING")
    assert line.startswith("PEERS UNKNOWN - dr: dr:38080: connection refused | prod_running=1;;;0;1 ")


def test_critical_comes_before_unknown_and_unknown_before_warning() -> None:
    bad, vague = grid(*checked(AP1="STOPPED")), grid(*checked(AP1="STARTING"))
    dead = grid(error=UnreachableError("no"))
    assert overall([dead, bad, vague]) is State.CRITICAL
    assert overall([dead, vague]) is State.UNKNOWN
    assert overall([vague, grid(*checked(AP1="RUNNING"))]) is State.WARNING
    assert overall([]) is State.UNKNOWN


@pytest.mark.parametrize("name", ["A|B", "A\x1b[31m", "Ä\u202e", "A=B;C"])
def test_line_is_one_line_with_one_bar_whatever_names_hold(name: str) -> None:
    line = status_line([grid(*check_peers([Peer(name, "AP", "ST|OP\n")], "RUNNING"))], "RUNNING")
    text, bar, data = line.partition(" | ")
    assert line.isprintable()
    assert "|" not in text
    assert bar
    assert all(_DATUM.fullmatch(each) for each in data.split(" "))


def test_nothing_selected_is_unknown() -> None:
    assert status_line([grid()], "RUNNING").startswith("PEERS UNKNOWN - no peer matches the selection")
