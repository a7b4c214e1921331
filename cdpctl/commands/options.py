"""The options that all commands share, and the decorator that makes a function a command."""

import inspect
import re
from collections import namedtuple
from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Concatenate, ParamSpec, get_type_hints

import typer

from cdpctl.commands.invocation import Invocation
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.several import AskedProfiles, takes_one_profile
from cdpctl.deadline import parse_duration
from cdpctl.errors import ExitCode, UsageError
from cdpctl.settings.table import SETTINGS, SHARED, Kind, Setting
from cdpctl.text import quoted

P = ParamSpec("P")
#: The types of an optional value, and of an option that can be repeated.
Text = str | None
Texts = list[str] | None


def option(spelled: str, text: str, panel: str | None = None, **more: Any) -> Any:
    """Return an option of a command.

    Args:
        spelled: the option as help shows it, such as `--yes -y` or `--match GLOB`.
        text: its help line.
        panel: its group in help. None means the command's own group.
        more: passed on to Typer, such as `count`.
    """
    names = [word for word in spelled.split() if word.startswith("-")]
    metavar = spelled.removeprefix(" ".join(names)).strip()
    more |= {"metavar": metavar or None, "help": text, "rich_help_panel": panel}
    # The help lines give the defaults.
    return typer.Option(*names, show_default=False, **more)


def duration(spelled: str, text: str, panel: str | None = None, *, zero: bool = False) -> Any:
    """Return an option whose value is converted to seconds. Arguments as for `option`."""
    name = spelled.partition(" ")[0]

    def seconds(typed: str | float) -> float:
        # The default is already a number.
        return typed if isinstance(typed, float) else parse_duration(typed, name, zero=zero)

    return option(spelled, text, panel, parser=seconds)


def whole_number(spelled: str, text: str, panel: str | None = None) -> Any:
    """Return an option whose value is a whole number in plain digits. Arguments as for `option`."""
    name = spelled.partition(" ")[0]

    def number(typed: str | int) -> int:
        # The default is already a number. `int` alone takes `1_0` and other digits too.
        if isinstance(typed, int):
            return typed
        if not re.fullmatch(r"-?[0-9]{1,9}", typed):
            raise UsageError(f"{name}: {quoted(typed)} is not a valid whole number", hint=f"{name} 4")
        return int(typed)

    return option(spelled, text, panel, parser=number)


def setting_option(name: str) -> Any:
    """Return the option of a setting, for a command that declares it itself, such as `login --username`."""
    return _setting_option(next(each for each in SETTINGS if each.name == name))


def _setting_option(setting: Setting) -> Any:
    return option(setting.spelled, setting.help_line, setting.group, count=setting.kind is Kind.COUNT)


# An empty value means no proxy, or no description.
_MAY_BE_EMPTY = ("proxy", "description", "value")
_PROFILE, _ALL_PROFILES = "profile", "all_profiles"
_NOT_GIVEN: dict[Kind, Any] = {Kind.BOOLEAN: False, Kind.COUNT: 0}
_TYPES: dict[Kind, Any] = {Kind.BOOLEAN: bool, Kind.COUNT: int}
# Shared by all commands. `--profile` can be repeated everywhere, so that the error is a helpful one.
_PARAMETERS = {
    each.name: inspect.Parameter(
        each.parameter,
        inspect.Parameter.KEYWORD_ONLY,
        default=_NOT_GIVEN.get(each.kind),
        annotation=Annotated[
            Texts if each.name == _PROFILE else _TYPES.get(each.kind, Text), _setting_option(each)
        ],
    )
    for each in SETTINGS
    if each.option
}
# By another name, because mypy rejects named tuples with computed fields.
_tuple_of: Callable[..., Any] = namedtuple
_Fields: Any = _tuple_of(
    "_Fields",
    [each.parameter for each in SHARED],
    defaults=[_NOT_GIVEN.get(each.kind) for each in SHARED],
)


# The fields come from the table of settings.
class SharedOptions(_Fields):  # type: ignore[misc]
    """The shared options as typed. Commands that make no calls have no connection options."""


def _with_default(parameter: inspect.Parameter, default: str) -> inspect.Parameter:
    """Return the parameter of `--timeout` with the default of a command in its help."""
    setting = next(each for each in SETTINGS if each.name == parameter.name)
    spelled = option(setting.spelled, f"{setting.help} (default {default}).", setting.group)
    return parameter.replace(annotation=Annotated[Text, spelled])


def _expand(name: str, kind: Any, default: Any) -> list[inspect.Parameter]:
    """Return the parameters for a value: one, or those for the fields of a named tuple."""
    if not hasattr(kind, "_fields"):
        return [inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, default=default, annotation=kind)]
    defaults = kind._field_defaults
    fields = [(each, kind.__annotations__[each]) for each in kind._fields]
    return [part for each, inner in fields for part in _expand(each, inner, defaults.get(each, default))]


def _collect(name: str, kind: Any, given: dict[str, Any]) -> Any:
    """Return the value that `_expand` made parameters for."""
    if not hasattr(kind, "_fields"):
        return given.pop(name)
    return kind(**{each: _collect(each, kind.__annotations__[each], given) for each in kind._fields})


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
    function: Callable[Concatenate[Runtime, P], ExitCode] | None = None,
    *,
    calls: bool = True,
    grids: bool = False,
    timeout: str = "60s",
) -> Callable[..., Any]:
    """Make a function a command with its own options and the shared ones.

    Args:
        function: a function that takes a Runtime first. A parameter of a named tuple type becomes one
            option for each field, and a field may be a named tuple again. Any other parameter is an
            option or an argument.
        calls: False if the command never calls a CDP. It then has no connection options.
        grids: True if the command only reads, so that it can take several profiles.
        timeout: the default of `--timeout` in help, if the command makes calls.
    """
    if function is None:
        return partial(command, calls=calls, grids=grids, timeout=timeout)
    hints = get_type_hints(function, include_extras=True)
    own = list(inspect.signature(function).parameters.values())[1:]
    shared = [_PARAMETERS[each.name] for each in SHARED if calls or not each.calls]
    shared = [_with_default(each, timeout) if each.name == "timeout" else each for each in shared]
    every = [_PARAMETERS[_ALL_PROFILES]] if grids else []

    def wrapper(ctx: typer.Context, **given: Any) -> ExitCode:
        invocation: Invocation = ctx.obj
        _check_not_empty(ctx)
        typed = given.pop(_PROFILE)
        asked = AskedProfiles.of(typed, invocation.environ, every=given.pop(_ALL_PROFILES, False))
        values = {each.name: given.pop(each.name) for each in shared if each.name != _PROFILE}
        runtime = Runtime(invocation, SharedOptions(**values, profile=asked.single), asked)
        if asked.several and not grids:
            raise takes_one_profile(ctx.command_path, typed, asked)
        arguments = {each.name: _collect(each.name, hints[each.name], given) for each in own}
        return function(runtime, **arguments)  # type: ignore[call-arg]

    parameters = [inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)]
    parameters += [part for each in own for part in _expand(each.name, hints[each.name], each.default)]
    parameters += [*shared, *every]
    wrapper.__signature__ = inspect.Signature(parameters, return_annotation=ExitCode)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
    wrapper.__name__ = function.__name__
    wrapper.__doc__ = function.__doc__
    return wrapper
