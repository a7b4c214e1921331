"""Checks peers for monitoring: their states, a status line and performance data."""

from collections.abc import Collection, Iterable, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

from cdpctl.errors import CdpctlError
from cdpctl.peers.models import RUNNING, STOPPED, Peer, is_passing
from cdpctl.text import join_names, plural, printable

_MOST_NAMED = 10
_WORDS = {RUNNING: "running", STOPPED: "stopped"}


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
        message: its status, or why there is none.
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
    peers: Iterable[Peer], expected: str, *, missing: Iterable[str] = (), contradictory: Collection[str] = ()
) -> tuple[CheckedPeer, ...]:
    """Compare peers with the state that they should have.

    Args:
        peers: the peers to check.
        expected: `RUNNING` or `STOPPED`.
        missing: names that the grid does not have.
        contradictory: names that the CDP lists with different states or types.

    Returns:
        One entry for each peer, in order, with the missing ones last.
    """
    checked = []
    for peer in peers:
        if peer.name in contradictory:
            state, message = State.CRITICAL, "listed twice, with different types or states"
        elif peer.is_at(expected):
            state, message = State.OK, _WORDS[expected]
        elif peer.status is None or not peer.status.strip():
            state, message = State.WARNING, "no status reported"
        else:
            state = State.WARNING if is_passing(peer.status) else State.CRITICAL
            message = printable(peer.status, 40)
        checked.append(CheckedPeer(peer.name, peer.type, peer.status, state, message))
    checked += [CheckedPeer(name, None, None, State.CRITICAL, "not found") for name in missing]
    return tuple(checked)


def overall(grids: Sequence[GridCheck]) -> State:
    """Return the worst state of several grids. CRITICAL comes before UNKNOWN."""
    states = {grid.state for grid in grids}
    order = (State.CRITICAL, State.UNKNOWN, State.WARNING, State.OK)
    return next((state for state in order if state in states), State.UNKNOWN)


def status_line(grids: Sequence[GridCheck], expected: str) -> str:
    """Return the line that a monitoring plugin prints: service, state, text and performance data.

    The Monitoring Plugins guidelines give the format. A `|` separates the text from the data, so the
    text must not contain one.
    """
    word = _WORDS[expected]
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
    running = sum(_at(peer, RUNNING) for peer in grid.peers)
    stopped = sum(_at(peer, STOPPED) for peer in grid.peers)
    counts = {"running": running, "stopped": stopped, "other": total - running - stopped}
    return [
        *(f"{prefix}{label}={count};;;0;{total}" for label, count in counts.items()),
        f"{prefix}time={grid.seconds:.3f}s;;;0",
    ]


def _at(peer: CheckedPeer, wanted: str) -> bool:
    return (peer.status or "").strip().upper() == wanted
