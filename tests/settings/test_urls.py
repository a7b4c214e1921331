"""Addresses of a CDP in every form, and those that are none."""

import pytest

from cdpctl.errors import UsageError
from cdpctl.settings.urls import base_url, is_loopback


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cdp", "https://cdp:38080/baocdp"),
        ("cdp:28443", "https://cdp:28443/baocdp"),
        ("https://CDP:28443/baocdp/rest/", "https://cdp:28443/baocdp"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/baocdp"),
        ("https://[::1]:38080", "https://[::1]:38080/baocdp"),
    ],
)
def test_base_url_has_one_form(typed: str, expected: str) -> None:
    assert base_url(typed) == expected
    assert base_url(expected) == expected


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "cdp:308080",
        "https://u:secret1@cdp",
        "https://a..b",
        "cdp\n",
        "ftp://cdp",
        "http://[",
        "https://cdp?x=1",
    ],
)
def test_base_url_is_refused_without_showing_a_password(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        base_url(typed)
    assert "secret1" not in caught.value.message


def test_loopback_is_told_from_a_name_that_looks_like_it() -> None:
    assert is_loopback("http://[::1]:1/baocdp")
    assert not is_loopback("http://localhost.evil.example/baocdp")
