"""Which peers an operation or a list is about: patterns over the grid."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import NamedTuple

from cdpctl.peers.models import AP, LAP, Peer, peer_type
from cdpctl.text import quoted

_WILD = frozenset("*?[")


class Selection(NamedTuple):
    """What the selecting options say; several values of one option mean any of them.

    Attributes:
        types: as typed; compared as `models.peer_type` reads them.
        match: shell patterns over whole names, case kept.
        statuses: compared without regard to case.
        not_statuses: a peer with one of these is left out; so is one whose status nothing reports.
        members: names and patterns of the groups.
        all_peers: every AP and LAP.
        exclude: patterns of names to leave out, of given names too.
    """

    types: tuple[str, ...] = ()
    match: tuple[str, ...] = ()
    statuses: tuple[str, ...] = ()
    all_peers: bool = False
    exclude: tuple[str, ...] = ()
    not_statuses: tuple[str, ...] = ()
    members: tuple[str, ...] = ()

    @property
    def selects(self) -> bool:
        """Whether peers are chosen by what they are, rather than by name."""
        return bool(
            self.types or self.match or self.statuses or self.not_statuses or self.members or self.all_peers
        )

    def filter(self, peers: Iterable[Peer]) -> list[Peer]:
        """Return the peers every given option allows, in their order; without options all of them."""
        types = {peer_type(each) or each for each in self.types}
        statuses = {_status(each) for each in self.statuses}
        others = {_status(each) for each in self.not_statuses}
        return [
            peer
            for peer in peers
            if (not types or peer.type in types)
            and (not self.match or any(fnmatchcase(peer.name, each) for each in self.match))
            and (not self.members or self._is_member(peer.name))
            and (not statuses or _status(peer.status) in statuses)
            and (not others or (peer.status is not None and _status(peer.status) not in others))
            and not self.excludes(peer.name)
        ]

    def _is_member(self, name: str) -> bool:
        return name in self.members or any(fnmatchcase(name, each) for each in self.members)

    def choose(self, peers: Iterable[Peer]) -> list[str]:
        """Return the names an operation may act on.

        A CDP or an HA-CDP is never chosen by a pattern, and neither is a peer whose type nothing reports.
        `--all` takes what is plainly an AP or a LAP: a type the documents do not know may be vital.
        """
        chosen = (peer for peer in self.filter(peers) if peer.type is not None and not peer.is_vital)
        return [peer.name for peer in chosen if not self.all_peers or peer.type in (AP, LAP)]

    def excludes(self, name: str) -> bool:
        """Whether `--exclude` names this peer."""
        return any(fnmatchcase(name, each) for each in self.exclude)

    def unknown(self, peers: Iterable[Peer]) -> list[str]:
        """Return a message for each type, status and name of a group that no peer of the grid has."""
        known = list(peers)
        types = {peer.type for peer in known}
        statuses = {_status(peer.status) for peer in known}
        names = {peer.name for peer in known}
        return [
            *(f"no peer has type {quoted(each)}" for each in self.types if peer_type(each) not in types),
            *(
                f"no peer has status {quoted(each)}"
                for each in (*self.statuses, *self.not_statuses)
                if _status(each) not in statuses
            ),
            *(
                f"no peer has the name {quoted(each)}, which is in the group"
                for each in self.members
                if not has_wildcard(each) and each not in names
            ),
        ]


def has_wildcard(text: str) -> bool:
    """Whether a text is a shell pattern rather than a name."""
    return not _WILD.isdisjoint(text)


def _status(text: str | None) -> str:
    return (text or "").strip().upper()
