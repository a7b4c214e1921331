"""What a check found, and the list of them all."""

from collections.abc import Callable
from enum import StrEnum
from typing import Any, NamedTuple

from cdpctl.errors import CdpctlError, ExitCode

#: Every check, in the order in which they are made.
NAMES = ("configuration", "keyring", "dns", "tcp", "tls", "sso", "login", "token", "api", "version")
#: Those of the standby CDP are called the same, with this before it.
STANDBY = "standby-"
OF_A_CDP = NAMES[2:]

# What keeps the most from working comes first.
_GRAVITY = (
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
    """One line of the doctor.

    Attributes:
        hint: what to do about it, or None.
        code: the exit code a failure stands for.
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
    """The checks made so far; each name gets exactly one.

    Args:
        tell: takes each check at once.
    """

    def __init__(self, tell: Callable[[Check], None]) -> None:
        self._tell = tell
        self._prefix = ""
        self.checks: list[Check] = []

    def turn_to_standby(self) -> None:
        """Take the checks that follow as those of the standby CDP."""
        self._prefix = STANDBY

    def add(self, check: Check) -> None:
        """Take a check."""
        check = check._replace(name=f"{self._prefix}{check.name}")
        self.checks.append(check)
        self._tell(check)

    def ok(self, name: str, message: str) -> None:
        """Note that all is well."""
        self.add(Check(name, Status.OK, message))

    def warn(self, name: str, message: str, hint: str | None = None) -> None:
        """Note something that works and should be known."""
        self.add(Check(name, Status.WARNING, message, hint))

    def skip(self, name: str, message: str) -> None:
        """Note that there was nothing to look at."""
        self.add(Check(name, Status.SKIPPED, message))

    def fail(self, name: str, error: CdpctlError) -> None:
        """Note what does not work."""
        # A way out that leads to the doctor leads nowhere from here.
        parts = [part for part in (error.hint or "").split("; ") if part and "cdpctl doctor" not in part]
        self.add(Check(name, Status.FAILED, error.message, "; ".join(parts) or None, error.exit_code))

    def skip_rest(self, why: str) -> None:
        """Note for every check that is left that it was not made."""
        done = {check.name for check in self.checks}
        for name in OF_A_CDP if self._prefix else NAMES:
            if f"{self._prefix}{name}" not in done:
                self.skip(name, f"not looked at: {why}")

    @property
    def exit_code(self) -> ExitCode:
        """The code of the gravest failure, 0 where there is none."""
        codes = {check.code for check in self.checks if check.status is Status.FAILED}
        if not codes:
            return ExitCode.OK
        return next((code for code in _GRAVITY if code in codes), ExitCode.FAILED)
