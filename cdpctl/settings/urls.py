"""Normalises and checks the URLs of CDPs."""

import ipaddress
import re
from urllib.parse import urlsplit, urlunsplit

from cdpctl.errors import UsageError
from cdpctl.redact import redactor
from cdpctl.text import command_line, quoted

#: The default port for a host name without scheme and port.
DEFAULT_PORT = 38080
_DEFAULT_PATH = "/baocdp"
_HINT = "for example: https://cdp.example.com:38080/baocdp"
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?", re.ASCII)


def base_url(text: str) -> str:
    """Return the base URL `scheme://host[:port]/path`, without `/rest` and without a trailing slash.

    A host name means https and port 38080, and `host:port` means https. An empty path becomes `/baocdp`.
    Tokens are stored under the result.

    Args:
        text: what the user typed.

    Raises:
        UsageError: it is not a valid URL. The message says why, without any password.
    """
    if any(ord(char) < 33 or ord(char) == 127 for char in text):
        raise _bad("it contains white space or a control character")
    if not text or len(text) > 2048:
        raise _bad("it is empty" if not text else "it is too long")
    has_scheme = "://" in text
    if not has_scheme and re.match(r"[a-z][a-z0-9+.-]*:(?!\d)", text, re.IGNORECASE):
        raise _bad(f"unknown scheme {quoted(text.partition(':')[0])}; use https")
    try:
        parts = urlsplit(text if has_scheme else f"https://{text}")
        host, userinfo = parts.hostname or "", "@" in parts.netloc
    except ValueError:
        raise _bad("the host is malformed") from None
    if userinfo:
        redactor.add(parts.password)
        raise UsageError(
            "the URL contains a user name or password",
            hint=f"leave them out of the URL; to log in: {command_line.login('URL', ('--username', 'NAME'))}",
        )
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0 or parts.netloc.endswith(":"):
        raise _bad("the port must be a number from 1 to 65535")
    if parts.scheme not in ("http", "https"):
        raise _bad(f"unknown scheme {quoted(parts.scheme)}; use https")
    if parts.query or parts.fragment or "?" in text or "#" in text:
        raise _bad("it has a query or a fragment; remove everything from '?' or '#' on")
    if port is None and not has_scheme:
        port = DEFAULT_PORT
    if port == {"http": 80, "https": 443}[parts.scheme]:
        port = None
    netloc = _host(host) + (f":{port}" if port else "")
    return urlunsplit((parts.scheme, netloc, _path(parts.path), "", ""))


def _host(host: str) -> str:
    if ":" in host:
        try:
            return f"[{ipaddress.IPv6Address(host).compressed}]"
        except ValueError:
            raise _bad("the host is not a valid IPv6 address") from None
    if not host.isascii():
        try:
            host = host.encode("idna").decode("ascii")
        except UnicodeError:
            raise _bad("the host is not a valid name") from None
    name = host.lower().removesuffix(".")
    labels = name.split(".")
    if not name or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in labels):
        raise _bad("the host is not a valid name" if host else "it has no host")
    if labels[-1].isdigit():
        try:
            ipaddress.IPv4Address(name)
        except ValueError:
            raise _bad("the host is not a valid IPv4 address") from None
    return name


def _path(path: str) -> str:
    path = re.sub(r"/+", "/", path).rstrip("/")
    if any(part in (".", "..") for part in path.split("/")) or "\\" in path or "%" in path or ";" in path:
        raise _bad("the path contains '.', '..' or one of \\ % ;")
    if not path.isascii():
        raise _bad("the path contains characters outside ASCII")
    # The base URL ends before /rest.
    path = path.removesuffix("/rest") if path != "/rest" else ""
    return path or _DEFAULT_PATH


def is_loopback(url: str) -> bool:
    """Return whether a base URL is on this machine: 127.0.0.0/8, ::1, localhost and names below it."""
    host = (urlsplit(url).hostname or "").rstrip(".")
    # By RFC 6761, names below localhost are loopback.
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
        return (getattr(address, "ipv4_mapped", None) or address).is_loopback
    except ValueError:
        return False


def check_plain_http(url: str, allowed: bool) -> None:
    """Refuse `http://` to another machine unless the user allows it.

    Raises:
        UsageError: it is not allowed.
    """
    if url.startswith("http://") and not allowed and not is_loopback(url):
        raise UsageError(
            f"{url} is not https: anyone between you and the CDP can read the password and the token",
            hint="use https://, or allow it: --insecure-http",
        )


def _bad(why: str) -> UsageError:
    return UsageError(f"invalid URL: {why}", hint=_HINT)


def rest_path(path: str, url: str) -> str:
    """Return a path below the REST root.

    Args:
        path: as typed: `peer`, `/peer`, `/rest/peer`, or with the path of the base URL before it.
        url: the base URL.

    Raises:
        UsageError: it is a full URL.
    """
    if "://" in path:
        raise UsageError(
            "the path must not be a URL",
            hint="use a path such as /info/peer; for another CDP, add --url",
        )
    target = "/" + path.lstrip("/")
    base = urlsplit(url).path.rstrip("/")
    if base and target.startswith(f"{base}/rest/"):
        target = target.removeprefix(base)
    if target.startswith("/rest/"):
        target = target.removeprefix("/rest")
    return target
