"""`cdpctl help`: shows the help of a command, a topic, or the JSON Schemas of -o json."""

from shutil import get_terminal_size

from cdpctl.commands.build import help_text
from cdpctl.commands.options import Texts, argument, command, flag
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.topics import Topic, topics
from cdpctl.commands.tree import TREE, Command, Group
from cdpctl.errors import UsageError
from cdpctl.output.document import Document
from cdpctl.output.schema import schema, schema_names
from cdpctl.text import did_you_mean, near_misses, quoted

# The least room for a meaning beside its name.
_LEAST = 20


@command(calls=False)
def run(
    runtime: Runtime,
    words: Texts = argument("[TOPIC]...", "A command, or exit-codes, environment, output, ansible.", None),
    schemas: bool = flag("--schema", "With output: print the JSON Schemas, or the one named after it."),
) -> None:
    """Show help on a command or a topic.

    The topics are exit-codes, environment, output and ansible. Without a topic, it lists the commands.

    Examples:
        cdpctl help peer stop
        cdpctl help exit-codes
        cdpctl help output --schema operation > operation.schema.json
    """
    asked, known = list(words or ()), topics()
    if schemas or (asked[:1] == ["output"] and len(asked) > 1):
        _schemas(runtime, asked)
        return
    name = " ".join(asked)
    topic = known.get(name)
    text = topic.text if topic else _help_of(asked, list(known))
    # One record: the entries are not the rows of a table.
    record = {"topic": name, "text": text, "entries": list(topic.entries) if topic else []}
    shown = topic_text(topic, min(100, get_terminal_size((100, 24)).columns)) if topic else f"{text}\n"
    runtime.output.document_or(shown, Document("cdpctl.help/1", {}, None, [record]))


def _schemas(runtime: Runtime, words: list[str]) -> None:
    import json

    if words[:1] != ["output"] or len(words) > 2:
        raise UsageError("--schema is for the topic output", hint="cdpctl help output --schema operation")
    value = schema(words[1]) if words[1:] else {f"cdpctl.{name}/1": schema(name) for name in schema_names()}
    runtime.output.text(f"{json.dumps(value, indent=2)}\n")


def topic_text(topic: Topic, width: int = 100) -> str:
    """Return a topic as help shows it, wrapped at `width` columns."""
    rows = [[str(value) for value in entry.values()] for entry in topic.entries]
    widths = [max(len(cell) for cell in column) + 2 for column in zip(*rows, strict=True)][:-1]
    indent = " " * (2 + sum(widths))
    narrow = width < len(indent) + _LEAST
    lines = []
    for *first, last in rows:
        head = "  " + "".join(cell.ljust(size) for cell, size in zip(first, widths, strict=True))
        if narrow:
            lines += [head.rstrip(), _wrapped(last, width, " " * 4, " " * 4)]
        else:
            lines.append(_wrapped(last, width, head, indent))
    text = []
    for line in topic.text.split("\n"):
        margin = " " * (len(line) - len(line.lstrip()))
        text.append(_wrapped(line.strip(), width, margin, margin))
    return "\n".join([_wrapped(topic.title, width, "", ""), "", *lines, "", *text]) + "\n"


def _wrapped(text: str, width: int, first: str, rest: str) -> str:
    from textwrap import fill

    # Do not break options and names at their hyphens.
    return fill(
        text,
        max(width, len(rest) + _LEAST),
        initial_indent=first,
        subsequent_indent=rest,
        break_on_hyphens=False,
        break_long_words=False,
    )


def _help_of(words: list[str], known: list[str]) -> str:
    """Return the help of the command with this path."""
    entry: Command | Group = TREE
    for place, word in enumerate(words):
        names = list(entry.commands) if isinstance(entry, Group) else []
        if not isinstance(entry, Group) or word not in names:
            near = near_misses(word, [*names, *(known if place == 0 else [])], 1)
            if place == 0:
                near = near or _nouns_before(word)
            before = " ".join(["cdpctl help", *words[:place]])
            raise UsageError(
                f"unknown command or topic {quoted(' '.join(words[: place + 1]))}{did_you_mean(near)}",
                hint=f"{before} {near[0]}" if len(near) == 1 else before,
            )
        entry = entry.commands[word]
    return help_text(tuple(words), entry)


def _nouns_before(verb: str) -> list[str]:
    """Return the commands with this verb, such as `peer stop`."""
    groups = {noun: entry for noun, entry in TREE.commands.items() if isinstance(entry, Group)}
    return [f"{noun} {verb}" for noun, group in groups.items() if verb in group.commands]
