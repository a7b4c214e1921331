"""The embedded grid: changes that take effect later, with a clock that tests move."""

import pytest

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import SandboxPeer, default_peers
from tests.support.clock import Clock


def found(grid: Grid, name: str) -> SandboxPeer:
    peer = grid.find(name)
    assert peer is not None
    return peer


def test_peer_takes_its_time_to_stop() -> None:
    clock = Clock(0.0)
    grid = Grid(default_peers(), 2.0, 5.0, clock)
    assert grid.change(["AP1"], "stop") == 204
    states = []
    for clock.now in (0.0, 1.9, 2.0):
        peer = grid.find("AP1")
        assert peer is not None
        states.append(peer.status)
    assert states == ["STOPPING", "STOPPING", "STOPPED"]


def test_unknown_name_among_many_changes_nobody() -> None:
    grid = Grid(default_peers(), 0.0, 0.0)
    assert grid.change(["AP1", "NOPE"], "stop") == 404
    assert grid.change(["AP1", "HACDP"], "stop") == 400
    assert {peer.status for peer in grid.all() if peer.name == "AP1"} == {"RUNNING"}


def test_update_takes_its_time_and_keeps_what_it_was_given() -> None:
    clock = Clock(0.0)
    grid = Grid(default_peers(), clock=clock, change_after=1.0)
    update = {"name": "AP1", "description": "new"}
    grid.update([update, {"name": "NOPE", "description": "nobody"}])
    update["description"] = "changed by its owner"
    assert found(grid, "AP1").description == ""
    clock.now = 1.0
    assert found(grid, "AP1").description == "new"
    assert grid.find("NOPE") is None


def test_changes_take_effect_in_the_order_in_which_they_came() -> None:
    clock = Clock(0.0)
    grid = Grid(default_peers(), clock=clock, change_after=1.0)
    for text in ("first", "second"):
        grid.update([{"name": "AP1", "description": text}])
    clock.now = 2.0
    assert found(grid, "AP1").description == "second"


def test_removed_peer_is_there_until_its_time_has_come() -> None:
    clock = Clock(0.0)
    grid = Grid(default_peers(), clock=clock, change_after=1.0)
    assert grid.remove("AP1") == 204
    found(grid, "AP1")
    clock.now = 1.0
    assert grid.find("AP1") is None
    assert grid.remove("AP1") == 404


@pytest.mark.parametrize("name", ["CDP", "HACDP"])
def test_cdp_is_never_removed(name: str) -> None:
    grid = Grid(default_peers(), change_after=0.0)
    assert grid.remove(name) == 400
    assert grid.find(name) is not None


def test_only_metrics_sync_point_stays_one() -> None:
    peer = SandboxPeer("AP1", given={"metricsyncPoint": "true"})
    grid = Grid([peer, SandboxPeer("AP2")], change_after=0.0)
    assert grid.remove("AP1") == 400
    grid.update([{"name": "AP1", "metricsyncPoint": "false"}])
    assert found(grid, "AP1").given["metricsyncPoint"] == "true"
    grid.update([{"name": "AP2", "metricsyncPoint": "true"}])
    grid.update([{"name": "AP1", "metricsyncPoint": "false"}])
    assert found(grid, "AP1").given["metricsyncPoint"] == "false"
    assert grid.remove("AP1") == 204


@pytest.mark.parametrize("pattern", ["(", "a" * 1001, "a{99999999999}", "(" * 900])
def test_pattern_that_is_not_valid_finds_nothing(pattern: str) -> None:
    assert Grid(default_peers()).matching(pattern, "name") is None


def test_pattern_matches_only_documented_fields() -> None:
    grid = Grid(default_peers())
    assert grid.matching(".", "given") is None
    assert [peer.name for peer in grid.matching("^LAP$", "type") or []] == ["LAP"]
