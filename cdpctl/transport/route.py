"""The way to the CDP: its host, a proxy in between, and how messages name it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from cdpctl.text import printable

if TYPE_CHECKING:
    from cdpctl.transport.proxies import Proxy


@dataclass(frozen=True, slots=True)
class Route:
    """Where a request goes, and by which way.

    Attributes:
        base: the CDP's base URL.
        proxy: the one in between, or None.
        flags: what a command in a hint needs to reach the same CDP: ` --profile prod`, or nothing.
    """

    base: str
    proxy: "Proxy | None" = None
    flags: str = ""

    @property
    def secure(self) -> bool:
        """Whether the CDP is spoken to by TLS."""
        return self.base.startswith("https:")

    @property
    def host(self) -> str:
        """A name or an address, without brackets."""
        return urlsplit(self.base).hostname or ""

    @property
    def port(self) -> int:
        """The port of the URL, or that of its scheme."""
        return urlsplit(self.base).port or (443 if self.secure else 80)

    @property
    def shown(self) -> str:
        """`host:port` as a message shows it."""
        return host_port(self.host, self.port)

    @property
    def forwarded(self) -> bool:
        """Whether requests go to a proxy with their whole URL, as plain http does."""
        return self.proxy is not None and not self.secure

    def use(self, scheme: str) -> str:
        """Return the command that saves the same URL with another scheme."""
        profile = self.flags if self.flags.startswith(" --profile ") else ""
        plain = " --insecure-http" if scheme == "http" else ""
        return f"cdpctl login {scheme}:{self.base.partition(':')[2]}{plain}{profile}"


def host_port(host: str, port: int) -> str:
    """Return `host:port` for a message, an IPv6 address in brackets."""
    host = printable(host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
