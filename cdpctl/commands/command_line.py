"""Parses the command line: finds the command, moves shared options, and suggests corrections."""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from cdpctl.commands.tree import TREE, Command, Group
from cdpctl.errors import UsageError
from cdpctl.settings.table import SHARED
from cdpctl.text import likeness, printable, quoted, shell_words

# What users of other tools type, by noun and by the command to suggest.
_SYNONYMS: Mapping[tuple[str, ...], Mapping[str, str]] = {
    (): {
        "peer list": "ls ps peers",
        "peer list --watch": "watch",
        "status": "stat stats state states statuses info whoami",
        "peer show": "describe",
        "config profiles": "profiles",
        "config list": "settings",
        "api": "request",
        "login": "signin",
        "logout": "signout",
        "doctor": "diagnose",
    },
    ("peer",): {
        "list": "ls ps find search query",
        "list --watch": "watch",
        "list --status RUNNING": "running started",
        "list --status STOPPED": "stopped",
        "show": "status state stat stats statuses look details info get describe inspect view",
        "stop": "halt shutdown",
        "start": "boot",
        "restart": "bounce reboot",
        "update": "edit",
        "delete": "rm remove",
    },
    ("config",): {"list": "ls show view", "set": "add", "remove": "rm delete", "use": "switch"},
    ("sandbox",): {"serve": "start", "run": "exec"},
}
# If a word resembles both a read and an operation, the read is suggested. An operation is suggested only
# for a word that is very similar.
_READ_BONUS = 0.1
_LIKENESS = 0.65
_LIKENESS_OF_CHANGES = 0.75


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
        leading = _leading_words(rest)
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
            raise _unknown_command(path, entry, rest[0], [*early, *rest[1:]])
        path, entry = (*path, rest.pop(0)), found
    return CommandLine(path, entry, [*early, *rest])


def _leading_words(words: Sequence[str]) -> int:
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


def _unknown_command(path: tuple[str, ...], group: Group, word: str, rest: Sequence[str]) -> UsageError:
    meant = _meant(path, group, word)
    command = " ".join(("cdpctl", *path))
    unknown = f"unknown command {quoted(' '.join((*path, word)))}"
    if not meant:
        return UsageError(unknown, hint=f"{command} --help")
    spelled = [f"{command} {each}" for each in meant]
    hint = f"{command} --help"
    if len(meant) == 1:
        entry = _entry(group, meant[0])
        lacking = isinstance(entry, Command) and entry.needs_words and _leading_words(rest) == len(rest)
        words = "--help" if lacking else "" if " --" in meant[0] else printable(shell_words(rest))
        hint = f"{spelled[0]} {words}".rstrip()
    return UsageError(f"{unknown}; did you mean {' or '.join(quoted(each) for each in spelled)}?", hint=hint)


def _meant(path: tuple[str, ...], group: Group, word: str) -> list[str]:
    """Return the commands that a word may stand for, as typed after the noun."""
    synonyms = _synonyms(path)
    if word in synonyms:
        return [synonyms[word]]
    nouns = {} if path else {n: e for n, e in TREE.commands.items() if isinstance(e, Group)}
    # Peers first: most commands are about them.
    order = sorted(nouns, key=lambda noun: noun != "peer")
    verbs = [f"{noun} {word}" for noun in order if word in nouns[noun].commands]
    if verbs:
        return verbs
    known = {name: name for name in group.commands} | synonyms
    for noun in order:
        for verb in nouns[noun].commands:
            known.setdefault(verb, f"{noun} {verb}")
    if not path:
        for slip, verb in _synonyms(("peer",)).items():
            known.setdefault(slip, f"peer {verb}")
    if word in known and _entry(group, known[word]) is not None:
        return [known[word]]
    near = _nearest(word.lower(), known, group)
    return [near] if near else []


def _synonyms(path: tuple[str, ...]) -> dict[str, str]:
    return {slip: meant for meant, slips in _SYNONYMS.get(path, {}).items() for slip in slips.split()}


def _nearest(word: str, known: Mapping[str, str], group: Group) -> str | None:
    best, most = None, 0.0
    for name, meant in known.items():
        entry = _entry(group, meant)
        if entry is None:
            continue
        changes = isinstance(entry, Command) and entry.changes
        like = likeness(word, name)
        if like < (_LIKENESS_OF_CHANGES if changes else _LIKENESS):
            continue
        # No bonus for a status: `stopp` means `stop`, although it resembles `stopped`.
        like += 0.0 if changes or " --" in meant else _READ_BONUS
        if like > most:
            best, most = meant, like
    return best


def _entry(group: Group, meant: str) -> Command | Group | None:
    entry: Command | Group | None = group
    for word in meant.split():
        entry = entry.commands.get(word) if isinstance(entry, Group) else entry
    return entry
