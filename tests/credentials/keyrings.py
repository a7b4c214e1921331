"""Keyring backends that misbehave, for `PYTHON_KEYRING_BACKEND`; one that works, for other processes too."""

import json
import os
import time
from pathlib import Path

from keyring.backend import KeyringBackend
from keyring.errors import KeyringLocked, PasswordDeleteError


class Good(KeyringBackend):
    """Keeps secrets in the file that FAKE_KEYRING names: what one run keeps, the next one finds."""

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
    """Takes a secret and gives another one back."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:-1])


class Locked(Good):
    """Is locked, and nobody is there to unlock it."""

    def get_password(self, service: str, username: str) -> str | None:
        raise KeyringLocked("locked: secret-in-the-text")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise KeyringLocked(f"locked: {password}")


class Erroring(Good):
    """Raises what no keyring error is, with the secret in its text."""

    def get_password(self, service: str, username: str) -> str | None:
        raise RuntimeError("broken")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"broken: {password}")


class PlaintextKeyring(Good):
    """Keeps secrets as anybody can read them, and says so in its name."""


class Hanging(Good):
    """Never answers."""

    def get_password(self, service: str, username: str) -> str | None:
        time.sleep(600)
        return None

    def set_password(self, service: str, username: str, password: str) -> None:
        time.sleep(600)
