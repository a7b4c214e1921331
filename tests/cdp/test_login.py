"""The answers to logins."""

import pytest

from cdpctl.cdp.calls import login_call
from cdpctl.cdp.login import read_token
from cdpctl.errors import AuthError, CdpctlError, NotFoundError, SsoError, UnreachableError
from cdpctl.redact import redactor
from cdpctl.transport.response import Response
from tests.cdp.test_responses import response

_PAGE = b"<!DOCTYPE html><title>Remedy SSO</title><form action='/rsso/login'>"


def _token(answer: Response) -> str:
    return read_token(answer, login_call("ann", "x"), "cdp:38080")


@pytest.mark.parametrize("body", [b'{"login": "true"}', b"", b"{", b"[]"])
def test_header_of_a_login_is_what_counts(body: bytes) -> None:
    assert _token(response(200, body, ("authentication-token", " abc/+=. "))) == "abc/+=."


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (response(401), AuthError),
        (response(403), AuthError),
        (response(400), AuthError),
        (response(200), AuthError),
        (response(200, b"", ("Authentication-Token", "")), AuthError),
        (response(200, b"", ("Authentication-Token", "one"), ("Authentication-Token", "two")), AuthError),
        (response(200, b'{"login": "false"}', ("Authentication-Token", "one")), AuthError),
        (response(200, b'{"login": false}', ("Authentication-Token", "one")), AuthError),
        (response(200, _PAGE, ("Authentication-Token", "one")), SsoError),
        (
            response(200, b"Log in", ("Content-Type", "text/html"), ("Authentication-Token", "one")),
            SsoError,
        ),
        (response(503), UnreachableError),
        (response(404), NotFoundError),
    ],
)
def test_login_without_one_token_is_refused(answer: Response, error: type[CdpctlError]) -> None:
    with pytest.raises(error):
        _token(answer)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_token_is_taken_from_every_success_and_masked(status: int) -> None:
    twice = ("Authentication-Token", "token-of-login"), ("authentication-token", " token-of-login ")
    assert _token(response(status, b"", *twice)) == "token-of-login"
    assert redactor.mask("token-of-login") == "*****"


@pytest.mark.parametrize(
    ("answer", "said", "status"),
    [
        (response(401), "wrong user name or password", 401),
        (response(200, b'{"login": " FALSE "}', ("Authentication-Token", "one")), "wrong user name", 200),
        (response(204), "no token", 204),
        (response(200, b"", ("Authentication-Token", " ")), "no token", 200),
        (
            response(202, b"", ("Authentication-Token", "one"), ("Authentication-Token", "two")),
            "several tokens",
            202,
        ),
    ],
)
def test_login_that_gives_no_token_says_why(answer: Response, said: str, status: int) -> None:
    with pytest.raises(AuthError, match="cannot log in to cdp:38080") as caught:
        _token(answer)
    assert said in caught.value.message
    assert caught.value.http_status == status


@pytest.mark.parametrize("body", [b'{"login": "true"}', b'{"login": true}', b'{"login": null}', b'"false"'])
def test_login_is_refused_by_a_false_alone(body: bytes) -> None:
    assert _token(response(200, body, ("Authentication-Token", "one"))) == "one"
