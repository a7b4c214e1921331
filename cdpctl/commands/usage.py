"""Arguments that do not parse: what was wrong with them, and what to type."""

import re
from itertools import pairwise
from typing import Any

from cdpctl.commands.command_line import CommandLine
from cdpctl.errors import UsageError
from cdpctl.text import command_line, did_you_mean, near_misses, printable, quoted, shell_words

_DURATION = re.compile(r"\d+(\.\d+)?(ms|s|m|h)?")


def check_arguments(line: CommandLine, command: Any) -> None:
    """Find what the parser would take for something else.

    Raises:
        UsageError: an option without its value, or a number after `--wait`.
    """
    options = {name: each for each in command.params for name in (*each.opts, *each.secondary_opts)}
    options = {name: each for name, each in options.items() if name.startswith("-")}
    words = line.arguments
    for word, following in pairwise(words):
        if word == "--":
            return
        if word == "--wait" and word in options and _DURATION.fullmatch(following):
            raise UsageError(
                f"--wait takes no value; the time limit is --timeout {following}",
                hint=f"{line.spelled} {_without(words, following)} --timeout {following}",
            )
        option = options.get(word)
        if option is not None and _takes_value(option):
            if following in options:
                raise UsageError(f"{word} needs a value", hint=f"{line.spelled} --help")
        elif not _is_interspersed(line) and not word.startswith("-"):
            return


def _takes_value(option: Any) -> bool:
    return not getattr(option, "is_flag", False) and not getattr(option, "count", False)


def _is_interspersed(line: CommandLine) -> bool:
    return getattr(line.entry, "interspersed", True)


def _without(words: list[str], number: str) -> str:
    place = words.index("--wait")
    left = [*words[: place + 1], *words[place + 2 :]]
    return printable(shell_words(each for each in left if each != number))


def usage_error(error: Any, line: CommandLine, command: Any) -> UsageError:
    """Return the parser's error in words of our own."""
    name: str | None = getattr(error, "option_name", None)
    if name is not None and hasattr(error, "possibilities"):
        return _unknown_option(name, line, command)
    if name is not None:
        text = error.format_message()
        takes_none = "does not take a value" in text
        message = f"{name} takes no value" if takes_none else f"{name} needs a value"
        return UsageError(message, hint=f"{line.spelled} --help")
    param = getattr(error, "param", None)
    if param is not None:
        return _bad_value(error, param, line)
    text = error.format_message().rstrip(".")
    extra = re.search(r"extra argument(?:s|\(s\))? \((.*)\)", text)
    if extra:
        return UsageError(f"unexpected argument {quoted(extra[1])}", hint=f"{line.spelled} --help")
    return UsageError(printable(text[:1].lower() + text[1:]), hint=f"{line.spelled} --help")


def _unknown_option(name: str, line: CommandLine, command: Any) -> UsageError:
    known = [each for param in command.params for each in (*param.opts, *param.secondary_opts)]
    if name.startswith("--"):
        close = near_misses(name, (each for each in known if each.startswith("--")), 1, 0.7)
        return UsageError(
            f"unknown option {quoted(name)}{did_you_mean(close)}", hint=f"{line.spelled} --help"
        )
    word = next((each for each in line.arguments if each[:1] == "-" != each[1:2] and name[1:] in each), name)
    takes_names = any(each.param_type_name == "argument" for each in command.params)
    if takes_names and len(word) > 2:
        hint = command_line(" ".join(line.path), word)
        return UsageError(
            f"unknown option {quoted(word)}; a name that begins with '-' stands after '--'", hint=hint
        )
    return UsageError(f"unknown option {quoted(word)}", hint=f"{line.spelled} --help")


def _bad_value(error: Any, param: Any, line: CommandLine) -> UsageError:
    name = max(param.opts, key=len) if param.param_type_name == "option" else param.human_readable_name
    text = (error.message or "").rstrip(".")
    if not text:
        return UsageError(f"{name} is missing", hint=f"{line.spelled} --help")
    least, most = getattr(param.type, "min", None), getattr(param.type, "max", None)
    bounds = (
        f"from {least} to {most}" if most is not None else f"of at least {least}" if least is not None else ""
    )
    if bounds:
        value = re.match(r"'?(.*?)'? is not", text)
        shown = f"{quoted(value[1])} is not valid: " if value else ""
        return UsageError(f"{name}: {shown}use a number {bounds}", hint=f"{line.spelled} --help")
    return UsageError(f"{name}: {printable(text[:1].lower() + text[1:])}", hint=f"{line.spelled} --help")
