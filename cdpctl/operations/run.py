"""One operation under way: its options, what is known of every peer, the results so far."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from cdpctl.cdp.client import CdpClient
from cdpctl.deadline import Deadline
from cdpctl.errors import CdpctlError, ExitCode
from cdpctl.peers.models import RUNNING, STOPPED, Outcome, Peer, PeerResult, exit_code_of


class Action(NamedTuple):
    """A verb of the API and the state it leads to."""

    verb: str
    target: str
    done: str
    doing: str


STOP = Action("stop", STOPPED, "stopped", "stopping")
START = Action("start", RUNNING, "running", "starting")


class Options(NamedTuple):
    """How an operation goes about its work.

    Attributes:
        wait: follow every accepted peer until it is there.
        interval: seconds between two looks at the grid.
        each: one PUT a peer even where one POST would do.
        parallel: how many PUTs at a time, at most.
        strict: send nothing unless every name is good.
        fail_fast: send nothing more after the first request that did not end well.
        dry_run: say what would be sent, and send nothing.
        preflight: look at the grid first.
    """

    wait: bool = False
    interval: float = 2.0
    each: bool = False
    parallel: int = 8
    strict: bool = False
    fail_fast: bool = False
    dry_run: bool = False
    preflight: bool = True


class Reporter(Protocol):
    """Who is told while an operation runs; the output layer, or a test."""

    def note(self, text: str) -> None:
        """Take a piece of information."""

    def warn(self, text: str) -> None:
        """Take a warning."""

    def debug(self, level: int, text: str) -> None:
        """Take a decision (1) or a detail (2, 3)."""

    def result(self, result: PeerResult) -> None:
        """Take the final result of a peer."""

    def state(self, name: str, state: str, elapsed: float) -> None:
        """Take a peer's state, each time it is seen to change."""


class Request(NamedTuple):
    """A request as `--dry-run` shows it."""

    method: str
    url: str
    body: str | None


class Report(NamedTuple):
    """All that came of an operation, a result for every peer in the order asked.

    Attributes:
        error: what broke the run off, or None.
        left_down: peers that a restart stopped and did not bring back.
        requests: what a dry run would have sent.
    """

    operation: str
    results: tuple[PeerResult, ...]
    error: CdpctlError | None = None
    left_down: tuple[str, ...] = ()
    requests: tuple[Request, ...] = ()

    @property
    def exit_code(self) -> ExitCode:
        """The code of the whole: the interruption's, or what the results add up to."""
        return self.error.exit_code if self.error is not None else exit_code_of(self.results)


@dataclass
class Run:
    """The state that the steps of an operation share.

    Attributes:
        known: the peers as last seen, by name.
        before: the status of each peer when first seen, for telling a change.
        in_flight: names whose request is out and unanswered.
        down: names a restart has stopped (or may have) and not brought back.
        cautions: what whoever approves the run must know.
        must_confirm: why it has to be confirmed even where the names alone are no reason to ask.
        halfway: a confirmed peer has the other half of a restart before it, and no final result yet.
    """

    session: CdpClient
    deadline: Deadline
    options: Options
    reporter: Reporter
    operation: str
    names: Sequence[str] = ()
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    known: dict[str, Peer] = field(default_factory=dict)
    before: dict[str, str | None] = field(default_factory=dict)
    in_flight: set[str] = field(default_factory=set)
    accepted: dict[str, PeerResult] = field(default_factory=dict)
    down: dict[str, None] = field(default_factory=dict)
    results: dict[str, PeerResult] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    cautions: list[str] = field(default_factory=list)
    must_confirm: str = ""
    halfway: bool = False
    _warned: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._started = self.clock()

    def warn(self, text: str) -> None:
        """Warn, once of each thing."""
        if text not in self._warned:
            self._warned.add(text)
            self.reporter.warn(text)

    def tell_cautions(self) -> None:
        """Warn of everything that whoever approves the run must know."""
        for text in self.cautions:
            self.warn(text)

    @property
    def elapsed(self) -> float:
        """Seconds since the run began."""
        return self.clock() - self._started

    def result(
        self,
        name: str,
        outcome: Outcome,
        message: str,
        *,
        http_status: int | None = None,
        reason: ExitCode = ExitCode.OK,
    ) -> PeerResult:
        """Make a result of a peer from what is known of it now, without settling it."""
        peer = self.known.get(name)
        return PeerResult(
            name,
            outcome,
            message,
            type=peer.type if peer else None,
            status=peer.status if peer else None,
            http_status=http_status,
            elapsed=self.elapsed,
            reason=reason,
        )

    def settle(self, result: PeerResult) -> None:
        """Record the final result of a peer and tell it."""
        self.in_flight.discard(result.name)
        self.accepted.pop(result.name, None)
        if result.outcome is Outcome.SKIPPED and result.name in self.down and not self.halfway:
            # Of a restart it has had the stop: not started is worse than never attempted.
            outcome = Outcome.TIMED_OUT if self.deadline.expired else Outcome.FAILED
            message = f"stopped, and not started again: {result.message}"
            result = result._replace(outcome=outcome, message=message, reason=ExitCode.OK)
        self.results[result.name] = result
        if self.halfway and result.outcome is Outcome.CONFIRMED:
            # The start that follows gives the peer its result.
            self.reporter.state(result.name, result.status or "stopped", self.elapsed)
        else:
            self.reporter.result(result)

    def settle_again(self, name: str, outcome: Outcome, message: str) -> None:
        """Settle an accepted peer with another outcome, its answer's status kept."""
        was = self.accepted.get(name)
        self.settle(self.result(name, outcome, message, http_status=was.http_status if was else None))

    def accept(self, result: PeerResult, state: str = "accepted") -> None:
        """Record that the CDP took the request for a peer that is still to be followed.

        Args:
            result: the peer's if the run ended now.
            state: shown until a read says more.
        """
        self.in_flight.discard(result.name)
        self.accepted[result.name] = result
        self.reporter.state(result.name, state, self.elapsed)

    def skip(self, names: Iterable[str], message: str) -> None:
        """Settle as never attempted every one of `names` that has no result yet."""
        for name in names:
            if name not in self.results and name not in self.accepted and name not in self.in_flight:
                self.settle(self.result(name, Outcome.SKIPPED, message))

    def update_known(self, peers: Mapping[str, Peer]) -> None:
        """Take in a look at the grid."""
        for name in self.names:
            peer = peers.get(name)
            if peer is None:
                continue
            was = self.known.get(name)
            self.known[name] = peer if peer.type or was is None else peer._replace(type=was.type)
            if was is not None and peer.status is not None and peer.status != was.status:
                self.reporter.state(name, peer.status, self.elapsed)
            self.before.setdefault(name, peer.status)

    def report(self, error: CdpctlError | None = None) -> Report:
        """Close the books: whoever has no result by now gets the one that is true."""
        for name in self.names:
            if name in self.results:
                continue
            if name in self.in_flight:
                message = "the run ended before the answer came; check before you retry"
                self.settle(self.result(name, Outcome.UNKNOWN, message))
            elif name in self.accepted:
                self.settle(self.accepted[name])
            else:
                self.settle(self.result(name, Outcome.SKIPPED, "never attempted: the run ended before"))
        return Report(
            self.operation,
            tuple(self.results[name] for name in self.names),
            error,
            tuple(self.down),
            tuple(self.requests),
        )
