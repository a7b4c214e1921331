"""What `-vvv` shows: everything but secrets."""

from cdpctl.redact import redactor
from cdpctl.transport.trace import answer_text, request_text


def test_request_is_shown_without_its_secrets() -> None:
    text = request_text(
        "POST", "/rest/login", {"Authentication-Token": "t0ken", "X": "\x1b"}, b'{"password": "pw-1\\"2"}'
    )
    assert text.splitlines() == [
        "> POST /rest/login",
        "> Authentication-Token: *****",
        "> X: \\x1b",
        "> ",
        '> {"password": "*****"}',
    ]


def test_long_body_is_cut_and_a_secret_at_the_cut_is_masked_whole() -> None:
    token = "trace-token-" + "x9" * 200
    redactor.add(token)
    body = b" " * 3900 + b'"' + token.encode() + b'"' + b"y" * 500
    text = answer_text(200, [("Set-Cookie", token)], body)
    assert "trace-token" not in text
    assert "x9x9" not in text
    assert f"... {len(body)} bytes in all" in text
