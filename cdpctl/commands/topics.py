"""The topics of `cdpctl help`, from the values the program itself works with."""

import json
from pathlib import Path
from typing import Any, NamedTuple

from cdpctl.errors import ExitCode, UsageError
from cdpctl.output.document import Format
from cdpctl.settings.table import variables

_MEANINGS = {
    ExitCode.OK: "all that was asked is done, accepted, or was so already",
    ExitCode.FAILED: "the CDP turned it down for all peers",
    ExitCode.USAGE: "wrong arguments, a name no peer can have, a peer that must not be stopped, "
    "not confirmed: nothing was sent",
    ExitCode.PARTIAL: "some peers are ok, some are not",
    ExitCode.AUTH: "no credentials, login refused, token refused",
    ExitCode.NOT_FOUND: "none of the peers exists, or the selection matches none",
    ExitCode.UNREACHABLE: "DNS, connection, TLS or proxy: nothing was sent",
    ExitCode.UNKNOWN: "it was sent, and nothing tells what became of it: look before you retry",
    ExitCode.TIMEOUT: "accepted, and not there by the deadline",
    ExitCode.FORBIDDEN: "this user may not do it (403)",
    ExitCode.CONFIG: "configuration, profile or credential store unusable",
    ExitCode.OUTPUT: "the work was done, and the result could not be written",
    ExitCode.INTERNAL: "a bug in cdpctl",
    ExitCode.INTERRUPTED: "SIGINT; what was accepted goes on in the grid",
    ExitCode.TERMINATED: "SIGTERM; what was accepted goes on in the grid",
}

_FORMATS = {
    Format.TABLE: "aligned columns for people; the default on a terminal",
    Format.TSV: "a header row, tabs, no colour; the default elsewhere",
    Format.JSON: "exactly one JSON document, whatever happens: errors are one as well",
    Format.JSONL: "a JSON value a line, each result as it happens",
    Format.NAME: "names only: of an operation those of the peers that are ok",
}


class Topic(NamedTuple):
    """A topic.

    Attributes:
        title: one line.
        columns: the keys of the entries.
        entries: what there is to know, one row each.
        text: what is said below them.
    """

    title: str
    columns: tuple[str, ...]
    entries: tuple[dict[str, Any], ...]
    text: str = ""


def topics() -> dict[str, Topic]:
    """Return the topics by name."""
    return {
        "exit-codes": Topic(
            "What the exit code says.",
            ("code", "name", "meaning"),
            tuple(
                {"code": int(code), "name": code.name.lower(), "meaning": _MEANINGS[code]}
                for code in ExitCode
            ),
            "Where no peer is ok and the reasons differ, the gravest counts: 7 8 4 9 1 5 2, in this order.\n"
            "A reader that has gone (`| head`) is no error: the exit code is that of the work.",
        ),
        "environment": Topic(
            "The variables cdpctl reads. An option comes first, then the variable, then the profile.",
            ("name", "meaning"),
            tuple({"name": name, "meaning": meaning} for name, meaning in variables().items()),
            "No option takes a password or a token as its value: a list of processes would show it.",
        ),
        "output": Topic(
            "What -o FORMAT writes to standard output; everything else goes to standard error.",
            ("name", "meaning"),
            tuple({"name": each.value, "meaning": _FORMATS[each]} for each in Format),
            "--fields a,b,c picks the fields of the records, in that order; it does not touch -o name.\n"
            "Text of the CDP is made harmless: what would steer a terminal is shown escaped.\n"
            "A JSON document names its schema; fields are only ever added to it. The schemas:\n"
            f"  {', '.join(schema_names())}\n"
            "`cdpctl help output --schema` prints them, `--schema operation` one of them.",
        ),
    }


_FOLDER = Path(__file__).parents[1] / "output" / "schemas"


def schema_names() -> list[str]:
    """Return the names of the JSON documents, without `cdpctl.` and the version."""
    return sorted(path.stem for path in _FOLDER.glob("*.json"))


def schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a document.

    Args:
        name: `operation`, `cdpctl.operation` or `cdpctl.operation/1`.

    Raises:
        UsageError: there is no such document.
    """
    short = name.removeprefix("cdpctl.").partition("/")[0]
    known = schema_names()
    if short not in known:
        from difflib import get_close_matches

        close = get_close_matches(short, known, n=1)
        raise UsageError(
            f"there is no document {name[:40]!r}",
            hint=f"did you mean {close[0]}?" if close else f"one of {', '.join(known)}",
        )
    found: dict[str, Any] = json.loads((_FOLDER / f"{short}.json").read_text(encoding="utf-8"))
    return found
