"""The result of `peer check`: a document, or the line of a monitoring plugin."""

from collections.abc import Sequence

from cdpctl.errors import CdpctlError, ExitCode
from cdpctl.operations.check import CheckedPeer, GridCheck, State, overall
from cdpctl.output.document import Document, Format, Rows, error_record
from cdpctl.output.grids import together
from cdpctl.output.output import Output
from cdpctl.peers.models import RUNNING, STOPPED, normalised
from cdpctl.text import join_names, plural, printable

_COLUMNS = ("name", "type", "status", "state", "message")
_MOST_NAMED = 10


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
    # The command shows the errors.
    if any(check.state is not State.OK and check.error is None for check in checks):
        output.show("", line)
    elif output.format is not Format.JSON:
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


def status_line(grids: Sequence[GridCheck], expected: str) -> str:
    """Return the line that a monitoring plugin prints: service, state, text and performance data.

    The Monitoring Plugins guidelines give the format. A `|` separates the text from the data, so the
    text must not contain one.
    """
    word = expected.lower()
    problems = [_problem(grid, word, named=len(grids) > 1) for grid in grids if grid.state is not State.OK]
    total = sum(len(grid.peers) for grid in grids)
    if problems:
        text = "; ".join(problems)
    elif len(grids) > 1:
        text = f"{plural(total, 'peer')} {word} in {plural(len(grids), 'grid')}"
    else:
        text = f"{plural(total, 'peer')} {word}"
    data = " ".join(part for grid in grids for part in _performance(grid, named=len(grids) > 1))
    line = f"PEERS {overall(grids).name} - {text.replace('|', '/')}"
    return f"{line} | {data}" if data else line


def _problem(grid: GridCheck, word: str, *, named: bool) -> str:
    prefix = f"{grid.grid}: " if named else ""
    if grid.error is not None:
        return prefix + printable(grid.error.message)
    if not grid.peers:
        return f"{prefix}no peer matches the selection"
    bad = [peer for peer in grid.peers if peer.state is not State.OK]
    bad.sort(key=lambda peer: -peer.state)
    shown = join_names([f"{peer.name} ({peer.message})" for peer in bad], _MOST_NAMED)
    return f"{prefix}{len(bad)} of {plural(len(grid.peers), 'peer')} not {word}: {shown}"


def _performance(grid: GridCheck, *, named: bool) -> list[str]:
    """Return performance data, `'label'=value[unit];warn;crit;min;max`."""
    if grid.error is not None:
        return []
    prefix = f"{grid.grid}_" if named else ""
    total = len(grid.peers)
    statuses = [normalised(peer.status) for peer in grid.peers]
    running, stopped = statuses.count(RUNNING), statuses.count(STOPPED)
    counts = {"running": running, "stopped": stopped, "other": total - running - stopped}
    return [
        *(f"{prefix}{label}={count};;;0;{total}" for label, count in counts.items()),
        f"{prefix}time={grid.seconds:.3f}s;;;0",
    ]


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
