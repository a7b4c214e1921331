"""`cdpctl doctor`: checks everything that commands need, one line per check."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from cdpctl.commands.grids import in_grids
from cdpctl.commands.options import command
from cdpctl.commands.runtime import DEFAULT_TIMEOUT, Runtime
from cdpctl.errors import CdpctlError, ExitCode
from cdpctl.output.document import Document, Format
from cdpctl.settings.model import Settings
from cdpctl.text import command_line, plural

if TYPE_CHECKING:
    from cdpctl.cdp.client import CdpClient
    from cdpctl.deadline import Deadline
    from cdpctl.doctor.checks import Check
    from cdpctl.transport.client import Transport

#: The widths of the longest names of checks.
_NAME = 13
_STANDBY_NAME = 15


@command(grids=True)
def run(runtime: Runtime) -> int:
    """Check everything that commands need, and show how to fix what is missing.

    The checks are configuration, keyring, DNS, TCP, TLS, single sign-on, login, token, API and version.
    Then the same checks follow for a standby CDP. A check that depends on a failed one is skipped. Doctor
    asks no questions and changes nothing. If it has to log in, it logs out at the end.

    The exit code is that of the most severe failure, in the order 10 2 6 4 9 1 5. Warnings are not
    failures. With several profiles it is 3 if only some of them failed.

    Examples:
        cdpctl doctor
        cdpctl doctor --profile prod -o json | jq '.checks[] | select(.ok == false)'
    """
    from cdpctl.doctor.checks import Check, Status

    runtime.check_fields(Check("", Status.OK, "").to_json())
    return in_grids(runtime, _examine)


def _examine(runtime: Runtime) -> ExitCode:
    from cdpctl.cdp.client import CdpClient
    from cdpctl.doctor.checks import STANDBY, Check
    from cdpctl.doctor.run import examine

    # People see each check at once. Programs get the document.
    for_people = runtime.output.sentences

    def show(check: Check) -> None:
        if not for_people:
            runtime.output.record(check.to_json())
            return
        width = _STANDBY_NAME if check.name.startswith(STANDBY) else _NAME
        runtime.output.line(check.status.value, f"{check.name.ljust(width)} ", check.message)
        if check.hint:
            runtime.output.line("", " " * (width + 1), f"hint: {check.hint}")

    def open_cdp(found: Settings, deadline: "Deadline") -> "tuple[Transport, CdpClient]":
        transport = runtime.transport(found, deadline, asking=False)
        cdp = CdpClient(transport, runtime.output.debug, sent=runtime.invocation.sent)
        runtime.sessions.append(cdp)
        first = runtime.settings
        of_standby = None if found.url == first.url else first
        cdp.use(runtime.credentials(deadline, cdp.login, asking=False, of_standby=of_standby))
        return transport, cdp

    examination = examine(lambda: runtime.settings, open_cdp, show, DEFAULT_TIMEOUT)
    code = examination.exit_code
    if not for_people:
        known = examination.checks[0].code is ExitCode.OK
        head = runtime.head if known else {"profile": runtime.shared.profile, "url": None}
        records = [check.to_json() for check in examination.checks]
        columns = ("name", "status", "message", "hint")
        runtime.output.document(
            Document("cdpctl.doctor/1", head, "checks", records, columns=columns, exit_code=code)
        )
    _tell_verdict(runtime, examination.checks)
    return code


def _tell_verdict(runtime: Runtime, checks: "Sequence[Check]") -> None:
    """Show the verdict on standard error. Failures are shown in every format and with --quiet."""
    from cdpctl.doctor.checks import Status

    failed = [check.name for check in checks if check.status is Status.FAILED]
    warnings = sum(check.status is Status.WARNING for check in checks)
    if failed:
        few = f"{len(failed)} of {plural(len(checks), 'check')}"
        # A table, which shows several grids, has little room for messages and hints.
        table = runtime.output.format is Format.TABLE and not runtime.output.sentences
        hint = command_line("doctor") if table else None
        runtime.output.error(CdpctlError(f"{few} failed: {', '.join(failed)}", hint=hint))
    else:
        also = f", with {plural(warnings, 'warning')}" if warnings else ""
        runtime.output.say(f"no problems found{also}")
