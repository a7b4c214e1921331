"""Builds Typer commands from the tree, with grouped help."""

from collections.abc import Callable, Iterable
from importlib import import_module
from inspect import cleandoc
from shutil import get_terminal_size
from types import ModuleType
from typing import Any

import typer
from typer.core import TyperCommand, TyperOption
from typer.main import get_command

from cdpctl import __version__
from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.tree import TREE, Command, Group
from cdpctl.errors import ExitCode

# The groups of options, in the order of help.
_OWN = "Options"
_ORDER = ("Arguments", _OWN, "Selection", "Sending", "Waiting", "Connection", "Output", "General")
# The library wraps no narrower than this by itself.
_NARROW = 50
# The widths of the first column of options and commands, and on a narrow terminal.
_FIRST, _NARROW_FIRST = 30, 12


class GroupedHelp(TyperCommand):
    """A command whose help shows options in groups."""

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the words after the command in the usage line, without the library's braces."""
        words = [str(each.metavar) for each in self.params if each.param_type_name == "argument"]
        return ["[OPTIONS]", *words]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the groups of options, the command's own first."""
        _write_groups(self.get_params(ctx), ctx, formatter)


class GroupCommand(GroupedHelp):
    """A noun without a verb. It lists its commands, as gh, kubectl and docker do."""

    group: Group

    def collect_usage_pieces(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the words after the program's name in the usage line."""
        return ["COMMAND", "[OPTIONS]"]

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Write the list of commands from the tree, without importing them."""
        with formatter.section("Commands"):
            _write_list([(name, entry.summary) for name, entry in self.group.commands.items()], formatter)
        shown = [each for each in self.get_params(ctx) if _panel(each) != "Connection"]
        _write_groups(shown, ctx, formatter)

    def invoke(self, ctx: Any) -> ExitCode:
        """Show the help."""
        ctx.obj.output.text(ctx.get_help() + "\n")
        return ExitCode.OK


def _panel(param: Any) -> str:
    if param.param_type_name == "argument":
        return "Arguments"
    return getattr(param, "rich_help_panel", None) or _OWN


def _write_groups(params: Iterable[Any], ctx: Any, formatter: Any) -> None:
    groups: dict[str, list[tuple[str, str]]] = {}
    for param in params:
        record = param.get_help_record(ctx)
        if param.param_type_name == "argument":
            record = (param.metavar, param.help)
        if record is not None:
            groups.setdefault(_panel(param), []).append(record)
    for title in sorted(groups, key=_ORDER.index):
        with formatter.section(title if title in ("Arguments", _OWN) else f"{title} options"):
            _write_list(groups[title], formatter)


def _write_list(rows: list[tuple[str, str]], formatter: Any) -> None:
    formatter.write_dl(rows, _FIRST if formatter.width >= _NARROW else _NARROW_FIRST)


def _context_settings() -> dict[str, Any]:
    """Return the settings for the width of help: that of the terminal, up to 100 columns."""
    room = get_terminal_size().columns - 2
    return {"max_content_width": 100, "terminal_width": max(room, 20) if room < _NARROW else None}


def build(path: tuple[str, ...], entry: Command | Group) -> Any:
    """Make the command for an entry of the tree. This imports its module."""
    if isinstance(entry, Group):
        epilog = "\b\n" + entry.epilog if entry.epilog else ""
        made = _build(path, _no_command, GroupCommand, entry.summary, epilog)
        made.group = entry
        if entry is TREE:
            made.params.append(
                _early_option(["--version", "-V"], _show_version, "Show the version and exit.")
            )
        return made
    module = import_module(entry.module)
    function = getattr(module, entry.function)
    text, _, examples = cleandoc(function.__doc__ or _docstring(module, entry)).partition("\n\nExamples:\n")
    epilog = "\b\nExamples:\n" + "\n".join(f"  {line.strip()}" for line in examples.splitlines())
    return _build(path, function, GroupedHelp, text, epilog, interspersed=entry.interspersed)


def _docstring(module: ModuleType, entry: Command) -> str:
    """Return the docstring of a command from its source, because `python -OO` drops docstrings."""
    import ast
    import inspect

    try:
        # Not `ast.parse`, which drops docstrings too since Python 3.14.
        parsed: Any = compile(inspect.getsource(module), "", "exec", ast.PyCF_ONLY_AST, optimize=0)
    except OSError:
        # There is no source.
        return entry.summary
    functions = (each for each in parsed.body if isinstance(each, ast.FunctionDef))
    return next(ast.get_docstring(each) or "" for each in functions if each.name == entry.function)


@command
def _no_command(_runtime: Runtime) -> ExitCode:
    raise AssertionError("a group shows its help")


def _build(
    path: tuple[str, ...],
    function: Callable[..., Any],
    kind: type[TyperCommand],
    text: str,
    epilog: str,
    *,
    interspersed: bool = True,
) -> Any:
    app = typer.Typer(add_completion=False, rich_markup_mode=None)
    app.command(
        path[-1] if path else "cdpctl",
        cls=kind,
        context_settings={**_context_settings(), "allow_interspersed_args": interspersed},
        help=text,
        epilog=epilog or None,
        # The library's own option ignores errors of writing the help.
        add_help_option=False,
    )(function)
    made: Any = get_command(app)
    made.params.append(_early_option(["--help", "-h"], _show_help, "Show this help and exit."))
    return made


def _early_option(names: list[str], callback: Callable[[Any, Any, bool], None], text: str) -> TyperOption:
    return TyperOption(
        param_decls=names,
        is_flag=True,
        is_eager=True,
        expose_value=False,
        callback=callback,
        help=text,
        rich_help_panel="General",
    )


def _show_help(ctx: Any, _option: Any, asked: bool) -> None:
    if asked and not ctx.resilient_parsing:
        ctx.obj.output.text(ctx.get_help() + "\n")
        ctx.exit()


def _show_version(ctx: Any, _option: Any, asked: bool) -> None:
    # `cdpctl --version` alone is answered before this module is imported.
    if asked:
        ctx.obj.output.text(f"cdpctl {__version__}\n")
        ctx.exit()


def help_text(path: tuple[str, ...], entry: Command | Group) -> str:
    """Return the help of a command or a group."""
    made = build(path, entry)
    name = " ".join(("cdpctl", *path))
    return str(made.get_help(typer.Context(made, info_name=name, **made.context_settings)))
