"""Valid and invalid names of peers."""

import pytest

from cdpctl.errors import UsageError
from cdpctl.peers.names import check_name, check_names
from cdpctl.text import near_misses

BAD = [
    *("", " ", ".", "..", "../x", "a/b", "a\\b", "a?b", "a#b", "%2F", "%2e%2e", "a;b", "[/x]"),
    *("a\nb", "a\tb", "a\0b", "a\x1bb", "a\u202eb", "a\udcffb", "x" * 256),
]


@pytest.mark.parametrize("name", BAD)
def test_name_is_refused_where_it_would_change_the_call(name: str) -> None:
    assert check_name(name)
    with pytest.raises(UsageError):
        check_names(["AP1", name])


def test_name_that_is_not_text_is_called_that() -> None:
    assert check_name("a\udcffb") == "it is not valid UTF-8 text"


@pytest.mark.parametrize("name", ["AP1", "-x", "[red]", "peer[a]", "ü", "u\u0308", "x" * 255, "a b"])
def test_name_is_taken_where_it_is_odd_but_harmless(name: str) -> None:
    assert check_name(name) is None


def test_repeated_names_are_kept_once_in_order() -> None:
    assert check_names(["LAP", "AP1", "AP2", "AP1"]) == (["LAP", "AP1", "AP2"], ["AP1"])


def test_near_miss_finds_another_case_first() -> None:
    assert near_misses("ap1", ["AP2", "AP1"])[0] == "AP1"
