"""The profiles of a command line: one, or several by a list, a pattern or `--all-profiles`."""

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import NamedTuple

from cdpctl.errors import ConfigError, UsageError
from cdpctl.text import cannot_combine, command_line, has_wildcard, quoted

# Settings for one CDP must not be used for those of other profiles.
_OF_ONE_CDP = ("CDPCTL_URL", "CDPCTL_TOKEN", "CDPCTL_TOKEN_FILE")


class AskedProfiles(NamedTuple):
    """The profiles that a command line asks for.

    Attributes:
        words: the names and patterns of the options or the variable.
        every: whether `--all-profiles` was given.
        several: whether more than one was asked for. A pattern counts as several.
    """

    words: tuple[str, ...] = ()
    every: bool = False
    several: bool = False

    @classmethod
    def of(
        cls, typed: Sequence[str] | None, environ: Mapping[str, str], *, every: bool = False
    ) -> "AskedProfiles":
        """Return the profiles in `--profile`, or else in the variable."""
        words = list(typed or ())
        if not words and not every and environ.get("CDPCTL_PROFILE"):
            words = [environ["CDPCTL_PROFILE"]]
        parts = tuple(part.strip() for word in words for part in word.split(","))
        listed = len(parts) > 1 or any(has_wildcard(part) for part in parts)
        return cls(parts, every, every or listed)

    @property
    def single(self) -> str | None:
        """The one profile that was asked for. None for the default profile or several profiles."""
        return self.words[0] if self.words and not self.several else None

    def choose(self, environ: Mapping[str, str], *, url: str | None) -> tuple[list[str], list[str]]:
        """Return the names of the profiles, each once, and warnings about the configuration.

        Args:
            environ: the environment variables.
            url: the value of `--url`.

        Raises:
            UsageError: a name is empty, or there is a setting for one CDP.
            ConfigError: the configuration cannot be used, or a name or a pattern matches no profile.
        """
        if self.every and self.words:
            raise cannot_combine("--profile", "--all-profiles")
        if not all(self.words):
            raise UsageError("--profile: a name in the list is empty", hint="for example: --profile A,B")
        given = ["--url"] if url else []
        given += [name for name in _OF_ONE_CDP if environ.get(name)]
        if given:
            raise UsageError(
                f"{given[0]} belongs to one CDP and cannot be combined with several profiles",
                hint="leave it out" if url else f"unset {given[0]}",
            )
        from cdpctl.settings.file import config_path, load, unknown_profile

        path = config_path(environ)
        found = load(path)
        profiles = [*found["profiles"], *found["broken"]]
        if not profiles:
            raise ConfigError(
                f"{path}: there are no profiles", hint=f"to create one: {command_line.login('URL')}"
            )
        chosen: dict[str, None] = {}
        for word in self.words or ("*",):
            matching = [name for name in profiles if fnmatchcase(name, word)]
            if not matching:
                raise unknown_profile(path, word, profiles)
            chosen |= dict.fromkeys(matching)
        return list(chosen), list(found["warnings"])


def takes_one_profile(command: str, typed: Sequence[str] | None, asked: AskedProfiles) -> UsageError:
    """Return the error for a command that takes one profile and was given several.

    Args:
        command: the command, as typed.
        typed: the values of `--profile`, without the variable.
        asked: the profiles asked for.
    """
    where = "--profile" if typed else "CDPCTL_PROFILE"
    return UsageError(
        f"{command} takes one profile, and {where} names several: {quoted(','.join(asked.words))}",
        hint="nothing was sent; give one --profile",
    )
