"""Tables: which columns are kept, cut or dropped, and that no line is wider than the terminal."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.output.colors import Colors
from cdpctl.output.document import Document, Section
from cdpctl.output.tables import Style, aligned, key_values, layout, sections
from cdpctl.output.widths import width_of

_PLAIN = Colors({}, terminal=False)
_PEERS = ("name", "type", "status", "host", "os", "version")
_RESULTS = ("name", "type", "outcome", "status", "message")


def lines_of(
    columns: Sequence[str],
    records: Sequence[Mapping[str, Any]],
    room: int | None,
    *,
    asked: bool = False,
    headers: bool = True,
) -> list[str]:
    style = Style(_PLAIN, room, headers)
    return "".join(aligned(columns, records, style, asked=asked)).split("\n")[:-1]


def peer(name: str, **more: str | None) -> dict[str, Any]:
    return {
        "name": name,
        "type": "HA-CDP",
        "status": "STOPPING",
        "host": "host.example.com",
        "os": "Red Hat Enterprise Linux",
        "version": "8.2.00",
        **more,
    }


_NAMES = st.text(st.sampled_from("AP19-_ ピ漢é\u0301😀"), min_size=1, max_size=60).filter(str.strip)
_TEXTS = st.none() | st.text(st.sampled_from("abc ピ漢\u0301😀"), max_size=120)
_TYPES = st.sampled_from(["CDP", "HA-CDP", "AP", "LAP"])
_STATUSES = st.sampled_from(["RUNNING", "STOPPED", "STOPPING", "STARTING"])
_OUTCOMES = st.sampled_from(["accepted", "confirmed", "not_found", "timed_out", "refused"])
_RECORDS = st.lists(
    st.fixed_dictionaries(
        {
            "name": _NAMES,
            "type": _TYPES,
            "status": _STATUSES,
            "outcome": _OUTCOMES,
            "host": _TEXTS,
            "os": _TEXTS,
            "version": _TEXTS,
            "message": _TEXTS,
            "grid": _NAMES,
        }
    ),
    min_size=1,
    max_size=6,
)


@given(
    st.sampled_from([_PEERS, _RESULTS, ("grid", *_PEERS), ("name", "message", "status", "host", "os")]),
    _RECORDS,
    st.integers(45, 220),
    st.booleans(),
)
def test_no_line_is_wider_than_the_terminal_and_the_short_words_stay_whole(
    columns: Sequence[str], records: list[dict[str, Any]], room: int, asked: bool
) -> None:
    lines = lines_of(columns, records, room, asked=asked)
    assert len(lines) == 1 + len(records)
    assert all(width_of(line) <= room for line in lines)
    for line, record in zip(lines[1:], records, strict=True):
        for word in {"type", "status", "outcome"} & set(columns):
            assert re.search(rf"(^|  ){record[word]}(  |$)", line), line
        assert line.startswith(record["name" if columns[0] == "name" else "grid"][:1])


@given(_RECORDS, st.integers(40, 44))
def test_forty_columns_hold_peers_and_results(records: list[dict[str, Any]], room: int) -> None:
    for columns in (_PEERS, _RESULTS):
        lines = lines_of(columns, records, room)
        assert all(width_of(line) <= room for line in lines)
        for line, record in zip(lines[1:], records, strict=True):
            assert record["status"] in line
            assert record["type"] in line


@given(_RECORDS)
def test_nothing_is_cut_off_a_terminal(records: list[dict[str, Any]]) -> None:
    lines = lines_of(_PEERS, records, None)
    assert not [line for line in lines if "…" in line]
    for line, record in zip(lines[1:], records, strict=True):
        for column in _PEERS:
            assert (record[column] or "").rstrip() in line


@given(_RECORDS)
def test_columns_begin_where_their_titles_do(records: list[dict[str, Any]]) -> None:
    lines = lines_of(("name", "status", "type"), records, None)
    at = lines[0].index("STATUS")
    for line, record in zip(lines[1:], records, strict=True):
        before = line[: line.rindex(record["status"])]
        assert width_of(before) == at


def test_os_and_host_are_dropped_first_and_in_this_order() -> None:
    records = [peer("AP1")]
    titles = [lines_of(_PEERS, records, room)[0].split() for room in (200, 60, 40)]
    assert titles == [
        ["NAME", "TYPE", "STATUS", "HOST", "OS", "VERSION"],
        ["NAME", "TYPE", "STATUS", "HOST", "VERSION"],
        ["NAME", "TYPE", "STATUS", "VERSION"],
    ]


def test_the_cdp_that_answers_is_dropped_before_the_url_is_cut_short() -> None:
    columns = ("grid", "url", "username", "token_source", "cdp", "token", "message", "answers")
    url = "https://cdp.example.com:38080/baocdp"
    record = dict.fromkeys(columns, "file") | {"url": url, "answers": url}
    titles, values = lines_of(columns, [record], 80)
    assert titles.split() == [column.upper() for column in columns[:-1]]
    assert values.split()[1].startswith("https://cdp.example.com")


def test_columns_that_were_asked_for_are_cut_before_they_are_dropped() -> None:
    columns = ("name", "host", "os", "description")
    record = peer("AP1", description="the peer of the accounting department")
    [titles, row] = lines_of(columns, [record], 50, asked=True)
    assert titles.split() == ["NAME", "HOST", "OS", "DESCRIPTION"]
    assert row.count("…") == 3


def test_long_message_is_cut_and_short_words_are_not() -> None:
    record = {
        "name": "AP1",
        "type": "AP",
        "outcome": "timed_out",
        "status": "STOPPING",
        "message": "accepted, but still STOPPING after 3 s",
    }
    [_, row] = lines_of(_RESULTS, [record], 60)
    assert row == "AP1   AP    timed_out  STOPPING  accepted, but still STOPPI…"
    assert len(row) <= 60


def test_status_of_another_kind_is_never_cut() -> None:
    status = "SOMETHING_THAT_NO_DOCUMENTATION_KNOWS"
    [_, row] = lines_of(_PEERS, [peer("a-name-that-is-long", status=status)], 40)
    assert status in row


def test_names_of_equal_length_differ_in_what_is_left_of_them_only_if_they_begin_differently() -> None:
    rows = lines_of(("name", "status"), [peer("A" * 100), peer("B" * 100)], 40)[1:]
    assert [row[:28] for row in rows] == ["A" * 28, "B" * 28]


def test_table_without_headers_is_as_wide_as_its_rows() -> None:
    assert lines_of(("name", "version"), [{"name": "A", "version": "1"}], None, headers=False) == ["A  1"]
    assert lines_of(("name",), [], None, headers=False) == []
    assert lines_of(("name",), [], None) == ["NAME"]


@pytest.mark.parametrize("room", [0, 1, 5, 10, 20])
def test_room_for_nothing_still_shows_each_name(room: int) -> None:
    rows = lines_of(_PEERS, [peer("AP1"), peer("AP2")], room)
    assert [row[:3] for row in rows[1:]] == ["AP1", "AP2"]


def test_layout_gives_what_is_left_to_names_and_then_to_text() -> None:
    assert layout(("name", "message"), (60, 60), 80) == {0: 40, 1: 38}
    assert layout(("name", "message"), (10, 100), 80) == {0: 10, 1: 68}
    assert layout(("name", "message"), (100, 10), 80) == {0: 68, 1: 10}


def test_only_states_and_outcomes_take_a_colour() -> None:
    style = Style(Colors({"FORCE_COLOR": "1"}, terminal=False))
    [head, row] = aligned(_RESULTS, [{"name": "failed", "outcome": "failed", "status": "RUNNING"}], style)
    assert head.startswith("\x1b[1mNAME\x1b[0m")
    assert row.startswith("failed  ")
    assert "\x1b[31mfailed\x1b[0m" in row
    assert "\x1b[32mRUNNING\x1b[0m" in row


def test_what_would_steer_the_terminal_is_shown_escaped() -> None:
    [_, row] = lines_of(("name",), [{"name": "AP\x1b[2J\u202e\n1"}], 80)
    assert row == "AP\\x1b[2J\\u202e\\n1"


def test_encoding_that_lacks_characters_keeps_the_columns() -> None:
    style = Style(_PLAIN, 40, shown=lambda text: text.encode("ascii", "backslashreplace").decode())
    rows = list(aligned(("name", "status"), [peer("é"), peer("e")], style))
    assert rows[1:] == ["\\xe9  STOPPING\n", "e     STOPPING\n"]


def test_table_of_a_document_takes_the_fields_asked_for() -> None:
    document = Document("cdpctl.peers/1", {}, "peers", [peer("AP1")], columns=_PEERS)
    assert (
        "".join(aligned(("status", "name"), document.records, Style(_PLAIN), asked=True))
        == "STATUS    NAME\nSTOPPING  AP1\n"
    )


def test_single_record_is_a_field_a_line_with_its_sections_below() -> None:
    document = Document(
        "cdpctl.peer/1",
        {"profile": "prod"},
        None,
        [{"name": "AP1", "status": "RUNNING", "host": None}],
        sections=[Section("settings", ("name", "value"), [{"name": "a", "value": True}])],
    )
    style = Style(_PLAIN, 40)
    assert "".join(key_values(document, (), style)) == (
        "profile  prod\nname     AP1\nstatus   RUNNING\nhost\n"
    )
    assert "".join(sections(document, style)) == "\nsettings:\n  NAME  VALUE\n  a     true\n"


def test_one_long_status_takes_room_from_its_own_row_only() -> None:
    long = "STARTING UP AFTER A LONG OUTAGE"
    records = [peer(f"AP-{number:04}", type="AP", status="RUNNING") for number in range(9)]
    records[4]["status"] = long
    found = lines_of(("name", "type", "status"), records, 40)
    assert [line.split()[0] for place, line in enumerate(found[1:]) if place != 4] == [
        each["name"] for place, each in enumerate(records) if place != 4
    ]
    assert long in found[5]
    assert len(found[5]) <= len(long) + 12
