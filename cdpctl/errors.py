"""Exit codes, and all errors that this program raises."""

from collections.abc import Sequence
from enum import IntEnum
from typing import Self


class ExitCode(IntEnum):
    """The exit codes. `cdpctl help exit-codes` explains them."""

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
    """An error with a message for the user, a hint and an exit code.

    Args:
        message: what happened, and to what, in an operator's words. It never contains a secret or the
            text of a library's exception.
        hint: what to do or type next, in one part or several, or None.
        http_status: the HTTP status of the answer, if there was one.
        reason: the cause in two or three words, for places without room for the message.
        says_sent: whether the message says what was sent, or that nothing was.
    """

    exit_code: ExitCode = ExitCode.INTERNAL

    @property
    def code(self) -> str:
        """The error's code in a document."""
        return self.exit_code.name.lower()

    def __init__(
        self,
        message: str,
        *,
        hint: str | Sequence[str] | None = None,
        http_status: int | None = None,
        reason: str | None = None,
        says_sent: bool = False,
    ) -> None:
        super().__init__(message)
        self.reason = reason or message
        self.message = message
        self.hints = (hint,) if isinstance(hint, str) else tuple(hint or ())
        self.http_status = http_status
        self.says_sent = says_sent

    @property
    def hint(self) -> str | None:
        """What to do next, in one line."""
        return "; ".join(self.hints) or None

    def with_hints(self, *hints: str) -> Self:
        """Return the same error with other hints."""
        other = type(self).__new__(type(self), self.message)
        other.__dict__.update(self.__dict__, hints=hints)
        return other


class UsageError(CdpctlError):
    """Wrong arguments, an invalid name, or no confirmation. Nothing was sent."""

    exit_code = ExitCode.USAGE


class AuthError(CdpctlError):
    """No credentials, login refused, or token refused."""

    exit_code = ExitCode.AUTH


class NotLoggedInError(AuthError):
    """There is no token, and no password to get one with."""


class TokenRefusedError(AuthError):
    """The CDP answered 401 to a call with a token. A new login may help."""


class NotFoundError(CdpctlError):
    """No such peer, or the selection matches none."""

    exit_code = ExitCode.NOT_FOUND


class UnreachableError(CdpctlError):
    """DNS, connection, TLS or proxy failed. Nothing can have been sent, or it was only a read."""

    exit_code = ExitCode.UNREACHABLE


class NoConnectionError(UnreachableError):
    """There was no connection to the CDP, so it cannot have received anything."""


class LostAnswerError(CdpctlError):
    """The request may have reached the CDP, but no complete answer came."""

    exit_code = ExitCode.UNKNOWN


class DeadlineError(UnreachableError):
    """The deadline passed before anything was sent, or during a read.

    This is not exit code 8, which means that a request was accepted but not done in time.
    """


class RejectedError(CdpctlError):
    """The CDP refused: 400, 404, 5xx, or a `response` other than success."""

    exit_code = ExitCode.FAILED


class UnclearAnswerError(RejectedError):
    """The CDP answered with a success status and a body that cannot be understood."""


class RedirectError(RejectedError):
    """The answer was a 3xx. Redirects are never followed. The message shows the target."""


class SsoError(AuthError):
    """A single sign-on answered with its login page."""


class ForbiddenError(CdpctlError):
    """403: the user may not do this."""

    exit_code = ExitCode.FORBIDDEN


class ConfigError(CdpctlError):
    """The configuration, profile or credential store cannot be used."""

    exit_code = ExitCode.CONFIG


class OutputError(CdpctlError):
    """The work was done, but the result could not be written."""

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
    """Raised by the signal handlers. A BaseException, so that no `except Exception` catches it.

    Args:
        exit_code: 130 for SIGINT, 143 for SIGTERM, 129 for SIGHUP.
    """

    def __init__(self, exit_code: ExitCode) -> None:
        super().__init__(exit_code.name)
        self.exit_code = exit_code
