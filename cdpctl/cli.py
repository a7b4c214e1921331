"""The program: `main` runs a command, catches all errors, and returns the exit code."""

import os
import sys
from collections.abc import Sequence
from itertools import pairwise

import typer

from cdpctl.commands.build import build
from cdpctl.commands.command_line import parse_command_line, typed_values
from cdpctl.commands.invocation import Invocation
from cdpctl.commands.signals import install_signals
from cdpctl.commands.tree import Group
from cdpctl.commands.usage import check_arguments, hide_secrets, usage_error
from cdpctl.errors import CdpctlError, ExitCode, InterruptedRunError, Interruption, OutputError
from cdpctl.output.output import Output
from cdpctl.settings.table import options_in_use
from cdpctl.text import command_line, join_names


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    Args:
        arguments: the arguments without the program's name. None means those of the process.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    invocation = Invocation(os.environ, Output(os.environ), words)
    try:
        install_signals()
        try:
            code = _run(invocation)
        except CdpctlError as error:
            code = _fail(invocation, error)
        except Interruption as interruption:
            # Read here, so that whatever was under way cannot forget what it had sent.
            sent = f"{join_names([*invocation.sent])} may have been carried out" if invocation.sent else ""
            code = _fail(
                invocation,
                InterruptedRunError(
                    f"interrupted; {sent or 'nothing was sent'}", exit_code=interruption.exit_code
                ),
            )
        except Exception as error:  # noqa: BLE001 - the last line of defence turns a bug into exit code 70
            from cdpctl.commands.bug import bug

            code = _fail(invocation, bug(error, invocation.output))
        invocation.output.close()
        return int(code)
    except Interruption as interruption:
        # A signal while the result or the error was reported: there is nothing more to report.
        return _code_of(invocation, interruption.exit_code)


def _run(invocation: Invocation) -> int:
    hide_secrets(invocation.words)
    typed = typed_values(invocation.words)
    values = {name.removeprefix("--").replace("-", "_"): value for name, value in typed.items()}
    command_line.of_login = None
    command_line.options = options_in_use(
        typed.get("--profile") or invocation.environ.get("CDPCTL_PROFILE"), values
    )
    line = parse_command_line(invocation.words)
    # After an unknown option before the command, the words of the command were not read.
    unread = isinstance(line.entry, Group) and ("peer", "check") in pairwise(line.arguments)
    invocation.monitoring = unread or getattr(line.entry, "monitoring", False)
    try:
        made = build(line.path, line.entry)
        check_arguments(line, made)
        # Not its own `main`, which reacts to variables for completion.
        with made.make_context(line.spelled, list(line.arguments), obj=invocation) as context:
            code = made.invoke(context)
    except typer.Exit as done:
        # Help or the version was shown.
        return int(done.exit_code)
    except typer.TyperException as error:
        raise usage_error(error, line, made) from None
    return int(code)


def _fail(invocation: Invocation, error: CdpctlError) -> ExitCode:
    output = invocation.output
    if not invocation.configured:
        # Even if the arguments do not parse, a script expects the format it asked for.
        invocation.guess_format(typed_values(invocation.words))
    try:
        if invocation.monitoring:
            from cdpctl.output.checks import report_unknown

            report_unknown(output, error)
        else:
            output.error_document(error)
    except OutputError as failure:
        output.error(failure)
    output.error(error)
    return _code_of(invocation, error.exit_code)


def _code_of(invocation: Invocation, code: ExitCode) -> ExitCode:
    """Return the exit code of an error. For a monitoring plugin, every error is UNKNOWN."""
    return ExitCode.PARTIAL if invocation.monitoring else code
