"""The options every command shares, and the decorator that turns named tuples into options."""

import inspect
from collections.abc import Callable
from typing import Annotated, Any, Concatenate, NamedTuple, ParamSpec, get_type_hints

import typer

from cdpctl.commands.runtime import Invocation, Runtime
from cdpctl.errors import ExitCode

P = ParamSpec("P")


class SharedOptions(NamedTuple):
    """The options every command takes, as typed."""

    profile: Annotated[
        str | None, typer.Option("--profile", "-p", metavar="P", help="The profile to use.")
    ] = None
    url: Annotated[str | None, typer.Option("--url", metavar="URL", help="The CDP's URL, for this run.")] = (
        None
    )
    output: Annotated[
        str | None, typer.Option("--output", "-o", metavar="FORMAT", help="table, tsv, json, jsonl or name.")
    ] = None
    fields: Annotated[
        str | None, typer.Option("--fields", metavar="A,B", help="Only these fields, in this order.")
    ] = None
    quiet: Annotated[
        bool, typer.Option("--quiet", "-q", help="No notes and no progress on standard error.")
    ] = False
    verbose: Annotated[
        int,
        typer.Option("--verbose", "-v", count=True, help="Decisions; -vv a line a call; -vvv an HTTP trace."),
    ] = 0
    no_color: Annotated[bool, typer.Option("--no-color", help="No colour.")] = False
    no_input: Annotated[
        bool, typer.Option("--no-input", help="Never ask; fail where an answer is needed.")
    ] = False
    timeout: Annotated[
        str | None,
        typer.Option("--timeout", metavar="D", help="One deadline for the whole run: 90, 90s, 5m."),
    ] = None
    connect_timeout: Annotated[
        str | None, typer.Option("--connect-timeout", metavar="D", help="For each connection (10s).")
    ] = None
    read_timeout: Annotated[
        str | None, typer.Option("--read-timeout", metavar="D", help="For each piece of an answer (30s).")
    ] = None
    ca_bundle: Annotated[
        str | None,
        typer.Option("--ca-bundle", metavar="F", help="PEM file of the CAs to trust for this CDP."),
    ] = None
    client_cert: Annotated[
        str | None, typer.Option("--client-cert", metavar="F", help="PEM file of a client certificate.")
    ] = None
    client_key: Annotated[
        str | None, typer.Option("--client-key", metavar="F", help="PEM file of its key.")
    ] = None
    proxy: Annotated[
        str | None, typer.Option("--proxy", metavar="URL", help="Proxy to the CDP; an empty one for none.")
    ] = None
    insecure_http: Annotated[
        bool,
        typer.Option("--insecure-http", help="Allow http:// beyond this machine: secrets go out readable."),
    ] = False
    insecure_skip_verify: Annotated[
        bool, typer.Option("--insecure-skip-verify", help="Do not check the certificate. Prefer --ca-bundle.")
    ] = False


def _expand(annotation: Any) -> list[inspect.Parameter]:
    """Return the parameters that a named tuple stands for, one a field."""
    hints = get_type_hints(annotation, include_extras=True)
    return [
        inspect.Parameter(
            name,
            inspect.Parameter.KEYWORD_ONLY,
            default=annotation._field_defaults.get(name, inspect.Parameter.empty),
            annotation=hints[name],
        )
        for name in annotation._fields
    ]


def command(function: Callable[Concatenate[Runtime, P], ExitCode]) -> Callable[..., ExitCode]:
    """Make a function a command: its options, those of its named tuples, and the shared ones.

    Args:
        function: takes a Runtime first. A parameter whose type is a named tuple stands for the options
            its fields describe, and arrives as one value; any other is an option or argument itself.
    """
    hints = get_type_hints(function, include_extras=True)
    own = list(inspect.signature(function).parameters.values())[1:]
    groups = {each.name: hints[each.name] for each in own if hasattr(hints[each.name], "_fields")}
    shared_names = SharedOptions._fields

    def wrapper(ctx: typer.Context, **given: Any) -> ExitCode:
        invocation = ctx.obj if isinstance(ctx.obj, Invocation) else Invocation()
        runtime = Runtime(invocation, SharedOptions(**{name: given.pop(name) for name in shared_names}))
        for name, group in groups.items():
            given[name] = group(**{each: given.pop(each) for each in group._fields})
        return function(runtime, **given)  # type: ignore[call-arg]

    parameters = [inspect.Parameter("ctx", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=typer.Context)]
    for each in own:
        if each.name in groups:
            parameters += _expand(groups[each.name])
        else:
            parameters.append(each.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[each.name]))
    parameters += _expand(SharedOptions)
    wrapper.__signature__ = inspect.Signature(parameters, return_annotation=ExitCode)  # type: ignore[attr-defined]
    wrapper.__annotations__ = {each.name: each.annotation for each in parameters}
    wrapper.__name__ = function.__name__
    wrapper.__doc__ = function.__doc__
    return wrapper
