"""Bodies: any bytes become a JSON value or a known error, and any text becomes safe."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.cdp.bodies import decode_json, looks_like_html
from cdpctl.errors import UnclearAnswerError
from cdpctl.text import printable
from tests.support.strategies import MANY, bodies, end_of

# No time limit per example, because machines differ.
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


def _decoded(body: bytes, *, reject_duplicates: bool) -> object:
    try:
        return decode_json(body, reject_duplicates=reject_duplicates)
    except UnclearAnswerError as error:
        return error


@given(st.binary(), st.booleans())
def test_decode_json_gives_a_value_or_a_known_error_for_any_bytes(body: bytes, reject: bool) -> None:
    value = _decoded(body, reject_duplicates=reject)
    if isinstance(value, UnclearAnswerError):
        assert value.message.isprintable()
    else:
        json.dumps(value, allow_nan=False)


@given(st.text(alphabet='{}[]":,0123456789.eE+-\\utrfalsn NI\ufeff'), st.booleans())
def test_decode_json_gives_a_value_or_a_known_error_for_near_json(text: str, reject: bool) -> None:
    value = _decoded(text.encode(), reject_duplicates=reject)
    if isinstance(value, UnclearAnswerError):
        assert value.message.isprintable()
    else:
        json.dumps(value, allow_nan=False)


@given(_VALUES, st.booleans())
def test_decode_json_returns_any_value_that_was_json(value: object, reject: bool) -> None:
    assert decode_json(json.dumps(value).encode(), reject_duplicates=reject) == value


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "no body"),
        (b" \n", "no body"),
        (b'{"a": 1} x', "line 1, column 10"),
        (b'{"a": NaN}', "NaN"),
        (b"-Infinity", "-Infinity"),
        (b"1e999", "too large"),
        (b"9" * 5000, "too long"),
        (b"[" * 100_000, "deeply"),
        (b'{"a":' * 100_000, "deeply"),
        ('{"a": 1}'.encode("utf-16"), "UTF-8"),
        (b'"\xfc"', "UTF-8"),
        (b'"\xed\xa0\x80"', "UTF-8"),
        (b"\0\0\0", "not JSON"),
        (b"<html>", "not JSON"),
    ],
    ids=str,
)
def test_decode_json_says_what_is_wrong(body: bytes, why: str) -> None:
    for reject in (True, False):
        with pytest.raises(UnclearAnswerError, match=why):
            decode_json(body, reject_duplicates=reject)


def test_decode_json_rejects_duplicate_keys_only_where_asked() -> None:
    body = b'{"x": {"response": "Failure", "response": "Success"}}'
    assert decode_json(body, reject_duplicates=False) == {"x": {"response": "Success"}}
    with pytest.raises(UnclearAnswerError, match="contains a key twice"):
        decode_json(body, reject_duplicates=True)


def test_decode_json_forgives_a_byte_order_mark() -> None:
    assert decode_json(b"\xef\xbb\xbf{}", reject_duplicates=True) == {}


def test_decode_json_never_quotes_the_body() -> None:
    with pytest.raises(UnclearAnswerError) as caught:
        decode_json(b'{"token": "hunter2" oops', reject_duplicates=True)
    assert "hunter2" not in f"{caught.value!r}{caught.value.__cause__!r}"


@pytest.mark.parametrize(
    ("body", "content_type", "expected"),
    [
        (b"<!DOCTYPE html><p>", None, True),
        (b"\xef\xbb\xbf\r\n <HTML lang=en>", "application/json", True),
        (b"<?xml version='1.0'?><html xmlns='x'>", None, True),
        (b"<!-- a proxy's -->\n<head>", None, True),
        (b"Gateway error", "text/html; charset=utf-8", True),
        (b'{"response": "<html>"}', "text/html", False),
        (b'["<html>"]', None, False),
        (b"<error>no</error>", "application/xml", False),
        (b"see <html>", "text/plain", False),
        (b"", "text/html", False),
        (b"  ", "text/html", False),
    ],
)
def test_looks_like_html_tells_pages_from_json(body: bytes, content_type: str | None, expected: bool) -> None:
    assert looks_like_html(body, content_type) is expected


@given(st.binary(), st.none() | st.text())
def test_looks_like_html_takes_anything(body: bytes, content_type: str | None) -> None:
    assert looks_like_html(body, content_type) in (True, False)


@given(st.text(), st.integers(10, 300))
def test_printable_leaves_no_control_character_and_keeps_the_limit(text: str, most: int) -> None:
    shown = printable(text, most)
    assert shown.isprintable()
    assert len(shown) <= most
    if text.isprintable() and len(text) <= most:
        assert shown == text


@MANY
@given(bodies, st.booleans())
def test_body_of_any_bytes_is_a_value_or_a_known_error(body: bytes, strict: bool) -> None:
    _, error = end_of(lambda: decode_json(body, reject_duplicates=strict))
    assert error is None or isinstance(error, UnclearAnswerError)
