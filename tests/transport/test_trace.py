"""What `-vvv` shows: everything but secrets."""

from hypothesis import given

from cdpctl.redact import redactor
from cdpctl.transport.trace import traced
from tests.support.strategies import MANY, bodies


def test_request_is_shown_without_its_secrets() -> None:
    headers = {"Authentication-Token": "t0ken", "X": "\x1b", "SET-COOKIE": "t0ken"}
    text = traced(">", "POST /rest/login", headers, b'{"password": "pw-1\\"2"}')
    assert text.splitlines() == [
        "> POST /rest/login",
        "> Authentication-Token: *****",
        "> X: \\x1b",
        "> SET-COOKIE: *****",
        "> ",
        '> {"password": "*****"}',
    ]


def test_long_body_is_cut_and_a_secret_at_the_cut_is_masked_whole() -> None:
    token = "trace-token-" + "x9" * 200
    redactor.add(token)
    body = b" " * 3900 + b'"' + token.encode() + b'"' + b"y" * 500
    text = traced("<", "200", {"Set-Cookie": token}, body)
    assert "trace-token" not in text
    assert "x9x9" not in text
    assert f"... {len(body)} bytes in all" in text


@MANY
@given(bodies)
def test_trace_of_any_bytes_is_fit_to_be_shown(body: bytes) -> None:
    shown = traced("<", "200", {"X-Odd\x1b": "\x9b31m"}, body)
    assert all(line.isprintable() for line in shown.split("\n"))
