"""Which peers a selection takes, and which it never takes."""

import pytest

from cdpctl.peers.models import Peer
from cdpctl.peers.selection import Selection

_GRID = [
    Peer.from_wire({"name": name, "type": kind, "status": status})
    for name, kind, status in (
        ("CDP", "CDP", "RUNNING"),
        ("HACDP", "HA-CDP", "RUNNING"),
        ("AP1", "Activity Peer", "Running"),
        ("AP2", "AP", "STOPPED"),
        ("AP10", "AP", None),
        ("LAP", "LAP", "STARTING"),
        ("ODD", "Something new", "RUNNING"),
        ("BARE", None, "RUNNING"),
    )
]


def chosen(selection: Selection) -> list[str]:
    return selection.choose(_GRID)


@pytest.mark.parametrize(
    ("selection", "names"),
    [
        (Selection(all_peers=True), ["AP1", "AP2", "AP10", "LAP"]),
        (Selection(types=("ap",)), ["AP1", "AP2", "AP10"]),
        (Selection(types=("Lightweight Activity Peer", "AP")), ["AP1", "AP2", "AP10", "LAP"]),
        (Selection(types=("cdp",)), []),
        (Selection(match=("*",)), ["AP1", "AP2", "AP10", "LAP", "ODD"]),
        (Selection(match=("ap*",)), []),
        (Selection(match=("AP?", "LAP")), ["AP1", "AP2", "LAP"]),
        (Selection(statuses=("running",)), ["AP1", "ODD"]),
        (Selection(not_statuses=("running", "stopped")), ["LAP"]),
        (Selection(members=("AP1*", "CDP")), ["AP1", "AP10"]),
        (Selection(match=("AP*",), statuses=("STOPPED",)), ["AP2"]),
        (Selection(all_peers=True, exclude=("AP?", "L*")), ["AP10"]),
    ],
)
def test_peers_are_chosen_by_what_they_are(selection: Selection, names: list[str]) -> None:
    assert selection.selects
    assert chosen(selection) == names


def test_without_options_everything_is_listed_and_nothing_selected() -> None:
    assert [peer.name for peer in Selection().filter(_GRID)] == [peer.name for peer in _GRID]
    assert not Selection(exclude=("AP*",)).selects


def test_what_no_peer_has_is_named() -> None:
    selection = Selection(
        types=("AP", "mainframe"),
        statuses=("FAULT",),
        not_statuses=("running",),
        members=("AP1", "AP9", "X*"),
    )
    messages = selection.unknown(_GRID)
    assert len(messages) == 3
    for message, word in zip(messages, ("mainframe", "FAULT", "AP9"), strict=True):
        assert word in message
