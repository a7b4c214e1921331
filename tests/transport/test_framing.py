"""Bodies decompressed within a limit; every fault of a head or a body is in `test_exchange.py`."""

import gzip
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cdpctl.transport.failures import Failure, TransportError
from cdpctl.transport.framing import inflate

_quick = settings(deadline=None, max_examples=50)


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
    if len(data) <= cap:
        assert inflate(compressed[how], encoding, cap) == data
        return
    with pytest.raises(TransportError) as caught:
        inflate(compressed[how], encoding, cap)
    assert caught.value.failure is Failure.TOO_LONG


@_quick
@given(st.binary(min_size=1, max_size=300), st.sampled_from(["gzip", "deflate"]), st.integers(0, 100))
def test_any_bytes_stay_below_the_cap_or_are_refused(data: bytes, encoding: str, cap: int) -> None:
    try:
        assert len(inflate(data, encoding, cap)) <= cap
    except TransportError:
        return


def test_stream_that_was_cut_may_be_whole_the_next_time() -> None:
    with pytest.raises(TransportError) as caught:
        inflate(gzip.compress(b"a" * 100)[:-9], "gzip", 1000)
    assert (caught.value.failure, caught.value.again) == (Failure.CUT, True)
