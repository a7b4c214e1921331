"""Selections of peers by type, name, status or group."""

from collections.abc import Collection, Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from cdpctl.peers.models import AP, LAP, Peer, normalised, peer_type
from cdpctl.text import has_wildcard, join_names, quoted


class Selection(NamedTuple):
    """The options that select peers. Several values of one option mean any of them.

    Attributes:
        types: as typed; `models.peer_type` reads them.
        match: shell patterns for whole names, case-sensitive.
        statuses: not case-sensitive.
        not_statuses: peers with one of these are left out, and so are peers without a status.
        members: the names and patterns in the groups, which may have none. None if no group was given.
        all_peers: every AP and LAP.
        exclude: patterns of names to leave out. They apply to given names as well.
        names: only peers with one of these names, if there are any.
    """

    types: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    all_peers: bool = False
    exclude: tuple[str, ...] = ()
    not_statuses: tuple[str, ...] = ()
    members: tuple[str, ...] | None = None
    names: Collection[str] = ()

    @property
    def selects(self) -> bool:
        """Whether any option selects peers. A group does, even if it has no members."""
        options = (self.types, self.match, self.statuses, self.not_statuses, self.all_peers)
        return any(options) or self.members is not None

    def filter(self, peers: Iterable[Peer]) -> list[Peer]:
        """Return the peers that match every given option, in their order. Without options, return all."""
        if not (self.selects or self.exclude or self.names):
            return list(peers)
        types = {peer_type(each) or each for each in self.types}
        statuses = {normalised(each) for each in self.statuses}
        others = {normalised(each) for each in self.not_statuses}
        return [
            peer
            for peer in peers
            if (not types or peer.type in types)
            and (not self.match or any(fnmatchcase(peer.name, each) for each in self.match))
            and (self.members is None or _is_member(peer.name, self.members))
            and (not self.names or peer.name in self.names)
            and (not self.all_peers or peer.type in (AP, LAP))
            and (not statuses or normalised(peer.status) in statuses)
            and (not others or (peer.status is not None and normalised(peer.status) not in others))
            and not self.excludes(peer.name)
        ]

    def choose(self, peers: Iterable[Peer]) -> list[str]:
        """Return the names of the selected peers that an operation may act on.

        A CDP, an HA-CDP or a peer without a type is never selected. `--all` takes only peers that are
        plainly an AP or a LAP, because the grid may depend on an undocumented type.
        """
        return [peer.name for peer in self.filter(peers) if peer.type is not None and not peer.is_vital]

    def excludes(self, name: str) -> bool:
        """Return whether `--exclude` matches this name."""
        return any(fnmatchcase(name, each) for each in self.exclude)

    def unknown(self, peers: Iterable[Peer]) -> list[str]:
        """Return messages about types, statuses, names and group members that no peer of the grid has."""
        if not (self.selects or self.exclude or self.names):
            return []
        known = list(peers)
        types = {peer.type for peer in known}
        statuses = {normalised(peer.status) for peer in known}
        names = {peer.name for peer in known}
        missing = [each for each in self.names if each not in names]
        return [
            *(f"no peer has type {quoted(each)}" for each in self.types if peer_type(each) not in types),
            *(
                f"no peer has status {quoted(each)}"
                for each in (*self.statuses, *self.not_statuses)
                if normalised(each) not in statuses
            ),
            *([f"no peer is named {join_names(missing)}"] if missing else []),
            *(
                f"the group contains {quoted(each)}, but no peer has this name"
                for each in self.members or ()
                if not has_wildcard(each) and each not in names
            ),
        ]


def _is_member(name: str, members: Collection[str]) -> bool:
    return name in members or any(fnmatchcase(name, each) for each in members)
