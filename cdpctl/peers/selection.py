"""Which peers an operation or a list is about: patterns over the grid, and names from files."""

import json
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, NamedTuple

from cdpctl.errors import UsageError
from cdpctl.peers.models import AP, LAP, Peer, peer_type

#: A list of names is never this long by intent.
MAX_BYTES = 16 * 1024 * 1024


class Selection(NamedTuple):
    """What the selecting options say; several values of one option mean any of them.

    Attributes:
        types: as typed; compared as `models.peer_type` reads them.
        match: shell patterns over whole names, case kept.
        statuses: compared without regard to case.
        everything: every AP and LAP.
        exclude: patterns of names to leave out, of given names too.
    """

    types: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    all_peers: bool = False
    exclude: tuple[str, ...] = ()

    @property
    def selects(self) -> bool:
        """Whether peers are chosen by what they are, rather than by name."""
        return bool(self.types or self.match or self.statuses or self.all_peers)

    def filter(self, peers: Iterable[Peer]) -> list[Peer]:
        """Return the peers every given option allows, in their order; without options all of them."""
        types = {peer_type(each) or each for each in self.types}
        statuses = {each.strip().upper() for each in self.statuses}
        return [
            peer
            for peer in peers
            if (not types or peer.type in types)
            and (not self.match or any(fnmatchcase(peer.name, each) for each in self.match))
            and (not statuses or (peer.status or "").strip().upper() in statuses)
            and not self.excludes(peer.name)
        ]

    def choose(self, peers: Iterable[Peer]) -> list[str]:
        """Return the names an operation may act on: a CDP or HA-CDP is never chosen by a pattern.

        `--all` takes what is plainly an AP or a LAP: a type the documents do not know may be vital.
        """
        chosen = (peer for peer in self.filter(peers) if not peer.is_vital)
        return [peer.name for peer in chosen if not self.all_peers or peer.type in (AP, LAP)]

    def excludes(self, name: str) -> bool:
        """Whether `--exclude` names this peer."""
        return any(fnmatchcase(name, each) for each in self.exclude)


def names_from_text(data: bytes, source: str) -> list[str]:
    """Read names, one a line with `#` comments, or the JSON an earlier run printed.

    Of an operation's document (or its jsonl lines) the peers that are not ok are taken, of a list all.
    A `#` begins a comment at the start of a line or after white space: inside a name it is an error
    that the check of names will report.

    Args:
        data: the file as it is; bytes that are no UTF-8 make a name that the check of names refuses.
        source: the file's name, for messages.

    Raises:
        UsageError: nothing in it, too long, or JSON that is no document of this program.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"{source}: more than {MAX_BYTES >> 20} MiB is no list of names", hint="nothing was sent"
        )
    text = data.decode("utf-8-sig", "surrogateescape")
    names = _names_from_json(text, source) if text.lstrip()[:1] in ("{", "[") else _names_from_lines(text)
    if not names and text.lstrip()[:1] not in ("{", "["):
        raise UsageError(
            f"{source}: no names in it",
            hint="nothing was sent; `--all` selects every AP and LAP, an empty list never does",
        )
    return names


def _names_from_lines(text: str) -> list[str]:
    names = []
    for line in text.split("\n"):
        kept = line.removesuffix("\r")
        for index, char in enumerate(kept):
            if char == "#" and (index == 0 or kept[index - 1] in " \t"):
                kept = kept[:index].rstrip(" \t")
                break
        kept = kept.strip(" ")
        if kept:
            names.append(kept)
    return names


def _names_from_json(text: str, source: str) -> list[str]:
    try:
        value = _parse(text)
    except (ValueError, RecursionError):
        raise UsageError(
            f"{source}: it looks like JSON and is none",
            hint="nothing was sent; give names, one a line, or what an earlier run printed with -o json",
        ) from None
    records = _records(value)
    if records is None:
        raise UsageError(
            f"{source}: JSON, and no document of cdpctl with results or peers",
            hint="nothing was sent; give names, one a line, or what an earlier run printed with -o json",
        )
    return [record["name"] for record in records if record.get("ok") is not True]


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return [json.loads(line) for line in text.splitlines() if line.strip()]


def _records(value: object) -> Sequence[Mapping[str, Any]] | None:
    if isinstance(value, Mapping):
        value = value.get("results", value.get("peers", [value] if "name" in value else None))
    if not isinstance(value, list):
        return None
    for record in value:
        if not isinstance(record, Mapping) or not isinstance(record.get("name"), str):
            return None
    return value
