"""Strategies for names, texts and bytes in property tests."""

from collections.abc import Callable
from typing import TypeVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from cdpctl.errors import CdpctlError
from cdpctl.text import printable

T = TypeVar("T")

MANY = settings(max_examples=200)
OVER_SOCKETS = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])

texts = st.text(st.characters(exclude_categories=()), max_size=300)
pieces = st.sampled_from(
    [
        b"{",
        b"}",
        b"[",
        b"]",
        b'"',
        b":",
        b",",
        b"null",
        b"true",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"9" * 5000,
        b"\\ud800",
        b"\xed\xa0\x80",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"\0",
        b'"response"',
        b'"Success"',
        b"<html>",
        b"[" * 5000,
        b'{"a":' * 5000,
        b"\x1b[2J",
        b'"peerInfoList"',
        b'"name"',
        b'"status"',
        b"0",
        b"-",
        b" ",
    ]
)
bodies = st.one_of(st.binary(max_size=300), st.lists(pieces, max_size=12).map(b"".join))
lines = st.sampled_from(
    [
        b"HTTP/1.1 200 OK",
        b"HTTP/1.1 204 No",
        b"HTTP/1.0 200",
        b"HTTP/1.1 302 x",
        b"HTTP/1.1 100 Continue",
        b"HTTP/2 200",
        b"HTTP/1.1 999 \x1b[31m",
        b"HTTP/1.1 503 x",
        b"Content-Length: 5",
        b"Content-Length: 23",
        b"Content-Length: -1",
        b"Content-Length: 99999999999999999999",
        b"Transfer-Encoding: chunked",
        b"Transfer-Encoding: gzip, chunked",
        b"Content-Encoding: gzip",
        b"Content-Encoding: deflate",
        b"Content-Encoding: br",
        b"Location: http://[",
        b"Location: \xff\x1b",
        b"Connection: close",
        b": empty",
        b"no colon",
        b" folded",
        b"",
        b"",
        b"5",
        b"0",
        b"zz",
        b"ffffffff",
        b"5;x=y",
        b'{"response": "Success"}',
        b"hello",
        b"\x15\x03\x03\x00\x02\x02\x28",
        b"SSH-2.0-x",
        b"Retry-After: 100000",
        b"Set-Cookie: \xe9",
        b"Authentication-Token: \xff",
        b"\x1f\x8b\x08\x00",
    ]
)
answers = st.one_of(
    st.binary(max_size=400),
    st.tuples(st.lists(lines, max_size=14), st.sampled_from([b"\r\n", b"\n", b"\r"])).map(
        lambda two: two[1].join(two[0]) + two[1]
    ),
    st.tuples(
        bodies, st.sampled_from([b"", b"Content-Encoding: gzip\r\n", b"Content-Type: text/html\r\n"])
    ).map(lambda two: b"HTTP/1.1 200 OK\r\n%bContent-Length: %d\r\n\r\n%b" % (two[1], len(two[0]), two[0])),
)


def end_of(call: Callable[[], T]) -> tuple[T | None, CdpctlError | None]:
    """Return the result of a call, or its known error. Check that its message is one line."""
    try:
        return call(), None
    except CdpctlError as error:
        caught = error
    assert type(caught) is not CdpctlError
    assert printable(caught.message) == caught.message
    return None, caught
