"""What `Retry-After` asks for, and bodies decompressed within a limit."""

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3 import HTTPHeaderDict

from cdpctl.transport.response import inflate, retry_after
from tests.support.strategies import SAME

_quick = settings(deadline=None, max_examples=50)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("3", 3.0),
        ("100000", 5.0),
        ("9" * 5000, 5.0),
        ("-1", 0.0),
        ("1.5", 0.0),
        ("soon", 0.0),
        ("²", 0.0),
        ("", 0.0),
        ("Tue, 24 Nov 2026 10:00:03 GMT", 3.0),
        ("Tue, 24 Nov 2026 09:00:00 GMT", 0.0),
        ("Tue, 24 Nov 2026 10:00:03", 0.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", 5.0),
    ],
)
def test_retry_after_is_read_by_the_servers_clock(value: str, seconds: float) -> None:
    headers = HTTPHeaderDict([("Retry-After", value), ("Date", "Tue, 24 Nov 2026 10:00:00 GMT")])
    assert retry_after(headers) == seconds


@_quick
@given(st.binary(max_size=5000), st.integers(0, 6000), st.sampled_from(["gzip", "deflate", "raw"]))
def test_inflate_returns_what_was_compressed_or_stops_at_the_cap(data: bytes, cap: int, how: str) -> None:
    raw = zlib.compressobj(wbits=-15)
    compressed = {
        "gzip": gzip.compress(data),
        "deflate": zlib.compress(data),
        "raw": raw.compress(data) + raw.flush(),
    }
    body, whole = inflate(compressed[how], "gzip" if how == "gzip" else "deflate", cap)
    assert whole is (len(data) <= cap)
    assert body == data[: cap + 1]


@_quick
@given(st.binary(min_size=1), st.sampled_from(["gzip", "deflate"]))
def test_inflate_takes_any_bytes(data: bytes, encoding: str) -> None:
    try:
        body, _ = inflate(data, encoding, 1000)
    except ValueError:
        return
    assert len(body) <= 1001


def test_inflate_says_that_a_stream_was_cut() -> None:
    assert inflate(gzip.compress(b"a" * 100)[:-9], "gzip", 1000)[1] is False


@SAME
@given(st.binary(max_size=300), st.sampled_from(["gzip", "deflate"]), st.integers(0, 100))
def test_compressed_bytes_stay_below_the_cap_or_are_no_such_thing(
    data: bytes, encoding: str, cap: int
) -> None:
    try:
        body, _ = inflate(data, encoding, cap)
    except ValueError:
        return
    assert len(body) <= cap + 1
