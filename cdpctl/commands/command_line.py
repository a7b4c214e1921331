"""Parses the command line: finds the command and moves shared options behind it."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from cdpctl.commands.tree import TREE, Command, Group
from cdpctl.errors import UsageError
from cdpctl.settings.table import SHARED

# The long names of shared options by spelling, and the spellings that take a value.
_LONG_NAMES = {name: each.option[0] for each in SHARED for name in each.option}
_TAKE_VALUES = {name for each in SHARED if each.takes_value for name in each.option}
_KNOWN = {*_LONG_NAMES, "--all-profiles", "--help", "-h", "--version", "-V"}


class CommandLine(NamedTuple):
    """A parsed command line.

    Attributes:
        path: the words of the command, such as `("peer", "stop")`.
        entry: the command, or the group if there is no command.
        arguments: everything else. Shared options before the command come first.
    """

    path: tuple[str, ...]
    entry: Command | Group
    arguments: list[str]

    @property
    def interspersed(self) -> bool:
        """Whether options may follow the arguments. Otherwise these are the words of another program."""
        return isinstance(self.entry, Group) or self.entry.interspersed

    @property
    def spelled(self) -> str:
        """The command as typed: `cdpctl peer stop`."""
        return " ".join(("cdpctl", *self.path))

    @property
    def help(self) -> str:
        """The command line that shows its help."""
        return f"{self.spelled} --help"


def parse_command_line(words: Sequence[str]) -> CommandLine:
    """Find the command, and move the options before it behind it.

    Raises:
        UsageError: the command does not exist.
    """
    path: tuple[str, ...] = ()
    entry: Command | Group = TREE
    early: list[str] = []
    rest = list(words)
    while isinstance(entry, Group):
        leading = leading_words(rest)
        early, rest = [*early, *rest[:leading]], rest[leading:]
        if rest[:1] == ["--"]:
            del rest[0]
        if not rest or rest[0].startswith("-"):
            break
        found = entry.commands.get(rest[0])
        if found is None:
            noun = TREE.commands.get(early[-1]) if len(early) > 1 and not path else None
            if isinstance(noun, Group) and rest[0] in noun.commands:
                # The noun was taken for the value of the option before it.
                raise UsageError(f"{early[-2]} needs a value", hint="cdpctl --help")
            from cdpctl.commands.suggestions import unknown_command

            raise unknown_command(path, entry, early, rest)
        path, entry = (*path, rest.pop(0)), found
    return CommandLine(path, entry, [*early, *rest])


def leading_words(words: Sequence[str]) -> int:
    """Return how many words the shared options at the beginning take."""
    taken = 0
    while taken < len(words) and (option := _option(words[taken:])):
        taken += option.words
    return taken


class _Option(NamedTuple):
    """A shared option as typed, and how many words it takes."""

    name: str
    value: str | None
    words: int


def _option(words: Sequence[str]) -> _Option | None:
    """Return the shared option that words begin with: `-o json`, `-qojson`, `--output=json`."""
    word, following = words[0], words[1] if len(words) > 1 else None
    taken = 1 if following is None else 2
    if word.startswith("--"):
        name, equals, value = word.partition("=")
        if name not in _KNOWN:
            return None
        alone = equals or name not in _TAKE_VALUES
        return _Option(name, value, 1) if alone else _Option(name, following, taken)
    for place, letter in enumerate(word[1:], 2) if word.startswith("-") else ():
        name = f"-{letter}"
        if name not in _KNOWN:
            return None
        if name in _TAKE_VALUES:
            return _Option(name, word[place:], 1) if word[place:] else _Option(name, following, taken)
        if place == len(word):
            return _Option(name, None, 1)
    return None


def _options(line: CommandLine) -> Iterator[_Option]:
    words = line.arguments
    place = 0
    while place < len(words) and words[place] != "--":
        # An option takes at most two words.
        option = _option(words[place : place + 2])
        if option is not None:
            yield option
        elif not line.interspersed and not words[place].startswith("-"):
            # The remaining words belong to another program.
            return
        place += option.words if option else 1


def typed_values(words: Sequence[str]) -> dict[str, str]:
    """Return what shared options were given last, by their long names, in words that may not parse."""
    try:
        line = parse_command_line(words)
    except UsageError:
        line = CommandLine((), TREE, list(words))
    return {
        _LONG_NAMES[option.name]: option.value
        for option in _options(line)
        if option.value is not None and option.name in _LONG_NAMES
    }
