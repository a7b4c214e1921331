"""`cdpctl status`: shows profile, CDP, user and token, and checks the CDP and the token."""

from collections.abc import Mapping
from contextlib import closing
from typing import TYPE_CHECKING, Any

from cdpctl.commands.grids import in_grids
from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.credentials.manager import login_hint, not_logged_in, refused_token
from cdpctl.credentials.sources import password_source
from cdpctl.credentials.store import Store
from cdpctl.credentials.token import PLACES
from cdpctl.errors import (
    AuthError,
    CdpctlError,
    ConfigError,
    ExitCode,
    ForbiddenError,
    NoConnectionError,
    SsoError,
    TokenRefusedError,
    UnreachableError,
)
from cdpctl.output.document import Document
from cdpctl.settings.model import Settings
from cdpctl.text import printable

if TYPE_CHECKING:
    from cdpctl.cdp.client import CdpClient
    from cdpctl.credentials.token import Token
    from cdpctl.deadline import Deadline


@command(grids=True)
def run(runtime: Runtime) -> int:
    """Show the profile, the CDP, the user and the token source, and check the CDP and the token.

    It does not log in and changes nothing. The exit code is 0 if the token is good, 4 if there is none
    or the CDP refuses it, and 6 if the CDP cannot be reached. If it cannot connect to the CDP and the profile
    has a standby CDP, it checks the standby and its token instead, because commands then use that.
    With several profiles the exit code is 3 if only some of them are good.

    Examples:
        cdpctl status
        cdpctl status --profile prod -o json | jq -r .token
    """
    return in_grids(runtime, _status)


def _status(runtime: Runtime) -> ExitCode:
    url, settings = runtime.require_url(), runtime.settings
    second = settings.standby()
    record: dict[str, Any] = {"token_source": None, "cdp": "", "token": "none", "message": ""}
    if second is not None:
        record |= {"standby_url": settings.standby_url, "standby": "not checked"}
    failure: CdpctlError | None = None
    token = None
    deadline = runtime.deadline()
    with runtime.session(deadline, standby=False) as session:
        try:
            token = session.credentials.current()
        except (AuthError, ConfigError) as unusable:
            failure = unusable
        found, error = _check(session.with_token(token), token)
    record |= {**found, "token_source": token and token.source}
    answers = url if record["cdp"] == "up" else None
    if failure is None or answers is None:
        failure = error
    # Only then do commands use the standby.
    if second is not None and isinstance(error, NoConnectionError):
        token = _check_standby(runtime, second, deadline, record, error)
        if record["standby"] == "up":
            answers, failure = second.url, None
    state, record["answers"] = record["token"], answers
    if failure is None and state != "good":
        answering = second if second is not None and record["standby"] == "up" else settings
        failure = _no_good_token(answering, runtime.environ, token)
    if failure is not None:
        record["message"] = record["message"] or failure.message
    code = failure.exit_code if failure is not None else ExitCode.OK
    if runtime.output.sentences:
        for sentence in _sentences(settings, record):
            runtime.output.sentence(sentence)
    else:
        head = {**runtime.head, "username": settings.username}
        document = Document("cdpctl.status/1", head, None, [record], exit_code=code, error=failure)
        runtime.output.document(document)
    if failure is not None:
        runtime.output.error(failure)
    return code


def _check(cdp: "CdpClient", token: "Token | None") -> tuple[dict[str, str], CdpctlError | None]:
    """Return the states of a CDP and of a token, and what is wrong with the CDP.

    Raises:
        ConfigError: a setting of the connection, such as a file of certificates, cannot be used.
    """
    refused, unknown, good = ("none",) * 3 if token is None else ("refused", "unknown", "good")
    try:
        cdp.list_peer_info()
    except TokenRefusedError:
        return {"cdp": "up", "token": refused}, None
    except ForbiddenError:
        return {"cdp": "up", "token": "good", "message": "this user may not read the peers"}, None
    except SsoError as error:
        return {"cdp": "behind a sign-on"}, error
    except UnreachableError as error:
        return {"cdp": "unreachable", "token": unknown}, error
    except ConfigError:
        # Nothing was sent, so nothing is known about the CDP.
        raise
    except CdpctlError as error:
        return {"cdp": "up", "token": unknown}, error
    return {"cdp": "up", "token": good}, None


def _check_standby(
    runtime: Runtime, settings: Settings, deadline: "Deadline", record: dict[str, Any], first: CdpctlError
) -> "Token | None":
    """Check the standby with its own token, because each session belongs to one CDP. Return that token."""
    from cdpctl.cdp.client import CdpClient

    token = None
    error: CdpctlError | None
    try:
        token = Store(settings, runtime.output).token()
        with closing(runtime.transport(settings, deadline, asking=False)) as transport:
            found, error = _check(CdpClient(transport, token=token), token)
    except CdpctlError as unusable:
        error = unusable
    if error is not None:
        record |= {"standby": "unreachable", "message": f"{first.message}; standby: {error.message}"}
        return None
    record |= {"standby": "up", "token": found["token"], "token_source": token and token.source}
    record["message"] = first.message
    return token


def _no_good_token(settings: Settings, environ: Mapping[str, str], token: "Token | None") -> AuthError:
    if token is not None:
        return refused_token(token, settings)
    message = not_logged_in(settings)
    source = password_source(settings, environ) if settings.username else None
    if source is not None:
        # `cdpctl login` may fail here, because it needs a place to store the token.
        return AuthError(f"{message}, but commands log in by themselves: {source} is set")
    return AuthError(message, hint=login_hint(settings))


def _sentences(settings: Settings, record: dict[str, Any]) -> list[str]:
    """Return the status in sentences. Problems follow as an error."""
    state, source = record["token"], record["token_source"]
    origin = f", token from {PLACES.get(source, source)}" if source is not None else ""
    user = f" as {printable(settings.username, own=True)}" if settings.username and state != "none" else ""
    first = f"Logged in to {record['answers']}{user} (profile {settings.profile}{origin})."
    if state != "good":
        first = f"Profile {settings.profile}: {settings.url}{user}{origin}."
    said = {
        "up": "The CDP is up",
        "unreachable": "The CDP cannot be reached",
        "behind a sign-on": "A single sign-on answers instead of the CDP",
    }[record["cdp"]]
    if record.get("standby") == "up":
        said = f"The CDP cannot be reached; the standby {settings.standby_url} is up"
    elif record.get("standby") == "unreachable":
        said = f"Neither the CDP nor the standby {settings.standby_url} can be reached"
    verdict = {"good": " and accepts the token", "refused": " and refuses the token"}.get(state, "")
    note = [f"Note: {record['message']}."] if state == "good" and record["message"] else []
    return [first, f"{said}{verdict}.", *note]
