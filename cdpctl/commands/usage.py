"""Errors for arguments that do not parse, with what to type instead."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from cdpctl.commands.command_line import CommandLine
from cdpctl.commands.tree import Group
from cdpctl.errors import UsageError
from cdpctl.redact import redactor
from cdpctl.text import did_you_mean, near_misses, printable, quoted, slips, typed_words

# What users of other tools type, and the options here that do the same.
_OPTIONS_ELSEWHERE: Mapping[str, tuple[str, ...]] = {
    "--watch": ("--wait",),
    "--follow": ("--watch", "--wait"),
    "--format": ("--output",),
    "--context": ("--profile",),
}
# Known options that name a place for a secret, and take none as their value.
_OF_SECRETS = ("--password-file", "--password-stdin", "--save-password", "--token-store")
# Compiled on first use, as few command lines need it.
_SENSITIVE = r"--[a-z-]*(?:pass|pwd|token|secret)[a-z-]*"
_DURATION = r"\d+(\.\d+)?(ms|s|m|h)?"


def check_arguments(line: CommandLine, command: Any) -> None:
    """Find mistakes that the parser would misunderstand.

    Raises:
        UsageError: an option has no value, or `--wait` is followed by a number.
    """
    options = {name: each for each in command.params for name in (*each.opts, *each.secondary_opts)}
    options = {name: each for name, each in options.items() if name.startswith("-")}
    words = line.arguments
    for word, following in pairwise(words):
        if word == "--":
            return
        if word == "--wait" and word in options and re.fullmatch(_DURATION, following):
            raise _wait_with_value(line, words.index(word), 2, following)
        option = options.get(word)
        if option is not None and not option.is_flag and not option.count:
            if following in options:
                raise UsageError(f"{word} needs a value", hint=line.help)
        elif not line.interspersed and not word.startswith("-"):
            return


def _wait_with_value(line: CommandLine, place: int, taken: int, value: str) -> UsageError:
    meant = ["--wait", "--timeout", value]
    return UsageError(
        f"--wait takes no value; the time limit is --timeout {printable(value)}",
        hint=_spelled(line, [*line.arguments[:place], *meant, *line.arguments[place + taken :]]),
    )


def _spelled(line: CommandLine, words: Sequence[str]) -> str:
    """Return the command line with these words if it can be run, and else that of its help."""
    from cdpctl.commands.suggestions import is_complete

    if is_complete([*line.path, *words]):
        return f"{line.spelled} {typed_words(words)}"
    return line.help


def hide_secrets(words: Sequence[str]) -> None:
    """Mask what was typed after options that would take a secret, if there were such options."""
    for word, following in pairwise([*words, ""]):
        name, _, value = word.partition("=")
        if _takes_secret(name):
            redactor.add(value or ("" if following.startswith("-") else following))


def _takes_secret(name: str) -> bool:
    if not name.startswith("--") or not re.fullmatch(_SENSITIVE, name.lower()):
        return False
    return not any(slips(name, each) in (0, 1) for each in _OF_SECRETS)


def _has_value(place: int, words: Sequence[str]) -> bool:
    """Return whether a value seems to follow an unknown option. It may be a secret: no hint repeats it."""
    return "=" in words[place] or any(not each.startswith("-") for each in words[place + 1 : place + 2])


def usage_error(error: Any, line: CommandLine, command: Any) -> UsageError:
    """Return the parser's error in cdpctl's own words."""
    name: str | None = getattr(error, "option_name", None)
    if name is not None and hasattr(error, "possibilities"):
        return _unknown_option(name, line, command)
    if name is not None:
        text = error.format_message()
        typed = next((each for each in line.arguments if each.startswith(f"{name}=")), "")
        value = typed.partition("=")[2]
        if name == "--wait" and re.fullmatch(_DURATION, value):
            return _wait_with_value(line, line.arguments.index(typed), 1, value)
        takes_none = "does not take a value" in text
        message = f"{name} takes no value" if takes_none else f"{name} needs a value"
        return UsageError(message, hint=line.help)
    param = getattr(error, "param", None)
    if param is not None:
        # Our own functions check values, so an argument is missing.
        missing = param.human_readable_name.removeprefix("-- ").removesuffix("...")
        return UsageError(f"{missing} is missing", hint=line.help)
    text = error.format_message().rstrip(".")
    extra = re.search(r"extra argument(?:s|\(s\))? \((.*)\)", text)
    if extra:
        return _unexpected(extra[1], line)
    return UsageError(printable(text[:1].lower() + text[1:]), hint=line.help)


def _unexpected(text: str, line: CommandLine) -> UsageError:
    for word, following in pairwise(line.arguments):
        if following and text.startswith(following) and word.startswith("-") and word != "--":
            # It was typed as the value of an option that takes none, and may be a secret.
            return UsageError(f"{word} takes no value", hint=line.help)
    return UsageError(f"unexpected argument {quoted(text)}", hint=line.help)


def _unknown_option(name: str, line: CommandLine, command: Any) -> UsageError:
    if name == "--all-profiles":
        return UsageError(
            f"{line.spelled} takes one profile; --all-profiles is for commands that only read",
            hint="nothing was sent; give one --profile",
        )
    if _takes_secret(name):
        return _secret_option(name, command)
    known = [each for param in command.params for each in (*param.opts, *param.secondary_opts)]
    words, hint = line.arguments, line.help
    if name.startswith("--"):
        place = next(at for at, each in enumerate(words) if each.partition("=")[0] == name)
        close = [each for each in _options_meant(name, known) if _fits(each, place, words, command)]
        if isinstance(line.entry, Group) and not close:
            return _before_command(name, place, words)
        if close and not _has_value(place, words):
            hint = _spelled(line, [*words[:place], close[0], *words[place + 1 :]])
        return UsageError(f"unknown option {quoted(name)}{did_you_mean(close[:1])}", hint=hint)
    place, word = next(
        ((at, each) for at, each in enumerate(words) if each[:1] == "-" != each[1:2] and name[1:] in each),
        (0, name),
    )
    takes_names = any(
        each.param_type_name == "argument" and "NAME" in each.metavar for each in command.params
    )
    if not takes_names or len(word) < 3:
        return UsageError(f"unknown option {quoted(name)}", hint=hint)
    if not _has_value(place, words):
        others = [*words[:place], *words[place + 1 :]]
        hint = _spelled(line, [*others, *(["--"] if "--" not in others else []), word])
    return UsageError(
        f"unknown option {quoted(word)}; a name that begins with '-' goes after '--'", hint=hint
    )


def _secret_option(name: str, command: Any) -> UsageError:
    """Return the error for a password or a token as the value of an option."""
    what = "token" if "token" in name.lower() else "password"
    hint = f"to read it from a file, set CDPCTL_{what.upper()}_FILE"
    if what == "password" and any("--password-file" in each.opts for each in command.params):
        hint = "to read it from standard input or a file, use --password-stdin or --password-file FILE"
    return UsageError(f"unknown option {quoted(name)}; no option takes a {what}", hint=hint)


def _options_meant(name: str, known: Sequence[str]) -> list[str]:
    """Return the options that a mistyped one may stand for, the likeliest first."""
    usual = [each for each in _OPTIONS_ELSEWHERE.get(name, ()) if each in known]
    # The opposite of what was typed is never meant.
    alike = [each for each in known if each.startswith("--no") is name.startswith("--no")]
    return [*usual, *near_misses(name, alike)]


def _fits(option: str, place: int, words: Sequence[str], command: Any) -> bool:
    """Return whether a similar option takes a value, if one was typed after the unknown option."""
    param = next(each for each in command.params if option in (*each.opts, *each.secondary_opts))
    if param.is_flag or param.count:
        return "=" not in words[place]
    return _has_value(place, words)


def _before_command(name: str, place: int, words: Sequence[str]) -> UsageError:
    """Return the error for an option of a command, typed before it."""
    from cdpctl.commands.suggestions import is_complete

    hint = "cdpctl --help"
    for taken in (1, 2):
        moved = [*words[:place], *words[place + taken :], *words[place : place + taken]]
        if is_complete(moved):
            hint = f"cdpctl {typed_words(moved)}"
            break
    return UsageError(f"unknown option {quoted(name)}; options of a command follow it", hint=hint)
