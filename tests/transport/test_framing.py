"""Bodies decompressed within a limit; every fault of a head or a body is in `test_exchange.py`."""

import gzip
import zlib
from io import BytesIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from urllib3 import HTTPResponse

from cdpctl.deadline import Deadline
from cdpctl.transport.failures import Failure, TransportError
from cdpctl.transport.framing import read_body
from cdpctl.transport.guard import Attempt

_quick = settings(max_examples=50)


def _read(body: bytes, encoding: str, cap: int) -> bytes:
    headers = {"Content-Encoding": encoding}
    raw = HTTPResponse(BytesIO(body), headers, preload_content=False)
    return read_body(raw, Attempt(Deadline(None), 1.0, 1.0, cap=cap))


@_quick
@given(st.binary(max_size=5000), st.integers(0, 6000), st.sampled_from(["gzip", "deflate", "raw"]))
def test_what_was_compressed_comes_back_up_to_the_cap(data: bytes, cap: int, how: str) -> None:
    raw = zlib.compressobj(wbits=-15)
    compressed = {
        "gzip": gzip.compress(data),
        "deflate": zlib.compress(data),
        "raw": raw.compress(data) + raw.flush(),
    }
    encoding = "gzip" if how == "gzip" else "deflate"
    if max(len(data), len(compressed[how])) <= cap:
        assert _read(compressed[how], encoding, cap) == data
        return
    with pytest.raises(TransportError) as caught:
        _read(compressed[how], encoding, cap)
    assert caught.value.failure is Failure.TOO_LONG


@_quick
@given(st.binary(min_size=1, max_size=300), st.sampled_from(["gzip", "deflate"]), st.integers(0, 100))
def test_any_bytes_stay_below_the_cap_or_are_refused(data: bytes, encoding: str, cap: int) -> None:
    try:
        assert len(_read(data, encoding, cap)) <= cap
    except TransportError:
        return


@pytest.mark.parametrize("size", [9, 14, -9, -1])
def test_stream_that_was_cut_may_be_whole_the_next_time(size: int) -> None:
    with pytest.raises(TransportError) as caught:
        _read(gzip.compress(b"a" * 100)[:size], "gzip", 1000)
    assert (caught.value.failure, caught.value.again) == (Failure.CUT, True)


def test_encoding_that_was_not_asked_for_is_refused_unless_there_is_no_body() -> None:
    assert _read(b"", "unheard-of", 1000) == b""
    assert _read(b"{}", " Identity", 1000) == b"{}"
    with pytest.raises(TransportError, match="FRAMING"):
        _read(b"{}", "unheard-of", 1000)
