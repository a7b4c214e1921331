"""Chooses the proxy for a call: from an option, the profile, or the usual variables."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from cdpctl.errors import ConfigError
from cdpctl.redact import redactor
from cdpctl.settings.urls import is_loopback
from cdpctl.transport.route import Route, host_port

_DEFAULT_PORT = 8080


class Proxy(NamedTuple):
    """An HTTP proxy.

    Attributes:
        headers: the headers for the proxy only, which are secret.
    """

    host: str
    port: int
    headers: Mapping[str, str] = MappingProxyType({})

    def __repr__(self) -> str:
        """Return a text without the headers, which are secret."""
        return f"Proxy {self.url}"

    @property
    def url(self) -> str:
        """The proxy's URL, without user information."""
        return f"http://{host_port(self.host, self.port)}"


def choose(setting: str | None, base: str) -> Proxy | None:
    """Return the proxy for a call, or None.

    Args:
        setting: the value of the option or the profile: a URL, an empty string for no proxy, or None to use
            `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY`. Lower-case variables come first.
        base: the URL of the CDP. The variables are ignored for a CDP on this machine, so that the proxy does
            not get its password and token.

    Raises:
        ConfigError: the proxy cannot be used.
    """
    if setting is not None:
        return parse(setting, "the proxy setting") if setting.strip() else None
    if is_loopback(base):
        return None
    from urllib.request import getproxies_environment

    found = getproxies_environment()
    parts = urlsplit(base)
    scheme = parts.scheme if found.get(parts.scheme) else "all"
    url = found.get(scheme)
    if not url or bypassed(found.get("no", ""), Route(base)):
        return None
    return parse(url, f"the variable {scheme.upper()}_PROXY")


def parse(url: str, source: str) -> Proxy:
    """Read a proxy's URL, or just `host:port`.

    Args:
        url: the configured URL. It may contain a user name and a password.
        source: its source, for messages.
    """
    hint = "write http://host:port, or an empty value for no proxy"
    try:
        parts = urlsplit(url if "://" in url else f"http://{url}")
        host, port = parts.hostname, parts.port
        name, password = unquote(parts.username or ""), unquote(parts.password or "")
        redactor.add(password)
        if host is None or not re.fullmatch(r"[!-~]+", host):
            raise ValueError
    except ValueError:
        raise ConfigError(f"{source} is not a valid proxy URL", hint=hint) from None
    if parts.scheme.lower() != "http":
        raise ConfigError(
            f"{source} names a kind of proxy that is not supported: only http:// proxies are "
            "(calls to an https:// CDP pass through them unread)",
            hint=hint,
        )
    headers = {}
    if name or password:
        from base64 import b64encode

        encoded = b64encode(f"{name}:{password}".encode()).decode("ascii")
        redactor.add(encoded)
        headers["Proxy-Authorization"] = f"Basic {encoded}"
    return Proxy(host, port or _DEFAULT_PORT, headers)


def bypassed(no_proxy: str, route: Route) -> bool:
    """Return whether `NO_PROXY` covers a CDP.

    Entries are separated by commas or white space: `*`, a name (which covers the names below it, with
    or without a leading dot or `*.`), an address, a network such as `10.0.0.0/8`. A name may have a `:port`.
    """
    from urllib.request import proxy_bypass_environment  # type: ignore[attr-defined]

    parts = re.split(r"[,\s]+", no_proxy)
    entries = [part.lstrip("*").strip(".") for part in parts]
    # A name with a dot at its end is the same name.
    place = host_port(route.host.rstrip("."), route.port)
    return (
        "*" in parts
        or bool(proxy_bypass_environment(place, {"no": ",".join(entries)}))
        or any(_in_network(route.host, entry) for entry in entries)
    )


def _in_network(host: str, network: str) -> bool:
    from ipaddress import ip_address, ip_network

    try:
        return ip_address(host) in ip_network(network, strict=False)
    except ValueError:
        return False
