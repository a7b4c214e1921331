"""The widths of wide, combining and plain characters."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.output.widths import fit, width_of, wrapped

_TEXTS = st.text(st.sampled_from("aZ9-ピ漢é\u0301\u20dd😀ｱ한"), max_size=30)


@pytest.mark.parametrize(
    ("text", "width"), [("AP1", 3), ("ピア", 4), ("e\u0301", 1), ("é", 1), ("😀", 2), ("", 0)]
)
def test_width_is_what_a_terminal_takes(text: str, width: int) -> None:
    assert width_of(text) == width


@pytest.mark.parametrize(
    ("text", "columns", "cut"),
    [
        ("AP1", 3, "AP1"),
        ("AP1", 2, "A…"),
        ("AP1234567", 6, "AP123…"),
        ("ピアピア", 6, "ピア…"),
        ("ピアピア", 5, "ピア…"),
        ("ピアピア", 4, "ピ…"),
        ("ピア", 4, "ピア"),
        ("AP1", 1, "…"),
        ("AP1", 0, ""),
    ],
)
def test_text_is_cut_to_columns(text: str, columns: int, cut: str) -> None:
    assert fit(text, columns) == cut


def test_another_mark_takes_the_columns_it_needs() -> None:
    assert fit("AP1234567", 6, "...") == "AP1..."


@given(_TEXTS, st.integers(0, 40))
def test_cut_text_is_never_wider_and_whole_text_is_kept(text: str, columns: int) -> None:
    cut = fit(text, columns)
    assert width_of(cut) <= columns
    assert (cut == text) == (width_of(text) <= columns)


def test_text_is_wrapped_and_a_command_in_it_is_not() -> None:
    text = "to store it in a file that only you can read: cdpctl login --token-store file"
    assert wrapped(text, None, 10) == text
    assert wrapped(text, 40, 10, 10).split("\n") == [
        "to store it in a file that",
        "          only you can read:",
        "          cdpctl login --token-store file",
    ]
    assert wrapped("log in: cdpctl login", 40, 4, 4) == "log in: cdpctl login"
    # A certificate of the embedded grid is issued by "cdpctl sandbox".
    assert wrapped("issuer cdpctl sandbox", 16, 2) == "issuer cdpctl\n  sandbox"
    assert wrapped("one two three", 9, 2) == "one two\n  three"
    assert wrapped("cdpctl login", 5, 2) == "cdpctl login"
    assert wrapped("cdpctl login", 5, 2, 2) == "cdpctl login"
