"""Valid tokens, and stored tokens that are not valid."""

import pytest

from cdpctl.credentials.token import Token, checked, usable_token
from cdpctl.errors import AuthError
from cdpctl.redact import redactor

_BAD = ["", "with blank", "line\nend", "umlaut-ü", "escape\x1b[m", "x" * (16 * 1024 + 1), "nul\0"]


@pytest.mark.parametrize("value", _BAD)
def test_value_that_no_header_carries_is_refused_unseen(value: str) -> None:
    with pytest.raises(AuthError) as caught:
        checked(value, "CDPCTL_TOKEN")
    assert "CDPCTL_TOKEN" in caught.value.message
    assert not value or value not in f"{caught.value.message} {caught.value.hint}"


def test_longest_token_is_accepted_and_its_value_is_not_in_its_text() -> None:
    value = "aZ09/+=.*_-12345" * 1024
    token = checked(value, "keyring")
    assert token == Token(value, "keyring")
    assert "aZ09" not in repr(token)


def test_token_is_masked_from_now_on_even_one_that_is_refused() -> None:
    checked("good-token", "CDPCTL_TOKEN")
    with pytest.raises(AuthError):
        checked("bad token", "CDPCTL_TOKEN")
    assert redactor.mask("good-token, bad token") == "*****, *****"


@pytest.mark.parametrize("value", [None, 7, [], {}, *_BAD])
def test_stored_value_that_cannot_be_a_token_counts_as_none(value: object) -> None:
    said: list[str] = []
    assert usable_token(value, "file", lambda level, text: said.append(f"{level} {text}")) is None
    assert [text[:27] for text in said] == (
        ["1 the token from file is em"] if value and value in _BAD else []
    )
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
