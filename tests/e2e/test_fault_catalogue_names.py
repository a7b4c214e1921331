"""Names that would change a URL are refused, and unusual names are sent unchanged."""

import json
from functools import partial
from pathlib import Path
from urllib.parse import unquote

import pytest

from tests.support.fault_server import FaultServer
from tests.support.program import CANARY_TOKEN, StrictInProcess, StrictProgram, together
from tests.support.wire_grid import healthy

pytestmark = pytest.mark.loopback

_BAD: tuple[str | bytes, ...] = (
    *("", " ", ".", "..", "../x", "a/b", "a\\b", "a?b", "a#b", "%2F", "%2e%2e", "a;b", "[/x]"),
    *("a\x1b[31mb", "a\u202eb", "a\u200bb", b"a\xffb", "x" * 9000),
)
_IN_FILES = {
    "tab": b"AP1\tAP2\n",
    "nul": b"AP1\0\n",
    "byte_ff": b"AP\xff1\n",
    "carriage_return": b"AP1\rAP2\n",
    "newline_in_json": json.dumps({"results": [{"name": "AP\n1", "ok": False}]}).encode(),
    "surrogate_in_json": b'{"results": [{"name": "AP\\ud800", "ok": false}]}',
    "9000_characters": b"x" * 9000,
}
_ODD = ("-x", "--all", "[red]", "peer[a]", "\xfc", "u\u0308", "a b", "ap1", "&=+$,:@", "[link=x]", "x" * 255)


def test_bad_name_sends_nothing(tmp_path: Path) -> None:
    with FaultServer(healthy(CANARY_TOKEN)) as server:
        program = StrictInProcess(tmp_path, server.url)

        def refuse(name: str | bytes) -> None:
            run = program("peer", "stop", "AP1", "--", name, code=2)
            assert run.document["error"]["code"] == "usage"
            assert "invalid peer name" in run.document["error"]["message"]

        together({repr(name)[:20]: partial(refuse, name) for name in _BAD}, at_a_time=1)
        assert server.connections == 0


def test_bad_name_in_a_file_sends_nothing(tmp_path: Path) -> None:
    with FaultServer(healthy(CANARY_TOKEN)) as server:
        program = StrictInProcess(tmp_path, server.url)

        def refuse(label: str, text: bytes) -> None:
            (tmp_path / label).write_bytes(text)
            program("peer", "stop", "--from-file", str(tmp_path / label), code=2)
            program("peer", "stop", "-", stdin=text, code=2)

        together({label: partial(refuse, label, text) for label, text in _IN_FILES.items()}, at_a_time=1)
        assert server.connections == 0


def test_odd_name_arrives_as_it_was_typed(tmp_path: Path) -> None:
    with FaultServer(healthy(CANARY_TOKEN, _ODD)) as server:
        program = StrictInProcess(tmp_path, server.url)

        def stop(name: str) -> None:
            assert program("peer", "stop", "--", name, code=0).outcomes == {name: "accepted"}

        together({name: partial(stop, name) for name in _ODD}, at_a_time=1)
        targets = [line.split(" ")[1] for line in server.sent("PUT")]
    assert sorted(unquote(target) for target in targets) == sorted(
        f"/baocdp/rest/peer/{name}/stop" for name in _ODD
    )
    assert all(target.count("/") == 5 for target in targets)


def test_both_spellings_of_a_letter_are_two_peers(tmp_path: Path) -> None:
    with FaultServer(healthy(CANARY_TOKEN, ("\xfc",))) as server:
        run = StrictProgram(tmp_path, server.url)("peer", "stop", "\xfc", "u\u0308", code=3)
        assert run.outcomes == {"\xfc": "accepted", "u\u0308": "not_found"}
        assert server.sent("PUT", "POST") == ["PUT /baocdp/rest/peer/%C3%BC/stop HTTP/1.1"]


def test_repeated_names_are_sent_once_and_cases_are_other_peers(tmp_path: Path) -> None:
    with FaultServer(healthy(CANARY_TOKEN)) as server:
        run = StrictInProcess(tmp_path, server.url)("peer", "stop", "AP1", "ap1", "AP1", "Ap1", code=3)
        assert run.outcomes == {"AP1": "accepted", "ap1": "not_found", "Ap1": "not_found"}
        assert server.sent("PUT", "POST") == ["PUT /baocdp/rest/peer/AP1/stop HTTP/1.1"]
    assert "given more than once" in run.stderr
    assert "did you mean AP1" in run.document["results"][1]["message"]


@pytest.mark.parametrize("style", ["table", "tsv", "jsonl", "name"])
def test_markup_in_a_name_is_shown_as_it_is(style: str, tmp_path: Path) -> None:
    names = ("[red]", "peer[a]", "[link=x]")
    with FaultServer(healthy(CANARY_TOKEN, names)) as server:
        program = StrictInProcess(tmp_path, server.url)
        shown = program.plain("peer", "stop", *names, "-o", style, code=0).stdout
    assert all(name in shown for name in names)
    assert "\x1b" not in shown
