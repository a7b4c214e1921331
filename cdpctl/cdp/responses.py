"""What answers mean: one table of statuses for all calls, and functions that read the bodies.

`login.py` reads the answers to logins.
"""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, NamedTuple

from cdpctl.cdp.bodies import decode_json, looks_like_html
from cdpctl.cdp.calls import Call
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
from cdpctl.peers.models import Peer
from cdpctl.text import command_line, printable, quoted

if TYPE_CHECKING:
    # For type hints only: the help of a command must not load requests.
    from cdpctl.transport.response import Response

#: The statuses that mean success. The documentation does not say which one each version uses.
SUCCESS = (200, 202, 204)
#: Answers to a path that this version does not serve. 501 comes from some application servers.
NOT_SERVED = (404, 405, 501)
_MOST_TEXT = 300
_SIGN_ON_WORDS = ("sso", "login", "log in", "sign in", "sign-in", "signin", "password", "saml")
_BEHIND = "the CDP behind it is not responding"


class _Meaning(NamedTuple):
    """What a status means.

    Attributes:
        message: as the vendor documents it, or HTTP's own reason.
        error: the error to raise.
        error_of_change: the error of a call that may change a peer, if it is a different one.
        hint: what to do.
    """

    message: str
    error: type[CdpctlError] = RejectedError
    error_of_change: type[CdpctlError] | None = None
    hint: str | None = None


_MEANINGS = {
    400: _Meaning("Bad request"),
    401: _Meaning("Unauthorized", TokenRefusedError),
    403: _Meaning("Forbidden", ForbiddenError, hint="this user lacks a permission, such as Grid Management"),
    404: _Meaning("Not Found", NotFoundError),
    # After a 502 or 504 the CDP may have got the request. A gateway that answers 503 did not pass it on.
    502: _Meaning(_BEHIND, UnreachableError, LostAnswerError),
    503: _Meaning(_BEHIND, UnreachableError, RejectedError),
    504: _Meaning(_BEHIND, UnreachableError, LostAnswerError),
}


class Accepted(NamedTuple):
    """The CDP accepted a request, which does not mean that it is done."""

    http_status: int
    message: str


class PeerList(NamedTuple):
    """The peers in one answer.

    Attributes:
        peers: every entry with a name, in the order of the answer. A name may appear more than once.
        nameless: how many entries were left out because they had no usable name.
    """

    peers: tuple[Peer, ...]
    nameless: int = 0


def error_text(answer: "Response") -> str:
    """Return the error text in the body, safe to print. HTML and unreadable bodies have none."""
    if not answer.body or looks_like_html(answer.body, answer.headers.get("Content-Type")):
        return ""
    try:
        value = decode_json(answer.body, reject_duplicates=False)
    except UnclearAnswerError:
        return ""
    if isinstance(value, Mapping):
        keys = ("message", "error", "errorMessage", "response", "description")
        value = next((text for key in keys if isinstance(text := value.get(key), str) and text.strip()), None)
    return printable(value.strip(), _MOST_TEXT) if isinstance(value, str) else ""


def status_message(status: int, said: str = "") -> str:
    """Return the message for a status, followed by the CDP's own text."""
    meaning = _MEANINGS.get(status)
    words = meaning.message if meaning is not None else _reason(status)
    return f"{words}: {said}" if said and said.lower() != words.lower() else words


def _reason(status: int) -> str:
    """Return HTTP's own reason for a status. A server may send any number, and any reason."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "unknown status"


def error_from_response(answer: "Response", call: Call) -> CdpctlError:
    """Return the error for an answer.

    Args:
        answer: any answer that is not a success.
        call: the call it answers.
    """
    status = answer.status
    if not 400 <= status < 600:
        return UnclearAnswerError(
            f"{call.what}: the CDP answered status {status}, which is not documented", http_status=status
        )
    meaning = _MEANINGS.get(status) or _Meaning("")
    error, hint = meaning.error, meaning.hint
    if call.changes_grid and meaning.error_of_change is not None:
        error = meaning.error_of_change
    if error is TokenRefusedError:
        return error(f"{call.what}: the CDP refused the token (401)", http_status=status)
    if error is UnreachableError:
        hint = command_line.to_doctor
    elif error is LostAnswerError:
        hint = f"check before you retry: {command_line('peer list')}"
    if meaning.message is _BEHIND:
        return error(f"{call.what}: the server answered {status}: {_BEHIND}", hint=hint, http_status=status)
    message = status_message(status, error_text(answer))
    return error(f"{call.what}: {message} ({status})", hint=hint, http_status=status)


def html_error(answer: "Response", what: str) -> CdpctlError:
    """Return the error for an HTML page with a success status. Most are login pages."""
    page = answer.body[:20_000].decode("latin-1").lower()
    if any(word in page for word in _SIGN_ON_WORDS):
        return SsoError(
            f"{what}: got a login page instead of an answer (status {answer.status})",
            hint="there is a single sign-on in front of the CDP: use the CDP's own host and port; "
            "-vv shows what answers",
            http_status=answer.status,
        )
    return RejectedError(
        f"{what}: got an HTML page instead of an answer (status {answer.status})",
        hint="this is not a CDP; -vv shows what answers",
        http_status=answer.status,
    )


def check_accepted(answer: "Response", call: Call) -> Accepted:
    """Check that an answer to a change means accepted.

    200, 202 and 204 do, unless the body has a `response` that is not a success. Any other body is unclear.

    Raises:
        CdpctlError: the error for the status, or for the `response` in the body.
        UnclearAnswerError: a success status with a body that is not documented.
    """
    if answer.status not in SUCCESS:
        raise error_from_response(answer, call)
    accepted = Accepted(answer.status, "Accepted")
    if answer.status == 204 or not answer.body.strip():
        return accepted
    value = _json_value(answer, call)
    response = value.get("response") if isinstance(value, Mapping) else value
    if value in (None, {}) or (
        isinstance(response, str) and response.strip().lower() in ("success", "accepted")
    ):
        return accepted
    if isinstance(value, Mapping) and "response" in value:
        said = response if isinstance(response, str) else json.dumps(response)
        raise RejectedError(
            f"{call.what}: the CDP answered {quoted(said, 200)} (status {answer.status})",
            http_status=answer.status,
        )
    raise UnclearAnswerError(
        f"{call.what}: unclear answer: status {answer.status} with an undocumented body",
        http_status=answer.status,
    )


def read_value(answer: "Response", call: Call) -> Any:
    """Return the JSON value in the answer to a read. It may be None, for `null`.

    Raises:
        CdpctlError: the error for the status.
        UnclearAnswerError: the body is not JSON.
    """
    if answer.status != 200:
        raise error_from_response(answer, call)
    return _json_value(answer, call)


def _json_value(answer: "Response", call: Call) -> Any:
    if looks_like_html(answer.body, answer.headers.get("Content-Type")):
        raise html_error(answer, call.what)
    try:
        # Of two values for one key the second may hide the first: that a peer is a CDP, or a failure.
        return decode_json(answer.body, reject_duplicates=True)
    except UnclearAnswerError as error:
        message = f"{call.what}: {error.message}"
        hint = "-vv shows what answers"
        raise UnclearAnswerError(message, hint=hint, http_status=answer.status) from None


def read_peer_list(answer: "Response", call: Call) -> PeerList:
    """Return the peers in the answer to either read of the grid.

    Old Java mappers write a list of one as an object, and an empty list as null or an empty text.

    Raises:
        CdpctlError: the answer is an error, or does not list peers.
    """
    value = read_value(answer, call)
    if isinstance(value, Mapping) and "peerInfoList" in value:
        entries = value["peerInfoList"]
        entries = [] if entries in (None, "", {}) else entries
    elif value is None:
        raise UnclearAnswerError(f"{call.what}: the answer is null", http_status=200)
    else:
        entries = value
    if isinstance(entries, Mapping) and "name" in entries:
        entries = [entries]
    if not isinstance(entries, list):
        raise UnclearAnswerError(
            f"{call.what}: the answer to GET {call.path} is not a list of peers",
            hint="-vvv shows the answer",
            http_status=200,
        )
    peers = tuple(
        Peer.from_wire(entry)
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and entry["name"]
    )
    return PeerList(peers, len(entries) - len(peers))


def read_peer(answer: "Response", call: Call) -> Mapping[str, Any]:
    """Return the one peer in an answer: an object, or an array of one.

    Raises:
        NotFoundError: there is no such peer.
        CdpctlError: the answer is some other error, or not a peer.
    """
    value = read_value(answer, call)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None or value == []:
        raise NotFoundError(f"{call.what}: the CDP has no such peer", http_status=404)
    if not isinstance(value, Mapping):
        raise UnclearAnswerError(f"{call.what}: the answer is not a peer", http_status=200)
    return value
