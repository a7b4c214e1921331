"""`cdpctl status`: who this is to which CDP, whether it answers, and whether it takes the token."""

from typing import Any

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import (
    AuthError,
    CdpctlError,
    ConfigError,
    ExitCode,
    ForbiddenError,
    SsoError,
    TokenRefusedError,
    UnreachableError,
)
from cdpctl.output.document import Document

EXAMPLES = {"run": ("cdpctl status", "cdpctl status --profile prod -o json | jq -r .token")}


@command
def run(runtime: Runtime) -> ExitCode:
    """Show the profile, the CDP, the user, where the token comes from, and whether both are good.

    Nothing is logged in and nothing is changed. The exit code is 0 where the token is good, 4 where
    there is none or the CDP refuses it, 6 where the CDP cannot be reached.
    """
    url = runtime.require_url()
    settings = runtime.settings
    record: dict[str, Any] = {"token_source": None, "cdp": "unknown", "token": "none", "message": ""}
    failure: CdpctlError | None = None
    with runtime.session(runtime.deadline()) as session:
        token = None
        try:
            token = session.credentials.current()
        except (AuthError, ConfigError) as error:
            failure = error
        if token is not None:
            record["token_source"] = token.source
        try:
            session.with_token(token).list_peer_info()
            record |= {"cdp": "up", "token": "good" if token is not None else "none"}
        except TokenRefusedError:
            record |= {"cdp": "up", "token": "refused" if token is not None else "none"}
        except ForbiddenError:
            record |= {"cdp": "up", "token": "good", "message": "this user may not read the peers"}
        except SsoError as error:
            record |= {"cdp": "behind a sign-on", "message": error.message}
            failure = error
        except UnreachableError as error:
            record |= {"cdp": "unreachable", "token": "unknown" if token is not None else "none"}
            failure = error
        except CdpctlError as error:
            record |= {"cdp": "up", "token": "unknown" if token is not None else "none"}
            failure = failure or error
    state = record["token"]
    if failure is None and state != "good":
        refused = state == "refused"
        failure = AuthError(
            "the CDP refuses the token" if refused else "there is no token",
            hint=f"cdpctl login --profile {settings.profile}",
            http_status=401 if refused else None,
        )
    if failure is not None and not record["message"]:
        record["message"] = failure.message
    code = failure.exit_code if failure is not None else ExitCode.OK
    runtime.output.document(
        Document(
            schema="cdpctl.status/1",
            head={"profile": settings.profile, "url": url, "username": settings.username},
            key=None,
            records=[record],
            exit_code=code,
            error=failure,
        )
    )
    if failure is not None:
        runtime.output.error(failure)
    return code
