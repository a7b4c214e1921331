"""The actions, options, messages and results of operations."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import NamedTuple, Protocol

from cdpctl.errors import CdpctlError, ExitCode
from cdpctl.peers.models import RUNNING, STOPPED, PeerResult

#: Called once, with the names that a request would be sent for. Raises UsageError if the user says no.
Approve = Callable[[Sequence[str]], None]


class Action(NamedTuple):
    """A verb of the API.

    Attributes:
        done: the word for its effect.
        target: the target state.
        transition: the state in transition.
    """

    verb: str
    done: str
    target: str = ""
    transition: str = ""


STOP = Action("stop", "stopped", STOPPED, "STOPPING")
START = Action("start", "running", RUNNING, "STARTING")
UPDATE = Action("update", "updated")
DELETE = Action("delete", "deleted")


class Options(NamedTuple):
    """Options of an operation.

    Attributes:
        wait: follow every accepted peer until it reaches the target state.
        interval: the most seconds between two polls of the grid.
        each: send one PUT per peer instead of one POST for all.
        parallel: the most PUTs at a time.
        strict: send nothing unless every peer can be changed.
        fail_fast: send nothing more after the first request that fails.
        dry_run: show what would be sent, and send nothing.
        preflight: read the grid first.
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
    """Gets messages and results while an operation runs: the output, or a test."""

    def note(self, text: str) -> None:
        """Show a note."""

    def warn(self, text: str) -> None:
        """Show a warning."""

    def debug(self, level: int, text: str) -> None:
        """Show a decision (1) or a detail (2, 3)."""

    def result(self, result: PeerResult) -> None:
        """Show the final result of a peer."""

    def state(self, name: str, state: str, elapsed: float) -> None:
        """Show a new state of a peer."""


class Request(NamedTuple):
    """A request as `--dry-run` shows it."""

    method: str
    url: str
    body: str | None


class Report(NamedTuple):
    """The results of an operation, one for every peer in the order given.

    Attributes:
        exit_code: that of the error, or else of all results together.
        error: the error that ended the run early, or None.
        left_down: peers that a restart stopped and did not start again, and their status when last seen.
        may_start: those of them whose start was sent and may still take effect.
        requests: the requests that a dry run did not send.
        goal: the word for what was waited for, such as `running`. Empty for other operations.
    """

    operation: str
    results: tuple[PeerResult, ...]
    exit_code: ExitCode
    error: CdpctlError | None = None
    left_down: Mapping[str, str | None] = MappingProxyType({})
    may_start: frozenset[str] = frozenset()
    requests: tuple[Request, ...] = ()
    goal: str = ""
