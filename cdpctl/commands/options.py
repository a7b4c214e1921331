"""The options that all commands share, and the decorator that makes a function a command."""

import inspect
import re
from collections import namedtuple
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Concatenate, NamedTuple, ParamSpec, get_type_hints

import typer

from cdpctl.commands.invocation import Invocation
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.several import AskedProfiles, takes_one_profile
from cdpctl.deadline import parse_duration
from cdpctl.errors import ExitCode, UsageError
from cdpctl.settings.table import BY_NAME, SETTINGS, SHARED, Kind
from cdpctl.text import quoted

P = ParamSpec("P")
#: The types of an optional value, and of an option that can be repeated.
Text = str | None
Texts = list[str] | None
_MOST = 999_999_999
_BY_KEYWORD = inspect.Parameter.KEYWORD_ONLY


class Declared(NamedTuple):
    """An option or an argument of a command, declared as the default value of its parameter.

    A named tuple of options therefore has no defaults of its own, and is made with all its values.
    """

    info: Any
    default: Any


def option(spelled: str, text: str, panel: str | None = None, default: object = None, **more: Any) -> Any:
    """Return an option of a command.

    Args:
        spelled: the option as help shows it, such as `--yes -y` or `--match GLOB`.
        text: its help line, with the default.
        panel: its group in help. None means the command's own group.
        default: its value if it is not given.
        more: passed on to Typer, such as `count`.
    """
    names = [word for word in spelled.split() if word.startswith("-")]
    more["metavar"] = spelled.removeprefix(" ".join(names)).strip() or None
    return Declared(
        typer.Option(*names, show_default=False, help=text, rich_help_panel=panel, **more), default
    )


def flag(spelled: str, text: str, panel: str | None = None, *, default: bool = False) -> Any:
    """Return an option without a value. Arguments as for `option`."""
    return option(spelled, text, panel, default)


def argument(metavar: str, text: str, default: object = inspect.Parameter.empty) -> Any:
    """Return an argument of a command. It is required if it has no default."""
    return Declared(typer.Argument(metavar=metavar, help=text), default)


def duration(
    spelled: str, text: str, panel: str | None = None, default: float | None = None, *, zero: bool = False
) -> Any:
    """Return an option whose value is converted to seconds. Arguments as for `option`."""
    name = spelled.partition(" ")[0]

    def seconds(typed: str | float) -> float:
        # The default is already a number.
        return typed if isinstance(typed, float) else parse_duration(typed, name, zero=zero)

    return option(spelled, text, panel, default, parser=seconds)


def whole_number(
    spelled: str, text: str, panel: str | None = None, default: int = 0, *, least: int = 0, most: int = _MOST
) -> Any:
    """Return an option whose value is a whole number from `least` to `most`. Arguments as for `option`."""
    name = spelled.partition(" ")[0]

    def number(typed: str | int) -> int:
        # The default is already a number. `int` alone takes `1_0` and other digits too.
        if isinstance(typed, int):
            return typed
        if not re.fullmatch(r"-?[0-9]{1,9}", typed):
            raise UsageError(f"{name}: {quoted(typed)} is not a valid whole number", hint=f"{name} 4")
        value = int(typed)
        if not least <= value <= most:
            allowed = f"{least} or more" if most == _MOST else f"{least} to {most}"
            raise UsageError(f"{name}: {value} is not valid: use {allowed}")
        return value

    return option(spelled, text, panel, default, parser=number)


_NOT_GIVEN: dict[Kind, Any] = {Kind.BOOLEAN: False, Kind.COUNT: 0}


def setting_option(name: str, text: str | None = None) -> Any:
    """Return the option of a setting.

    Args:
        name: the name of the setting.
        text: its help line, if it is not that of the table.
    """
    setting = BY_NAME[name]
    default, is_count = _NOT_GIVEN.get(setting.kind), setting.kind is Kind.COUNT
    return option(setting.spelled, text or setting.help_line, setting.group, default, count=is_count)


def _parameter(name: str, kind: Any, declared: Declared) -> inspect.Parameter:
    annotation = Annotated[kind, declared.info]
    return inspect.Parameter(name, _BY_KEYWORD, default=declared.default, annotation=annotation)


# An empty value means no proxy, or no description.
_MAY_BE_EMPTY = ("proxy", "description", "value")
_PROFILE, _ALL_PROFILES = "profile", "all_profiles"
_TYPES: dict[Kind, Any] = {Kind.BOOLEAN: bool, Kind.COUNT: int}
# Shared by all commands. `--profile` can be repeated everywhere, so that the error is a helpful one.
_PARAMETERS = {
    each.name: _parameter(each.parameter, _TYPES.get(each.kind, Text), setting_option(each.name))
    for each in SETTINGS
    if each.option
}
_PARAMETERS[_PROFILE] = _parameter(_PROFILE, Texts, setting_option(_PROFILE))
# By another name, because mypy rejects named tuples with computed fields.
_tuple_of: Callable[..., Any] = namedtuple
_Fields: Any = _tuple_of(
    "_Fields", [each.parameter for each in SHARED], defaults=[_NOT_GIVEN.get(each.kind) for each in SHARED]
)


# The fields come from the table of settings.
class SharedOptions(_Fields):  # type: ignore[misc]
    """The shared options as typed. Commands that make no calls have no connection options."""


def _timeout(default: str) -> inspect.Parameter:
    """Return the parameter of `--timeout` with the default of a command in its help."""
    text = f"{BY_NAME['timeout'].help} (default {default})."
    return _parameter("timeout", Text, setting_option("timeout", text))


def _expand(name: str, kind: Any, declared: Any) -> list[inspect.Parameter]:
    """Return the parameters for a value: one, or those for the fields of a named tuple."""
    if not hasattr(kind, "_fields"):
        return [_parameter(name, kind, declared)]
    return [
        part
        for each, inner in kind.__annotations__.items()
        for part in _expand(each, inner, kind._field_defaults.get(each))
    ]


def _collect(name: str, kind: Any, given: dict[str, Any]) -> Any:
    """Return the value that `_expand` made parameters for."""
    if not hasattr(kind, "_fields"):
        return given.pop(name)
    return kind(**{each: _collect(each, inner, given) for each, inner in kind.__annotations__.items()})


def _check_not_empty(ctx: typer.Context) -> None:
    """Check that no value is empty: an unset variable of a script must not mean the default.

    Lists of names are checked elsewhere.

    Raises:
        UsageError: a value is empty.
    """
    for param in ctx.command.params:
        value, option = ctx.params.get(param.name or ""), param.param_type_name == "option"
        if param.name in _MAY_BE_EMPTY or not (option or param.nargs == 1):
            continue
        for each in value if isinstance(value, (list, tuple)) else (value,):
            if isinstance(each, str) and not each.strip():
                name = max(param.opts, key=len) if option else param.human_readable_name.strip("[]")
                raise UsageError(f"{name}: the value is empty", hint=f"{ctx.command_path} --help")


def command(
    function: Callable[Concatenate[Runtime, P], int | None] | None = None,
    *,
    calls: bool = True,
    grids: bool = False,
    timeout: str = "60s",
) -> Callable[..., Any]:
    """Make a function a command with its own options and the shared ones.

    Args:
        function: a function that takes a Runtime first. A parameter of a named tuple type becomes one
            option for each field, and a field may be a named tuple again. The default value of any other
            parameter is its option or argument. It returns the exit code, or None for 0.
        calls: False if the command never calls a CDP. It then has no connection options.
        grids: True if the command only reads, so that it can take several profiles.
        timeout: the default of `--timeout` in help, if the command makes calls.
    """
    if function is None:
        return partial(command, calls=calls, grids=grids, timeout=timeout)
    hints = get_type_hints(function)
    own = list(inspect.signature(function).parameters.values())[1:]
    shared = [_PARAMETERS[each.name] for each in SHARED if calls or not each.calls]
    shared = [_timeout(timeout) if each.name == "timeout" else each for each in shared]
    every = [_PARAMETERS[_ALL_PROFILES]] if grids else []

    def wrapper(ctx: typer.Context, **given: Any) -> int:
        invocation: Invocation = ctx.obj
        _check_not_empty(ctx)
        typed = given.pop(_PROFILE)
        asked = AskedProfiles.of(typed, invocation.environ, every=given.pop(_ALL_PROFILES, False))
        values = {each.name: given.pop(each.name) for each in shared if each.name != _PROFILE}
        runtime = Runtime(invocation, SharedOptions(**values, profile=asked.single), asked)
        if asked.several and not grids:
            raise takes_one_profile(ctx.command_path, typed, asked)
        arguments = {each.name: _collect(each.name, hints[each.name], given) for each in own}
        return function(runtime, **arguments) or ExitCode.OK  # type: ignore[call-arg]

    parameters = [inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)]
    parameters += [part for each in own for part in _expand(each.name, hints[each.name], each.default)]
    parameters += [*shared, *every]
    wrapper.__signature__ = inspect.Signature(parameters, return_annotation=int)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
    wrapper.__name__ = function.__name__
    wrapper.__doc__ = function.__doc__
    return wrapper
