"""The tree of commands as plain values: what completion and the man page are made from."""

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
from cdpctl.settings.table import KEYS


class Kind(StrEnum):
    """Where the values of an option or an argument come from."""

    NOTHING = "nothing"
    WORDS = "words"
    PEERS = "peers"
    PROFILES = "profiles"
    FILES = "files"
    COMMANDS = "commands"


class Values(NamedTuple):
    """What can stand in one place.

    Attributes:
        kind: where they come from.
        words: those of kind WORDS; others may be typed as well.
    """

    kind: Kind
    words: tuple[str, ...] = ()


class Option(NamedTuple):
    """An option.

    Attributes:
        names: its spellings, the long one first; `--no-…` is an option of its own.
        values: of what follows it; None where nothing does.
        repeated: it may be given more than once.
    """

    names: tuple[str, ...]
    help: str
    metavar: str | None
    values: Values | None
    repeated: bool


class Argument(NamedTuple):
    """A word in a place of its own; `repeated` where any number may follow."""

    metavar: str
    help: str
    values: Values
    repeated: bool


class Command(NamedTuple):
    """A command or a group; `path` is without the program's name, empty for the root."""

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
        """Return the options that may stand before a command: what every command that calls a CDP takes."""
        callers = [
            each for each in self.leaves() if any("--connect-timeout" in one.names for one in each.options)
        ]
        first, *others = callers or self.leaves()
        known = [{option.names for option in each.options} for each in others]
        return [option for option in first.options if all(option.names in names for names in known)]


_FILE = Values(Kind.FILES)
# Components whose names hold a blank are typed by hand.
_COMPONENTS = ("Adapters", "Configuration", "Context", "Health", "Metrics", "Scheduler")
_EVERY_TYPE = Values(Kind.WORDS, ("cdp", "ha-cdp", "ap", "lap"))
_STATES = Values(Kind.WORDS, ("RUNNING", "STOPPED"))

# By metavar, so that a new option of a known kind completes without a line here. A metavar of plain
# words between bars, `running|stopped`, is its own list of values.
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
_BY_COMMAND: dict[tuple[str, str], Values] = {
    ("peer list", "--type"): _EVERY_TYPE,
    ("peer check", "--type"): _EVERY_TYPE,
}


def values_of(path: str, name: str, metavar: str | None) -> Values:
    """Return what can stand after an option, or in an argument's place.

    Args:
        path: of the command, `peer stop`.
        name: of the option, or of the argument.
        metavar: as help shows it.
    """
    found = _BY_COMMAND.get((path, name)) or _BY_NAME.get(name) or _BY_METAVAR.get(metavar or "")
    if found is not None:
        return found
    words = tuple((metavar or "").split("|"))
    listed = len(words) > 1 and all(word.isascii() and word.isalpha() and word.islower() for word in words)
    return Values(Kind.WORDS, words) if listed else Values(Kind.NOTHING)


def read_tree() -> Command:
    """Return the whole tree of commands; this imports every one."""
    return _read((), TREE)


def _read(path: tuple[str, ...], entry: Leaf | Group) -> Command:
    command = build(path, entry)
    params = command.params
    below = entry.commands if isinstance(entry, Group) else {}
    text = (command.help or "").strip()
    return Command(
        path=path,
        summary=text.partition("\n")[0],
        text=text,
        epilog=(command.epilog or "").strip(),
        options=tuple(
            option for each in params if each.param_type_name == "option" for option in _options(each, path)
        ),
        arguments=tuple(_argument(each, path) for each in params if each.param_type_name == "argument"),
        commands=tuple(_read((*path, name), each) for name, each in below.items()),
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
