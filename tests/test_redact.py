"""Secrets are hidden in every spelling in which they leave the program."""

import json
from urllib.parse import quote

import pytest

from cdpctl.redact import MASK, Redactor, without_user_info

_SECRET = 'pä ss/"wörd\\+1'


@pytest.mark.parametrize(
    "spelling",
    [
        _SECRET,
        json.dumps(_SECRET),
        json.dumps(_SECRET, ensure_ascii=False),
        quote(_SECRET, safe=""),
        repr(_SECRET),
    ],
)
def test_secret_is_hidden_in_every_spelling(spelling: str) -> None:
    redactor = Redactor()
    redactor.add(_SECRET)
    masked = redactor.mask(f"before {spelling} after")
    assert MASK in masked
    assert "rd" not in masked
    assert masked.startswith("before ")
    assert masked.endswith(" after")
    assert redactor.finds(spelling)


def test_secret_that_begins_another_hides_neither_half() -> None:
    redactor = Redactor()
    redactor.add("secret")
    redactor.add("secret-and-more")
    assert redactor.mask("x secret-and-more y") == f"x {MASK} y"
    redactor.add("zzzz")
    assert redactor.mask("secret zzzz") == f"{MASK} {MASK}"


@pytest.mark.parametrize(("text", "hidden"), [(None, False), ("", False), ("abc", False), ("abcd", True)])
def test_what_is_too_short_to_be_a_secret_hides_nothing(text: str | None, hidden: bool) -> None:
    redactor = Redactor()
    redactor.add(text)
    assert (redactor.mask("xabcdx") != "xabcdx") is hidden
    assert redactor.finds("xabcdx") is hidden
    assert not redactor.finds("other")


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://u:p@host:1/path", f"http://{MASK}@host:1/path"),
        ("http://u:p@q@host", f"http://{MASK}@host"),
        ("host:3128", "host:3128"),
        ("u:p@host", f"{MASK}@host"),
        ("http://host/p@th", "http://host/p@th"),
    ],
)
def test_user_information_of_a_url_is_hidden(url: str, shown: str) -> None:
    assert without_user_info(url) == shown
