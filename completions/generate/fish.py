"""Generates the part of the fish script for the commands."""

from completions.generate.tree import SETTING_VALUES, Command, Kind, Option, Values


def generated(tree: Command) -> str:
    """Return a `complete` line for every command, option and place."""
    commands = list(tree.walk())
    shared = tree.shared_options()
    valued = dict.fromkeys(
        name
        for each in commands
        for option in each.options
        if option.values is not None
        for name in option.names
    )
    lines = [f"set -g __cdpctl_valued {' '.join(valued)}"]
    lines += [f"set -g __cdpctl_commands {' '.join(each.path[-1] for each in tree.commands)}", ""]
    lines += ["complete -c cdpctl -f", "complete -c cdpctl -n __cdpctl_foreign -F"]
    for command in commands:
        lines += _of_group(command) if command.commands else _of_leaf(command, shared)
    # Options can also come before the command.
    lines += [_option("", option) for option in shared]
    return "\n".join(lines) + "\n"


def _of_group(command: Command) -> list[str]:
    where = " ".join(("__cdpctl_at", *command.path))
    lines = [_option(where, option) for option in command.options]
    return lines + [
        f"complete -c cdpctl -n '{where}' -a {each.path[-1]} -d {_quoted(each.summary)}"
        for each in command.commands
    ]


def _of_leaf(command: Command, shared: list[Option]) -> list[str]:
    path = " ".join(command.path)
    lines = [_option(f"__cdpctl_in {path}", each) for each in command.options if each not in shared]
    for index, argument in enumerate(command.arguments):
        if argument.values.kind is Kind.SETTINGS:
            lines += [
                f"complete -c cdpctl -n '__cdpctl_at {path} {name}' {_offered(values)}"
                for name, values in SETTING_VALUES.items()
            ]
            continue
        where = f"__cdpctl_in {path}" if argument.repeated else f"__cdpctl_place {index} {path}"
        offered = _offered(argument.values)
        if offered:
            lines.append(f"complete -c cdpctl -n '{where}' {offered}")
    return lines


def _option(where: str, option: Option) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
    condition = f" -n '{where}'" if where else ""
    line = f"complete -c cdpctl{condition} {names} -d {_quoted(option.help)}"
    if option.values is None:
        return line
    if option.values.kind is Kind.FILES:
        return f"{line} -r -F"
    return f"{line} -x {_offered(option.values)}".rstrip()


def _offered(values: Values) -> str:
    if values.kind is Kind.WORDS:
        return f"-a {_quoted(' '.join(values.words))}"
    return {
        Kind.NOTHING: "",
        Kind.FILES: "-F",
        Kind.COMMANDS: "",
        Kind.PEERS: "-a '(__cdpctl_peers)'",
        Kind.PROFILES: "-a '(__cdpctl_profiles)'",
    }[values.kind]


def _quoted(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
