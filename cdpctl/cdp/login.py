"""Reads the answer to a login: a token, or an error that says why the CDP gave none."""

from collections.abc import Mapping

from cdpctl.cdp.auth import TOKEN_HEADER
from cdpctl.cdp.bodies import decode_json, looks_like_html
from cdpctl.cdp.calls import Call
from cdpctl.cdp.responses import NOT_SERVED, SUCCESS, error_from_response, html_error
from cdpctl.errors import AuthError, CdpctlError, LostAnswerError, UnclearAnswerError, UnreachableError
from cdpctl.redact import redactor
from cdpctl.text import command_line
from cdpctl.transport.response import Response
from cdpctl.transport.route import Route


def read_token(answer: Response, call: Call, where: str) -> str:
    """Return the token in the answer to a login.

    A body that says `false` is a refusal. A body that is not JSON is ignored: only the header counts.

    Args:
        answer: the answer, whatever its status.
        call: the login.
        where: the CDP, for messages.

    Raises:
        AuthError: the login was refused, or the answer has no token.
        CdpctlError: the error for the status.
    """
    refused = AuthError(f"cannot log in to {where}: wrong user name or password", http_status=answer.status)
    if answer.status in (400, 401, 403):
        raise refused
    if answer.status not in SUCCESS:
        raise error_from_response(answer, call)
    if looks_like_html(answer.body, answer.headers.get("Content-Type")):
        raise html_error(answer, call.what)
    tokens = {token.strip() for token in answer.headers.getlist(TOKEN_HEADER)}
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


def login_error(error: CdpctlError, call: Call, route: Route) -> CdpctlError:
    """Return the error of a login that got no answer, or neither a token nor a refusal.

    Without a token nothing else is possible, and what the status means for a peer is of no use here.

    Args:
        error: the error of the call.
        call: the login.
        route: to what answered.
    """
    doctor = command_line.to_doctor
    if isinstance(error, LostAnswerError):
        # A login changes nothing in the grid.
        return UnreachableError(
            f"login: {error.message}",
            hint=("no peer was changed", doctor),
            http_status=error.http_status,
            says_sent=True,
        )
    checked = f"check the log of the CDP at {route.base}"
    if error.http_status in NOT_SERVED:
        checked = f"check host, port and path of the URL {route.base}; the path is usually /baocdp"
    return AuthError(
        f"cannot log in to {route.shown}: {error.message.removeprefix(f'{call.what}: ')}",
        hint=error.hints or (checked, doctor),
        http_status=error.http_status,
    )
