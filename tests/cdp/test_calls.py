"""The documented calls: their methods, paths and bodies."""

import json
from urllib.parse import unquote

import pytest
from hypothesis import example, given

from cdpctl.cdp import calls
from cdpctl.cdp.calls import Call, bulk_body, peer_path
from cdpctl.peers.names import check_name
from cdpctl.transport.client import Transport
from tests.support.strategies import MANY, texts
from tests.support.transport import transport_for


@MANY
@given(texts)
@example(".")
@example("..")
@example("%2e%2e")
@example("\xfc")
@example("u\u0308")
def test_accepted_name_comes_back_from_the_path_sent(name: str) -> None:
    if check_name(name) is not None:
        return
    path = peer_path(name, "stop")
    assert path.isascii()
    assert path.count("/") == 3
    before, segment, verb = path.removeprefix("/").split("/")
    assert (before, unquote(segment, errors="strict"), verb) == ("peer", name, "stop")
    prepared = Transport._prepare(_Anywhere.transport(), "PUT", path, None, None)
    assert prepared.path_url == f"/baocdp/rest{path}"
    assert bulk_body([name]).isascii()


class _Anywhere:
    """A transport that is never used to send."""

    _made: Transport | None = None

    @classmethod
    def transport(cls) -> Transport:
        cls._made = cls._made or transport_for("https://cdp.example.com:38080/baocdp")
        return cls._made


@pytest.mark.parametrize(
    ("call", "request_line", "body"),
    [
        (calls.LIST_PEER_INFO, "GET /info/peer", None),
        (calls.LIST_PEERS, "GET /peer", None),
        (calls.LOGOUT, "POST /logout", None),
        (calls.login_call("ann", 'p"w'), "POST /login", {"username": "ann", "password": 'p"w'}),
        (calls.get_peer_call("a b"), "GET /peer/a%20b", None),
        (calls.change_call("stop", "AP/1"), "PUT /peer/AP%2F1/stop", None),
        (
            calls.change_many_call("start", ["LAP", "AP1"]),
            "POST /peer/start",
            {"peers": [{"name": "LAP"}, {"name": "AP1"}]},
        ),
        (
            calls.update_call([{"name": "AP1", "description": "x"}]),
            "PUT /peer",
            {"peers": [{"name": "AP1", "description": "x"}]},
        ),
        (calls.delete_call("AP1"), "DELETE /peer/AP1", None),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_call_is_made_as_documented(call: Call, request_line: str, body: object) -> None:
    assert f"{call.method} {call.path}" == request_line
    assert (None if call.body is None else json.loads(call.body)) == body


def test_only_requests_to_peers_change_the_grid() -> None:
    reads = (calls.LIST_PEER_INFO, calls.LIST_PEERS, calls.get_peer_call("AP1"))
    sessions = (calls.LOGOUT, calls.login_call("ann", "x"))
    assert not any(call.changes_grid for call in (*reads, *sessions))
    changes = (
        calls.change_call("stop", "AP1"),
        calls.update_call([{"name": "AP1"}]),
        calls.delete_call("AP1"),
    )
    assert all(call.changes_grid for call in changes)
