"""`cdpctl peer show`: shows one peer with its components, adapters and logging."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdpctl.commands.options import argument, command
from cdpctl.commands.runtime import Runtime
from cdpctl.operations.details import read_details
from cdpctl.output.document import Document, Section
from cdpctl.peers.changes import SYNC_POINT, WORKFLOW_SERVER, is_on
from cdpctl.peers.models import Peer
from cdpctl.peers.names import check_names

EXAMPLES = {"run": ("cdpctl peer show AP1", "cdpctl peer show AP1 -o json | jq .details.loggingInfo")}

_TITLES = {"peerComponents": "components", "adaptersStatus": "adapters", "loggingInfo": "log levels"}
_COLUMNS: dict[object, str] = {"componentName": "component", "logLevel": "level"}
_ROLES = {"metrics sync point": SYNC_POINT, "workflow server": WORKFLOW_SERVER}
# The record has these already.
_SHOWN = ("name", "type", "status", "hostName", "osName", "productVersion", "description")
_MOST_COLUMNS = 6


@command
def run(
    runtime: Runtime,
    name: str = argument("NAME", "The name of the peer; case-sensitive."),
) -> None:
    """Show one peer: its state, components, adapters and logging.

    Undocumented fields are shown as the CDP sends them. With -o json, `details` is the CDP's own object,
    unchanged.
    """
    runtime.output.check_fields({**Peer("").to_json(), "details": None})
    check_names([name])
    runtime.require_url()
    with runtime.session(runtime.deadline()) as session:
        found = read_details(session, name, runtime.output.warn)
    record = found.peer.to_json()
    records, tables = [{**record, "details": found.raw}], sections(found.raw)
    document = Document("cdpctl.peer/1", runtime.head, None, records, columns=tuple(record), sections=tables)
    runtime.output.document(document)


def sections(raw: Mapping[str, Any]) -> list[Section]:
    """Return the tables for a peer's object: its settings, then one table for each list in it."""
    lists = {key: _as_list(key, value) for key, value in raw.items() if key not in _SHOWN}
    named = {key for keys in _ROLES.values() for key in keys}
    settings = [
        *(
            {"name": role, "value": "yes" if is_on(raw, keys) else "no"}
            for role, keys in _ROLES.items()
            if not raw.keys().isdisjoint(keys)
        ),
        *(
            {"name": key, "value": raw[key]}
            for key, rows in lists.items()
            if rows is None and key not in named
        ),
    ]
    tables = [Section("settings", ("name", "value"), settings)] if settings else []
    for key, rows in lists.items():
        if rows:
            tables.append(Section(_TITLES.get(key, key), _columns(rows), rows))
    return tables


def _as_list(key: str, value: object) -> list[Mapping[str, Any]] | None:
    """Return the rows of a list. A known list of one may be a plain object."""
    if isinstance(value, Mapping) and key in _TITLES:
        value = [value]
    if not isinstance(value, list):
        return None
    return [
        {_COLUMNS.get(name, str(name)): cell for name, cell in each.items()}
        if isinstance(each, Mapping)
        else {"value": each}
        for each in value
    ]


def _columns(rows: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    """Return the keys of the rows, names first, as many as fit on a screen."""
    keys = list(dict.fromkeys(key for row in rows for key in row))
    keys.sort(key=lambda key: not key.lower().endswith(("name", "component")))
    return tuple(keys[:_MOST_COLUMNS])
