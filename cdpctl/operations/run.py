"""A running operation: the states of its peers, and the results so far."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence

from cdpctl.cdp.client import CdpClient
from cdpctl.cdp.responses import Accepted
from cdpctl.deadline import Deadline, sleep
from cdpctl.errors import CdpctlError, ExitCode
from cdpctl.operations.model import START, STOP, Options, Report, Reporter, Request
from cdpctl.peers.models import Outcome, Peer, PeerResult, exit_code_of
from cdpctl.text import command_line


class Run:
    """The state that the steps of an operation share, and the record of what was sent.

    The record must be true at any moment, because a signal may end the run between any two steps. So a
    name is recorded before its request is sent, and added to its next place before it is removed from the
    previous one.

    Attributes:
        deadline: the deadline of the current step. In a restart, of the current batch.
        known: the peers as last seen, by name.
        unlisted: names that the last read did not list.
        seen: names that were read since their last request was sent.
        before: the status of each peer when first seen.
        changed: names whose status has changed since their last request was sent.
        sent: the last verb sent for each name. Removed only if nothing can have been sent.
        in_flight: names whose request is being sent and has no answer yet.
        refused: the error for each name in a refused request for many peers.
        accepted: names that are followed, each with its result in case the run ends now.
        lost: the errors of followed peers whose answer was lost, although their request may have arrived.
        down: names that a restart has stopped, or may have stopped, and not started again.
        cautions: warnings that the user must see before approving the run.
        must_confirm: why the run needs confirmation even if only names were given.
        goal: the word for what a wait waits for.
    """

    def __init__(
        self,
        session: CdpClient,
        deadline: Deadline,
        options: Options,
        reporter: Reporter,
        operation: str,
        names: Sequence[str] = (),
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = sleep,
    ) -> None:
        self.session = session
        self.deadline = self.overall = deadline
        self.options = options
        self.reporter = reporter
        self.operation = operation
        self.names = names
        self.clock, self.sleep = clock, sleep
        self.known: dict[str, Peer] = {}
        self.unlisted: set[str] = set()
        self.seen: set[str] = set()
        self.before: dict[str, str | None] = {}
        self.changed: set[str] = set()
        self.sent: dict[str, str] = {}
        self.in_flight: set[str] = set()
        self.refused: dict[str, CdpctlError] = {}
        self.accepted: dict[str, PeerResult] = {}
        self.lost: dict[str, CdpctlError] = {}
        self.down: dict[str, None] = {}
        self.results: dict[str, PeerResult] = {}
        self.requests: list[Request] = []
        self.cautions: list[str] = []
        self.must_confirm = ""
        self.goal = ""
        self._untold: dict[str, PeerResult] = {}
        self._warned: set[str] = set()

    def warn(self, text: str) -> None:
        """Show a warning, unless it has been shown before."""
        if text not in self._warned:
            self._warned.add(text)
            self.reporter.warn(text)

    def tell_cautions(self) -> None:
        """Show all cautions as warnings."""
        for text in self.cautions:
            self.warn(text)

    @property
    def unsettled(self) -> list[str]:
        """The names without a result."""
        return [name for name in self.names if name not in self.results]

    @property
    def elapsed(self) -> float:
        """Seconds since the run began, without the time of questions."""
        return self.overall.elapsed

    def result(
        self,
        name: str,
        outcome: Outcome,
        message: str,
        *,
        http_status: int | None = None,
        reason: ExitCode = ExitCode.OK,
    ) -> PeerResult:
        """Return a result for a peer in its current state, without settling it."""
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

    def record_sent(self, verb: str, names: Sequence[str]) -> None:
        """Record that a request for `names` is about to be sent."""
        self.in_flight.update(names)
        self.sent.update(dict.fromkeys(names, verb))
        self.seen.difference_update(names)
        self.changed.difference_update(names)

    def record_unsent(self, names: Iterable[str]) -> None:
        """Record that nothing can have been sent for `names`."""
        for name in names:
            if self.sent.get(name) == START.verb and name in self.down:
                self.sent[name] = STOP.verb
            else:
                self.sent.pop(name, None)
            self.in_flight.discard(name)

    def _may_start(self, name: str) -> bool:
        open_ends = (Outcome.UNKNOWN, Outcome.TIMED_OUT)
        return self.sent.get(name) == START.verb and self.results[name].outcome in open_ends

    def is_half_restarted(self, name: str) -> bool:
        """Return whether the last request of a restart for this peer was its stop."""
        return self.operation == "restart" and self.sent.get(name) == STOP.verb

    def may_be_down(self, result: PeerResult) -> bool:
        """Return whether a peer may be stopped or stopping although its stop was not confirmed."""
        if result.outcome is Outcome.FAILED:
            # A refused stop leaves the status as it was. A fault after an accepted stop changes it.
            return result.status != self.before[result.name]
        return result.outcome in (Outcome.TIMED_OUT, Outcome.UNKNOWN)

    def settle(self, result: PeerResult) -> None:
        """Record the final result of a peer and show it."""
        self.settle_all([result])

    def settle_all(self, results: Iterable[PeerResult]) -> None:
        """Record the final results of peers, and then show them."""
        made = {result.name: self._true_result(result) for result in results}
        self._untold.update(
            (name, result)
            for name, result in made.items()
            if result.outcome is not Outcome.CONFIRMED or not self.is_half_restarted(name)
        )
        self.results.update(made)
        self.in_flight.difference_update(made)
        for name, result in made.items():
            self.accepted.pop(name, None)
            self.lost.pop(name, None)
            if name in self._untold:
                self._tell(name)
            else:
                # The start that follows will give the peer its result.
                self.reporter.state(name, result.status or "stopped", self.elapsed)

    def _tell(self, name: str) -> None:
        self.reporter.result(self._untold[name])
        del self._untold[name]

    def _true_result(self, result: PeerResult) -> PeerResult:
        """Return the result, but not "not attempted" if a request was sent for the peer."""
        if result.outcome is not Outcome.SKIPPED:
            return result
        name = result.name
        if name in self.down and name in self.sent:
            outcome = Outcome.TIMED_OUT if self.deadline.expired else Outcome.FAILED
            message = f"stopped, but not started again: {result.message}"
            return result._replace(outcome=outcome, message=message, reason=ExitCode.OK)
        if (refusal := self.refused.get(name)) is not None:
            message, status = f"{refusal.message}; {result.message}", refusal.http_status
            return self.result(name, Outcome.FAILED, message, http_status=status, reason=ExitCode.FAILED)
        return result

    def settle_again(self, name: str, outcome: Outcome, message: str) -> None:
        """Settle an accepted peer with another outcome, and keep the HTTP status of its answer."""
        status = self.accepted[name].http_status
        self.settle(self.result(name, outcome, message, http_status=status))

    def record_accepted(self, names: Sequence[str], receipt: Accepted) -> None:
        """Record that the CDP accepted the request for `names`, and settle or follow each."""
        status, message = receipt
        results = [self.result(name, Outcome.ACCEPTED, message, http_status=status) for name in names]
        self.accepted.update(zip(names, results, strict=True))
        if self.options.wait:
            for result in results:
                self.follow(result)
        else:
            self.settle_all(results)

    def follow(self, result: PeerResult, state: str = "accepted") -> None:
        """Follow a peer until it is settled.

        Args:
            result: the peer's result in case the run ends now.
            state: the state to show until the peer is read again.
        """
        self.accepted[result.name] = result
        self.in_flight.discard(result.name)
        self.reporter.state(result.name, state, self.elapsed)

    def skip(self, names: Iterable[str], message: str) -> None:
        """Settle those of `names` that have no result yet as not attempted."""
        done = (self.results, self.accepted, self.in_flight)
        left = [name for name in names if not any(name in each for each in done)]
        self.settle_all([self.result(name, Outcome.SKIPPED, message) for name in left])

    def update_known(self, peers: Mapping[str, Peer]) -> None:
        """Record the states in a read of the grid."""
        known, before, seen = self.known, self.before, self.seen
        for name in self.names:
            peer = peers.get(name)
            if peer is None:
                self.unlisted.add(name)
                continue
            self.unlisted.discard(name)
            was = known.get(name)
            known[name] = peer if peer.type or was is None else peer._replace(type=was.type)
            if peer.status is not None:
                seen.add(name)
                if was is not None and peer.status != was.status:
                    self.changed.add(name)
                    self.reporter.state(name, peer.status, self.elapsed)
            before.setdefault(name, peer.status)

    def report(self, error: CdpctlError | None = None) -> Report:
        """Return the report, after giving every peer without a result the one that fits."""
        for name in list(self._untold):
            self._tell(name)
        ended = "was interrupted" if error is not None else "ended"
        for name in self.names:
            if name in self.results:
                continue
            if name in self.accepted:
                self.settle(self.accepted[name])
            elif name in self.in_flight:
                message = f"its request may have arrived: the run {ended} before the answer came; "
                check = f"check before you retry: {command_line('peer show', name)}"
                self.settle(self.result(name, Outcome.UNKNOWN, f"{message}{check}"))
            else:
                self.settle(self.result(name, Outcome.SKIPPED, f"not attempted: the run {ended}"))
        results = tuple(self.results[name] for name in self.names)
        return Report(
            self.operation,
            results,
            exit_code_of(results) if error is None else error.exit_code,
            error,
            {name: peer.status if (peer := self.known.get(name)) else None for name in self.down},
            frozenset(name for name in self.down if self._may_start(name)),
            tuple(self.requests),
            self.goal,
        )
