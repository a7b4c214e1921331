"""The line of a monitoring plugin: state, text and performance data."""

import re

import pytest

from cdpctl.errors import UnreachableError
from cdpctl.operations.check import CheckedPeer, GridCheck, check_peers
from cdpctl.output.checks import status_line
from cdpctl.peers.models import Peer

# Label, value with unit, then warning, critical, least and most, as the guidelines define it.
_DATUM = re.compile(r"'?[^=' ]+'?=-?[0-9.]+(s|%|B|c|us|ms)?(;[^; ]*){0,4}")


def grid(*peers: CheckedPeer, name: str = "prod", error: UnreachableError | None = None) -> GridCheck:
    return GridCheck(name, peers, 0.1234, 1_800_000_000.0, error)


def checked(**statuses: str | None) -> tuple[CheckedPeer, ...]:
    return check_peers([Peer(name, "AP", status) for name, status in statuses.items()], "RUNNING")


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
