"""URLs of a CDP: all forms, invalid ones, and those on this machine."""

import pytest

from cdpctl.errors import UsageError
from cdpctl.settings.urls import base_url, check_plain_http, is_loopback


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("cdp", "https://cdp:38080/baocdp"),
        ("cdp:28443", "https://cdp:28443/baocdp"),
        ("CDP.Example.COM.", "https://cdp.example.com:38080/baocdp"),
        ("https://CDP:28443/baocdp/rest/", "https://cdp:28443/baocdp"),
        ("https://cdp:443", "https://cdp/baocdp"),
        ("https://cdp/rest", "https://cdp/baocdp"),
        ("https://cdp//grid//rest//", "https://cdp/grid"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080/baocdp"),
        ("https://[::1]:38080", "https://[::1]:38080/baocdp"),
        ("https://[0:0:0:0:0:0:0:1]", "https://[::1]/baocdp"),
        ("https://bücher.example", "https://xn--bcher-kva.example/baocdp"),
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
        "cdp:",
        "https://u:secret1@cdp",
        "https://secret1@cdp",
        "https://a..b",
        "cdp\n",
        "cd p",
        "ftp://cdp",
        "javascript:secret1",
        "http://[",
        "https://[::zz]",
        "https://1.2.3.400",
        "https://cdp?x=secret1",
        "https://cdp#secret1",
        "https://cdp/../x",
        "https://cdp/%2e",
        "https://cdp/ü",
        "https://" + "a" * 64,
        "https://" + "a" * 3000,
    ],
)
def test_base_url_is_refused_without_showing_a_password(typed: str) -> None:
    with pytest.raises(UsageError) as caught:
        base_url(typed)
    assert "secret1" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("host", "here"),
    [
        ("127.0.0.1", True),
        ("127.9.8.7", True),
        ("[::1]", True),
        ("[::ffff:127.0.0.1]", True),
        ("localhost", True),
        ("LOCALHOST.", True),
        ("cdp.localhost", True),
        ("localhost.evil.example", False),
        ("notlocalhost", False),
        ("127.0.0.1.evil.example", False),
        ("128.0.0.1", False),
        ("0.0.0.0", False),
        ("[::2]", False),
    ],
)
def test_loopback_is_told_from_what_looks_like_it(host: str, here: bool) -> None:
    assert is_loopback(f"http://{host}:1/baocdp") is here
    if here:
        check_plain_http(f"http://{host}:1/baocdp", allowed=False)
        return
    check_plain_http(f"http://{host}:1/baocdp", allowed=True)
    check_plain_http(f"https://{host}:1/baocdp", allowed=False)
    with pytest.raises(UsageError, match="can read the password and the token"):
        check_plain_http(f"http://{host}:1/baocdp", allowed=False)
