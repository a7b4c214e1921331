"""Reads of a grid: gaps are filled, protected types are kept, contradictions are refused and shown."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpctl.cdp.responses import PeerList
from cdpctl.deadline import Deadline
from cdpctl.errors import CdpctlError
from cdpctl.operations.change import change
from cdpctl.operations.inventory import complete_inventory, lacks, read_inventory
from cdpctl.operations.model import START, STOP
from cdpctl.peers.models import Peer, peer_type
from cdpctl.peers.selection import Selection
from tests.support.clock import Clock
from tests.support.fault_server import FaultServer, Script, Seen
from tests.support.grid import FakeGrid, perform, run_on
from tests.support.program import InProcess, in_grid
from tests.support.wire_grid import TOKEN, answer

LONG_CDP, LONG_AP = "Configuration Distribution Peer", "Activity Peer"


def entry(name: object, kind: object = LONG_AP, status: object = "RUNNING", **more: object) -> dict[str, Any]:
    return {"name": name, "type": kind, "status": status, **more}


class Listing:
    """A CDP with the given answers to reads. Bytes are sent unchanged. None: not served.

    Args:
        home: the home folder of the runs.
        info: the answer to `/info/peer`.
        plain: the answer to `/peer`.
        one: the answer to `/peer/<name>`, by name.
    """

    def __init__(self, home: Path, info: object, plain: object, one: Any = None) -> None:
        self._reads = {"/info/peer": info, "/peer": plain}
        if one is not None:
            self._reads[f"/peer/{one['name']}"] = one
        self._home = home
        self.sent: list[str] = []
        self.read: list[str] = []

    def _behave(self, seen: Seen) -> Script:
        path = seen.target.partition("/rest")[2]
        if seen.method == "GET":
            body = self._reads.get(path)
            if body is None:
                return [answer(404)]
            return [answer(200, body if isinstance(body, bytes) else json.dumps(body).encode())]
        return [answer(204)]

    def run(self, *words: str, code: int) -> Any:
        """Run with `-o json`, and record the requests."""
        with FaultServer(self._behave) as server:
            program: InProcess = in_grid(self._home, server.url, CDPCTL_TOKEN=TOKEN)
            done = program(*words, "-o", "json", code=code)
            self.sent = [line.split("/rest/peer/")[-1].split()[0] for line in server.sent("PUT", "POST")]
            self.read = [line.partition("/rest")[2].split()[0] for line in server.sent("GET")]
        self.errors = done.stderr
        return done.document


def info(*entries: object) -> dict[str, object]:
    return {"peerInfoList": [*entries]}


@pytest.mark.loopback
@pytest.mark.parametrize(
    "gap", [{"type": None}, {"type": ""}, {"type": " "}, {}, {"type": ["CDP"]}, {"type": {"name": LONG_CDP}}]
)
@pytest.mark.parametrize("words", [("CDP",), ("--match", "*", "--yes"), ("CDP", "AP1", "--each")])
def test_type_that_one_read_leaves_out_protects_the_cdp(
    tmp_path: Path, gap: dict[str, object], words: tuple[str, ...]
) -> None:
    listed = info({"name": "CDP", "status": "RUNNING", **gap}, entry("AP1"))
    grid = Listing(tmp_path, listed, [entry("CDP", "CDP", None), entry("AP1", "AP", None)])
    code = {("CDP",): 2, ("--match", "*", "--yes"): 0}.get(words, 3)
    document = grid.run("peer", "stop", *words, code=code)
    refused = {each["name"]: each["outcome"] for each in document["results"]}
    assert refused.get("CDP", "refused") == "refused"
    assert not any("CDP" in each for each in grid.sent)


@pytest.mark.loopback
@pytest.mark.parametrize("status", [None, "", "  "])
def test_status_that_one_read_leaves_out_is_waited_for(tmp_path: Path, status: str | None) -> None:
    grid = Listing(tmp_path, info(entry("AP1", status=status)), [entry("AP1", "AP", "STOPPED")])
    assert grid.run("peer", "wait", "AP1", "--for", "stopped", code=0)["results"][0]["outcome"] == "confirmed"
    document = grid.run("peer", "start", "AP1", "--wait", "--timeout", "2s", code=8)
    assert document["results"][0]["outcome"] == "timed_out"
    assert grid.sent == ["AP1/start"]


@pytest.mark.loopback
@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("where", ["info", "plain", "both"])
@pytest.mark.parametrize(
    ("one", "other", "shown"),
    [
        (entry("X", LONG_CDP), entry("X"), ("CDP RUNNING", "AP RUNNING")),
        (entry("X"), entry("X", status="STOPPED"), ("AP RUNNING", "AP STOPPED")),
        (entry("X", status="stopping"), entry("X"), ("AP stopping", "AP RUNNING")),
        (entry("X", "LAP"), entry("X"), ("LAP RUNNING", "AP RUNNING")),
    ],
)
def test_name_that_stands_twice_is_refused_and_shown(
    tmp_path: Path, backwards: bool, where: str, one: Any, other: Any, shown: tuple[str, ...]
) -> None:
    entries = [other, one] if backwards else [one, other]
    whole = [*entries, entry("AP1")]
    match where:
        case "info":
            grid = Listing(tmp_path, info(*whole), None)
        case "plain":
            grid = Listing(tmp_path, None, whole)
        case _:
            # The second read is made because of a gap in the first.
            grid = Listing(tmp_path, info({**entries[0], "name": "Y", "type": None}), whole)
    for verb in ("stop", "start"):
        document = grid.run("peer", verb, "X", code=2)
        assert [each["outcome"] for each in document["results"]] == ["refused"]
        assert all(each in document["results"][0]["message"] for each in shown)
        assert grid.sent == []
    listed = grid.run("peer", "list", code=0)["peers"]
    assert sum(each["name"] == "X" for each in listed) == 2
    assert all(each in grid.errors for each in shown)


@pytest.mark.loopback
def test_two_reads_that_disagree_about_a_type_are_a_contradiction(tmp_path: Path) -> None:
    grid = Listing(tmp_path, info(entry("X", status=None)), [entry("X", "CDP")])
    assert grid.run("peer", "stop", "X", code=2)["results"][0]["type"] == "CDP"
    assert grid.sent == []


@pytest.mark.loopback
@pytest.mark.parametrize(
    "words", [("stop", "A", "B"), ("restart", "A", "B"), ("stop", "A"), ("stop", "B", "A")]
)
def test_read_for_a_warning_protects_as_any_other(tmp_path: Path, words: tuple[str, ...]) -> None:
    reads = (info(entry("A"), entry("B"), entry("C")), [entry("A", "CDP"), entry("B", "AP")])
    grid = Listing(tmp_path, *reads, one={"name": "A", "type": "CDP"})
    document = grid.run("peer", *words, "--dry-run", code=3 if "B" in words else 2)
    outcomes = {each["name"]: each["outcome"] for each in document["results"]}
    assert outcomes == {name: {"A": "refused", "B": "planned"}[name] for name in words[1:]}
    if words[0] == "stop":
        grid.run("peer", *words, code=3 if "B" in words else 2)
        assert grid.sent == [f"{name}/stop" for name in words[1:] if name == "B"]


@pytest.mark.loopback
@pytest.mark.parametrize("words", [("stop", "X"), ("start", "X"), ("stop", "--all", "--yes"), ("list",)])
@pytest.mark.parametrize(
    "body",
    [
        b'{"peerInfoList": [{"name": "X", "type": "CDP", "status": "RUNNING", "type": "AP"}]}',
        b'{"peerInfoList": [{"name": "X", "type": "CDP"}], "peerInfoList": [{"name": "X", "type": "AP"}]}',
    ],
)
def test_answer_with_a_key_twice_is_refused(tmp_path: Path, body: bytes, words: tuple[str, ...]) -> None:
    grid = Listing(tmp_path, body, None)
    grid.run("peer", *words, code=1)
    assert grid.sent == []
    assert "key twice" in grid.errors


@pytest.mark.loopback
def test_entry_that_stands_twice_alike_is_one_peer(tmp_path: Path) -> None:
    grid = Listing(tmp_path, info(entry("AP1"), entry("AP1", "AP", "running")), None)
    assert grid.run("peer", "stop", "AP1", code=0)["results"][0]["outcome"] == "accepted"
    assert len(grid.run("peer", "list", code=0)["peers"]) == 1


@pytest.mark.loopback
@pytest.mark.parametrize(
    "words",
    [
        ("list",),
        ("stop", "AP1"),
        ("stop", "AP9"),
        ("stop", "--all", "--yes"),
        ("check", "AP1"),
        ("wait", "AP1", "--for", "running"),
        ("update", "AP1", "--description", "x", "--no-wait"),
    ],
)
def test_entries_without_a_usable_name_are_said_once(tmp_path: Path, words: tuple[str, ...]) -> None:
    nameless = [entry(None), entry(12), entry(""), {"status": "RUNNING"}, "AP7"]
    grid = Listing(tmp_path, info(entry("AP1"), *nameless), [entry("AP1"), *nameless])
    grid.run("peer", *words, code=5 if "AP9" in words else 0)
    assert grid.errors.count("5 entries without a usable name; they were left out") == 1


@pytest.mark.loopback
@pytest.mark.parametrize("form", ["info", "plain"])
@pytest.mark.parametrize(("entries", "count"), [(entry("AP1"), 1), ([entry("AP1")], 1), ([], 0)])
def test_list_of_one_may_be_the_object_itself(tmp_path: Path, form: str, entries: object, count: int) -> None:
    reads = ({"peerInfoList": entries}, None) if form == "info" else (None, entries)
    grid = Listing(tmp_path, *reads)
    assert len(grid.run("peer", "list", code=0)["peers"]) == count
    grid.run("peer", "stop", "AP1", code=0 if count else 5)
    assert grid.sent == ["AP1/stop"] * count


@pytest.mark.loopback
def test_empty_grid_may_be_null(tmp_path: Path) -> None:
    grid = Listing(tmp_path, {"peerInfoList": None}, None)
    assert grid.run("peer", "list", code=0)["peers"] == []


@pytest.mark.loopback
def test_peer_without_a_type_is_not_selected_and_said(tmp_path: Path) -> None:
    grid = Listing(tmp_path, info(entry("AP1"), entry("X", None)), [entry("X", None)])
    for words in (("--match", "*"), ("--status", "RUNNING"), ("--all",)):
        document = grid.run("peer", "stop", *words, "--yes", code=0)
        assert [each["name"] for each in document["results"]] == ["AP1"]
        assert "the CDP does not show their type: X" in grid.errors
    assert grid.run("peer", "stop", "X", code=0)["results"][0]["outcome"] == "accepted"


@pytest.mark.loopback
def test_complete_first_read_is_the_only_one(tmp_path: Path) -> None:
    grid = Listing(tmp_path, info(entry("AP1")), [entry("AP1", "CDP")])
    grid.run("peer", "stop", "AP1", code=0)
    # The peer itself is read for the warning about the last sync point.
    assert grid.read == ["/info/peer", "/peer/AP1"]


kinds = st.sampled_from([None, "", "CDP", LONG_CDP, "HA-CDP", "AP", LONG_AP, "LAP", "Gateway", 7])
states = st.sampled_from([None, "", "RUNNING", "running", "STOPPED", "STOPPING", "FAULT", 3])
names = st.sampled_from(["A", "B", "C", "D", None, 5])
entries = st.fixed_dictionaries({}, optional={"name": names, "type": kinds, "status": states})
# Reads without a gap, which only a comparison of their types tells apart.
whole = st.lists(st.sampled_from(["CDP", "AP", LONG_AP]), min_size=2, max_size=2).map(
    lambda types: [entry(name, kind) for name, kind in zip("AB", types, strict=True)]
)
reads = st.one_of(st.none(), st.lists(entries, max_size=6), whole)


class Drawn(FakeGrid):
    """A grid with generated answers to its two reads."""

    def __init__(self, info: Sequence[Any] | None, plain: Sequence[Any] | None) -> None:
        super().__init__([], Clock())
        self.info, self.plain = info, plain
        self.asked: set[str] = set()

    def _listed(self, path: str, raw: Sequence[Any] | None) -> PeerList | None:
        self._fail_read(path)
        if raw is None:
            return None
        named = [each for each in raw if isinstance(each.get("name"), str) and each["name"]]
        return PeerList(tuple(map(Peer.from_wire, named)), len(raw) - len(named))

    def list_peer_info(self) -> PeerList | None:
        return self._listed("/info/peer", self.info)

    def list_peers(self, _deadline: Deadline | None = None) -> PeerList | None:
        return self._listed("/peer", self.plain)

    def seen(self) -> list[Any]:
        """Return the entries of all reads."""
        return [
            *((self.info or []) if "/info/peer" in self.reads else []),
            *((self.plain or []) if "/peer" in self.reads else []),
        ]


@settings(max_examples=400)
@given(
    info=reads,
    plain=reads,
    asked=st.lists(st.sampled_from("ABCD"), min_size=1, unique=True),
    selecting=st.booleans(),
    starting=st.booleans(),
    each=st.booleans(),
)
def test_nothing_is_sent_for_what_any_read_protects(
    info: Any, plain: Any, asked: list[str], selecting: bool, starting: bool, each: bool
) -> None:
    grid = Drawn(info, plain)
    run = run_on(grid, asked, each=each)
    inventory = None
    if selecting:
        inventory = complete_inventory(run.session, read_inventory(run.session))
        run.names = asked = Selection(match=("*",)).choose(inventory.peers.values())
    try:
        perform(change, run, START if starting else STOP, lambda _names: None, inventory)
    except CdpctlError:
        assert grid.sent == []
        return
    sent = {word.strip("[]") for line in grid.sent for word in line.split()[1:]}
    assert sent <= set(asked)
    protected = {
        entry["name"]
        for entry in grid.seen()
        if entry.get("name") and peer_type(entry.get("type")) in ("CDP", "HA-CDP")
    }
    assert not sent & protected
    for name in sent:
        kinds = {peer_type(entry.get("type")) for entry in grid.seen() if entry.get("name") == name} - {None}
        assert len(kinds) <= 1
        if selecting:
            assert kinds
    known = {name for name in sent if name in run.known}
    if info is not None and not selecting and lacks(read_inventory(run.session), sorted(known)):
        assert "/peer" in grid.reads


@settings(max_examples=200)
@given(info=reads, plain=reads)
def test_merged_reads_lose_no_name_and_no_field(info: Any, plain: Any) -> None:
    grid = Drawn(info, plain)
    inventory = complete_inventory(run_on(grid, []).session, read_inventory(run_on(grid, []).session))
    for entry in grid.seen():
        if isinstance(entry.get("name"), str):
            peer = inventory.peers[entry["name"]]
            assert peer.type is not None or peer_type(entry.get("type")) is None
            assert peer.status is not None or entry.get("status") in (None, "")
