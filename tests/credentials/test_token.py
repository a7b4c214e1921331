"""What can be a token, and what a stored one that cannot is worth."""

import pytest

from cdpctl.credentials.token import Token, checked, usable_token
from cdpctl.errors import AuthError

_BAD = ["", "with blank", "line\nend", "umlaut-ü", "escape\x1b[m", "x" * (16 * 1024 + 1), "nul\0"]


@pytest.mark.parametrize("value", _BAD)
def test_value_that_no_header_carries_is_refused_unseen(value: str) -> None:
    with pytest.raises(AuthError) as caught:
        checked(value, "CDPCTL_TOKEN")
    assert "CDPCTL_TOKEN" in caught.value.message
    assert not value or value not in f"{caught.value.message} {caught.value.hint}"


def test_longest_token_is_accepted_and_its_value_is_not_in_its_text() -> None:
    token = checked("aZ09/+=.*_-" * 1000, "keyring")
    assert token == Token("aZ09/+=.*_-" * 1000, "keyring")
    assert "aZ09" not in repr(token)


@pytest.mark.parametrize("value", [None, 7, [], {}, *_BAD])
def test_stored_value_that_cannot_be_a_token_counts_as_none(value: object) -> None:
    said: list[str] = []
    assert usable_token(value, "file", lambda level, text: said.append(text)) is None
    assert not isinstance(value, str) or not value or value not in "".join(said)


@pytest.mark.parametrize(
    ("source", "provided"),
    [
        ("CDPCTL_TOKEN", True),
        ("CDPCTL_TOKEN_FILE", True),
        ("token_file", True),
        ("file", False),
        ("login", False),
    ],
)
def test_provided_token_is_told_apart_from_one_of_our_own(source: str, provided: bool) -> None:
    assert Token("a-token", source).provided is provided
