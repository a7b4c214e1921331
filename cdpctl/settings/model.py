"""The settings of one run, wherever they came from: the value that every layer below the commands reads."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple


class TokenStore(StrEnum):
    """Where a token is kept between runs."""

    AUTO = "auto"
    KEYRING = "keyring"
    FILE = "file"
    NONE = "none"


_NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class Settings(NamedTuple):
    """What one run works with: option, then environment, then profile, then built-in.

    Every setting of a profile has a field of its name here, with the default of the table.

    Attributes:
        profile: the profile's name; `default` where nothing is configured.
        url: the normalised base URL `http[s]://host:port/baocdp`, or None if none is set.
        verify: False only where the user asked for it; the transport warns about it.
        proxy: a URL, the empty string for none at all, or None to follow the usual variables.
        trust_profile_secrets: False when `url` came from an option or variable and is not the
            profile's own: its `token_file` and `password_command` are then left alone.
        groups: names and patterns of peers by the name of their group.
        timeout: seconds for the whole run, or None for the command's own default.
        connect_timeout: seconds to wait for each connection.
        read_timeout: seconds to wait for each part of a response.
        interactive: standard input and error are terminals and `--no-input` was not given.
        config_dir: the folder of the configuration file, of the token files and of the locks.
        sources: where each setting came from: an option, a variable, `profile`, or `built-in`.
        warnings: what the user should know about the files that the settings came from.
    """

    config_file: Path
    config_dir: Path
    profile: str = "default"
    profile_exists: bool = False
    url: str | None = None
    standby_url: str | None = None
    username: str | None = None
    ca_bundle: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    verify: bool = True
    proxy: str | None = None
    insecure_http: bool = False
    token_store: TokenStore = TokenStore.AUTO
    token_file: Path | None = None
    password_command: str | None = None
    trust_profile_secrets: bool = True
    no_keyring: bool = False
    protected: bool = False
    audit: str | None = None
    groups: Mapping[str, tuple[str, ...]] = _NONE
    output: str | None = None
    timeout: float | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    interactive: bool = False
    sources: Mapping[str, str] = MappingProxyType({})
    warnings: tuple[str, ...] = ()

    def standby(self) -> "Settings | None":
        """Return the settings that lead to the standby CDP; None if there is none.

        A token that a file gives belongs to the first CDP alone, as every session does.
        """
        if self.standby_url in (None, self.url):
            return None
        return self._replace(url=self.standby_url, standby_url=None, token_file=None)

    @property
    def url_source(self) -> str:
        """Where the URL came from, `none` where none is set."""
        return "none" if self.url is None else self.sources.get("url", "none")
