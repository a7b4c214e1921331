"""The part of the bash script that knows the commands."""

from completions.generate.tree import Command, Kind, Values


def place(values: Values) -> str:
    """Return values as the script writes them: a kind, or the words themselves."""
    return " ".join(values.words) if values.kind is Kind.WORDS else values.kind.value


def generated(tree: Command) -> str:
    """Return the functions that hold the commands, their options and what can stand after those."""
    lines = ["# What a command ($1) takes.", "_cdpctl_command() {"]
    lines += ["    commands='' flags='' valued='' places=''", "    case $1 in"]
    shared = _shared(tree)
    for command in tree.walk():
        flags = [name for each in command.options if each.values is None for name in each.names]
        valued = [name for each in command.options if each.values is not None for name in each.names]
        names = [each.path[-1] for each in command.commands]
        lines.append(f"        '{' '.join(command.path)}')")
        if names:
            lines.append(f"            commands='{' '.join(names)}'")
        own = [name for name in flags if name not in shared[0]]
        lines.append(f"            flags='{' '.join(own)}'")
        if not names:
            own = [name for name in valued if name not in shared[1]]
            lines.append(f"            valued='{' '.join(own)}'")
            places = "|".join(place(each.values) for each in command.arguments)
            lines.append(f"            places='{places}'")
        lines.append("            ;;")
    lines += ["    esac", "    [[ $commands ]] && return 0"]
    lines += [
        f'    flags="$flags {" ".join(shared[0])}"',
        f'    valued="$valued {" ".join(shared[1])}"',
        "}",
        "",
    ]
    lines += ["# What can stand after an option ($2) of a command ($1).", "_cdpctl_option() {"]
    lines += ["    place=''", '    case "$1 $2" in']
    arms: dict[str, list[str]] = {}
    for command in tree.walk():
        for option in command.options:
            for name in option.names if option.values is not None else ():
                common = name in shared[1]
                pattern = f"*' {name}'" if common else f"'{' '.join(command.path)} {name}'"
                known = arms.setdefault(place(option.values), [])  # type: ignore[arg-type]
                if pattern not in known:
                    known.append(pattern)
    for words, patterns in arms.items():
        if words != Kind.NOTHING.value:
            lines += [f"        {' | '.join(patterns)})", f"            place='{words}'", "            ;;"]
    lines += ["    esac", "}"]
    return "\n".join(lines) + "\n"


def _shared(tree: Command) -> tuple[list[str], list[str]]:
    """Return the flags, and the options with a value, that every command takes."""
    leaves = [each for each in tree.walk() if not each.commands]
    flags: list[str] = []
    valued: list[str] = []
    for option in leaves[0].options:
        if all(option in leaf.options for leaf in leaves):
            (flags if option.values is None else valued).extend(option.names)
    return flags, valued
