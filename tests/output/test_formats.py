"""Documents as JSON, jsonl, rows and names."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.output import formats
from cdpctl.output.document import Document, Rows
from cdpctl.redact import redactor

_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
_RECORDS = st.lists(st.fixed_dictionaries({"name": st.text(max_size=20), "more": _VALUES}), max_size=5)


@pytest.fixture
def secret() -> str:
    redactor.add("s3cr3t-value")
    return "s3cr3t-value"


def peers(records: Iterable[Mapping[str, Any]], key: str | None = "peers") -> Document:
    columns = ("name", "status")
    return Document("cdpctl.peers/1", {"profile": "prod"}, key, list(records), {"left": 1}, columns)


def joined(blocks: Iterable[str]) -> str:
    return "".join(blocks)


@given(_RECORDS, st.booleans())
def test_json_is_one_document_with_everything_in_it(records: list[dict[str, Any]], indented: bool) -> None:
    text = joined(formats.json_blocks(peers(records), (), indented=indented))
    expected = {
        "schema": "cdpctl.peers/1",
        "profile": "prod",
        "exit_code": 0,
        "peers": records,
        "left": 1,
        "error": None,
    }
    assert json.loads(text) == expected
    assert list(json.loads(text)) == list(expected)
    if indented:
        assert text == json.dumps(expected, indent=2) + "\n"


@given(_RECORDS)
def test_a_record_is_a_line_of_json(records: list[dict[str, Any]]) -> None:
    lines = joined(formats.jsonl_blocks(records, ())).split("\n")
    assert lines.pop() == ""
    assert [json.loads(line) for line in lines] == records


def test_records_that_hold_records_like_themselves_stay_whole_lines() -> None:
    records: list[dict[str, Any]] = [
        {"name": "A", "more": [{"name": "B"}, {"name": "C"}]},
        {"name": "D", "more": []},
    ]
    assert joined(formats.jsonl_blocks(records, ())).count("\n") == 2


def test_single_record_is_a_part_of_the_document() -> None:
    for indented in (False, True):
        text = joined(formats.json_blocks(peers([{"name": "AP1"}], None), (), indented=indented))
        assert json.loads(text)["name"] == "AP1"


def test_fields_are_chosen_and_put_in_their_order() -> None:
    document = peers([{"name": "AP1", "status": "RUNNING", "type": "AP"}])
    [record] = json.loads(joined(formats.json_blocks(document, ("status", "name"))))["peers"]
    assert list(record.items()) == [("status", "RUNNING"), ("name", "AP1")]
    assert joined(formats.jsonl_blocks(document.records, ("name",))) == '{"name": "AP1"}\n'
    assert joined(formats.tsv_blocks(document.records, ("type", "name"))) == "type\tname\nAP\tAP1\n"


def test_tsv_has_a_header_unless_it_is_left_out() -> None:
    records: list[dict[str, Any]] = [{"name": "AP\t1", "status": None}, {"name": "AP2", "status": True}]
    columns = ("name", "status")
    assert joined(formats.tsv_blocks(records, columns)) == "name\tstatus\nAP\\t1\t\nAP2\ttrue\n"
    assert joined(formats.tsv_blocks(records, columns, headers=False)) == "AP\\t1\t\nAP2\ttrue\n"


def test_names_are_those_that_are_ok() -> None:
    records: list[dict[str, Any]] = [
        {"name": "AP1", "ok": True},
        {"name": "AP2", "ok": False},
        {"name": None},
        {"name": "AP3"},
    ]
    assert joined(formats.name_blocks(records)) == "AP1\nAP3\n"


def test_secrets_are_masked_in_every_format_and_a_name_is_the_truth_of_json(secret: str) -> None:
    document = peers([{"name": secret, "status": f"is {secret}"}])
    for indented in (False, True):
        [record] = json.loads(joined(formats.json_blocks(document, (), indented=indented)))["peers"]
        assert record == {"name": secret, "status": "is *****"}
    assert json.loads(joined(formats.jsonl_blocks(document.records, ()))) == record
    assert secret not in joined(formats.tsv_blocks(document.records, ("name", "status")))


class Counting:
    """Makes records, and counts how many exist at the same time."""

    def __init__(self) -> None:
        self.made = 0

    def __call__(self, number: int) -> dict[str, Any]:
        self.made += 1
        return {"name": f"AP{number}"}


@pytest.mark.parametrize(
    "write",
    [
        lambda document: formats.json_blocks(document, ()),
        lambda document: formats.jsonl_blocks(document.records, ()),
        lambda document: formats.tsv_blocks(document.records, ("name", "status")),
        lambda document: formats.name_blocks(document.records),
    ],
)
def test_records_are_made_while_they_are_written(write: Any) -> None:
    counting = Counting()
    document = Document("cdpctl.peers/1", {}, "peers", Rows(range(50_000), counting), columns=("name",))
    blocks: Iterator[str] = write(document)
    seen = 0
    for block in blocks:
        seen += len(block)
        if seen > 100:
            break
    assert counting.made <= 1000


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b'{"a":1}', '{\n  "a": 1\n}\n'),
        ('"é\x9b"'.encode(), '"\\u00e9\\u009b"\n'),
    ],
)
def test_json_is_indented_and_plain_ascii(data: bytes, text: str) -> None:
    assert formats.indented_json(data) == text
