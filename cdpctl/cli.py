"""The program: registration of the commands, and `main`, the only catcher and the only exit."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, NoReturn

import typer
from typer.core import TyperGroup, TyperOption
from typer.main import get_command

from cdpctl import __version__
from cdpctl.commands.runtime import Invocation
from cdpctl.commands.tree import TREE, Command, Group
from cdpctl.errors import CdpctlError, ExitCode, InterruptedRunError, Interruption, OutputError, UsageError
from cdpctl.output.document import Format

# The short options that take no value.
_FLAGS = frozenset("qvyh")
_CONTEXT = {"max_content_width": 100}


def build(name: str, entry: Command | Group) -> Any:
    """Make the command of an entry of the registry; this imports a leaf's module."""
    if isinstance(entry, Group):
        epilog = "\b\n" + entry.epilog if entry.epilog else None
        return _with_help(
            LazyGroup(
                name=name, help=entry.summary, branch=entry, epilog=epilog, context_settings=dict(_CONTEXT)
            )
        )
    module = import_module(entry.module)
    examples = getattr(module, "EXAMPLES", {})[entry.function]
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(
        name,
        context_settings={**_CONTEXT, "allow_interspersed_args": entry.interspersed},
        epilog="\b\nExamples:\n" + "\n".join(f"  {line}" for line in examples),
    )(getattr(module, entry.function))
    return _with_help(get_command(app))


def _with_help(command: Any) -> Any:
    """Give a command a --help of our own: the library's loses a help that cannot be written."""
    command.add_help_option = False
    command.params.append(_early_option(["-h", "--help"], _show_help, "Show this message and exit."))
    return command


def _early_option(names: list[str], callback: Callable[[Any, Any, bool], None], text: str) -> TyperOption:
    return TyperOption(
        param_decls=names, is_flag=True, is_eager=True, expose_value=False, callback=callback, help=text
    )


def _show_help(ctx: Any, _option: Any, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        ctx.obj.output.text(ctx.get_help() + "\n")
        ctx.exit()


class LazyGroup(TyperGroup):
    """A group that knows its commands by name and imports the one that is called."""

    def __init__(self, *, branch: Group, **settings: Any) -> None:
        super().__init__(rich_markup_mode=None, invoke_without_command=True, **settings)
        self.branch = branch
        # For near misses, which look at the names alone.
        self.commands = dict.fromkeys(branch.commands)  # type: ignore[assignment]

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return the command called `cmd_name`, built now, or None."""
        entry = self.branch.commands.get(cmd_name)
        return None if entry is None else build(cmd_name, entry)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command that the first word names; a verb without its noun is told the noun."""
        word = args[0]
        nouns = [
            noun
            for noun, entry in TREE.commands.items()
            if isinstance(entry, Group) and self.branch is TREE and word in entry.commands
        ]
        if nouns and word not in self.branch.commands:
            spelled = " or ".join(f"cdpctl {noun} {word}" for noun in sorted(nouns, key="peer".__ne__))
            raise UsageError(f"there is no command {word!r} by itself", hint=spelled)
        return super().resolve_command(ctx, args)

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the names of the commands in the order in which help shows them."""
        return list(self.branch.commands)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002
        """Write the list of commands from the registry: help needs none of them imported."""
        rows = [(name, entry.summary) for name, entry in self.branch.commands.items()]
        with formatter.section("Commands"):
            formatter.write_dl(rows)

    def invoke(self, ctx: Any) -> Any:
        """Call the command named; without one, show the help as gh, kubectl and docker do."""
        if ctx._protected_args:  # noqa: SLF001 - what a group's own invoke reads
            return super().invoke(ctx)
        ctx.obj.output.text(ctx.get_help() + "\n")
        return ExitCode.OK


def root() -> LazyGroup:
    """Make the root command."""
    group: LazyGroup = build("cdpctl", TREE)
    group.params.insert(0, _early_option(["--version", "-V"], _show_version, "Show the version and exit."))
    return group


def _show_version(ctx: Any, _option: Any, asked: bool) -> None:
    # `cdpctl --version` alone is answered before this module is imported.
    if asked:
        ctx.obj.output.text(f"cdpctl {__version__}\n")
        ctx.exit()


def asked_format(arguments: Sequence[str]) -> Format | None:
    """Find the output format in arguments that may not parse: usage errors are JSON as well."""
    return _format(_typed(arguments, "--output", "o") or os.environ.get("CDPCTL_OUTPUT"))


def _format(text: str | None) -> Format | None:
    return Format(text) if text in {each.value for each in Format} else None


def _typed(arguments: Sequence[str], long: str, short: str) -> str | None:
    """Return what an option was given last, however it is spelled: `-o json`, `-qojson`, `--output=json`."""
    found: str | None = None
    take_next = False
    for word in arguments:
        if take_next:
            found, take_next = word, False
        elif word == "--":
            break
        elif word == long:
            take_next = True
        elif word.startswith(f"{long}="):
            found = word.partition("=")[2]
        elif word.startswith("-") and not word.startswith("--"):
            flags, here, value = word[1:].partition(short)
            # Flags alone may stand before it; behind another option it would be that one's value.
            if here and all(flag in _FLAGS for flag in flags):
                found, take_next = value.removeprefix("="), not value
    return found


def _profile_format(words: Sequence[str]) -> Format | None:
    """Return the output format of the profile, for an error met before the settings were put together."""
    from cdpctl.settings.file import config_path, load

    try:
        found = load(config_path(os.environ))
    except CdpctlError:
        # The error to be shown may be this one, and there is no format to be had from such a file.
        return None
    profiles = found["profiles"]
    name = _typed(words, "--profile", "p") or os.environ.get("CDPCTL_PROFILE") or found["default_profile"]
    if not name and len(profiles) == 1:
        [name] = profiles
    return _format(profiles.get(name or "default", {}).get("output"))


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the program and return its exit code.

    Args:
        arguments: without the program's name; None takes the process's own.
    """
    try:
        _install_signals()
        return _main(list(sys.argv[1:] if arguments is None else arguments))
    except Interruption as interruption:
        # While the end of the run was being told; what there was to say has been said.
        return int(interruption.exit_code)


def _main(words: list[str]) -> int:
    asked = asked_format(words)
    invocation = Invocation(root=root, words=words if asked is None else ())
    invocation.output.configure(format=asked)
    try:
        code: int = _run(words, invocation)
    except Interruption as interruption:
        code = _fail(
            invocation,
            InterruptedRunError("interrupted; nothing was sent", exit_code=interruption.exit_code),
        )
    try:
        invocation.output.close()
    except OutputError as error:
        invocation.output.error(error)
        return int(code or error.exit_code)
    return int(code)


def _run(words: list[str], invocation: Invocation) -> int:
    try:
        code = root().main(args=words, prog_name="cdpctl", standalone_mode=False, obj=invocation)
    except CdpctlError as error:
        return _fail(invocation, error)
    except typer.TyperException as error:
        return _fail(invocation, _usage_error(error))
    except (typer.Abort, EOFError):
        return _fail(invocation, UsageError("no answer was given", hint="nothing was sent"))
    except Exception as error:  # noqa: BLE001 - the last line of defence turns a bug into exit code 70
        return _fail(invocation, _bug(error, invocation))
    # Help and the like return nothing, which is success.
    return int(code or 0)


def _usage_error(error: Any) -> UsageError:
    ctx = getattr(error, "ctx", None)
    path = ctx.command_path if ctx is not None else "cdpctl"
    message: str = error.format_message()
    return UsageError(
        message[:1].lower() + message[1:].rstrip("."), hint=f"`{path} --help` shows what it takes"
    )


def _bug(error: Exception, invocation: Invocation) -> CdpctlError:
    import traceback

    # The places only: a frame's values and an exception's text may hold a secret.
    places = traceback.extract_tb(error.__traceback__)
    for place in places[-8:]:
        invocation.output.debug(1, f"  at {place.filename.rpartition('/')[2]}:{place.lineno} in {place.name}")
    where = f"{places[-1].filename.rpartition('/')[2]}:{places[-1].lineno}" if places else "an unknown place"
    return CdpctlError(
        f"a bug in cdpctl: {type(error).__name__} at {where}",
        hint="please report it with what you typed and what -v shows; what was sent before may have worked: "
        "`cdpctl peer list`",
    )


def _fail(invocation: Invocation, error: CdpctlError) -> ExitCode:
    if invocation.words and invocation.output.format is not Format.JSON:
        invocation.output.format = _profile_format(invocation.words) or invocation.output.format
    try:
        invocation.output.error_document(error)
    except OutputError as failure:
        invocation.output.error(failure)
    invocation.output.error(error)
    return error.exit_code


def _interrupt(number: int, _frame: object) -> NoReturn:
    # A second signal while the first is being answered ends the process at once.
    signal.signal(number, signal.SIG_DFL)
    raise Interruption(ExitCode.INTERRUPTED if number == signal.SIGINT else ExitCode.TERMINATED)


def _install_signals() -> None:
    import threading

    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, _interrupt)
        signal.signal(signal.SIGTERM, _interrupt)
