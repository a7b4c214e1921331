"""The settings of one run, wherever they came from: the value that every layer below the commands reads."""

from enum import StrEnum
from pathlib import Path
from typing import NamedTuple


class TokenStore(StrEnum):
    """Where a token is kept between runs."""

    AUTO = "auto"
    KEYRING = "keyring"
    FILE = "file"
    NONE = "none"


class Settings(NamedTuple):
    """What one run works with: option, then environment, then profile, then built-in.

    Attributes:
        profile: the profile's name; `default` where nothing is configured.
        url: the normalised base URL `http[s]://host:port/baocdp`, or None where none is set.
        verify: False only where the user asked for it; the warning is the transport's business.
        proxy: a URL, the empty string for none at all, or None to follow the usual variables.
        trust_profile_secrets: False when `url` came from an option or variable and is not the
            profile's own: its `token_file` and `password_command` are then left alone.
        timeout: seconds for the whole run, or None for the command's own default.
        connect_timeout: seconds to wait for each connection.
        read_timeout: seconds to wait for each piece of an answer.
        interactive: standard input and error are terminals and `--no-input` was not given.
        config_dir: the folder of the configuration file, of the token files and of the locks.
    """

    config_file: Path
    config_dir: Path
    profile: str = "default"
    profile_exists: bool = False
    url: str | None = None
    url_source: str = "none"
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
    output: str | None = None
    timeout: float | None = None
    connect_timeout: float = 10.0
    read_timeout: float = 30.0
    interactive: bool = False
