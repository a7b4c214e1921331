"""What a grid is made of and what becomes of its peers: frozen, checked on the way in."""

import re
from collections.abc import Collection, Iterable, Mapping
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Any, NamedTuple

from cdpctl.errors import ExitCode

CDP, HA_CDP, AP, LAP = "CDP", "HA-CDP", "AP", "LAP"
RUNNING, STOPPED = "RUNNING", "STOPPED"
#: The types that the grid depends on: they must not be stopped (vendor's page).
VITAL = frozenset({CDP, HA_CDP})


class Outcome(StrEnum):
    """What became of one peer in one operation."""

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
        """Whether the peer is where it was asked to be, or on its documented way there."""
        return self in _OK


_OK = frozenset({Outcome.ACCEPTED, Outcome.CONFIRMED, Outcome.UNCHANGED, Outcome.PLANNED})


def peer_type(raw: object) -> str | None:
    """Turn the server's name of a peer's type into `CDP`, `HA-CDP`, `AP`, `LAP`, or what it said.

    `GET /peer` says `CDP`, `GET /info/peer` says `Configuration Distribution Peer`; the long name of
    an HA-CDP is not documented, so whatever speaks of a CDP and is not plainly one is taken as HA-CDP:
    of the two mistakes possible, the other one stops a vital peer.
    """
    return _known_type(raw) if isinstance(raw, str) and raw.strip() else None


# A grid of thousands has a handful of types.
@lru_cache(maxsize=64)
def _known_type(raw: str) -> str:
    words = re.sub(r"[^a-z0-9]+", " ", raw.lower()).strip()
    packed = words.replace(" ", "")
    if packed in ("cdp", "configurationdistributionpeer"):
        return CDP
    if "cdp" in packed or "configurationdistribution" in packed:
        return HA_CDP
    if packed == "lap" or "lightweight" in packed:
        return LAP
    if packed == "ap" or "activitypeer" in packed:
        return AP
    return raw.strip()


def _text(raw: object) -> str | None:
    return raw if isinstance(raw, str) else None if raw is None else str(raw)


def _status(raw: object) -> str | None:
    text = _text(raw)
    return text if text is not None and text.strip() else None


@lru_cache(maxsize=256)
def normalised(status: str | None) -> str:
    """Return a status for comparing: without regard to case and blanks, empty where there is none."""
    return " ".join(status.upper().split()) if status else ""


class Peer(NamedTuple):
    """One peer as a read of the CDP showed it.

    Attributes:
        name: compared exactly; case counts.
        type: `CDP`, `HA-CDP`, `AP`, `LAP`, or what the server said; None where it said nothing.
        status: as the server wrote it (`RUNNING`, `STOPPED`, anything); None where no read reports one.
        raw: the server's own object, carried through unchanged.
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
        """Read an entry of `peerInfoList` or of `GET /peer`; `raw["name"]` must be a non-empty string."""
        get = raw.get
        # By position, and without a call for what is not there: a grid may have thousands.
        return cls(
            raw["name"],
            peer_type(get("type")),
            _status(get("status")),
            None if (host := get("hostName")) is None else _text(host),
            None if (system := get("osName")) is None else _text(system),
            None if (version := get("productVersion")) is None else _text(version),
            None if (description := get("description")) is None else _text(description),
            raw,
        )

    @property
    def is_vital(self) -> bool:
        """Whether the grid depends on it: a CDP or an HA-CDP must not be stopped."""
        return self.type in VITAL

    def is_at(self, wanted: str) -> bool:
        """Whether the peer is at `RUNNING` or `STOPPED`, without regard to case."""
        return normalised(self.status) == wanted

    def to_json(self) -> dict[str, Any]:
        """Return the record of `cdpctl.peers/1`."""
        return {
            "name": self.name,
            "type": self.type,
            "status": self.status,
            "host": self.host,
            "os": self.os,
            "version": self.version,
            "description": self.description,
        }


class PeerResult(NamedTuple):
    """What became of one peer, and why.

    Attributes:
        http_status: of the answer that decided it; None where nothing was sent or nothing came back.
        elapsed: seconds since the run began.
        reason: the exit code this result stands for when no peer is ok.
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
        """Whether the outcome is one of the good ones."""
        return self.outcome.ok

    def to_json(self) -> dict[str, Any]:
        """Return the record of `cdpctl.operation/1`."""
        return {
            "name": self.name,
            "type": self.type,
            "ok": self.ok,
            "outcome": self.outcome.value,
            "http_status": self.http_status,
            "message": self.message,
            "status": self.status,
            "elapsed": round(self.elapsed, 3),
        }


# The gravest first. 6 is not in the documented order, since an unreachable CDP ends a run before any
# peer has a result; where single calls of a run met it, it weighs less than a refusal.
_GRAVITY = (
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


def exit_code_of(results: Iterable[PeerResult]) -> ExitCode:
    """Return the exit code of a whole operation: 0, 3, or the gravest reason where no peer is ok.

    A run in which every peer was skipped has no reason of its own and counts as failed.
    """
    ok = not_ok = False
    reasons = set()
    for result in results:
        if result.ok:
            ok = True
            continue
        not_ok = True
        reasons.add(result.reason or _REASONS.get(result.outcome))
    if not not_ok:
        return ExitCode.OK
    if ok:
        return ExitCode.PARTIAL
    return gravest(reasons)


def gravest(codes: Collection[ExitCode | None]) -> ExitCode:
    """Return the gravest of exit codes; `FAILED` where none of them has a place in the order."""
    return next((code for code in _GRAVITY if code in codes), ExitCode.FAILED)
