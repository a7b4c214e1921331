"""The tree of commands as plain values, for completion and the man page."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any, NamedTuple

from cdpctl.commands.build import build
from cdpctl.commands.topics import topics
from cdpctl.commands.tree import TREE, Group
from cdpctl.commands.tree import Command as Leaf
from cdpctl.output.document import Format
from cdpctl.peers.changes import LEVELS
from cdpctl.settings.model import TokenStore
from cdpctl.settings.table import KEYS, SETTINGS
from cdpctl.settings.table import Kind as Setting


class Kind(StrEnum):
    """Where the values of an option or an argument come from."""

    NOTHING = "nothing"
    WORDS = "words"
    PEERS = "peers"
    PROFILES = "profiles"
    FILES = "files"
    COMMANDS = "commands"
    SETTINGS = "settings"


class Values(NamedTuple):
    """The possible values of an option or an argument.

    Attributes:
        kind: the source of the values.
        words: the values of kind WORDS. Other values are allowed too.
    """

    kind: Kind
    words: tuple[str, ...] = ()


class Option(NamedTuple):
    """An option.

    Attributes:
        names: its spellings, the long one first. `--no-…` is a separate option.
        values: its possible values. None if it takes no value.
        repeated: whether it can be given more than once.
    """

    names: tuple[str, ...]
    help: str
    metavar: str | None
    values: Values | None
    repeated: bool


class Argument(NamedTuple):
    """An argument. `repeated` means that it can be given any number of times."""

    metavar: str
    help: str
    values: Values
    repeated: bool


class Command(NamedTuple):
    """A command or a group. `path` excludes the program's name, and is empty for the root."""

    path: tuple[str, ...]
    summary: str
    text: str
    epilog: str
    options: tuple[Option, ...]
    arguments: tuple[Argument, ...]
    commands: tuple["Command", ...]

    def walk(self) -> Iterator["Command"]:
        """Yield this command and all below it."""
        yield self
        for each in self.commands:
            yield from each.walk()

    def leaves(self) -> list["Command"]:
        """Return the commands below this group that can be run."""
        return [each for each in self.walk() if not each.commands]

    def shared_options(self) -> list[Option]:
        """Return the options that every command below this group takes."""
        first, *others = self.leaves()
        return [option for option in first.options if all(option in each.options for each in others)]

    def global_options(self) -> list[Option]:
        """Return the options that can come before a command: those of every command that calls a CDP."""
        callers = [
            each for each in self.leaves() if any("--connect-timeout" in one.names for one in each.options)
        ]
        first, *others = callers or self.leaves()
        known = [{option.names for option in each.options} for each in others]
        return [option for option in first.options if all(option.names in names for names in known)]


_FILE = Values(Kind.FILES)
# Components whose names contain a blank are not completed.
_COMPONENTS = ("Adapters", "Configuration", "Context", "Health", "Metrics", "Scheduler")
_EVERY_TYPE = Values(Kind.WORDS, ("cdp", "ha-cdp", "ap", "lap"))
_STATES = Values(Kind.WORDS, ("RUNNING", "STOPPED"))

# By metavar, so that a new option of a known kind needs no line here. A metavar such as
# `running|stopped` lists the values itself.
_BY_METAVAR: dict[str, Values] = {
    "P": Values(Kind.PROFILES),
    "PROFILE": Values(Kind.PROFILES),
    "F": _FILE,
    "FILE": _FILE,
    "FILE|-": _FILE,
    "JSON|@FILE|-": _FILE,
    "N|FILE": _FILE,
    "FORMAT": Values(Kind.WORDS, tuple(each.value for each in Format)),
    "NAME": Values(Kind.PEERS),
    "[NAME]...": Values(Kind.PEERS),
    "NAME...": Values(Kind.PEERS),
    "[TOPIC]...": Values(Kind.WORDS, (*topics(), *TREE.commands)),
    "KEY": Values(Kind.WORDS, KEYS),
    "METHOD": Values(Kind.WORDS, ("GET", "POST", "PUT", "DELETE")),
    "PATH": Values(Kind.WORDS, ("/info/peer", "/peer", "/peer/stop", "/peer/start")),
    "GLOB": Values(Kind.PEERS),
    "COMPONENT=LEVEL": Values(
        Kind.WORDS, tuple(f"{component}={level}" for component in _COMPONENTS for level in LEVELS)
    ),
    "-- COMMAND...": Values(Kind.COMMANDS),
}
_BY_NAME: dict[str, Values] = {
    "--token-store": Values(Kind.WORDS, tuple(each.value for each in TokenStore)),
    "--type": Values(Kind.WORDS, ("ap", "lap")),
    "--status": _STATES,
}
#: The values of `config set`, by the setting before them.
SETTING_VALUES: dict[str, Values] = {
    each.name: _FILE
    if each.kind is Setting.PATH
    else Values(Kind.WORDS, tuple(map(str, each.words)) or ("true", "false"))
    for each in SETTINGS
    if each.in_profile and each.kind in (Setting.PATH, Setting.CHOICE, Setting.BOOLEAN)
}
_BY_COMMAND: dict[tuple[str, str], Values] = {
    ("config set", "value"): Values(Kind.SETTINGS),
    ("peer list", "--type"): _EVERY_TYPE,
    ("peer check", "--type"): _EVERY_TYPE,
}


def values_of(path: str, name: str, metavar: str | None) -> Values:
    """Return the possible values of an option or an argument.

    Args:
        path: the command, such as `peer stop`.
        name: the name of the option or the argument.
        metavar: the metavar in help.
    """
    found = _BY_COMMAND.get((path, name)) or _BY_NAME.get(name) or _BY_METAVAR.get(metavar or "")
    if found is not None:
        return found
    words = tuple((metavar or "").split("|"))
    listed = len(words) > 1 and all(word.isascii() and word.isalpha() and word.islower() for word in words)
    return Values(Kind.WORDS, words) if listed else Values(Kind.NOTHING)


def read_tree() -> Command:
    """Return the tree of all commands. This imports every one."""
    return _read((), TREE)


def _read(path: tuple[str, ...], entry: Leaf | Group) -> Command:
    command = build(path, entry)
    params = command.params
    below = entry.commands if isinstance(entry, Group) else {}
    text = (command.help or "").strip()
    commands = tuple(_read((*path, name), each) for name, each in below.items())
    options = [
        option for each in params if each.param_type_name == "option" for option in _options(each, path)
    ]
    if path and commands:
        # An option before its command is refused if the command does not take it.
        taken = {option.names for each in commands for leaf in each.leaves() for option in leaf.options}
        options = [option for option in options if option.names in taken]
    return Command(
        path=path,
        summary=text.partition("\n")[0],
        text=text,
        epilog=(command.epilog or "").strip(),
        options=tuple(options),
        arguments=tuple(_argument(each, path) for each in params if each.param_type_name == "argument"),
        commands=commands,
    )


def _options(param: Any, path: tuple[str, ...]) -> Iterator[Option]:
    if param.hidden:
        return
    takes_value = not param.is_flag and not param.count
    names = tuple(sorted(param.opts, key=len, reverse=True))
    choices = getattr(param.type, "choices", None)
    values: Values | None = None
    if choices:
        values = Values(Kind.WORDS, tuple(str(getattr(each, "value", each)) for each in choices))
    elif takes_value:
        values = values_of(" ".join(path), names[0], param.metavar)
    repeated = bool(param.multiple or param.count)
    yield Option(names, param.help or "", param.metavar if takes_value else None, values, repeated)
    if param.secondary_opts:
        yield Option(tuple(param.secondary_opts), f"The opposite of {names[0]}.", None, None, repeated)


def _argument(param: Any, path: tuple[str, ...]) -> Argument:
    metavar = param.metavar or param.name.upper()
    values = values_of(" ".join(path), param.name, metavar)
    return Argument(metavar, getattr(param, "help", "") or "", values, param.nargs != 1)
