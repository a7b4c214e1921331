"""`cdpctl peer show`: one peer, with components, adapters and logging as the CDP gives them."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode
from cdpctl.operations.details import read_details
from cdpctl.output.document import Document, Section
from cdpctl.peers.models import Peer
from cdpctl.peers.names import check_names

EXAMPLES = {"run": ("cdpctl peer show AP1", "cdpctl peer show AP1 -o json | jq .details.loggingInfo")}

_TITLES = {"peerComponents": "components", "adaptersStatus": "adapters", "loggingInfo": "logging"}
# What the record itself shows already.
_SHOWN = ("name", "type", "status", "hostName", "osName", "productVersion", "description")
_MOST_COLUMNS = 6


@command
def run(
    runtime: Runtime,
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of the peer; case-sensitive.")],
) -> ExitCode:
    """Show one peer: its state, components, adapters and logging.

    What the CDP's documentation leaves open is shown as the CDP gives it; with -o json its own object
    is carried through unchanged, as `details`.
    """
    runtime.output.check_fields({**Peer("").to_json(), "details": None})
    check_names([name])
    runtime.require_url()
    with runtime.session(runtime.deadline()) as session:
        found = read_details(session, name, runtime.output.warn)
    record = found.peer.to_json()
    runtime.output.document(
        Document(
            schema="cdpctl.peer/1",
            head={"profile": runtime.settings.profile, "url": runtime.settings.url},
            key=None,
            records=[{**record, "details": found.raw}],
            columns=tuple(record),
            sections=sections(found.raw),
        )
    )
    return ExitCode.OK


def sections(raw: Mapping[str, Any]) -> list[Section]:
    """Make small tables of a peer's own object: its settings, then a table for each list in it."""
    settings = [
        {"name": key, "value": value}
        for key, value in raw.items()
        if key not in _SHOWN and not isinstance(value, list)
    ]
    tables = [Section("settings", ("name", "value"), settings)] if settings else []
    for key, value in raw.items():
        if isinstance(value, list) and value:
            rows = [each if isinstance(each, Mapping) else {"value": each} for each in value]
            tables.append(Section(_TITLES.get(key, key), _columns(rows), rows))
    return tables


def _columns(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the keys of the rows, what looks like a name first, as many as a screen can take."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    keys.sort(key=lambda key: not key.lower().endswith("name"))
    return tuple(keys[:_MOST_COLUMNS])
