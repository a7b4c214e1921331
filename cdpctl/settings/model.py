"""The settings of a run."""

from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple


class TokenStore(StrEnum):
    """Where a token is stored between runs."""

    AUTO = "auto"
    KEYRING = "keyring"
    FILE = "file"
    NONE = "none"


_NONE: Mapping[str, tuple[str, ...]] = MappingProxyType({})


class Settings(NamedTuple):
    """The settings of one run, from options, variables, the profile and defaults, in this order.

    Every setting of a profile has a field of the same name, with the default in the table.

    Attributes:
        profile: the profile's name. `default` if nothing is configured.
        url: the normalised base URL `http[s]://host:port/baocdp`, or None if none is set.
        verify: False only if the user chose it. The transport then warns.
        proxy: a URL, an empty string for no proxy, or None to use the environment.
        trust_profile_secrets: False if `url` comes from an option or variable and is not the profile's
            URL. `token_file` and `password_command` are then not used.
        of_standby: whether these are the settings for the standby CDP.
        groups: names and patterns of peers by group.
        timeout: seconds for the whole run, or None for the command's default.
        connect_timeout: seconds to wait for each connection.
        read_timeout: seconds to wait for each part of an answer.
        interactive: whether there is a terminal and no `--no-input`.
        config_dir: the folder of the configuration, the token files and the locks.
        sources: the source of each setting: an option, a variable, `profile`, or `built-in`.
        warnings: warnings about the configuration files.
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
    of_standby: bool = False
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
        """Return the settings for the standby CDP, or None if there is none.

        They have no `token_file`, because a token is valid for one CDP only.
        """
        if self.standby_url in (None, self.url):
            return None
        return self._replace(url=self.standby_url, standby_url=None, token_file=None, of_standby=True)
