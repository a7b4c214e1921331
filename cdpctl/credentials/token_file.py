"""Stores tokens in private files beside the configuration, one file per URL and user."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from urllib.parse import urlsplit

from cdpctl.credentials.token import Token, usable_token
from cdpctl.errors import ConfigError
from cdpctl.files import locked, read_private, write_private
from cdpctl.settings.model import Settings
from cdpctl.text import reason_of


class TokenFile:
    """The token file of one URL and user.

    Args:
        settings: the settings of the run.
        debug: takes (level, text).

    Attributes:
        path: the path of the file.
    """

    def __init__(self, settings: Settings, debug: Callable[[int, str], None]) -> None:
        self._url, self._username = settings.url, settings.username
        self._debug = debug
        folder = settings.config_dir / "tokens"
        self.path = folder / file_name(settings.url or "", settings.username or "")
        # Earlier versions had one file per profile.
        self._old = folder / f"{settings.profile}.json"

    def locked(self, seconds: float) -> AbstractContextManager[None]:
        """Hold the lock for this URL and user, to keep out other runs.

        Args:
            seconds: the longest wait.
        """
        return locked(self.path, seconds, self._debug)

    def read(self) -> Token | None:
        """Return the stored token, or None if there is none or the file is damaged.

        Raises:
            ConfigError: the file is not safe, or cannot be read.
        """
        return self._read(self.path) or self._read(self._old)

    def _read(self, path: Path) -> Token | None:
        return usable_token(self._content(path), "file", self._debug)

    def _content(self, path: Path) -> object:
        """Return the token in a file, or None if there is none or it is not of this URL and user."""
        data = read_private(path)
        if data is None:
            return None
        try:
            kept = json.loads(data)
            url, username, token = kept["url"], kept["username"], kept["token"]
        except (ValueError, KeyError, TypeError, RecursionError):
            # The next login replaces the file.
            self._debug(1, f"{path}: it holds no token that can be read")
            return None
        return token if (url, username) == (self._url, self._username) else None

    def write(self, token: Token) -> None:
        """Store a token.

        Raises:
            ConfigError: it cannot be written. The old file is unchanged.
        """
        kept = {"url": self._url, "username": self._username, "token": token.value}
        write_private(self.path, json.dumps(kept).encode())
        self._remove_old()

    def remove(self) -> bool:
        """Remove the stored token. Return False if there was none.

        Raises:
            ConfigError: the file cannot be removed.
        """
        # Remove both, even if the first fails.
        old = self._remove_old()
        return _unlink(self.path) or old

    def _remove_old(self) -> bool:
        try:
            mine = self._content(self._old) is not None
        except ConfigError as error:
            self._debug(1, error.message)
            return False
        return mine and _unlink(self._old)


def file_name(url: str, username: str) -> str:
    """Return a readable and unique file name for a URL and a user."""
    from hashlib import sha256

    digest = sha256(json.dumps([url, username]).encode()).hexdigest()[:16]
    shown = re.sub(r"[^A-Za-z0-9.-]+", "_", f"{username[:40]}-{(urlsplit(url).hostname or '')[:60]}")
    return f"{shown.lstrip('.')}-{digest}.json"


def _unlink(path: Path) -> bool:
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        raise ConfigError(f"{path}: cannot be removed: {reason_of(error)}") from None
    return True
