"""Text for messages: safe text, and the command lines in hints."""

import shlex
import unicodedata

import pytest
from hypothesis import given

from cdpctl.text import (
    CommandLines,
    NearMisses,
    did_you_mean,
    join_names,
    near_misses,
    plural,
    printable,
    slips,
)
from tests.support.strategies import MANY, texts


@pytest.mark.parametrize(
    "names", [("AP1",), ("AP 1", "it's"), ("$HOME", "`id`", "a&b"), ("-x", "AP1"), ("*", "[red]"), ("ü",)]
)
def test_command_line_comes_through_a_shell_as_it_is(names: tuple[str, ...]) -> None:
    words = shlex.split(CommandLines()("peer start", *names))
    assert words[:3] == ["cdpctl", "peer", "start"]
    assert tuple(words[-len(names) :]) == names
    assert ("--" in words) is names[0].startswith("-")


def test_command_line_leads_to_the_same_grid() -> None:
    command_line = CommandLines()
    command_line.options = (("--profile", "prod"), ("--url", "https://cdp:1/baocdp"))
    spelled = "cdpctl peer start --profile prod --url https://cdp:1/baocdp AP1"
    assert command_line("peer start", "AP1") == spelled


def test_foreign_text_is_one_harmless_line() -> None:
    assert printable("a\x1b[31m\u202eb\n") == "a\\x1b[31m\\u202eb\\n"
    assert printable("x" * 50, 10) == "xxxxxxx..."


def test_numbers_agree_and_long_lists_are_cut() -> None:
    assert (plural(1, "peer"), plural(0, "peer")) == ("1 peer", "0 peers")
    assert join_names(["a", "b", "c"], 2) == "a, b and 1 more"


def test_near_misses_are_named_or_nothing_is() -> None:
    assert did_you_mean(near_misses("ap1", ["AP1", "LAP"])) == "; did you mean AP1?"
    assert did_you_mean(near_misses("zzz", ["AP1"])) == ""
    assert (
        did_you_mean(NearMisses(["LAP", "AP1", "AP2", "AP3"]).of("AP9")) == "; did you mean AP1, AP2 or AP3?"
    )


@pytest.mark.parametrize(
    ("word", "known", "count"),
    [
        ("list", "list", 0),
        ("lsit", "list", 0.5),
        ("--lits", "--list", 0.5),
        ("listt", "list", 1),
        ("lst", "list", 1),
        ("mist", "list", 1),
        ("timuot", "timeout", 2),
        ("desc", "describe", 1.5),
        ("auth", "path", None),
        ("st", "stopped", None),
        ("frobnicate", "list", None),
    ],
)
def test_slips_are_counted_up_to_what_a_finger_does(word: str, known: str, count: float | None) -> None:
    assert slips(word, known) == count


@MANY
@given(texts)
def test_text_leaves_the_sanitizer_without_control_characters(text: str) -> None:
    for shown in (printable(text), printable(text, 20)):
        assert not any(unicodedata.category(char) in {"Cc", "Cf", "Cs", "Zl", "Zp"} for char in shown)
        shown.encode("utf-8")
    assert len(printable(text, 20)) <= 20 or not text[:21].isprintable()
