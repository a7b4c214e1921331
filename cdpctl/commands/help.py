"""`cdpctl help`: the help of a command, a topic, the schemas of what -o json prints."""

from typing import Annotated, Any

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.topics import Topic, schema, schema_names, topics
from cdpctl.errors import ExitCode, UsageError
from cdpctl.output.document import Document, Format
from cdpctl.text import quoted

EXAMPLES = {
    "run": (
        "cdpctl help peer stop",
        "cdpctl help exit-codes",
        "cdpctl help output --schema operation > operation.schema.json",
    )
}


@command(calls=False)
def run(
    runtime: Runtime,
    words: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TOPIC]...", help="A command, or exit-codes, environment, output."),
    ] = None,
    schemas: Annotated[
        bool, typer.Option("--schema", help="With output: the JSON Schemas, or the one named after it.")
    ] = False,
) -> ExitCode:
    """Show help on a command or a topic.

    The topics are exit-codes, environment and output; without any, the commands are listed.
    """
    asked = list(words or ())
    known = topics()
    if schemas or (asked[:1] == ["output"] and len(asked) > 1):
        return _schemas(runtime, asked)
    if len(asked) == 1 and asked[0] in known:
        return _topic(runtime, asked[0], known[asked[0]])
    text = _help_of(runtime, asked, list(known))
    if runtime.output.format in (Format.JSON, Format.JSONL):
        return _document(runtime, " ".join(asked), text, [])
    runtime.output.text(f"{text}\n")
    return ExitCode.OK


def _schemas(runtime: Runtime, words: list[str]) -> ExitCode:
    import json

    if words[:1] != ["output"] or len(words) > 2:
        raise UsageError("--schema goes with the topic output", hint="cdpctl help output --schema operation")
    names = words[1:] or schema_names()
    found = {f"cdpctl.{name}/1": schema(name) for name in names}
    value: Any = next(iter(found.values())) if words[1:] else found
    runtime.output.text(f"{json.dumps(value, indent=2)}\n")
    return ExitCode.OK


def _topic(runtime: Runtime, name: str, topic: Topic) -> ExitCode:
    if runtime.output.format in (Format.JSON, Format.JSONL):
        return _document(runtime, name, topic.text, list(topic.entries))
    runtime.output.text(topic_text(topic))
    return ExitCode.OK


def topic_text(topic: Topic) -> str:
    """Return a topic as help shows it."""
    rows = [[str(entry[column]) for column in topic.columns] for entry in topic.entries]
    widths = [max(len(row[index]) for row in rows) for index in range(len(topic.columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join([topic.title, "", *(f"  {line}".rstrip() for line in lines), "", topic.text]) + "\n"


def _document(runtime: Runtime, topic: str, text: str, entries: list[dict[str, Any]]) -> ExitCode:
    # Not the records of a table: a topic has only one form for people.
    record = {"topic": topic, "text": text, "entries": entries}
    runtime.output.document(Document("cdpctl.help/1", {}, None, [record]))
    return ExitCode.OK


def _help_of(runtime: Runtime, words: list[str], known: list[str]) -> str:
    """Return the help of the command that words lead to."""
    node = runtime.invocation.root()
    context = typer.Context(node, info_name="cdpctl", **node.context_settings)
    for index, word in enumerate(words):
        names = node.list_commands(context) if hasattr(node, "list_commands") else []
        if word not in names:
            from difflib import get_close_matches

            near = get_close_matches(word, names + (known if index == 0 else []), n=1, cutoff=0.5)
            path = " ".join(["cdpctl help", *words[:index]])
            raise UsageError(
                f"{' '.join(['cdpctl', *words[:index]])} has no command or topic {quoted(word)}",
                hint=f"did you mean `{path} {near[0]}`?" if near else f"`{path}` lists them",
            )
        node = node.get_command(context, word)
        context = typer.Context(node, info_name=word, parent=context, **node.context_settings)
    text: str = node.get_help(context)
    return text
