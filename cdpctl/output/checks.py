"""The result of `peer check`: a document, or the line of a monitoring plugin."""

from cdpctl.errors import CdpctlError, ExitCode
from cdpctl.operations.check import CheckedPeer, GridCheck, State, overall, status_line
from cdpctl.output.document import Document, Format, Rows, error_record
from cdpctl.output.grids import together
from cdpctl.output.output import Output
from cdpctl.text import printable

_COLUMNS = ("name", "type", "status", "state", "message")


def write_checks(output: Output, found: dict[str, GridCheck], expected: str, *, several: bool) -> None:
    """Write the results of all grids.

    Args:
        output: the output of the run.
        found: the result of each grid, by profile.
        expected: the status that the peers should have.
        several: whether several grids were asked for.
    """
    checks = list(found.values())
    line = status_line(checks, expected)
    if output.format in (Format.TABLE, Format.TSV):
        output.plugin_line(line)
        return
    documents = {profile: _document(check, expected, several=several) for profile, check in found.items()}
    [document, *_] = documents.values()
    if several:
        state = overall(checks)
        head = {"state": state.name.lower(), "message": line}
        document = together(documents, ExitCode(int(state)), output)._replace(head=head)
    output.document(document)
    if output.format is not Format.JSON:
        output.say(line)


def _document(check: GridCheck, expected: str, *, several: bool) -> Document:
    code, error = ExitCode(int(check.state)), check.error
    if error is not None and several:
        return Document("cdpctl.error/1", {"profile": check.grid}, None, [], exit_code=code, error=error)
    head = {
        "profile": check.grid,
        "url": check.url,
        "state": check.state.name.lower(),
        "expected": expected.lower(),
        "message": status_line([check], expected),
        "elapsed": round(check.seconds, 3),
    }
    records = Rows(check.peers, CheckedPeer.to_json)
    return Document("cdpctl.check/1", head, "peers", records, columns=_COLUMNS, exit_code=code, error=error)


def report_unknown(output: Output, error: CdpctlError) -> None:
    """Answer UNKNOWN for an error that ended the command, unless it has already answered.

    Args:
        output: the output of the run.
        error: the error. It may be about the arguments.
    """
    line = f"PEERS UNKNOWN - {printable(error.message).replace('|', '/')}"
    code = ExitCode(int(State.UNKNOWN))
    if not output.answered:
        if output.format is Format.JSONL:
            output.json_line(error_record(error, code))
        elif output.format is Format.JSON:
            head = {"profile": None, "url": None, "state": "unknown", "expected": None, "message": line}
            output.document(Document("cdpctl.check/1", head, "peers", [], exit_code=code, error=error))
        else:
            output.plugin_line(line)
