"""The route to the CDP: its host, and a proxy."""

from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from cdpctl.text import command_line, printable

if TYPE_CHECKING:
    from cdpctl.transport.proxies import Proxy


class Route(NamedTuple):
    """The target of requests, and a proxy.

    Attributes:
        base: the CDP's base URL.
        proxy: the proxy, or None.
    """

    base: str
    proxy: "Proxy | None" = None

    @property
    def root(self) -> str:
        """The URL that the paths of calls follow."""
        return f"{self.base}/rest"

    @property
    def secure(self) -> bool:
        """Whether the CDP is reached with TLS."""
        return self.base.startswith("https:")

    @property
    def host(self) -> str:
        """The host name or address, without brackets."""
        return urlsplit(self.base).hostname or ""

    @property
    def port(self) -> int:
        """The port of the URL, or the default port of its scheme."""
        return urlsplit(self.base).port or (443 if self.secure else 80)

    @property
    def shown(self) -> str:
        """`host:port` for messages."""
        return host_port(self.host, self.port)

    @property
    def via(self) -> str | None:
        """The proxy for messages, or None."""
        proxy = self.proxy
        return None if proxy is None else f"the proxy {host_port(proxy.host, proxy.port)}"

    @property
    def forwarded(self) -> bool:
        """Whether requests are sent to a proxy with their full URL, as for plain http."""
        return self.proxy is not None and not self.secure

    def use(self, scheme: str) -> str:
        """Return the command that stores the same URL with another scheme."""
        plain = [("--insecure-http",)] if scheme == "http" else []
        return command_line.login(f"{scheme}:{self.base.partition(':')[2]}", *plain)


def host_port(host: str, port: int) -> str:
    """Return `host:port` for messages, with an IPv6 address in brackets."""
    host = printable(host)
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
