"""Keyring backends for `PYTHON_KEYRING_BACKEND`: one that works across processes, and ones that fail."""

import json
import os
import time
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Good(KeyringBackend):
    """Stores secrets in the file in FAKE_KEYRING, so that the next run finds them."""

    priority = 1.0

    def _load(self) -> dict[str, str]:
        path = Path(os.environ["FAKE_KEYRING"])
        return dict(json.loads(path.read_text())) if path.exists() else {}

    def get_password(self, service: str, username: str) -> str | None:
        return self._load().get(f"{service} {username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        kept = {**self._load(), f"{service} {username}": password}
        Path(os.environ["FAKE_KEYRING"]).write_text(json.dumps(kept))

    def delete_password(self, service: str, username: str) -> None:
        kept = self._load()
        if kept.pop(f"{service} {username}", None) is None:
            raise PasswordDeleteError("not found")
        Path(os.environ["FAKE_KEYRING"]).write_text(json.dumps(kept))


class Forgetful(Good):
    """Returns another secret than the stored one."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:-1])


class Locked(Good):
    """Is locked and cannot be unlocked."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("locked: secret-in-the-text")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(f"locked: {password}")


class Erroring(Good):
    """Raises an error of another library, with the secret in its text."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("broken")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"broken: {password}")


class PlaintextKeyring(Good):
    """Stores plain text, as its name says."""


class Hanging(Good):
    """Never answers."""

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(600)
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(600)
