"""The meaning of answers: statuses and bodies."""

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
    read_value,
)
from cdpctl.errors import (
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
from tests.support.strategies import MANY, bodies, end_of

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
        (599, RejectedError, RejectedError),
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
        (b"7", UnclearAnswerError),
        (b'"no response"', UnclearAnswerError),
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
        (b'{"peerInfoList": ""}', [], 0),
        (b'{"peerInfoList": {}}', [], 0),
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


@pytest.mark.parametrize("key", ["message", "error", "errorMessage", "response", "description"])
def test_text_of_an_error_is_found_under_every_known_key(key: str) -> None:
    assert error_text(response(500, json.dumps({"code": 7, key: " no memory "}).encode())) == "no memory"
    assert error_text(response(500, json.dumps({f"{key}s": "no memory"}).encode())) == ""


def test_text_of_an_error_is_that_of_the_first_key() -> None:
    body = b'{"description": "5", "response": "4", "errorMessage": "3", "error": "2", "message": "1"}'
    assert error_text(response(500, body)) == "1"
    assert error_text(response(500, b'"<p>"', ("Content-Type", "text/html"))) == "<p>"
    assert error_text(response(500, b"<p>no</p>", ("Content-Type", "text/html"))) == ""


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (500, b"", "stop AP1: Internal Server Error (500)"),
        (500, b'{"message": "no memory"}', "stop AP1: Internal Server Error: no memory (500)"),
        (500, b'{"message": "internal server ERROR"}', "stop AP1: Internal Server Error (500)"),
        (400, b"", "stop AP1: Bad request (400)"),
        (403, b"", "stop AP1: Forbidden (403)"),
        (404, b"", "stop AP1: Not Found (404)"),
        (405, b"", "stop AP1: Method Not Allowed (405)"),
        (501, b"", "stop AP1: Not Implemented (501)"),
        (503, b'{"message": "x"}', "stop AP1: the server answered 503: the CDP behind it is not responding"),
    ],
)
def test_error_has_the_words_of_its_status_and_those_of_the_server(
    status: int, body: bytes, message: str
) -> None:
    assert error_from_response(response(status, body), _STOP).message == message


@pytest.mark.parametrize("status", [199, 300, 399, 600])
def test_status_that_http_does_not_have_is_neither_yes_nor_no(status: int) -> None:
    assert isinstance(error_from_response(response(status), _STOP), UnclearAnswerError)


def test_error_says_what_to_do() -> None:
    def hint(status: int, call: calls.Call) -> str | None:
        return error_from_response(response(status), call).hint

    assert "permission" in (hint(403, _STOP) or "")
    for status in (502, 503, 504):
        assert (hint(status, calls.LIST_PEERS) or "").endswith("cdpctl doctor")
    for status in (502, 504):
        assert (hint(status, _STOP) or "").endswith("cdpctl peer list")
    assert hint(500, _STOP) is None


@pytest.mark.parametrize(
    "words", ["Remedy SSO", "Login", "Log in", "Sign in", "sign-in", "SIGNIN", "your password", "SAML"]
)
def test_page_of_a_sign_on_is_told_by_any_of_its_words(words: str) -> None:
    page = b"<html>" + b"x" * (19_990 - len(words)) + words.encode() + b"</html>"
    with pytest.raises(SsoError) as caught:
        read_value(response(200, page), calls.LIST_PEERS)
    assert (caught.value.http_status, bool(caught.value.hint)) == (200, True)
    with pytest.raises(RejectedError) as rejected:
        read_value(response(200, b"<html>" + b"x" * 20_000 + words.encode()), calls.LIST_PEERS)
    assert (type(rejected.value), rejected.value.http_status) == (RejectedError, 200)


def test_page_is_told_by_its_type_too() -> None:
    kind = ("Content-Type", "text/html; charset=utf-8")
    with pytest.raises(SsoError):
        read_value(response(200, b"Please log in", kind), calls.LIST_PEERS)


@pytest.mark.parametrize("status", [200, 202])
@pytest.mark.parametrize("body", [b'{"response": "no"}', b'{"status": "?"}', b"{", b"<html>login", b"<html>"])
def test_answer_that_is_no_success_keeps_its_status(status: int, body: bytes) -> None:
    with pytest.raises(CdpctlError) as caught:
        check_accepted(response(status, body), _STOP)
    assert caught.value.http_status == status


def test_body_of_a_204_says_nothing_and_one_in_html_is_no_success() -> None:
    assert check_accepted(response(204, b'{"response": "Failure"}'), _STOP).http_status == 204
    with pytest.raises(RejectedError, match="HTML"):
        check_accepted(response(200, b"Success", ("Content-Type", "text/html")), _STOP)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("no memory", "'no memory'"),
        (False, "'false'"),
        ({"a": 1}, '{"a": 1}'),
        ("x" * 300, "x" * 197 + "..."),
    ],
)
def test_refusal_in_a_body_is_quoted(value: object, said: str) -> None:
    with pytest.raises(RejectedError) as caught:
        check_accepted(response(200, json.dumps({"response": value}).encode()), _STOP)
    assert said in caught.value.message


@pytest.mark.parametrize("value", [" SUCCESS ", "accepted"])
@pytest.mark.parametrize("bare", [False, True])
def test_success_is_read_without_regard_to_case_and_blanks(value: str, bare: bool) -> None:
    body = json.dumps(value if bare else {"response": value, "more": 1}).encode()
    assert check_accepted(response(202, body), _STOP) == (202, "Accepted")


@pytest.mark.parametrize("status", [201, 202, 204, 206])
def test_list_is_read_from_a_200_only(status: int) -> None:
    with pytest.raises(UnclearAnswerError) as caught:
        read_peer_list(response(status, b"[]"), calls.LIST_PEERS)
    assert caught.value.http_status == status


@pytest.mark.parametrize("body", [b"{", b"null", b"7", b"<html>login</html>"])
def test_read_that_cannot_be_understood_is_an_error_with_its_status(body: bytes) -> None:
    with pytest.raises(CdpctlError) as caught:
        read_peer_list(response(200, body), calls.LIST_PEERS)
    assert caught.value.http_status == 200
    with pytest.raises(CdpctlError) as caught:
        read_peer(response(200, body), calls.get_peer_call("AP1"))
    assert caught.value.http_status == (404 if body == b"null" else 200)


def test_peers_are_those_with_a_name_that_is_text() -> None:
    body = b'{"peerInfoList": [{"name": "a", "type": "CDP"}, {"name": 7}, {"name": null}, ["name"], "name"]}'
    found = read_peer_list(response(200, body), calls.LIST_PEER_INFO)
    assert ([(peer.name, peer.type) for peer in found.peers], found.nameless) == ([("a", "CDP")], 4)


@MANY
@given(
    bodies,
    st.sampled_from([200, 202, 204, 400, 401, 403, 404, 500, 999]),
    st.sampled_from([None, "text/html", "\x1b"]),
)
def test_answer_of_any_body_is_accepted_or_a_known_error(body: bytes, status: int, kind: str | None) -> None:
    answer = Response(status, HTTPHeaderDict([] if kind is None else [("Content-Type", kind)]), body)
    receipt, error = end_of(lambda: check_accepted(answer, change_call("stop", "AP1")))
    assert error is not None or (receipt is not None and receipt.http_status in (200, 202, 204))


@pytest.mark.parametrize(
    ("status", "words"),
    [(409, "Conflict"), (429, "Too Many Requests"), (404, "Not Found"), (499, "unknown status")],
)
def test_status_is_told_in_words(status: int, words: str) -> None:
    error = error_from_response(response(status), calls.LIST_PEERS)
    assert error.message == f"{calls.LIST_PEERS.what}: {words} ({status})"
