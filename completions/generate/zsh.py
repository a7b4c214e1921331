"""Generates the part of the zsh script for the commands."""

from completions.generate.tree import SETTING_VALUES, Argument, Command, Kind, Option, Values

_ACTIONS = {
    Kind.NOTHING: " ",
    Kind.PEERS: "_cdpctl_peers",
    Kind.PROFILES: "_cdpctl_profiles",
    Kind.FILES: "_files",
    Kind.SETTINGS: "_cdpctl_setting",
}


def generated(tree: Command) -> str:
    """Return one function per command, the deepest first."""
    commands = list(tree.walk())
    shared = tree.shared_options()
    lines = [
        *_settings(),
        "",
        *_array("_cdpctl_shared", shared),
        *_array("_cdpctl_global", tree.global_options()),
    ]
    for command in reversed(commands):
        lines += _group(command) if command.commands else _leaf(command, shared)
        lines.append("")
    return "\n".join(lines[:-1]) + "\n"


def _settings() -> list[str]:
    arms: dict[str, list[str]] = {}
    for name, values in SETTING_VALUES.items():
        action = "_files" if values.kind is Kind.FILES else f"compadd {' '.join(values.words)}"
        arms.setdefault(action, []).append(name)
    return [
        "# Offer the values of the setting before the cursor.",
        "_cdpctl_setting() {",
        "    case $words[CURRENT-1] in",
        *(f"        ({'|'.join(names)}) {action} ;;" for action, names in arms.items()),
        "    esac",
        "}",
    ]


def _array(name: str, options: list[Option]) -> list[str]:
    return [f"{name}=(", *(f"    {spec}" for option in options for spec in _specs(option)), ")", ""]


def _function(path: tuple[str, ...]) -> str:
    return "_".join(("_cdpctl_run", *path)).replace("-", "_")


def _leaf(command: Command, shared: list[Option]) -> list[str]:
    lines = [f"{_function(command.path)}() {{", "    _arguments -s : $_cdpctl_shared \\"]
    specs = [spec for option in command.options if option not in shared for spec in _specs(option)]
    specs += ["'(- *)'{-h,--help}'[Show this help.]'"]
    specs += [_argument(each, index + 1) for index, each in enumerate(command.arguments)]
    lines += [f"        {spec} \\" for spec in specs]
    lines[-1] = lines[-1].removesuffix(" \\")
    return [*lines, "}"]


def _group(command: Command) -> list[str]:
    flags = [
        f"'(- *)'{_spelled(each)}{_quoted(f'[{_escaped(each.help)}]')}"
        for each in command.options
        if each.values is None and "--help" not in each.names
    ]
    described = [_quoted(f"{each.path[-1]}:{each.summary}") for each in command.commands]
    calls = [f"({each.path[-1]}) {_function(each.path)} ;;" for each in command.commands]
    return [
        f"{_function(command.path)}() {{",
        "    local curcontext=$curcontext state line",
        "    local -a commands",
        "    _arguments -C -s -A '-*' : $_cdpctl_global '(- *)'{-h,--help}'[Show this help.]' \\",
        *(f"        {each} \\" for each in flags),
        "        '1:command:->command' '*::words:->words' && return",
        "    case $state in",
        "        (command)",
        "            commands=(",
        *(f"                {each}" for each in described),
        "            )",
        "            _describe -t commands command commands",
        "            ;;",
        "        (words)",
        "            case $words[1] in",
        *(f"                {each}" for each in calls),
        "            esac",
        "            ;;",
        "    esac",
        "}",
    ]


def _specs(option: Option) -> list[str]:
    """Return the specifications of an option for `_arguments`, quoted for zsh."""
    if "--help" in option.names:
        return []
    others = "*" if option.repeated else f"({' '.join(option.names)})"
    text = f"[{_escaped(option.help)}]"
    if option.values is None:
        return [f"'{others}'{_spelled(option)}{_quoted(text)}"]
    what = _escaped(option.metavar or "value")
    text += f":{what}:{_action(option.values)}"
    return [
        # `--output=json` and `--output json`; `-ojson` and `-o json`.
        f"'{others}'{name}{'=' if name.startswith('--') else '+'}{_quoted(text)}"
        for name in option.names
    ]


def _spelled(option: Option) -> str:
    return option.names[0] if len(option.names) == 1 else "{" + ",".join(option.names) + "}"


def _argument(argument: Argument, place: int) -> str:
    if argument.values.kind is Kind.COMMANDS:
        return "'*:::command:_cdpctl_nested'"
    where = "*" if argument.repeated else str(place)
    return _quoted(f"{where}:{_escaped(argument.metavar)}:{_action(argument.values)}")


def _action(values: Values) -> str:
    return f"({' '.join(values.words)})" if values.kind is Kind.WORDS else _ACTIONS[values.kind]


def _escaped(text: str) -> str:
    for char in "\\:[]":
        text = text.replace(char, f"\\{char}")
    return text


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"
