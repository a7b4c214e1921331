"""Files of names: all names are read back unchanged."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.errors import UsageError
from cdpctl.peers.name_files import format_name, names_from_text

_PIECES = st.sampled_from(
    [" ", "\t", "#", " #", '"', "[", "{", "]", "\\", "\n", "\r", "\0", "\x85", "\u2028", "é"]
)
_NAMES = st.lists(st.one_of(_PIECES, st.text(max_size=4)), min_size=1, max_size=6).map("".join).filter(bool)


@pytest.mark.parametrize("ascii_only", [False, True])
@given(names=st.lists(_NAMES, min_size=1, max_size=8))
def test_names_survive_being_written_and_read_back(ascii_only: bool, names: list[str]) -> None:
    text = "".join(f"{format_name(name, ascii_only=ascii_only)}\n" for name in names)
    assert text.isascii() or not ascii_only
    assert names_from_text(text.encode(), "file") == names


@given(names=st.lists(_NAMES, min_size=1, max_size=8))
def test_names_survive_an_editor_that_adds_a_mark_and_other_line_ends(names: list[str]) -> None:
    text = "\ufeff" + "".join(f"{format_name(name)}\r\n" for name in names)
    assert names_from_text(text.encode(), "file") == names


@given(names=st.lists(_NAMES, min_size=1, max_size=8))
def test_names_survive_the_json_of_a_run(names: list[str]) -> None:
    document = {"schema": "cdpctl.operation/1", "results": [{"name": name, "ok": False} for name in names]}
    assert names_from_text(json.dumps(document).encode(), "file") == names
    lines = "".join(json.dumps({"name": name, "ok": False}) + "\n" for name in names)
    assert names_from_text(lines.encode(), "file") == names


@pytest.mark.parametrize("name", ["AP1", "ap 1", "AP#1", "é", "-dash", "a,b", "it's", 'a"b'], ids=repr)
def test_names_that_read_back_as_they_are_stay_plain(name: str) -> None:
    assert format_name(name) == name


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("AP1\n".encode("utf-16"), "UTF-16"),
        ("AP1\n".encode("utf-16-le"), "UTF-16"),
        ("AP1\n".encode("utf-16-be"), "UTF-16"),
        ("é\n".encode("utf-16"), "UTF-16"),
        (b"AP1\0AP2\0", "binary"),
        (b'"AP1\n', "line 1: not a valid JSON string"),
        (b'AP1\n"AP2"AP3\n', "line 2: unexpected text after the quoted name"),
        (b"[1]", "not a cdpctl document"),
        (b'{"grids": [1]}', "not a cdpctl document"),
        (b'{"grids": [[{"name": "AP1"}]]}', "not a cdpctl document"),
        (
            b'{"schema": "cdpctl.operation/1", "results": [{"name": "AP1"}]}',
            "not say which peers are ok",
        ),
        (b'{"schema": "cdpctl.check/1", "peers": [{"name": "AP1"}]}', "not say which peers are ok"),
        (b"{", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b" \n# AP1\n", "no names found"),
    ],
    ids=repr,
)
def test_what_is_no_list_of_names_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(UsageError, match=r"^file: ") as caught:
        names_from_text(data, "file")
    assert message in caught.value.message
    assert (caught.value.hint or "").startswith("nothing was sent")


def test_list_without_end_is_refused() -> None:
    with pytest.raises(UsageError, match="at most 16 MiB"):
        names_from_text(b"AP1\n" * (1 << 23), "file")


def _of_grids(*grids: str) -> list[dict[str, object]]:
    peers = [{"name": "AP1", "type": "AP"}]
    return [{"schema": "cdpctl.peers/1", "profile": grid, "peers": peers} for grid in grids]


_ERROR = {"schema": "cdpctl.error/1", "exit_code": 6, "error": {}}


@pytest.mark.parametrize("as_lines", [False, True])
def test_names_of_several_grids_are_no_names_of_one(as_lines: bool) -> None:
    grids = [*_of_grids("east", "west"), {**_ERROR, "profile": "north"}]
    lines = [{"grid": "east", "name": "AP1"}, {**_ERROR, "grid": "north"}, {"grid": "west", "name": "AP1"}]
    document = {"schema": "cdpctl.grids/1", "grids": grids}
    data = "\n".join(map(json.dumps, lines)) if as_lines else json.dumps(document)
    with pytest.raises(UsageError) as caught:
        names_from_text(data.encode(), "file")
    assert caught.value.message == "file: it lists peers of several grids: east, west"
    assert (caught.value.hint or "").endswith("one grid: cdpctl peer list -o json")


def test_names_of_one_grid_are_read_from_a_list_of_grids() -> None:
    document = {"schema": "cdpctl.grids/1", "grids": [*_of_grids("east"), {**_ERROR, "profile": "north"}]}
    assert names_from_text(json.dumps(document).encode(), "file") == ["AP1"]
    lines = [{"grid": "east", "name": "AP1"}, {**_ERROR, "grid": "north"}]
    assert names_from_text("\n".join(map(json.dumps, lines)).encode(), "file") == ["AP1"]
