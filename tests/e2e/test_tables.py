"""Tables and documents on terminals with 40, 80 and 200 columns, and without a terminal."""

import json
import re
import signal
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import SandboxPeer
from cdpctl.sandbox.server import Sandbox
from tests.support.fault_server import FaultServer, Hold, Script, Seen
from tests.support.program import InProcess, changes
from tests.support.terminal import Answer, final_screen, on_terminal
from tests.support.wire_grid import TOKEN, healthy

pytestmark = pytest.mark.loopback

_LONG = "a-peer-whose-name-takes-more-columns-than-a-narrow-terminal-has"
_PEERS = [
    SandboxPeer("CDP", "CDP"),
    SandboxPeer("HACDP", "HA-CDP"),
    SandboxPeer("AP1"),
    SandboxPeer("ピア管理サーバー東京第一データセンター"),
    SandboxPeer("Pe\u0301e\u0301r", status="STOPPED"),
    SandboxPeer(_LONG, "LAP"),
]
_SGR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.fixture
def grid() -> Iterator[Sandbox]:
    with Sandbox(Grid([SandboxPeer(each.name, each.type, each.status) for each in _PEERS], 0.1, 0.1)) as made:
        yield made


def environment(sandbox: Sandbox, home: Path, **more: str) -> dict[str, str]:
    return {**sandbox.environment(), "HOME": str(home), "LC_ALL": "C.UTF-8", **more}


def columns_of(line: str) -> int:
    wide = sum(unicodedata.east_asian_width(char) in "WF" for char in line)
    return len(line) + wide - sum(unicodedata.combining(char) != 0 for char in line)


def rows_of(text: str) -> list[str]:
    """Return the visible lines of a table, without colours."""
    lines = final_screen(_SGR.sub("", text))
    start = next(number for number, line in enumerate(lines) if line.lstrip().startswith("NAME"))
    return lines[start : start + 1 + len(_PEERS)]


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize(
    "words",
    [
        ("peer", "list"),
        ("peer", "stop", "--all", "--yes", "--wait"),
        ("peer", "list", "--watch", "--interval", "100ms"),
    ],
)
def test_table_fits_the_terminal_and_keeps_its_short_words(
    grid: Sandbox, tmp_path: Path, words: tuple[str, ...], columns: int
) -> None:
    answers = [Answer("Ctrl-C", number=signal.SIGINT)] if "--watch" in words else []
    screen = on_terminal(words, environment(grid, tmp_path), answers, columns=columns)
    assert screen.code == (130 if answers else 0), screen.text
    rows = rows_of(screen.text)
    shown = [each for each in _PEERS if "stop" not in words or each.type not in ("CDP", "HA-CDP")]
    assert all(columns_of(row) <= columns for row in rows)
    for row, each in zip(rows[1:], shown, strict=False):
        assert row.lstrip(" !*").startswith(each.name[:6])
        words_of_row = set(re.split(r"  +", row.lstrip(" !*").rstrip()))
        assert each.type in words_of_row
        if "stop" in words:
            assert {"STOPPED", "unchanged" if each.status == "STOPPED" else "confirmed"} <= words_of_row
        else:
            assert each.status in words_of_row


@pytest.mark.parametrize(("columns", "again"), [(60, True), (200, False)])
def test_reason_of_a_peer_that_is_not_ok_is_shown_in_full(
    grid: Sandbox, tmp_path: Path, columns: int, again: bool
) -> None:
    screen = on_terminal(("peer", "stop", "AP1", "CDP"), environment(grid, tmp_path), columns=columns)
    assert screen.code == 3
    text = " ".join(_SGR.sub("", screen.text).split())
    assert ("CDP: the grid needs its CDP: cdpctl does not stop it" in text) is again
    assert "error: 1 of 2 peers not stopped: CDP (refused)" in text


def test_host_and_os_are_dropped_at_forty_columns_only(grid: Sandbox, tmp_path: Path) -> None:
    titles = [
        rows_of(
            on_terminal(("peer", "list", "--type", "ap"), environment(grid, tmp_path), columns=columns).text
        )[0].split()
        for columns in (40, 200)
    ]
    assert titles == [
        ["NAME", "TYPE", "STATUS", "VERSION"],
        ["NAME", "TYPE", "STATUS", "HOST", "OS", "VERSION"],
    ]


def test_off_a_terminal_a_table_is_as_wide_as_it_needs_to_be(grid: Sandbox, tmp_path: Path) -> None:
    out = InProcess(tmp_path, grid, COLUMNS="40")("peer", "list", "-o", "table", code=0).stdout
    lines = out.splitlines()
    assert len(lines) == 1 + len(_PEERS)
    assert lines[0].split() == ["NAME", "TYPE", "STATUS", "HOST", "OS", "VERSION"]
    assert _LONG in out
    assert "…" not in out
    assert "\x1b" not in out


@pytest.mark.parametrize(
    ("more", "commands", "coloured"),
    [
        ({}, ("peer list", "peer stop AP9", "doctor"), True),
        ({"NO_COLOR": "1"}, ("peer list", "peer stop AP9", "doctor"), False),
        ({"TERM": "dumb"}, ("peer stop AP9",), False),
        ({"TERM": "xterm-256color"}, ("peer list",), True),
    ],
)
def test_colours_are_for_terminals_that_want_them(
    grid: Sandbox, tmp_path: Path, more: dict[str, str], commands: tuple[str, ...], coloured: bool
) -> None:
    for words in commands:
        screen = on_terminal(words.split(), environment(grid, tmp_path, **more))
        assert bool(_SGR.search(screen.text)) is coloured, words
        assert "\x1b[33m" not in screen.text


def test_no_color_goes_with_lines_that_are_drawn_in_place(grid: Sandbox, tmp_path: Path) -> None:
    words = ("peer", "stop", "AP1", "--wait", "--no-color")
    assert not _SGR.search(on_terminal(words, environment(grid, tmp_path)).text)


def test_json_is_indented_on_a_terminal_and_a_record_a_line_off_it(grid: Sandbox, tmp_path: Path) -> None:
    text = on_terminal(("peer", "list", "-o", "json"), environment(grid, tmp_path)).text
    document = json.loads(text)
    assert text.replace("\r\n", "\n") == json.dumps(document, indent=2) + "\n"
    piped = InProcess(tmp_path, grid)("peer", "list", "-o", "json", code=0).stdout
    assert json.loads(piped)["peers"] == document["peers"]
    assert len(piped.splitlines()) == len(_PEERS) + 3


@pytest.mark.parametrize(
    "words", [("peer", "stop", "AP1", "AP9", "-o", "json"), ("peer", "show", "a/b", "-o", "json")]
)
def test_every_document_is_indented_on_a_terminal(
    grid: Sandbox, tmp_path: Path, words: tuple[str, ...]
) -> None:
    text = on_terminal(words, environment(grid, tmp_path)).text.replace("\r\n", "\n")
    document, end = json.JSONDecoder().raw_decode(text)
    assert text[:end] == json.dumps(document, indent=2)


def test_answer_of_a_call_is_readable_and_harmless_on_a_terminal(grid: Sandbox, tmp_path: Path) -> None:
    words = ("api", "GET", "/info/peer")
    text = on_terminal(words, environment(grid, tmp_path)).text
    assert text.replace("\r\n", "\n") == json.dumps(json.loads(text), indent=2) + "\n"
    piped = InProcess(tmp_path, grid)(*words, code=0).stdout
    assert "\n" not in piped.strip()
    assert json.loads(piped) == json.loads(text)


def watch_of(server: FaultServer, home: Path, answer: Answer) -> str:
    """Watch the peers of a server until Ctrl-C, and return the output."""
    environ = {"HOME": str(home), "CDPCTL_URL": server.url, "CDPCTL_TOKEN": TOKEN, "CDPCTL_NO_KEYRING": "1"}
    screen = on_terminal(("peer", "list", "--watch", "--interval", "100ms"), environ, [answer])
    assert screen.code == 130, screen.text
    assert "error:" not in screen.text
    assert "warning:" not in screen.text
    return screen.text


def test_watch_says_since_when_the_cdp_does_not_answer(tmp_path: Path) -> None:
    with ExitStack() as stack:
        server = stack.enter_context(FaultServer(healthy()))
        end = threading.Timer(1.5, stack.close)
        end.start()
        text = watch_of(server, tmp_path, Answer("refused)", number=signal.SIGINT))
        end.join()
    assert re.search(r"no answer since \d\d:\d\d:\d\d \(connection refused\); retrying", text)


def test_watch_says_so_when_an_answer_takes_long(tmp_path: Path) -> None:
    reads = 0
    good = healthy()

    def behave(seen: Seen) -> Script:
        nonlocal reads
        reads += seen.method == "GET"
        return [Hold()] if reads > 2 else good(seen)

    with FaultServer(behave) as server:
        text = watch_of(server, tmp_path, Answer("waiting", number=signal.SIGINT))
    assert re.search(r"no answer since \d\d:\d\d:\d\d; waiting", text)


@pytest.mark.parametrize("typed", ["\x03", "\x04", "n\n"])
def test_question_that_is_not_answered_yes_sends_nothing(grid: Sandbox, tmp_path: Path, typed: str) -> None:
    screen = on_terminal(
        ("peer", "stop", "--all"), environment(grid, tmp_path), [Answer("[y/N] ", typed)], columns=200
    )
    assert screen.code == 2
    assert changes(grid) == []
    # The answer is on the line of the question. The output follows on new lines.
    assert re.search(r"\[y/N\] (\^C|\^D\x08\x08|n)?\r\n", screen.text)
    assert re.search(r"\n(\x1b\[\d+m)?error: ", screen.text)
