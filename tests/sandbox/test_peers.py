"""The embedded grid's peers: from files, after updates, in both reads."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.errors import UsageError
from cdpctl.peers.models import AP, CDP, HA_CDP, LAP
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import (
    FIXED,
    SandboxPeer,
    apply_update,
    default_peers,
    info_entry,
    peers_from_text,
    plain_entry,
)
from cdpctl.sandbox.routes import Routes
from cdpctl.sandbox.sessions import Sessions

_LEVELS = ("WARN", "DEBUG", "OFF", "INFO", "ERROR")
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=10,
)
# Log levels and the two roles have separate tests below.
_RULED = (*FIXED, "loggingInfo", "metricsyncPoint", "metricsynchPoint", "workflowServer")
_UPDATES = st.dictionaries(st.text().filter(lambda key: key not in _RULED), _VALUES, max_size=6)


def test_peers_come_from_lines_with_types_and_states() -> None:
    text = b"CDP cdp\nNODE-1 # an AP\nlap-2 LAP STOPPED\nodd ap Fault State\n"
    peers = peers_from_text(text, "file")
    assert [(peer.name, peer.type, peer.status) for peer in peers] == [
        ("CDP", "CDP", "RUNNING"),
        ("NODE-1", "AP", "RUNNING"),
        ("lap-2", "LAP", "STOPPED"),
        ("odd", "AP", "Fault State"),
    ]


def test_peers_come_from_what_a_list_printed() -> None:
    printed = {"schema": "cdpctl.peers/1", "peers": [{"name": "a b", "type": "LAP", "status": "STOPPED"}]}
    [peer] = peers_from_text(json.dumps(printed).encode(), "file")
    assert (peer.name, peer.type, peer.status) == ("a b", "LAP", "STOPPED")


@pytest.mark.parametrize(
    "text", [b"", b"# none\n", b"AP1\nAP1\n", b"AP1 MAINFRAME\n", b"a/b\n", b"{}", b"[1]"]
)
def test_file_that_holds_no_grid_is_refused(text: bytes) -> None:
    with pytest.raises(UsageError, match="file"):
        peers_from_text(text, "file")


@pytest.mark.parametrize("count", [-1, 100_001])
def test_number_of_peers_has_limits(count: int) -> None:
    with pytest.raises(UsageError, match="--peers"):
        default_peers(count)


def test_grid_shows_one_cdp_or_two_of_high_availability() -> None:
    assert [peer.type for peer in default_peers(1)] == [CDP, HA_CDP, AP, LAP]
    assert [peer.type for peer in default_peers(1, standby=True)] == [HA_CDP, HA_CDP, AP, LAP]


@given(update=_UPDATES | st.fixed_dictionaries({"description": st.text()}))
def test_whatever_an_update_gives_comes_back_as_it_was_sent(update: dict[str, Any]) -> None:
    sessions = Sessions()
    routes = Routes(Grid(default_peers(), 0.0, 0.0), sessions)
    credentials = {"username": sessions.operator, "password": sessions.password}
    token = sessions.log_in(json.dumps(credentials).encode())
    assert isinstance(token, str)
    body = json.dumps({"peers": [{**update, "name": "AP1"}]}).encode()
    assert routes.answer("PUT", "/peer", "", token, body)[0] == 204
    _, [shown] = routes.answer("GET", "/peer/AP1", "", token, b"")
    assert json.loads(json.dumps(shown)) | update == shown
    assert shown["type"] == "AP"


@given(st.lists(st.tuples(st.text(), st.sampled_from(_LEVELS)), max_size=5))
def test_log_levels_change_for_the_components_that_are_given(levels: list[tuple[str, str]]) -> None:
    peer = SandboxPeer("AP1")
    before: Any = plain_entry(peer)["loggingInfo"]
    sent = [{"componentName": name, "logLevel": level} for name, level in levels]
    apply_update(peer, {"name": "AP1", "loggingInfo": sent})
    after: Any = plain_entry(peer)["loggingInfo"]
    wanted = {each["componentName"]: each["logLevel"] for each in before} | dict(levels)
    assert {each["componentName"]: each["logLevel"] for each in after} == wanted


@pytest.mark.parametrize("key", ["metricsyncPoint", "metricsynchPoint"])
@pytest.mark.parametrize("value", [True, "true"])
def test_role_is_shown_as_the_documents_spell_it(key: str, value: object) -> None:
    peer = SandboxPeer("AP1")
    apply_update(peer, {"name": "AP1", key: value})
    shown = plain_entry(peer)
    assert shown["metricsyncPoint"] == "true"
    assert "metricsynchPoint" not in shown


def test_what_does_not_apply_is_dropped() -> None:
    lap = SandboxPeer("LAP", LAP)
    before = plain_entry(lap)
    apply_update(lap, {"name": "OTHER", "type": "AP", "metricsyncPoint": "true", "loggingInfo": "DEBUG"})
    assert plain_entry(lap) == before


def test_lap_has_four_components_and_an_ap_nine() -> None:
    for kind, count in ((LAP, 4), (AP, 9)):
        components: Any = plain_entry(SandboxPeer("x", kind))["peerComponents"]
        assert len(components) == count
        assert {each["status"] for each in components} == {"Running"}


def test_info_names_the_long_type_and_no_description() -> None:
    entry = info_entry(SandboxPeer("LAP", LAP, "STOPPED", "a description"))
    assert (entry["type"], entry["status"]) == ("Lightweight Activity Peer", "STOPPED")
    assert "description" not in entry
