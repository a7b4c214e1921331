"""`cdpctl api`: makes one raw call with the profile's session, like `gh api`."""

import json
from typing import TYPE_CHECKING, Any, NoReturn

from cdpctl.commands.audit import AuditTrail
from cdpctl.commands.inputs import read_input
from cdpctl.commands.options import Text, argument, command, flag, option
from cdpctl.commands.run_operation import ask, require_terminal
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import CdpctlError, ExitCode, InterruptedRunError, Interruption, UsageError
from cdpctl.output.document import Document, Format
from cdpctl.settings.urls import rest_path
from cdpctl.text import printable, quoted

if TYPE_CHECKING:
    from cdpctl.transport.response import Response

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
_READING = ("GET", "HEAD", "OPTIONS")
_MOST_LOGGED = 500
_MOST_BYTES = 16 * 1024 * 1024


@command
def run(
    runtime: Runtime,
    method: str = argument("METHOD", "HTTP method: GET, PUT, POST, DELETE, …"),
    path: str = argument("PATH", "Path below the REST root, such as /info/peer."),
    body: Text = option("--body JSON|@FILE|-", "Request body to send."),
    yes: bool = flag("--yes -y", "Do not ask for confirmation."),
) -> ExitCode:
    """Make one raw call to the REST API.

    The answer goes to standard output unchanged, whatever its status. On a terminal, JSON is indented, and
    control characters in other answers are escaped. The exit code depends on the status: 0 for 2xx, 4 for
    401, 9 for 403, 5 for 404, and 1 for any other. Only a GET may be sent again. Nothing is checked first: a
    stop sent this way can stop the CDP. DELETE always asks for confirmation. A protected profile asks before
    any method but GET, HEAD and OPTIONS.

    With -o json, standard output is always one JSON document. An answer that is empty or not JSON is
    wrapped in one, and an error replaces the answer.

    Examples:
        cdpctl api GET /info/peer | jq -r '.peerInfoList[].name'
        cdpctl api GET 'peer?pattern=AP.*&matchon=name'
        cdpctl api PUT /peer --body '{"peers": [{"name": "LAP", "description": "spare"}]}'
        cdpctl api POST /peer/stop --body @peers.json --yes
    """
    verb = method.upper()
    if verb not in _METHODS:
        raise UsageError(f"{quoted(method)} is not a valid method", hint=f"use one of {', '.join(_METHODS)}")
    if runtime.output.fields:
        raise UsageError(
            "--fields cannot be used with api", hint="to pick fields, pipe the answer through jq"
        )
    url = runtime.require_url()
    target = rest_path(path, url)
    data = None if body is None else _body(body, runtime.input_seconds)
    protected = runtime.settings.protected and verb not in _READING
    asking = (protected or verb == "DELETE") and not yes
    if asking:
        why = f"the protected profile {runtime.settings.profile}" if protected else "DELETE"
        require_terminal(runtime, why)
    answer, ended = _call(runtime, verb, target, data, asking=asking)
    error = _error(answer, verb, target)
    code = ExitCode.OK
    if runtime.output.format is Format.JSON:
        if error is not None:
            raise error
        _one_document(runtime, verb, target, answer)
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
    """Make the call. Return the answer, and the signal if one came during the logout."""
    deadline = runtime.deadline()
    answer: Response | None = None
    operation = f"api {verb} {printable(target, _MOST_LOGGED)}"
    with AuditTrail(runtime, operation, enabled=verb not in _READING) as trail:
        trail.begun = True
        try:
            with runtime.session(deadline) as session:
                if asking:
                    with deadline.paused():
                        ask(runtime, f"{verb} {target}")
                answer = session.raw(verb, target, data)
                error = _error(answer, verb, target)
                trail.done((), ExitCode.OK if error is None else error.exit_code)
        except Interruption as ended:
            if answer is not None:
                return answer, ended
            raise
    return answer, None


def _body(text: str, seconds: float) -> bytes:
    where = "--body"
    if text == "-" or text.startswith("@"):
        source = text.removeprefix("@")
        where = "standard input" if source == "-" else source
        data = read_input(source, seconds)
    else:
        data = text.encode("utf-8", "surrogateescape")
    if len(data) > _MOST_BYTES:
        raise UsageError(
            f"{where}: too large; a body has at most {_MOST_BYTES >> 20} MiB", hint="nothing was sent"
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


def _one_document(runtime: Runtime, verb: str, target: str, answer: "Response") -> None:
    from cdpctl.cdp.bodies import decode_json
    from cdpctl.errors import UnclearAnswerError

    try:
        decode_json(answer.body, reject_duplicates=False)
    except UnclearAnswerError:
        text = answer.body.decode("utf-8", "backslashreplace")
        head = {"method": verb, "path": target, "http_status": answer.status}
        runtime.output.document(Document("cdpctl.api/1", head, None, [{"body": text or None}]))
    else:
        runtime.output.answer(answer.body)
