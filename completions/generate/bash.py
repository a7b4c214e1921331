"""Generates the part of the bash script for the commands."""

from collections.abc import Iterable

from completions.generate.tree import SETTING_VALUES, Command, Kind, Option, Values


def place(values: Values) -> str:
    """Return values for the script: a kind, or a list of words."""
    return " ".join(values.words) if values.kind is Kind.WORDS else values.kind.value


def generated(tree: Command) -> str:
    """Return the shell functions with the commands, their options and the values of these."""
    return "\n".join([*_commands(tree), "", *_values(tree), "", *_settings()]) + "\n"


def _commands(tree: Command) -> list[str]:
    shared = tree.shared_options()
    lines = [
        "# What a command ($1) takes.",
        "_cdpctl_command() {",
        "    commands='' places=''",
        f"    flags='{' '.join(_names(shared, valued=False))}'",
        f"    valued='{' '.join(_names(shared, valued=True))}'",
        "    case $1 in",
    ]
    for command in tree.walk():
        own = [each for each in command.options if each not in shared]
        flags, valued = _names(own, valued=False), _names(own, valued=True)
        lines.append(f"        '{' '.join(command.path)}')")
        if command.commands:
            lines.append(f"            commands='{' '.join(each.path[-1] for each in command.commands)}'")
        if flags:
            lines.append(f"            flags+=' {' '.join(flags)}'")
        if valued:
            lines.append(f"            valued+=' {' '.join(valued)}'")
        if command.arguments:
            places = "|".join(place(each.values) for each in command.arguments)
            lines.append(f"            places='{places}'")
        lines.append("            ;;")
    return [*lines, "    esac", "}"]


def _settings() -> list[str]:
    arms: dict[str, list[str]] = {}
    for name, values in SETTING_VALUES.items():
        arms.setdefault(place(values), []).append(name)
    lines = [
        "# What can be the value of a setting ($1).",
        "_cdpctl_setting() {",
        "    place=''",
        "    case $1 in",
    ]
    for words, names in arms.items():
        lines.append(f"        {' | '.join(names)}) place='{words}' ;;")
    return [*lines, "    esac", "}"]


def _names(options: Iterable[Option], *, valued: bool) -> list[str]:
    """Return the spellings of the options that take a value, or of those that take none."""
    return [name for each in options if (each.values is not None) is valued for name in each.names]


def _values(tree: Command) -> list[str]:
    everywhere = tree.global_options()
    arms: dict[str, list[str]] = {}
    for command in tree.walk():
        for option in command.options:
            if option.values is None or option.values.kind is Kind.NOTHING:
                continue
            known = arms.setdefault(place(option.values), [])
            for name in option.names:
                pattern = f"*' {name}'" if option in everywhere else f"'{' '.join(command.path)} {name}'"
                if pattern not in known:
                    known.append(pattern)
    lines = [
        "# What can stand after an option ($2) of a command ($1).",
        "_cdpctl_option() {",
        "    place=''",
        '    case "$1 $2" in',
    ]
    for words, patterns in arms.items():
        lines += [f"        {' | '.join(patterns)})", f"            place='{words}'", "            ;;"]
    return [*lines, "    esac", "}"]
