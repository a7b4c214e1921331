"""Checks peers for monitoring: each has one of the states of a monitoring plugin."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from enum import IntEnum
from types import MappingProxyType
from typing import Any, NamedTuple

from cdpctl.errors import CdpctlError
from cdpctl.peers.models import Peer, is_passing
from cdpctl.text import printable

_NONE: Mapping[str, str] = MappingProxyType({})


class State(IntEnum):
    """The exit codes of the Monitoring Plugins guidelines."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


class CheckedPeer(NamedTuple):
    """The result of checking one peer.

    Attributes:
        state: OK if it is as expected, WARNING if it is in between or has no status, CRITICAL if it is in
            any other state or missing.
        message: its status, or why it is not known.
    """

    name: str
    type: str | None
    status: str | None
    state: State
    message: str

    def to_json(self) -> dict[str, Any]:
        """Return the record of `cdpctl.check/1`."""
        return {
            "name": self.name,
            "type": self.type,
            "status": self.status,
            "ok": self.state is State.OK,
            "state": self.state.name.lower(),
            "message": self.message,
        }


class GridCheck(NamedTuple):
    """The result of checking one grid.

    Attributes:
        grid: the profile's name.
        peers: the checked peers.
        seconds: how long the read took.
        read_at: when it was read, in seconds since the epoch.
        error: why the grid could not be read, or None.
        url: the URL of the CDP that was read.
    """

    grid: str
    peers: tuple[CheckedPeer, ...]
    seconds: float
    read_at: float
    error: CdpctlError | None = None
    url: str | None = None

    @property
    def state(self) -> State:
        """UNKNOWN if the grid cannot be read or no peer was checked, else the worst state of its peers."""
        if self.error is not None or not self.peers:
            return State.UNKNOWN
        return max(peer.state for peer in self.peers)


def check_peers(
    peers: Iterable[Peer],
    expected: str,
    *,
    missing: Mapping[str, str] = _NONE,
    contradictory: Collection[str] = (),
) -> tuple[CheckedPeer, ...]:
    """Compare peers with the state that they should have.

    Args:
        peers: the peers to check.
        expected: `RUNNING` or `STOPPED`.
        missing: names that the grid does not have, each with what was meant.
        contradictory: names that the CDP lists with different states or types.

    Returns:
        One entry for each peer, in order, with the missing ones last.
    """
    checked = []
    for peer in peers:
        if peer.name in contradictory:
            state, message = State.CRITICAL, "listed twice, with different types or states"
        elif peer.is_at(expected):
            state, message = State.OK, expected.lower()
        elif peer.status is None or not peer.status.strip():
            state, message = State.WARNING, "no status reported"
        else:
            state = State.WARNING if is_passing(peer.status) else State.CRITICAL
            message = printable(peer.status, 40)
        checked.append(CheckedPeer(peer.name, peer.type, peer.status, state, message))
    checked += [
        CheckedPeer(name, None, None, State.CRITICAL, f"not found{meant}") for name, meant in missing.items()
    ]
    return tuple(checked)


def overall(grids: Sequence[GridCheck]) -> State:
    """Return the worst state of several grids. CRITICAL comes before UNKNOWN."""
    states = {grid.state for grid in grids}
    order = (State.CRITICAL, State.UNKNOWN, State.WARNING, State.OK)
    return next((state for state in order if state in states), State.UNKNOWN)
