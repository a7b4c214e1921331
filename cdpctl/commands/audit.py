"""Writes a line to the system log for each operation of a profile with `audit`, however it ends."""

from collections.abc import Iterable, Sequence

from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode, OutputError
from cdpctl.operations.run import Run
from cdpctl.output.streams import uninterrupted
from cdpctl.peers.models import Outcome, PeerResult


class AuditTrail:
    """Writes one line for one operation.

    Args:
        runtime: the command's runtime.
        operation: such as `stop`, `restart` or `api POST /peer/stop`.
        enabled: False if the command changes nothing.

    Attributes:
        begun: whether the arguments are valid. Errors before that are not logged.
        names: the names of the peers, if known.
        run: the operation, once it has begun.
    """

    def __init__(self, runtime: Runtime, operation: str, *, enabled: bool = True) -> None:
        self._runtime = runtime
        self._operation = operation
        self._due = enabled
        self.begun = False
        self.names: Sequence[str] = ()
        self.run: Run | None = None

    def __enter__(self) -> "AuditTrail":
        return self

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> None:
        """Write what is known of an operation that was ended by an error or a signal."""
        if error is not None and self.begun:
            code = getattr(error, "exit_code", ExitCode.INTERNAL)
            names = self.run.names if self.run is not None else self.names
            self._write(((self._outcome(name), name) for name in names), code)

    def done(self, results: Iterable[PeerResult], code: ExitCode) -> None:
        """Write the outcome of the operation."""
        self._write(((result.outcome, result.name) for result in results), code)

    def _outcome(self, name: str) -> Outcome:
        run = self.run
        if run is None:
            return Outcome.SKIPPED
        known = run.results.get(name) or run.accepted.get(name)
        if known is not None:
            return known.outcome
        return Outcome.UNKNOWN if name in run.in_flight else Outcome.SKIPPED

    def _write(self, peers: Iterable[tuple[Outcome, str]], code: ExitCode) -> None:
        if not self._due:
            return
        self._due = False
        settings = self._runtime.settings
        if settings.audit != "syslog":
            return
        from cdpctl.output.audit import AuditRecord, account, write_audit

        outcomes: dict[str, list[str]] = {}
        for outcome, name in peers:
            outcomes.setdefault(outcome.value, []).append(name)

        record = AuditRecord(
            account(),
            settings.profile,
            settings.url or "",
            settings.username,
            self._operation,
            outcomes,
            int(code),
        )
        try:
            with uninterrupted(deliver=True):
                write_audit(record)
        except OutputError as error:
            self._runtime.output.warn(error.message)
            self._runtime.output.say(f"hint: {error.hint}")
