"""Exit codes, and every error this program raises on purpose."""

from enum import IntEnum
from typing import ClassVar


class ExitCode(IntEnum):
    """What the process returns; `cdpctl help exit-codes` shows the same list."""

    OK = 0
    FAILED = 1
    USAGE = 2
    PARTIAL = 3
    AUTH = 4
    NOT_FOUND = 5
    UNREACHABLE = 6
    UNKNOWN = 7
    TIMEOUT = 8
    FORBIDDEN = 9
    CONFIG = 10
    OUTPUT = 11
    INTERNAL = 70
    HANGUP = 129
    INTERRUPTED = 130
    TERMINATED = 143


class CdpctlError(Exception):
    """An error with a message for the user, a way out and an exit code.

    Args:
        message: what happened, to what, in words an operator understands. It never holds a secret
            or the unfiltered text of a library's exception.
        hint: what to type next, or None.
        http_status: the status the CDP answered with, where there was one.
        reason: the cause alone, in two or three words, for where there is room for no more; the
            message where it is not given.
    """

    code: ClassVar[str] = "internal"
    exit_code: ExitCode = ExitCode.INTERNAL

    def __init__(
        self,
        message: str,
        *,
        hint: str | None = None,
        http_status: int | None = None,
        reason: str | None = None,
    ) -> None:
        super().__init__(message)
        self.reason = reason or message
        self.message = message
        self.hint = hint
        self.http_status = http_status


class UsageError(CdpctlError):
    """Wrong arguments, a name that cannot be a peer's, not confirmed: nothing was sent."""

    code = "usage"
    exit_code = ExitCode.USAGE


class AuthError(CdpctlError):
    """No credentials, login refused, or token refused."""

    code = "auth"
    exit_code = ExitCode.AUTH


class TokenRefusedError(AuthError):
    """The CDP answered 401 to a call that carried a token: a fresh login may help, once."""


class NotFoundError(CdpctlError):
    """No such peer, or the selection matches none."""

    code = "not_found"
    exit_code = ExitCode.NOT_FOUND


class UnreachableError(CdpctlError):
    """DNS, connection, TLS or proxy: the request provably never left, or was only a read."""

    code = "unreachable"
    exit_code = ExitCode.UNREACHABLE


class NoConnectionError(UnreachableError):
    """No connection to the CDP came about: it provably got nothing."""


class LostAnswerError(CdpctlError):
    """A request that may have reached the CDP, whose answer never came whole."""

    code = "unknown"
    exit_code = ExitCode.UNKNOWN


class DeadlineError(UnreachableError):
    """The run's deadline passed before anything was sent, or while the CDP was only read.

    Exit code 8 is kept for what was accepted and is not there in time.
    """


class RejectedError(CdpctlError):
    """The CDP answered, and the answer is no: 400, 404, 5xx, or a `response` other than success."""

    code = "failed"
    exit_code = ExitCode.FAILED


class UnclearAnswerError(RejectedError):
    """The CDP answered with a success status and a body that cannot be understood."""


class RedirectError(RejectedError):
    """A 3xx. Never followed; the message names the target."""


class SsoError(AuthError):
    """A login page of a single sign-on answered in place of the CDP."""


class ForbiddenError(CdpctlError):
    """403: the user may not do this."""

    code = "forbidden"
    exit_code = ExitCode.FORBIDDEN


class ConfigError(CdpctlError):
    """Configuration, profile or credential store unusable."""

    code = "config"
    exit_code = ExitCode.CONFIG


class OutputError(CdpctlError):
    """The work was done, and the result could not be written."""

    code = "output"
    exit_code = ExitCode.OUTPUT


class InterruptedRunError(CdpctlError):
    """SIGINT, SIGTERM or SIGHUP ended the run.

    Args:
        exit_code: 130, 143 or 129.
    """

    code = "interrupted"

    def __init__(self, message: str, *, hint: str | None = None, exit_code: ExitCode) -> None:
        super().__init__(message, hint=hint)
        self.exit_code = exit_code


class Interruption(BaseException):
    """Raised by the signal handlers: no `except Exception` on the way may keep it.

    Args:
        exit_code: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP.
    """

    def __init__(self, exit_code: ExitCode) -> None:
        super().__init__(exit_code.name)
        self.exit_code = exit_code
