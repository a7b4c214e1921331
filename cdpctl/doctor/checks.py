"""The checks of `cdpctl doctor` and their results."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from cdpctl.errors import CdpctlError, ExitCode
from cdpctl.text import command_line

#: The checks, in the order in which they run.
NAMES = ("configuration", "keyring", "dns", "tcp", "tls", "sso", "login", "token", "api", "version")
#: Put before the names of the standby CDP's checks.
STANDBY = "standby-"
OF_A_CDP = NAMES[2:]

# The most severe first.
_SEVERITY = (
    ExitCode.CONFIG,
    ExitCode.USAGE,
    ExitCode.UNREACHABLE,
    ExitCode.AUTH,
    ExitCode.FORBIDDEN,
    ExitCode.FAILED,
    ExitCode.NOT_FOUND,
)


class Status(StrEnum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


class Check(NamedTuple):
    """The result of one check.

    Attributes:
        hint: what to do about it, or None.
        code: the exit code of a failure.
    """

    name: str
    status: Status
    message: str
    hint: str | None = None
    code: ExitCode = ExitCode.OK

    def to_json(self) -> dict[str, Any]:
        """Return the record of `cdpctl.doctor/1`."""
        return {
            "name": self.name,
            "ok": None if self.status is Status.SKIPPED else self.status is not Status.FAILED,
            "status": self.status.value,
            "message": self.message,
            "hint": self.hint,
        }


class Examination:
    """The results so far, one for each check.

    Args:
        show: takes each result at once.

    Attributes:
        prefix: put before the names of the checks that follow: nothing, or `STANDBY`.
    """

    def __init__(self, show: Callable[[Check], None]) -> None:
        self._show = show
        self.prefix = ""
        self.checks: list[Check] = []

    def add(self, check: Check) -> None:
        """Add a result."""
        check = check._replace(name=f"{self.prefix}{check.name}")
        self.checks.append(check)
        self._show(check)

    def passed(self, name: str, message: str, hint: str | None = None) -> None:
        """Add a check that passed. If there is something to do about it, it is a warning."""
        self.add(Check(name, Status.OK if hint is None else Status.WARNING, message, hint))

    def skip(self, name: str, message: str) -> None:
        """Add a check that was not needed or not possible."""
        self.add(Check(name, Status.SKIPPED, message))

    def fail(self, name: str, error: CdpctlError) -> None:
        """Add a check that failed."""
        # The user is running `cdpctl doctor` already.
        hints = [each for each in error.hints if each != command_line.to_doctor]
        self.add(Check(name, Status.FAILED, error.message, "; ".join(hints) or None, error.exit_code))

    def skip_rest(self, why: str) -> None:
        """Add every remaining check as skipped."""
        done = {check.name for check in self.checks}
        for name in OF_A_CDP if self.prefix else NAMES:
            if f"{self.prefix}{name}" not in done:
                self.skip(name, f"not checked: {why}")

    @property
    def exit_code(self) -> ExitCode:
        """The exit code of the most severe failure, or 0."""
        codes = {check.code for check in self.checks if check.status is Status.FAILED}
        worst = next((code for code in _SEVERITY if code in codes), ExitCode.FAILED)
        return worst if codes else ExitCode.OK
