"""Configurations with several profiles."""

from collections.abc import Mapping
from pathlib import Path

from cdpctl.sandbox.server import Sandbox


def write_profiles(home: Path, profiles: Mapping[str, Mapping[str, str]], head: str = "") -> Path:
    """Write a user's configuration.

    Args:
        home: the home folder of the user.
        profiles: the values of each profile, by key.
        head: the lines before the profiles.
    """
    path = home / ".config" / "cdpctl" / "config.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = [head]
    for name, values in profiles.items():
        lines += [f"[profiles.{name}]", *(f'{key} = "{value}"' for key, value in values.items())]
    path.write_text("\n".join([*lines, ""]))
    path.chmod(0o600)
    return path


def of_sandboxes(grids: Mapping[str, Sandbox]) -> dict[str, dict[str, str]]:
    """Return profiles that log in to sandbox grids."""
    return {
        name: {"url": each.url, "username": each.username, "password_command": f"echo {each.password}"}
        for name, each in grids.items()
    }
