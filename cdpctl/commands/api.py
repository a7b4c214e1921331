"""`cdpctl api`: one raw call with the profile's session, as `gh api`."""

import json
from typing import TYPE_CHECKING, Annotated, Any, NoReturn
from urllib.parse import urlsplit

import typer

from cdpctl.commands.audit import AuditTrail
from cdpctl.commands.inputs import read_input
from cdpctl.commands.options import Text, command, option
from cdpctl.commands.run_operation import ask, require_terminal
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import (
    CdpctlError,
    ExitCode,
    InterruptedRunError,
    Interruption,
    UnclearAnswerError,
    UsageError,
)
from cdpctl.output.document import Document, Format
from cdpctl.text import printable, quoted

if TYPE_CHECKING:
    from cdpctl.transport.response import Response

EXAMPLES = {
    "run": (
        "cdpctl api GET /info/peer | jq -r '.peerInfoList[].name'",
        "cdpctl api GET 'peer?pattern=AP.*&matchon=name'",
        """cdpctl api PUT /peer --body '{"peers": [{"name": "LAP", "description": "spare"}]}'""",
        "cdpctl api POST /peer/stop --body @peers.json --yes",
    )
}

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_READING = ("GET", "HEAD", "OPTIONS")
_MOST_LOGGED = 500
_MOST_BYTES = 16 * 1024 * 1024


@command
def run(
    runtime: Runtime,
    method: Annotated[str, typer.Argument(metavar="METHOD", help="HTTP method: GET, PUT, POST, DELETE, …")],
    path: Annotated[
        str, typer.Argument(metavar="PATH", help="Path below the REST root, such as /info/peer.")
    ],
    body: Annotated[Text, option("--body JSON|@FILE|-", "Request body to send.")] = None,
    yes: Annotated[bool, option("--yes -y", "Do not ask for confirmation.")] = False,
) -> ExitCode:
    """Make one call of the REST API as it is.

    The answer goes to standard output untouched, whatever its status; on a terminal JSON is indented.
    The status decides the exit code: 2xx 0, 401 4, 403 9, 404 5, any other 1. Only a GET may be sent
    again. Nothing is checked before: a stop sent this way stops a CDP too. DELETE always asks, a protected
    profile before anything but GET and HEAD.

    With -o json an answer that is not JSON, or that is empty, is wrapped into a document, and an error
    takes the place of the answer, so that standard output always holds one JSON document.
    """
    verb = method.upper()
    if verb not in _METHODS:
        raise UsageError(f"{quoted(method)} is not a valid method", hint=f"use one of {', '.join(_METHODS)}")
    if runtime.output.fields:
        raise UsageError(
            "--fields is for records, and an answer is not one", hint="pipe the answer through jq"
        )
    url = runtime.require_url()
    target = rest_path(path, url)
    data = None if body is None else _body(body)
    protected = runtime.settings.protected and verb not in _READING
    asking = (protected or verb == "DELETE") and not yes
    if asking:
        why = f"the protected profile {runtime.settings.profile}" if protected else "DELETE"
        require_terminal(runtime, why)
    answer, ended = _call(runtime, verb, target, data, asking=asking)
    error = _error(answer, verb, target)
    code = ExitCode.OK
    if runtime.output.format is Format.JSON:
        code = _one_document(runtime, verb, target, answer, error)
    else:
        runtime.output.answer(answer.body)
        if error is not None:
            runtime.output.error(error)
            code = error.exit_code
    if ended is None:
        return code
    said = f"interrupted; {verb} {target} was answered with {answer.status}"
    runtime.output.error(InterruptedRunError(said, exit_code=ended.exit_code))
    return ended.exit_code


def _call(
    runtime: Runtime, verb: str, target: str, data: bytes | None, *, asking: bool
) -> tuple["Response", Interruption | None]:
    """Make the call, and return its answer with the signal that came while the session was being ended."""
    deadline = runtime.deadline()
    answer: Response | None = None
    operation = f"api {verb} {printable(target, _MOST_LOGGED)}"
    with AuditTrail(runtime, operation, enabled=verb not in _READING) as trail:
        trail.begun = True
        try:
            with runtime.session(deadline) as session:
                if asking:
                    ask(runtime, f"{verb} {target}")
                    deadline.restart()
                answer = session.raw(verb, target, data)
                error = _error(answer, verb, target)
                trail.done((), ExitCode.OK if error is None else error.exit_code)
        except Interruption as ended:
            if answer is not None:
                return answer, ended
            raise
    return answer, None


def rest_path(path: str, url: str) -> str:
    """Return a path below the REST root, from any of the ways to write it.

    Args:
        path: as typed: `peer`, `/peer`, `/rest/peer`, or with all of the base URL's path before it.
        url: the base URL.

    Raises:
        UsageError: a whole URL: calls go to the profile's CDP only.
    """
    if "://" in path:
        raise UsageError(
            "the path must not be a URL: calls go to the CDP of the profile",
            hint="write /info/peer; --url names another CDP",
        )
    target = "/" + path.lstrip("/")
    base = urlsplit(url).path.rstrip("/")
    if base and target.startswith(f"{base}/rest/"):
        target = target.removeprefix(base)
    if target.startswith("/rest/"):
        target = target.removeprefix("/rest")
    return target


def _body(text: str) -> bytes:
    where = "--body"
    if text == "-" or text.startswith("@"):
        source = text.removeprefix("@")
        where = "standard input" if source == "-" else source
        data = read_input(source)
    else:
        data = text.encode("utf-8", "surrogateescape")
    if len(data) > _MOST_BYTES:
        raise UsageError(
            f"{where}: more than {_MOST_BYTES >> 20} MiB is too long for a body", hint="nothing was sent"
        )
    try:
        json.loads(data.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        place = (
            f": line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise UsageError(
            f"{where}: the body is not JSON{place}",
            hint="nothing was sent; --body takes JSON, @FILE, or - for standard input",
        ) from None
    return data


def _no_constant(text: str) -> NoReturn:
    raise ValueError(text)


def _error(answer: Any, verb: str, target: str) -> CdpctlError | None:
    from cdpctl.cdp.calls import Call
    from cdpctl.cdp.responses import error_from_response

    if 200 <= answer.status < 300:
        return None
    return error_from_response(answer, Call(verb, target, f"{verb} {target}"))


def _one_document(
    runtime: Runtime, verb: str, target: str, answer: Any, error: CdpctlError | None
) -> ExitCode:
    if error is not None:
        raise error
    from cdpctl.cdp.bodies import decode_json

    try:
        decode_json(answer.body, reject_duplicates=False)
    except UnclearAnswerError:
        text = answer.body.decode("utf-8", "backslashreplace")
        head = {"method": verb, "path": target, "http_status": answer.status}
        runtime.output.document(Document("cdpctl.api/1", head, None, [{"body": text or None}]))
    else:
        runtime.output.answer(answer.body)
    return ExitCode.OK
