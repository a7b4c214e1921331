"""`cdpctl logout`: ends sessions on the CDP, then forgets their tokens and passwords."""

from typing import Annotated, Any

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.stored_sessions import credentials_of
from cdpctl.deadline import Deadline
from cdpctl.errors import CdpctlError, ConfigError, ExitCode, UsageError
from cdpctl.output.document import Document
from cdpctl.settings.file import load

EXAMPLES = {"run": ("cdpctl logout", "cdpctl logout --profile prod", "cdpctl logout --all")}
# A CDP that does not answer must not keep a secret from being forgotten for long.
_SECONDS = 10.0


@command
def run(
    runtime: Runtime,
    everything: Annotated[bool, typer.Option("--all", help="Of every profile.")] = False,
) -> ExitCode:
    """End the session on the CDP, and forget its token and the saved password.

    What is kept here is forgotten whether the CDP answers or not; `ended` tells whether it did.
    A token from a variable or a file of somebody else's is left alone.
    """
    if everything and runtime.shared.profile:
        raise UsageError("--all and --profile at once", hint="give one of them")
    names = [runtime.settings.profile]
    if everything:
        names = list(load(runtime.settings.config_file)["profiles"])
        if not names:
            raise ConfigError("there are no profiles to log out of", hint="cdpctl login URL")
    records = [_log_out(runtime, name) for name in names]
    for record in records:
        runtime.output.say(f"profile {record['name']}: {record['message']}")
    runtime.output.document(
        Document(
            schema="cdpctl.logout/1",
            head={},
            key="profiles",
            records=records,
            columns=("name", "ended", "removed", "message"),
        )
    )
    return ExitCode.OK


def _log_out(runtime: Runtime, name: str) -> dict[str, Any]:
    # The settings of a run with that profile; the session's own URL is not another one's business.
    runtime.shared = runtime.shared._replace(profile=name)
    settings = runtime.configure()
    credentials = credentials_of(runtime, settings)
    ended, reason = False, ""
    try:
        token = credentials.stored() if settings.url is not None else None
    except ConfigError as error:
        token, reason = None, f"; {error.message}"
    if token is not None:
        try:
            with runtime.session(Deadline(min(_SECONDS, settings.timeout or _SECONDS))) as session:
                session.logout(token)
            ended = True
        except CdpctlError as error:
            reason = f"; the session could not be ended on the CDP: {error.message}"
    removed = credentials.forget()
    said = f"forgot {' and '.join(removed)}" if removed else "nothing was kept here"
    return {
        "name": name,
        "url": settings.url,
        "ended": ended,
        "removed": removed,
        "message": f"{'session ended; ' if ended else ''}{said}{reason}",
    }
