"""Generates the man page from the tree of commands and the help topics."""

from collections.abc import Iterable

from cdpctl import __version__
from cdpctl.commands.topics import Topic, topics
from completions.generate.tree import Command, Option

# Sections that are not named after their topic.
_TITLES = {"exit-codes": "EXIT STATUS"}


def man_page(tree: Command) -> str:
    """Return cdpctl(1) as roff."""
    shared = tree.shared_options()
    connection = [each for each in tree.global_options() if each not in shared]
    lines = [
        f'.TH CDPCTL 1 "" "cdpctl {__version__}" "User Commands"',
        ".SH NAME",
        f"cdpctl \\- {_text(tree.summary[:1].lower() + tree.summary[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        ".B cdpctl",
        "COMMAND [OPTIONS] [ARGUMENTS]",
        ".br",
        ".B cdpctl help",
        "[COMMAND | TOPIC]",
        ".SH DESCRIPTION",
        "The CDP accepts a request at once, and the peers change in the background: accepted is not stopped.",
        "With",
        f".BR {_text('--wait')} ,",
        "cdpctl waits until each peer has changed.",
        ".SH COMMANDS",
    ]
    for command in tree.leaves():
        lines += _command(command, [*shared, *connection])
    lines.append(".SH OPTIONS OF EVERY COMMAND")
    for option in shared:
        lines += _option(option)
    lines.append(".SH OPTIONS OF COMMANDS THAT CALL A CDP")
    for option in connection:
        lines += _option(option)
    for name, topic in topics().items():
        lines += [f".SH {_TITLES.get(name, name.upper())}", *_topic(topic)]
    return "\n".join(lines) + "\n"


def _command(command: Command, shared: Iterable[Option]) -> list[str]:
    words = ["cdpctl", *command.path, *(each.metavar for each in command.arguments)]
    lines = [f".SS {_quoted(' '.join(words))}", *_paragraphs(command.text)]
    for argument in command.arguments:
        lines += [".TP", f"\\fI{_text(argument.metavar)}\\fR", _text(argument.help)]
    for option in command.options:
        if option not in shared:
            lines += _option(option)
    examples = [line.strip() for line in command.epilog.replace("\b", "").split("\n")[1:] if line.strip()]
    if examples[1:]:
        lines += [
            ".PP",
            "Examples:",
            ".PP",
            ".nf",
            ".RS 4",
            *(_text(each) for each in examples[1:]),
            ".RE",
            ".fi",
        ]
    return lines


def _option(option: Option) -> list[str]:
    names = ", ".join(f"\\fB{_text(name)}\\fR" for name in option.names)
    value = f" \\fI{_text(option.metavar)}\\fR" if option.metavar else ""
    return [".TP", names + value, _text(option.help)]


def _topic(topic: Topic) -> list[str]:
    lines = [_text(topic.title)]
    for entry in topic.entries:
        *heads, meaning = (str(value) for value in entry.values())
        lines += [".TP", f"\\fB{_text(' '.join(heads))}\\fR", _text(meaning)]
    return [*lines, ".PP", *_paragraphs(topic.text, filled=False)]


def _paragraphs(text: str, *, filled: bool = True) -> list[str]:
    """Return paragraphs. If the text is not filled, keep its lines."""
    lines: list[str] = []
    for paragraph in text.split("\n\n"):
        if lines:
            lines.append(".PP")
        joint = "\n" if filled else "\n.br\n"
        lines.append(joint.join(_line(line, filled=filled) for line in paragraph.strip().split("\n")))
    return lines


def _line(line: str, *, filled: bool) -> str:
    """Return a line. If the text is not filled, keep its indentation."""
    text = line.strip()
    return ("" if filled else "\\ " * (len(line) - len(line.lstrip()))) + _text(text)


def _text(text: str) -> str:
    """Return text escaped for roff, so that it is printed unchanged."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq").replace("`", "\\(ga")
    text = text.replace("~", "\\(ti").replace("^", "\\(ha").replace("…", "...")
    return "\\&" + text if text.startswith(".") else text


def _quoted(text: str) -> str:
    return '"' + _text(text).replace('"', "\\(dq") + '"'
