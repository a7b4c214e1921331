"""A grid in memory with its own clock, for tests of operations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, cast

from cdpctl.cdp.client import CdpClient
from cdpctl.cdp.responses import Accepted, PeerList
from cdpctl.deadline import Deadline
from cdpctl.errors import CdpctlError, Interruption, NotFoundError
from cdpctl.operations.interrupted import interrupted_report
from cdpctl.operations.model import Options, Report
from cdpctl.operations.run import Run
from cdpctl.peers.models import Peer, PeerResult
from tests.support.clock import Clock

ROOT = "https://cdp:38080/baocdp/rest"
LONG_TYPES = {
    "CDP": "Configuration Distribution Peer",
    "AP": "Activity Peer",
    "LAP": "Lightweight Activity Peer",
}


class FakeGrid:
    """Peers that change some seconds after the request.

    Attributes:
        root: as of a client.
        sent: the requests, such as `stop AP1` or `stop [AP1 AP2]`.
        reads: the paths of reads.
        refusals: the errors to raise, by request as in `sent`.
        effects: the status after a request, if it is not the usual one.
        lost: requests that take effect although their error is raised.
        listed: the names in `/info/peer`. None means all.
        detailed: the names in `/peer`. None means all.
    """

    def __init__(self, peers: Iterable[str], clock: Clock, *, takes: float = 1.0) -> None:
        self.root = ROOT
        self.unanswered_login = ""
        self.clock, self.takes = clock, takes
        self.types = dict.fromkeys(peers, "AP")
        self.status: dict[str, str | None] = dict.fromkeys(self.types, "RUNNING")
        self.coming: dict[str, tuple[float, str]] = {}
        self.going: dict[str, float] = {}
        self.settings: dict[str, dict[str, Any]] = {name: {} for name in self.types}
        self.updates: list[tuple[float, Mapping[str, Any]]] = []
        self.sent: list[str] = []
        self.reads: list[str] = []
        self.refusals: dict[str, CdpctlError] = {}
        self.effects: dict[str, str] = {}
        self.lost: set[str] = set()
        self.listed: set[str] | None = None
        self.detailed: set[str] | None = None
        self.info_served = self.plain_served = True
        self.read_failures: list[CdpctlError] = []

    def ensure_token(self) -> None:
        """Do nothing: there is a token."""

    def _peers(self) -> dict[str, str | None]:
        for name, (when, status) in list(self.coming.items()):
            if self.clock.now >= when:
                self.status[name] = status
                del self.coming[name]
        for when, change in [each for each in self.updates if self.clock.now >= each[0]]:
            self.settings[change["name"]] |= change
            self.updates.remove((when, change))
        for name, when in list(self.going.items()):
            if self.clock.now >= when:
                del self.going[name], self.status[name], self.types[name]
        return self.status

    def _fail_read(self, path: str) -> None:
        self.reads.append(path)
        if self.read_failures:
            raise self.read_failures.pop(0)

    def list_peer_info(self) -> PeerList | None:
        self._fail_read("/info/peer")
        if not self.info_served:
            return None
        return PeerList(
            tuple(
                Peer.from_wire({"name": name, "type": LONG_TYPES[self.types[name]], "status": status})
                for name, status in self._peers().items()
                if self.listed is None or name in self.listed
            )
        )

    def list_peers(self, _deadline: Deadline | None = None) -> PeerList | None:
        self._fail_read("/peer")
        if not self.plain_served:
            return None
        self._peers()
        return PeerList(
            tuple(
                Peer.from_wire({"name": name, "type": kind, **self.settings.get(name, {})})
                for name, kind in self.types.items()
                if self.detailed is None or name in self.detailed
            )
        )

    def get_peer(self, name: str, _deadline: Deadline | None = None) -> Mapping[str, Any]:
        self.reads.append(f"/peer/{name}")
        if name not in self.types:
            raise NotFoundError("none", http_status=404)
        return {"name": name, "type": self.types[name], "loggingInfo": [], **self.settings.get(name, {})}

    def _change(self, what: str, names: Sequence[str], verb: str) -> Accepted:
        self.sent.append(what)
        refusal = self.refusals.get(what)
        if refusal is None or what in self.lost:
            for name in names:
                target = self.effects.get(f"{verb} {name}", "STOPPED" if verb == "stop" else "RUNNING")
                self.status[name] = "STOPPING" if verb == "stop" else "STARTING"
                self.coming[name] = (self.clock.now + self.takes, target)
        if refusal is not None:
            raise refusal
        return Accepted(204, "Accepted")

    def stop(self, name: str, _deadline: Deadline | None = None) -> Accepted:
        return self._change(f"stop {name}", [name], "stop")

    def start(self, name: str, _deadline: Deadline | None = None) -> Accepted:
        return self._change(f"start {name}", [name], "start")

    def stop_many(self, names: Sequence[str], _deadline: Deadline | None = None) -> Accepted:
        return self._change(f"stop [{' '.join(names)}]", names, "stop")

    def update(self, peers: Sequence[Mapping[str, Any]], _deadline: Deadline | None = None) -> Accepted:
        what = f"update [{' '.join(each['name'] for each in peers)}]"
        self.sent.append(what)
        refusal = self.refusals.get(what)
        if refusal is None or what in self.lost:
            self.updates += [(self.clock.now + self.takes, each) for each in peers]
        if refusal is not None:
            raise refusal
        return Accepted(204, "Accepted")

    def delete(self, name: str, _deadline: Deadline | None = None) -> Accepted:
        what = f"delete {name}"
        self.sent.append(what)
        refusal = self.refusals.get(what)
        if refusal is None or what in self.lost:
            self.going[name] = self.clock.now + self.takes
        if refusal is not None:
            raise refusal
        return Accepted(204, "Accepted")

    def start_many(self, names: Sequence[str], _deadline: Deadline | None = None) -> Accepted:
        return self._change(f"start [{' '.join(names)}]", names, "start")


class Told:
    """Records the messages of an operation."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.states: list[str] = []
        self.decisions: list[str] = []
        self.results: list[PeerResult] = []

    def note(self, text: str) -> None:
        self.notes.append(text)

    def warn(self, text: str) -> None:
        self.warnings.append(text)

    def debug(self, level: int, text: str) -> None:
        self.decisions.append(f"{level} {text}")

    def result(self, result: PeerResult) -> None:
        self.results.append(result)

    def state(self, name: str, state: str, elapsed: float) -> None:
        self.states.append(f"{name} {state}")


def run_on(
    grid: FakeGrid, names: Sequence[str], operation: str = "stop", seconds: float = 60.0, **options: Any
) -> Run:
    """Return a run on a grid in memory."""
    return Run(
        cast(CdpClient, grid),
        Deadline(seconds, grid.clock),
        Options(**options),
        Told(),
        operation,
        names=names,
        clock=grid.clock,
        sleep=grid.clock.sleep,
    )


def perform(work: Callable[..., None], run: Run, *arguments: Any, **named: Any) -> Report:
    """Do the work of a run, and return its report, as a command does."""
    try:
        work(run, *arguments, **named)
        return run.report()
    except Interruption as interruption:
        return interrupted_report(run, interruption)


def outcomes(results: Iterable[PeerResult]) -> dict[str, str]:
    """Return outcomes by name."""
    return {result.name: result.outcome.value for result in results}
