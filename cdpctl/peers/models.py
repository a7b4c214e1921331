"""Peers, outcomes and results. They are immutable, and checked when they are read."""

import re
from collections.abc import Collection, Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from cdpctl.errors import ExitCode

CDP, HA_CDP, AP, LAP = "CDP", "HA-CDP", "AP", "LAP"
RUNNING, STOPPED = "RUNNING", "STOPPED"
#: The types that the grid depends on. The vendor says not to stop them.
VITAL = frozenset({CDP, HA_CDP})
_FAULT_WORDS = ("FAULT", "FAIL", "ERROR")


class Outcome(StrEnum):
    """How an operation ended for one peer."""

    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    UNCHANGED = "unchanged"
    PLANNED = "planned"
    NOT_FOUND = "not_found"
    REFUSED = "refused"
    FAILED = "failed"
    TIMED_OUT = "timed_out"
    UNKNOWN = "unknown"
    SKIPPED = "skipped"

    @property
    def ok(self) -> bool:
        """Whether the peer is in the state asked for, or on its way there."""
        return self in _OK


# A tuple, because an enum computes its hash slowly.
_OK = (Outcome.ACCEPTED, Outcome.CONFIRMED, Outcome.UNCHANGED, Outcome.PLANNED)


def peer_type(raw: object) -> str | None:
    """Turn the server's name for a peer's type into `CDP`, `HA-CDP`, `AP` or `LAP`, or return it unchanged.

    `GET /peer` says `CDP` and `GET /info/peer` says `Configuration Distribution Peer`. The long name of
    an HA-CDP is not documented, so any other name that mentions a CDP counts as HA-CDP: to stop one by
    mistake would be worse than to refuse another peer. For the same reason a list or an object counts
    if it mentions a CDP.
    """
    if isinstance(raw, str):
        return _known_type(raw)
    found = _known_type(str(raw)) if isinstance(raw, list | dict) else None
    return found if found in VITAL else None


# Thousands of peers share a handful of types.
@lru_cache(maxsize=64)
def _known_type(raw: str) -> str | None:
    packed = re.sub(r"[^a-z0-9]+", "", raw.lower())
    if packed in ("cdp", "configurationdistributionpeer"):
        return CDP
    if "cdp" in packed or "configurationdistribution" in packed:
        return HA_CDP
    if packed == "lap" or "lightweight" in packed:
        return LAP
    if packed == "ap" or "activitypeer" in packed:
        return AP
    return raw.strip() or None


def _status(raw: object) -> str | None:
    text = "" if raw is None else str(raw)
    return text if text.strip() else None


@lru_cache(maxsize=256)
def normalised(status: str | None) -> str:
    """Return a status for comparisons: upper case, single spaces, empty if there is none."""
    return " ".join(status.upper().split()) if status else ""


def mentions_fault(status: str) -> bool:
    """Return whether a status mentions a fault. The documentation lists no such status."""
    return any(word in status.upper() for word in _FAULT_WORDS)


def is_passing(status: str) -> bool:
    """Return whether a status is one between running and stopped, such as STARTING or PARTIALLY RUNNING.

    The documentation lists no such status. A word in -ING or about a part is taken for one.
    """
    first = re.split("[^A-Z]+", normalised(status))[0]
    between = first.startswith("PARTIAL") or (first.endswith("ING") and first != RUNNING)
    return between and not mentions_fault(status)


class Peer(NamedTuple):
    """One peer as read from the CDP.

    Attributes:
        name: case-sensitive.
        type: `CDP`, `HA-CDP`, `AP`, `LAP`, or the server's own word. None if it gave none.
        status: as the server wrote it, such as `RUNNING` or `STOPPED`. None if it gave none.
        raw: the server's own object, unchanged.
    """

    name: str
    type: str | None = None
    status: str | None = None
    host: str | None = None
    os: str | None = None
    version: str | None = None
    description: str | None = None
    raw: Mapping[str, Any] = MappingProxyType({})

    @classmethod
    def from_wire(cls, raw: Mapping[str, Any]) -> "Peer":
        """Read an entry of `peerInfoList` or `GET /peer`. Its name must be a non-empty string."""
        get = raw.get
        # Without loops and calls of our own, for speed: a grid may have thousands of peers.
        fields = (
            raw["name"],
            peer_type(get("type")),
            _status(get("status")),
            None if (host := get("hostName")) is None else str(host),
            None if (system := get("osName")) is None else str(system),
            None if (version := get("productVersion")) is None else str(version),
            None if (description := get("description")) is None else str(description),
            raw,
        )
        return tuple.__new__(cls, fields)

    @property
    def is_vital(self) -> bool:
        """Whether the grid depends on it, so that it must not be stopped."""
        return self.type in VITAL

    def is_at(self, wanted: str) -> bool:
        """Whether the peer has this status. Case does not matter."""
        return normalised(self.status) == wanted

    def to_json(self) -> dict[str, Any]:
        """Return the record of `cdpctl.peers/1`: every field but `raw`."""
        return dict(zip(PEER_RECORD, self, strict=False))


#: The keys of a peer's record, which are the names of its fields.
PEER_RECORD = Peer._fields[:-1]


class PeerResult(NamedTuple):
    """The outcome of one peer, and why.

    Attributes:
        http_status: the status of the answer that decided it. None if nothing was sent or no answer came.
        elapsed: seconds since the run began, without the time of questions.
        reason: the exit code for this result if no peer is ok.
        status: the peer's status when last seen, as the server wrote it.
    """

    name: str
    outcome: Outcome
    message: str
    type: str | None = None
    http_status: int | None = None
    status: str | None = None
    elapsed: float = 0.0
    reason: ExitCode = ExitCode.OK

    @property
    def ok(self) -> bool:
        """Whether the outcome is ok."""
        return self.outcome.ok

    def to_json(self) -> dict[str, Any]:
        """Return the record of `cdpctl.operation/1`."""
        return {
            "name": self.name,
            "type": self.type,
            "ok": self.ok,
            "outcome": str(self.outcome),
            "http_status": self.http_status,
            "message": self.message,
            "status": self.status,
            "elapsed": round(self.elapsed, 3),
        }


# The most severe first. 6 is not in the documented order, because an unreachable CDP usually ends a run
# before any peer has a result. If only some calls failed like this, a refusal is more severe.
_SEVERITY = (
    ExitCode.UNKNOWN,
    ExitCode.TIMEOUT,
    ExitCode.AUTH,
    ExitCode.FORBIDDEN,
    ExitCode.FAILED,
    ExitCode.UNREACHABLE,
    ExitCode.NOT_FOUND,
    ExitCode.USAGE,
    ExitCode.CONFIG,
)
_REASONS = {
    Outcome.NOT_FOUND: ExitCode.NOT_FOUND,
    Outcome.REFUSED: ExitCode.USAGE,
    Outcome.FAILED: ExitCode.FAILED,
    Outcome.TIMED_OUT: ExitCode.TIMEOUT,
    Outcome.UNKNOWN: ExitCode.UNKNOWN,
}


def exit_code_of(results: Collection[PeerResult]) -> ExitCode:
    """Return the exit code of an operation: 0, 3, or the most severe reason if no peer is ok.

    A run in which every peer was skipped counts as failed.
    """
    bad = [result for result in results if not result.ok]
    if not bad:
        return ExitCode.OK
    if len(bad) < len(results):
        return ExitCode.PARTIAL
    return most_severe({result.reason or _REASONS.get(result.outcome) for result in bad})


def most_severe(codes: Collection[ExitCode | None]) -> ExitCode:
    """Return the most severe of some exit codes. `FAILED` if none of them is in the order."""
    return next((code for code in _SEVERITY if code in codes), ExitCode.FAILED)
