"""Suggestions for commands that do not exist: what was meant, as it can be typed."""

from collections.abc import Mapping, Sequence

import typer

from cdpctl.commands.command_line import leading_words, parse_command_line
from cdpctl.commands.tree import TREE, Command, Group
from cdpctl.errors import UsageError
from cdpctl.text import one_of, quoted, slips, typed_words

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
# What other tools put before the verb, and the verbs that belong to it.
_NOUNS: Mapping[str, str] = {"peers": "peer", "profile": "config", "profiles": "config"}
_AUTH = ("auth", "session")
_OF_AUTH = ("login", "logout", "status")


def is_complete(words: Sequence[str]) -> bool:
    """Return whether words after the program's name are a command that can be run as it stands."""
    from cdpctl.commands.build import build

    try:
        line = parse_command_line(words)
        bare = leading_words(line.arguments) == len(line.arguments)
        if isinstance(line.entry, Group) or (bare and line.entry.needs_words):
            return bare and isinstance(line.entry, Group)
        if not {"--help", "-h"}.intersection(line.arguments):
            # This parses the arguments, and runs nothing.
            build(line.path, line.entry).make_context(line.spelled, list(line.arguments))
    except (UsageError, typer.TyperException):
        return False
    return True


def unknown_command(
    path: tuple[str, ...], group: Group, early: Sequence[str], words: Sequence[str]
) -> UsageError:
    """Return the error for a word that is not a command.

    Args:
        path: the words before it.
        group: the group that does not have it.
        early: the shared options before it.
        words: the word, and everything after it.
    """
    command = " ".join(("cdpctl", *path))
    unknown = f"unknown command {quoted(' '.join((*path, words[0])))}"
    meant, rest = ([], words[1:]) if path else _phrase(words)
    meant = meant or _meant(path, group, words[0])
    if not meant:
        return UsageError(unknown, hint=f"{command} --help")
    spelled = [f"{command} {each}" for each in meant]
    hint = f"{command} --help"
    if len(meant) == 1:
        line = [*path, *meant[0].split(), *early, *rest]
        if is_complete(line) or meant[0].startswith("--"):
            hint = f"{spelled[0]} {typed_words(line[len(path) + len(meant[0].split()) :])}".rstrip()
        else:
            hint = spelled[0] if " --" in meant[0] else f"{spelled[0]} --help"
    return UsageError(f"{unknown}; did you mean {one_of([quoted(each) for each in spelled])}?", hint=hint)


def _phrase(words: Sequence[str]) -> tuple[list[str], Sequence[str]]:
    """Return the command in the words of other tools, and the words that follow it.

    These are `peers list`, `get peers`, `stop peer AP1`, `auth login` and `version`.
    """
    word, following, rest = words[0], "".join(words[1:2]), words[2:]
    if word == "version":
        return ["--version"], []
    if word in _AUTH and following in _OF_AUTH:
        return [following], rest
    if word in _NOUNS and (verb := _verbs(_NOUNS[word]).get(following)):
        # A list of profiles, and not of settings.
        verb = "profiles" if verb == "list" and _NOUNS[word] == "config" else verb
        return [f"{_NOUNS[word]} {verb}"], rest
    if following in ("peer", "peers") and (verb := _verbs("peer").get(word)):
        named = leading_words(rest) < len(rest)
        return [f"peer {'list' if verb == 'show' and not named else verb}"], rest
    return [], words[1:]


def _verbs(noun: str) -> dict[str, str]:
    """Return the commands of a noun, by their names and by what users of other tools type."""
    group = TREE.commands[noun]
    own = group.commands if isinstance(group, Group) else ()
    return _synonyms((noun,)) | {name: name for name in own}


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
    return _nearest(word.lower(), known, group)


def _synonyms(path: tuple[str, ...]) -> dict[str, str]:
    return {slip: meant for meant, slips in _SYNONYMS.get(path, {}).items() for slip in slips.split()}


def _nearest(word: str, known: Mapping[str, str], group: Group) -> list[str]:
    """Return the commands whose names are nearest. Of a read and an operation, the read."""
    found: dict[tuple[float, bool], list[str]] = {}
    for name, meant in known.items():
        entry, count = _entry(group, meant), slips(word, name)
        if entry is not None and count is not None:
            found.setdefault((count, isinstance(entry, Command) and entry.changes), []).append(meant)
    return list(dict.fromkeys(found[min(found)])) if found else []


def _entry(group: Group, meant: str) -> Command | Group | None:
    entry: Command | Group | None = group
    for word in meant.split():
        entry = entry.commands.get(word) if isinstance(entry, Group) else entry
    return entry
