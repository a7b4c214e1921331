"""What an answer means: one table of statuses for every call, and the bodies that calls answer with."""

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

from cdpctl.cdp.bodies import decode_json, looks_like_html
from cdpctl.cdp.calls import Call
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
from cdpctl.peers.models import Peer
from cdpctl.redact import redactor
from cdpctl.text import command_line, printable, quoted

if TYPE_CHECKING:
    # Typed by it and no more: help of a command must not load requests.
    from cdpctl.transport.response import Response

#: The statuses that mean success. Which one a version answers with is not documented for every call.
SUCCESS = (200, 202, 204)
#: What a version answers to a path that it does not have: 404 and 405, 501 from some application servers.
NOT_SERVED = (404, 405, 501)
_MOST_TEXT = 300
_SIGN_ON_WORDS = ("sso", "login", "log in", "sign in", "sign-in", "signin", "password", "saml")
_BEHIND = "the CDP behind it is not responding"


class _Meaning(NamedTuple):
    """What a status stands for.

    Attributes:
        message: as the vendor's page has it, or in the words of HTTP.
        error: to a read.
        error_of_change: to a call that may change a peer, where that is another one.
        hint: what to do.
    """

    message: str
    error: type[CdpctlError] = RejectedError
    error_of_change: type[CdpctlError] | None = None
    hint: str | None = None


_MEANINGS = {
    400: _Meaning("Bad request"),
    401: _Meaning("Unauthorized", TokenRefusedError),
    403: _Meaning(
        "Forbidden", ForbiddenError, hint="this user lacks the permission, Grid Management perhaps"
    ),
    404: _Meaning("Not Found", NotFoundError),
    405: _Meaning("Method Not Allowed"),
    500: _Meaning("Internal Server Error"),
    501: _Meaning("Not Implemented"),
    # A gateway that gave up on the CDP does not know what the CDP did. One that answers 503 did not try.
    502: _Meaning(_BEHIND, UnreachableError, LostAnswerError),
    503: _Meaning(_BEHIND, UnreachableError, RejectedError),
    504: _Meaning(_BEHIND, UnreachableError, LostAnswerError),
}


class Accepted(NamedTuple):
    """The CDP took a request: accepted, which is not done."""

    http_status: int
    message: str


class PeerList(NamedTuple):
    """One read of the grid's peers.

    Attributes:
        peers: every entry with a name, in the order of the answer; a name may stand more than once.
        nameless: how many entries had no usable name and were left out.
    """

    peers: tuple[Peer, ...]
    nameless: int = 0


def error_text(answer: "Response") -> str:
    """Return what the body says of an error, fit to be shown; HTML and the unreadable say nothing."""
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
    """Return the message of a status, with what the CDP said of it."""
    meaning = _MEANINGS.get(status)
    words = meaning.message if meaning is not None else f"status {status}"
    return f"{words}: {said}" if said and said.lower() != words.lower() else words


def error_from_response(answer: "Response", call: Call) -> CdpctlError:
    """Return the error that an answer stands for, the same for every call.

    Args:
        answer: anything but a success.
        call: that it answers.
    """
    status = answer.status
    meaning = _MEANINGS.get(status)
    if meaning is None and not 400 <= status < 600:
        return UnclearAnswerError(
            f"{call.what}: the CDP answered status {status}, which is not documented", http_status=status
        )
    meaning = meaning or _Meaning("")
    error, hint = meaning.error, meaning.hint
    if call.changes_grid and meaning.error_of_change is not None:
        error = meaning.error_of_change
    if error is TokenRefusedError:
        return error(f"{call.what}: the CDP refused the token (401)", http_status=status)
    if error is UnreachableError:
        hint = f"to check each step: {command_line('doctor')}"
    elif error is LostAnswerError:
        hint = f"check before you retry: {command_line('peer list')}"
    if meaning.message is _BEHIND:
        return error(f"{call.what}: the server answered {status}: {_BEHIND}", hint=hint, http_status=status)
    message = status_message(status, error_text(answer))
    return error(f"{call.what}: {message} ({status})", hint=hint, http_status=status)


def html_error(answer: "Response", what: str) -> CdpctlError:
    """Return the error of an HTML page under a success status: a sign-on page most often."""
    page = answer.body[:20_000].decode("latin-1").lower()
    if any(word in page for word in _SIGN_ON_WORDS):
        return SsoError(
            f"{what}: a login page came back instead of an answer (status {answer.status})",
            hint="a single sign-on stands in front of the CDP: use the CDP's own address, or ask for its "
            "port; -vv shows what answers",
            http_status=answer.status,
        )
    return RejectedError(
        f"{what}: an HTML page came back instead of an answer (status {answer.status})",
        hint="something other than a CDP answers there; -vv shows what",
        http_status=answer.status,
    )


def check_accepted(answer: "Response", call: Call) -> Accepted:
    """Say whether an answer to a change means accepted.

    200, 202 and 204 do, with or without a body; a `response` in the body that is not a success does not,
    whatever the status says. A body that says neither leaves it open.

    Raises:
        CdpctlError: as the table of statuses says.
        UnclearAnswerError: a success status with a body that is not documented.
    """
    if answer.status not in SUCCESS:
        raise error_from_response(answer, call)
    accepted = Accepted(answer.status, "Accepted")
    body = answer.body.strip()
    if answer.status == 204 or not body:
        return accepted
    if looks_like_html(body, answer.headers.get("Content-Type")):
        raise html_error(answer, call.what)
    try:
        value = decode_json(body, reject_duplicates=True)
    except UnclearAnswerError as error:
        raise UnclearAnswerError(f"{call.what}: {error.message}", http_status=answer.status) from None
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
        f"{call.what}: status {answer.status} with a body that says neither success nor failure",
        http_status=answer.status,
    )


def read_value(answer: "Response", call: Call) -> Any:
    """Return the JSON value that a read was answered with; None for `null` too.

    Raises:
        CdpctlError: as the table of statuses says.
        UnclearAnswerError: a body that is not JSON.
    """
    if answer.status != 200:
        raise error_from_response(answer, call)
    if looks_like_html(answer.body, answer.headers.get("Content-Type")):
        raise html_error(answer, call.what)
    try:
        return decode_json(answer.body, reject_duplicates=False)
    except UnclearAnswerError as error:
        raise UnclearAnswerError(
            f"{call.what}: {error.message}", hint="-vv shows what answers", http_status=200
        ) from None


def read_peer_list(answer: "Response", call: Call) -> PeerList:
    """Return the peers of an answer to either read of the grid.

    Old mappers of Java write a list of one as the object itself, and an empty one as null.

    Raises:
        CdpctlError: the answer is an error, or does not list peers.
    """
    value = read_value(answer, call)
    if isinstance(value, Mapping) and "peerInfoList" in value:
        entries = value["peerInfoList"]
        entries = [] if entries is None else entries
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
    """Return the one peer of an answer: the object itself, or the one in an array of one.

    Raises:
        NotFoundError: there is no such peer.
        CdpctlError: the answer is another error, or not a peer.
    """
    value = read_value(answer, call)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if value is None or value == []:
        raise NotFoundError(f"{call.what}: the CDP has no such peer", http_status=404)
    if not isinstance(value, Mapping):
        raise UnclearAnswerError(f"{call.what}: the answer is not a peer", http_status=200)
    return value


def read_token(answer: "Response", call: Call, header: str, where: str) -> str:
    """Return the token that a login was answered with.

    The header is what counts: a body that is not JSON says nothing, one that says `false` is a refusal.

    Args:
        answer: of any status.
        call: the login.
        header: that holds the token.
        where: the CDP, for messages.

    Raises:
        AuthError: the login was refused, or there is no token in the answer.
        CdpctlError: as the table of statuses says.
    """
    refused = AuthError(
        f"cannot log in to {where}: wrong user name or password",
        http_status=answer.status,
    )
    if answer.status in (400, 401, 403):
        raise refused
    if answer.status not in SUCCESS:
        raise error_from_response(answer, call)
    if looks_like_html(answer.body, answer.headers.get("Content-Type")):
        raise html_error(answer, call.what)
    tokens = {token.strip() for token in answer.headers.getlist(header)}
    for token in tokens:
        redactor.add(token)
    try:
        value = decode_json(answer.body, reject_duplicates=True)
    except UnclearAnswerError:
        value = None
    said = value.get("login") if isinstance(value, Mapping) else None
    if said is False or (isinstance(said, str) and said.strip().lower() == "false"):
        raise refused
    if len(tokens) != 1 or not (token := tokens.pop()):
        raise AuthError(
            f"cannot log in to {where}: it answered {answer.status} with "
            f"{'several tokens' if tokens else 'no token'}",
            hint="-vv shows what answers at this address",
            http_status=answer.status,
        )
    return token
