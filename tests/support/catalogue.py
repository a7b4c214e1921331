"""The catalogue of faults of connections, bodies and redirects, by name."""

import gzip
import json
from dataclasses import dataclass
from enum import Enum, auto
from itertools import product
from typing import Literal

from tests.support.fault_server import Close, Hold, Repeat, Reset, Script
from tests.support.wire_grid import answer


class After(Enum):
    """The expected result in the transport."""

    ANSWER = auto()
    UNREACHABLE = auto()
    LOST = auto()
    REDIRECT = auto()
    SSO = auto()


@dataclass(frozen=True)
class Fault:
    """A fault.

    Attributes:
        script: the script that the server plays as its answer.
        phase: when it happens: `connect`, `before` the answer, in its `head`, `body` or `status`.
        send: the result for a PUT.
        read: the result for a GET.
        status: the status of the answer, if there is one.
        place: the target of the request: the server, a closed port, or an unknown host name.
        greeting: whether the script is played before the request.
        slow: whether it ends with a time-out.
    """

    name: str
    script: Script = ()
    phase: Literal["connect", "before", "head", "body", "status"] = "body"
    send: After = After.LOST
    read: After = After.UNREACHABLE
    status: int | None = None
    place: Literal["server", "closed", "unresolvable"] = "server"
    greeting: bool = False
    slow: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def waits(self) -> bool:
        """Whether a run with this fault ends with a time-out."""
        return self.slow or any(isinstance(step, Hold) for step in self.script)


def _head(*lines: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode("latin-1")


def _answered(name: str, script: Script, status: int) -> Fault:
    return Fault(name, script, "status", After.ANSWER, After.ANSWER, status)


_SUCCESS = b'{"response": "Success"}'
_HALF = b'{"response": "Succ'
# Every process of the tests makes it, so it is made fast.
_BOMB = gzip.compress(b" " * (24 * 1024 * 1024), 1)
_PAGE = b"<!DOCTYPE html><html><head><title>Remedy SSO</title><body><form action='/rsso/login'>Log in</form>"
_CHUNKED = "Transfer-Encoding: chunked"
_ENDLESS_HEADER = Repeat(b"X-Filler: " + b"a" * 1000 + b"\r\n")

WIRE: tuple[Fault, ...] = (
    Fault("refused", (), "connect", After.UNREACHABLE, place="closed"),
    Fault("unresolvable", (), "connect", After.UNREACHABLE, place="unresolvable"),
    Fault("reset_before_the_answer", [Reset()], "before"),
    Fault("end_before_the_answer", [Close()], "before"),
    Fault("dripped_headers", [b"HTTP/1.1 200 OK\r\nX-Drip: ", Repeat(b"a", 0.05)], "head", slow=True),
    Fault("dripped_status_line", [Repeat(b"H", 0.05)], "head", slow=True),
    Fault("dripped_body", [_head("Content-Length: 5000"), Repeat(b" ", 0.05)], slow=True),
    Fault("dripped_chunks", [_head(_CHUNKED), Repeat(b"1\r\n \r\n", 0.05)], slow=True),
    Fault("silent", [Hold()], "before", slow=True),
    Fault("silent_after_the_head", [_head("Content-Length: 5"), Hold()], slow=True),
    Fault("ssh_banner", [b"SSH-2.0-OpenSSH_9.6\r\n", Hold()], "before", greeting=True),
    Fault("half_a_status_line", [b"HTTP/1.1 20", Close()], "head"),
    Fault("half_a_header", [b"HTTP/1.1 200 OK\r\nContent-Le", Close()], "head"),
    Fault("reset_in_the_body", [_head("Content-Length: 100"), _HALF, Reset()]),
    Fault("short_content_length", [_head("Content-Length: 100"), _SUCCESS, Close()]),
    Fault("cut_chunk", [_head(_CHUNKED), b"40\r\n" + _SUCCESS, Close()]),
    Fault("no_last_chunk", [_head(_CHUNKED), b"17\r\n" + _SUCCESS + b"\r\n", Close()]),
    Fault("bad_chunk", [_head(_CHUNKED), b"zz\r\n" + _SUCCESS + b"\r\n0\r\n\r\n"]),
    Fault("negative_chunk", [_head(_CHUNKED), b"-1\r\n" + _SUCCESS + b"\r\n0\r\n\r\n", Close()]),
    Fault("endless_chunk_line", [_head(_CHUNKED), b"1;", Repeat(b"a" * 1000)]),
    Fault("endless_trailer", [_head(_CHUNKED), b"2\r\n{}\r\n0\r\n", _ENDLESS_HEADER]),
    Fault(
        "half_json_without_length", [_head(), _HALF, Close()], "body", After.ANSWER, After.ANSWER, status=200
    ),
    Fault(
        "two_content_lengths", [_head("Content-Length: 23", "Content-Length: 5"), _SUCCESS, Close()], "head"
    ),
    Fault("content_length_no_number", [_head("Content-Length: lots"), _SUCCESS, Close()], "head"),
    Fault("content_length_negative", [_head("Content-Length: -23"), _SUCCESS, Close()], "head"),
    Fault("length_and_chunks", [_head("Content-Length: 23", _CHUNKED), _SUCCESS, Close()], "head"),
    Fault("unknown_transfer_coding", [_head("Transfer-Encoding: br, chunked"), b"0\r\n\r\n"], "head"),
    Fault("header_over_64_kb", [b"HTTP/1.1 200 OK\r\nX-Long: " + b"a" * 70000 + b"\r\n\r\n"], "head"),
    Fault("header_lines_over_64_kb", [b"HTTP/1.1 200 OK\r\n", _ENDLESS_HEADER], "head"),
    Fault("over_100_headers", [_head(*(f"X-{n}: 1" for n in range(101)), "Content-Length: 0")], "head"),
    Fault("header_without_colon", [_head("Content-Length 5"), b"12345", Close()], "head"),
    Fault("continue_flood", [Repeat(b"HTTP/1.1 100 Continue\r\n\r\n")], "head"),
    Fault("dripped_continues", [Repeat(b"HTTP/1.1 100 Continue\r\n\r\n", 0.05)], "head", slow=True),
    Fault("switching_protocols", [_head(status="101 Switching Protocols")], "head"),
    Fault("status_of_two_digits", [_head("Content-Length: 0", status="20 OK")], "head"),
    Fault("http_2", [b"HTTP/2 200\r\n\r\n", Close()], "head"),
    Fault("bad_gzip", [_head("Content-Encoding: gzip", "Content-Length: 23"), _SUCCESS]),
    Fault(
        "cut_gzip",
        [_head("Content-Encoding: gzip", "Content-Length: 20"), gzip.compress(_SUCCESS * 9)[:20]],
    ),
    Fault("gzip_bomb", [_head("Content-Encoding: gzip", f"Content-Length: {len(_BOMB)}"), _BOMB]),
    Fault("unknown_content_encoding", [_head("Content-Encoding: br", "Content-Length: 23"), _SUCCESS]),
    Fault("endless_body", [_head(), Repeat(b" " * 65536)]),
    Fault("endless_chunks", [_head(_CHUNKED), Repeat(b"10000\r\n" + b" " * 65536 + b"\r\n")]),
    Fault("huge_content_length", [_head("Content-Length: 99999999999"), _SUCCESS, Hold()]),
    _answered("status_999", [_head("Content-Length: 0", status="999 What")], 999),
    _answered(
        "escape_in_the_reason", [_head("Content-Length: 0", status="500 \x1b]0;owned\x07\x1b[31m")], 500
    ),
    _answered(
        "status_204_with_a_body", [_head("Content-Length: 23", status="204 No Content"), _SUCCESS], 204
    ),
    _answered("status_204_with_loose_bytes", [_head(status="204 No Content") + _SUCCESS], 204),
    _answered("status_202", [answer(202, _SUCCESS, reason="Accepted")], 202),
    Fault("early_hints", [_head("Link: </x>", status="103 Early Hints"), answer(200, _SUCCESS)], "head"),
    _answered("error_with_endless_body", [_head(status="500 Oh"), Repeat(b" " * 65536)], 500),
    Fault("status_502", [answer(502, _PAGE, reason="Bad Gateway")], "status", read=After.ANSWER, status=502),
    Fault("status_504", [answer(504, _PAGE, reason="Timeout")], "status", read=After.ANSWER, status=504),
    _answered("status_503", [answer(503, _PAGE, reason="Busy")], 503),
    _answered("status_503_retry_after_100000", [answer(503, headers={"Retry-After": "100000"})], 503),
    _answered("status_503_retry_after_bogus", [answer(503, headers={"Retry-After": "soon\x1b[2J"})], 503),
    _answered(
        "status_503_retry_after_date",
        [answer(503, headers={"Retry-After": "Fri, 31 Dec 2099 23:59:59 GMT"})],
        503,
    ),
    _answered("status_429", [answer(429, headers={"Retry-After": "0"})], 429),
)


def _body(name: str, body: bytes, content_type: str = "application/json", status: int = 200) -> Fault:
    return _answered(name, [answer(status, body, {"Content-Type": content_type})], status)


BODIES: tuple[Fault, ...] = (
    _body("body_empty", b""),
    _body("body_blank", b" \r\n\t "),
    _body("body_html", _PAGE, "text/html"),
    _body("body_html_called_json", _PAGE),
    _body("body_null", b"null"),
    _body("body_list", b"[1, 2, 3]"),
    _body("body_string", b'"Success"'),
    _body("body_number", b"1"),
    _body("body_failure", b'{"response": "Failure"}'),
    _body("body_duplicate_keys", b'{"response": "Failure", "response": "Success"}'),
    _body("body_byte_order_mark", b"\xef\xbb\xbf" + _SUCCESS),
    _body("body_utf_16", _SUCCESS.decode().encode("utf-16")),
    _body("body_latin_1", b'{"response": "Erfolg \xfc"}', "application/json; charset=ISO-8859-1"),
    _body("body_bad_charset", _SUCCESS, "application/json; charset=no-such-thing"),
    _body("body_lone_surrogate", b'{"response": "\\ud800"}'),
    _body("body_lone_surrogate_bytes", b'{"response": "\xed\xa0\x80"}'),
    _body("body_5000_digits", b'{"response": ' + b"9" * 5000 + b"}"),
    _body("body_float_too_large", b'{"response": 1e999}'),
    _body("body_deeply_nested", b"[" * 100_000),
    _body("body_deeply_nested_objects", b'{"a":' * 100_000),
    _body("body_nan", b'{"response": NaN}'),
    _body("body_infinity", b"-Infinity"),
    _body("body_nul_bytes", b"\0" * 100),
    _body("body_trailing_text", _SUCCESS + b" and more"),
    _body(
        "body_escape_in_an_error",
        json.dumps({"message": "\x1b]0;owned\x07\u202eno\x9b31m"}).encode(),
        status=400,
    ),
)

_TARGETS = {
    "other_host": "https://elsewhere.invalid/baocdp/rest/peer/AP1/stop",
    "other_port": "http://127.0.0.1:9/baocdp/rest/peer/AP1/stop",
    "scheme_down": "http://elsewhere.invalid/x",
    "user_info": "http://user:hunter2@elsewhere.invalid/x?ticket=hunter2#hunter2",
    "loop": "/baocdp/rest/peer/AP1/stop",
    "half_an_address": "http://[",
    "file": "file:///etc/passwd",
    "escape": "http://x\x1b[31m\x9b/\xe2\x80\xae",
    "empty": "",
    "missing": None,
}


def _redirect(status: int, name: str, target: str | None, after: After = After.REDIRECT) -> Fault:
    headers = {} if target is None else {"Location": target}
    script = [answer(status, headers=headers, reason="Elsewhere")]
    return Fault(f"redirect_{status}_{name}", script, "status", after, after, status)


REDIRECTS: tuple[Fault, ...] = (
    *(
        _redirect(status, name, target)
        for status, (name, target) in product((300, 301, 302, 303, 304, 305, 307, 308, 399), _TARGETS.items())
    ),
    _redirect(302, "sso", "https://sso.example.com/rsso/start?goto=secret-ticket", After.SSO),
    _redirect(302, "login", "/baocdp/login.jsp;jsessionid=0123", After.SSO),
    _redirect(303, "saml", "https://idp.example.com/saml2/POST?SAMLRequest=abcdef", After.SSO),
)


def by_name(name: str) -> Fault:
    """Return a fault of the catalogue."""
    return next(fault for fault in (*WIRE, *BODIES, *REDIRECTS) if fault.name == name)
