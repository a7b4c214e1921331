"""The tables below the record of one peer: its settings, components, adapters and log levels."""

from collections.abc import Mapping, Sequence
from typing import Any

from cdpctl.output.document import Section
from cdpctl.peers.changes import SYNC_POINT, WORKFLOW_SERVER, is_on

_TITLES = {"peerComponents": "components", "adaptersStatus": "adapters", "loggingInfo": "log levels"}
_COLUMNS: dict[object, str] = {"componentName": "component", "logLevel": "level"}
_ROLES = {"metrics sync point": SYNC_POINT, "workflow server": WORKFLOW_SERVER}
# The record has these already.
_SHOWN = ("name", "type", "status", "hostName", "osName", "productVersion", "description")
_MOST_COLUMNS = 6


def sections(raw: Mapping[str, Any]) -> list[Section]:
    """Return the tables for a peer's object: its settings, then one table for each list in it."""
    lists = {key: _as_list(key, value) for key, value in raw.items() if key not in _SHOWN}
    named = {key for keys in _ROLES.values() for key in keys}
    settings = [
        {"name": role, "value": "yes" if is_on(raw, keys) else "no"}
        for role, keys in _ROLES.items()
        if not raw.keys().isdisjoint(keys)
    ]
    plain = [key for key, rows in lists.items() if rows is None and key not in named]
    settings += [{"name": key, "value": raw[key]} for key in plain]
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
