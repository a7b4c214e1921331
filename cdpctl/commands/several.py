"""Profiles as typed: one, or several by a list, a pattern or `--all-profiles`."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from cdpctl.errors import ConfigError, UsageError
from cdpctl.peers.selection import has_wildcard
from cdpctl.settings.file import config_path, load, unknown_profile
from cdpctl.text import quoted

# What belongs to one CDP must not go to those of other profiles.
_OF_ONE_CDP = ("CDPCTL_URL", "CDPCTL_TOKEN", "CDPCTL_TOKEN_FILE")


class AskedProfiles(NamedTuple):
    """The profiles that a command line asks for.

    Attributes:
        words: the parts of comma lists, repeated options and the variable.
        every: `--all-profiles` was given.
        several: more than one was asked for; what a pattern matches counts as several, however many it is.
    """

    words: tuple[str, ...] = ()
    every: bool = False
    several: bool = False

    @classmethod
    def of(
        cls, typed: Sequence[str] | None, environ: Mapping[str, str], *, every: bool = False
    ) -> "AskedProfiles":
        """Take what `--profile` was given, or else the variable."""
        words = list(typed or ())
        if not words and not every and environ.get("CDPCTL_PROFILE"):
            words = [environ["CDPCTL_PROFILE"]]
        parts = tuple(part.strip() for word in words for part in word.split(","))
        listed = len(parts) > 1 or any(has_wildcard(part) for part in parts)
        return cls(parts, every, every or listed)

    @property
    def single(self) -> str | None:
        """The one profile that was asked for; None for the default one, and where it is several."""
        return self.words[0] if self.words and not self.several else None

    def choose(self, environ: Mapping[str, str], *, url: str | None) -> tuple[list[str], list[str]]:
        """Return the names of the profiles, each once, and warnings about the configuration.

        Args:
            environ: the environment variables.
            url: what `--url` gives.

        Raises:
            UsageError: an empty part of a list, or an option that belongs to one CDP.
            ConfigError: the configuration cannot be used, or a name or a pattern matches no profile.
        """
        if self.every and self.words:
            raise UsageError("--profile and --all-profiles cannot be combined", hint="leave one of them out")
        if not all(self.words):
            raise UsageError("--profile: a name in the list is empty", hint="for example: --profile A,B")
        given = ["--url"] if url else []
        given += [name for name in _OF_ONE_CDP if environ.get(name)]
        if given:
            raise UsageError(
                f"{given[0]} belongs to one CDP and cannot be combined with several profiles",
                hint="leave it out" if url else f"unset {given[0]}",
            )
        path = config_path(environ)
        found = load(path)
        profiles = found["profiles"]
        if not profiles:
            raise ConfigError(f"{path}: there are no profiles", hint="to create one: cdpctl login URL")
        chosen: dict[str, None] = {}
        for word in self.words or ("*",):
            matching = [name for name in profiles if fnmatchcase(name, word)]
            if not matching:
                raise unknown_profile(path, word, profiles)
            chosen |= dict.fromkeys(matching)
        return list(chosen), list(found["warnings"])


def takes_one_profile(command: str, typed: Sequence[str] | None, asked: AskedProfiles) -> UsageError:
    """Return the error of a command that takes one grid and was given several.

    Args:
        command: as typed.
        typed: what `--profile` was given, without the variable.
        asked: the profiles asked for.
    """
    where = "--profile" if typed else "CDPCTL_PROFILE"
    return UsageError(
        f"{command} takes one profile, and {where} names several: {quoted(','.join(asked.words))}",
        hint="nothing was sent; give one --profile",
    )
