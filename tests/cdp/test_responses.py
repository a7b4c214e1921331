"""What answers mean: statuses, bodies, tokens."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from urllib3 import HTTPHeaderDict

from cdpctl.cdp import calls
from cdpctl.cdp.calls import change_call
from cdpctl.cdp.responses import (
    check_accepted,
    error_from_response,
    error_text,
    read_peer,
    read_peer_list,
    read_token,
    read_value,
)
from cdpctl.errors import (
    AuthError,
    CdpctlError,
    ForbiddenError,
    LostAnswerError,
    NotFoundError,
    RejectedError,
    SsoError,
    TokenRefusedError,
    UnclearAnswerError,
    UnreachableError,
)
from cdpctl.transport.response import Response
from tests.support.strategies import SAME, bodies, end_of

_STOP = change_call("stop", "AP1")
_PAGE = b"<!DOCTYPE html><title>Remedy SSO</title><form action='/rsso/login'>"


def response(status: int = 200, body: bytes = b"", *headers: tuple[str, str]) -> Response:
    return Response(status, HTTPHeaderDict(list(headers)), body)


@pytest.mark.parametrize(
    ("status", "of_read", "of_change"),
    [
        (302, UnclearAnswerError, UnclearAnswerError),
        (400, RejectedError, RejectedError),
        (401, TokenRefusedError, TokenRefusedError),
        (403, ForbiddenError, ForbiddenError),
        (404, NotFoundError, NotFoundError),
        (405, RejectedError, RejectedError),
        (418, RejectedError, RejectedError),
        (500, RejectedError, RejectedError),
        (502, UnreachableError, LostAnswerError),
        (503, UnreachableError, RejectedError),
        (504, UnreachableError, LostAnswerError),
        (999, UnclearAnswerError, UnclearAnswerError),
    ],
)
def test_status_has_one_meaning_for_every_call(
    status: int, of_read: type[CdpctlError], of_change: type[CdpctlError]
) -> None:
    for call in (calls.LIST_PEERS, calls.LIST_PEER_INFO, calls.get_peer_call("AP1"), calls.LOGOUT):
        error = error_from_response(response(status), call)
        assert (type(error), error.http_status) == (of_read, status)
    for call in (_STOP, calls.delete_call("AP1"), calls.update_call([{"name": "AP1"}])):
        error = error_from_response(response(status), call)
        assert (type(error), error.http_status) == (of_change, status)


@pytest.mark.parametrize("status", [200, 202, 204])
@pytest.mark.parametrize(
    "body", [b"", b" ", b"null", b"{}", b'{"response": "Success"}', b'{"response":"accepted"}', b'"Success"']
)
def test_change_is_accepted_with_or_without_a_body(status: int, body: bytes) -> None:
    assert check_accepted(response(status, body), _STOP).http_status == status


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"response": "Failure"}', RejectedError),
        (b'{"response": false}', RejectedError),
        (b'{"status": "fine"}', UnclearAnswerError),
        (b'{"response": "Success", "response": "Failure"}', UnclearAnswerError),
        (b"[]", UnclearAnswerError),
        (b"{", UnclearAnswerError),
        (_PAGE, SsoError),
        (b"<html>nginx</html>", RejectedError),
    ],
)
def test_change_is_not_accepted_where_the_body_does_not_say_so(body: bytes, error: type[CdpctlError]) -> None:
    with pytest.raises(error) as caught:
        check_accepted(response(200, body), _STOP)
    assert type(caught.value) is error
    assert "stop AP1" in str(caught.value)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"message": "no such peer"}', "no such peer"),
        (b'{"message": " ", "error": "why"}', "why"),
        (b'"plain"', "plain"),
        (b'{"message": 1}', ""),
        (b"<html>no</html>", ""),
        (b"{", ""),
        (b"", ""),
        (json.dumps("x" * 1000).encode(), "x" * 297 + "..."),
    ],
)
def test_error_is_told_in_the_words_of_the_server(body: bytes, text: str) -> None:
    assert error_text(response(500, body)) == text


@pytest.mark.parametrize(
    ("body", "names", "nameless"),
    [
        (b'{"peerInfoList": [{"name": "a"}, {"name": "b"}, {"name": "a"}]}', ["a", "b", "a"], 0),
        (b'{"peerInfoList": {"name": "a"}}', ["a"], 0),
        (b'{"peerInfoList": null}', [], 0),
        (b'[{"name": "a"}, {"name": ""}, {}, 1, null]', ["a"], 4),
        (b'{"name": "a"}', ["a"], 0),
        (b"[]", [], 0),
    ],
)
def test_list_of_peers_is_read_in_every_shape(body: bytes, names: list[str], nameless: int) -> None:
    found = read_peer_list(response(200, body), calls.LIST_PEER_INFO)
    assert ([peer.name for peer in found.peers], found.nameless) == (names, nameless)


@pytest.mark.parametrize("body", [b"null", b"1", b'"a"', b"{}", b'{"peerInfoList": "a"}', b"<html>", b""])
def test_answer_that_lists_no_peers_is_an_error(body: bytes) -> None:
    with pytest.raises(RejectedError, match="reading the peers"):
        read_peer_list(response(200, body), calls.LIST_PEERS)


def test_one_peer_is_an_object_or_the_only_one_of_a_list() -> None:
    call = calls.get_peer_call("AP1")
    for body in (b'{"name": "AP1"}', b'[{"name": "AP1"}]'):
        assert read_peer(response(200, body), call) == {"name": "AP1"}
    for body in (b"null", b"[]"):
        with pytest.raises(NotFoundError):
            read_peer(response(200, body), call)
    for body in (b"1", b'[{"name": "AP1"}, {"name": "AP2"}]'):
        with pytest.raises(UnclearAnswerError):
            read_peer(response(200, body), call)


def test_value_is_read_from_a_200_only() -> None:
    assert read_value(response(200, b'{"a": [1]}'), calls.LIST_PEERS) == {"a": [1]}
    with pytest.raises(UnclearAnswerError):
        read_value(response(204), calls.LIST_PEERS)


def _token(answer: Response) -> str:
    return read_token(answer, calls.login_call("ann", "x"), "Authentication-Token", "cdp:38080")


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
        (response(503), UnreachableError),
        (response(404), NotFoundError),
    ],
)
def test_login_without_one_token_is_refused(answer: Response, error: type[CdpctlError]) -> None:
    with pytest.raises(error):
        _token(answer)


@SAME
@given(
    bodies,
    st.sampled_from([200, 202, 204, 400, 401, 403, 404, 500, 999]),
    st.sampled_from([None, "text/html", "\x1b"]),
)
def test_answer_of_any_body_is_accepted_or_a_known_error(body: bytes, status: int, kind: str | None) -> None:
    answer = Response(status, HTTPHeaderDict([] if kind is None else [("Content-Type", kind)]), body)
    receipt, error = end_of(lambda: check_accepted(answer, change_call("stop", "AP1")))
    assert error is not None or (receipt is not None and receipt.http_status in (200, 202, 204))
