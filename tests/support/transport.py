"""Settings and transports for a local server."""

from pathlib import Path
from typing import Any

from cdpctl.cdp.auth import TokenAuth
from cdpctl.deadline import Deadline
from cdpctl.settings.model import Settings
from cdpctl.transport.client import Transport

TOKEN = "abc/+=.*_-0123456789"
AUTH = TokenAuth(TOKEN)


class Messages(list[str]):
    """The traces and warnings."""

    def trace(self, level: int, text: str) -> None:
        self.append(f"{level} {text}")


def settings_for(url: str, **changes: Any) -> Settings:
    """Return settings for a test: short time-outs, plain http allowed, no proxy from the environment."""
    standing = {"connect_timeout": 5.0, "read_timeout": 5.0, "proxy": "", "insecure_http": True}
    values: dict[str, Any] = {**standing, **changes}
    return Settings(config_file=Path("/nowhere"), config_dir=Path("/nowhere"), url=url, **values)


def transport_for(
    url: str,
    *,
    seconds: float | None = 5.0,
    messages: Messages | None = None,
    parallel: int = 1,
    **changes: Any,
) -> Transport:
    """Return a transport to `url` with a deadline of `seconds`. Its traces go to `messages`."""
    kept = Messages() if messages is None else messages
    return Transport(
        settings_for(url, **changes),
        Deadline(seconds),
        trace=kept.trace,
        warn=kept.append,
        parallel=parallel,
        trace_level=0 if messages is None else 3,
    )
