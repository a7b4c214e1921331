"""The settings that an update changes: how they are checked, sent and confirmed."""

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from cdpctl.peers.models import LAP, Peer
from cdpctl.text import did_you_mean, join_names, near_misses, one_of, printable, quoted

#: The documented log levels. WARN is the CDP's default.
LEVELS = ("WARN", "DEBUG", "OFF", "INFO", "ERROR")
#: One page of the vendor's documentation spells the key with an h. The other spelling is sent.
SYNC_POINT = ("metricsyncPoint", "metricsynchPoint")
WORKFLOW_SERVER = ("workflowServer",)


class Changes(NamedTuple):
    """The settings to change. Only what is given is sent.

    Attributes:
        levels: log levels by component.
    """

    description: str | None = None
    levels: Mapping[str, str] = {}
    metrics_sync: bool | None = None
    workflow_server: bool | None = None

    @property
    def roles(self) -> list[tuple[bool, tuple[str, ...], str]]:
        """The roles to change: whether each is wanted, its keys, and its name."""
        roles = (
            (self.metrics_sync, SYNC_POINT, "metrics sync point"),
            (self.workflow_server, WORKFLOW_SERVER, "workflow server"),
        )
        return [(wanted, keys, role) for wanted, keys, role in roles if wanted is not None]

    def body(self, name: str) -> dict[str, Any]:
        """Return the entry for one peer in the body of the call."""
        entry: dict[str, Any] = {"name": name}
        if self.description is not None:
            entry["description"] = self.description
        entry |= {keys[0]: "true" if wanted else "false" for wanted, keys, _ in self.roles}
        if self.levels:
            entry["loggingInfo"] = [
                {"componentName": component, "logLevel": level} for component, level in self.levels.items()
            ]
        return entry

    def bodies(self, names: Iterable[str]) -> list[dict[str, Any]]:
        """Return the body of the call."""
        return [self.body(name) for name in names]

    def missing(self, shown: Mapping[str, Any]) -> str:
        """Return, in words, the changes that a peer does not show yet. Empty if it shows all of them.

        Args:
            shown: the peer's object, as read from the CDP.
        """
        parts = []
        description = shown.get("description") or ""
        if self.description is not None and description != self.description:
            parts.append(f"description is {quoted(str(description), 40)}")
        levels = log_levels(shown)
        for component, level in self.levels.items():
            found = levels.get(component)
            if found is None or found.upper() != level:
                seen = printable(found or "not shown", 20)
                parts.append(f"log level of {printable(component, 60)} is {seen}, not {level}")
        for wanted, keys, role in self.roles:
            if is_on(shown, keys) is not wanted:
                what = role.removesuffix(" point")
                seen = ("off" if wanted else "on") if any(key in shown for key in keys) else "not shown"
                parts.append(f"{what} is {seen}, not {'on' if wanted else 'off'}")
        return "; ".join(parts)

    def why_not(self, peer: Peer) -> str:
        """Return why a peer cannot be changed like this. Empty if it can."""
        roles = [role for _, _, role in self.roles]
        if roles and peer.type == LAP:
            return f"a LAP cannot be a {' or a '.join(roles)}"
        if roles and peer.type is None:
            return f"the CDP does not show its type, and a LAP cannot be a {' or a '.join(roles)}"
        known = log_levels(peer.raw)
        if self.levels and not known:
            return "the CDP does not show its components, so their log levels cannot be checked"
        for component, level in self.levels.items():
            if component not in known:
                near = did_you_mean(near_misses(component, known)) or f"; it has {join_names(list(known))}"
                return f"it has no component {quoted(component)}{near}"
            levels = dict.fromkeys((*LEVELS, *(each.upper() for each in known.values())))
            if level not in levels:
                near = did_you_mean(near_misses(level, levels, 1)) or f"; use {one_of(list(levels))}"
                return f"unknown log level {quoted(level)}{near}"
        return ""


def is_on(shown: Mapping[str, Any], keys: tuple[str, ...]) -> bool:
    """Return whether a peer's object has a role, which the CDP writes as `"true"`."""
    for key in keys:
        if (value := shown.get(key)) is not None:
            return str(value).strip().lower() == "true"
    return False


def log_levels(shown: Mapping[str, Any]) -> dict[str, str]:
    """Return the log levels of a peer's object by component. A list of one may be a plain object."""
    entries = shown.get("loggingInfo")
    if isinstance(entries, Mapping):
        entries = [entries]
    return {
        each["componentName"]: each["logLevel"]
        for each in (entries if isinstance(entries, list) else ())
        if isinstance(each, Mapping)
        and isinstance(each.get("componentName"), str)
        and isinstance(each.get("logLevel"), str)
    }
