"""The route to the CDP, and its name in messages."""

import pytest

from cdpctl.text import command_line
from cdpctl.transport.proxies import Proxy
from cdpctl.transport.route import Route, host_port


@pytest.mark.parametrize(
    ("base", "host", "port", "secure", "shown"),
    [
        ("https://cdp/baocdp", "cdp", 443, True, "cdp:443"),
        ("http://cdp:38080/baocdp", "cdp", 38080, False, "cdp:38080"),
        ("http://[::1]:1/baocdp", "::1", 1, False, "[::1]:1"),
    ],
)
def test_route_is_read_from_the_url(base: str, host: str, port: int, secure: bool, shown: str) -> None:
    route = Route(base)
    assert (route.host, route.port, route.secure, route.shown) == (host, port, secure, shown)


def test_only_plain_http_is_forwarded() -> None:
    proxy = Proxy("p", 1)
    assert Route("http://cdp/baocdp", proxy).forwarded
    assert not Route("https://cdp/baocdp", proxy).forwarded
    assert not Route("http://cdp/baocdp").forwarded


def test_command_for_the_other_scheme_carries_the_profile() -> None:
    command_line.options = (("--profile", "my prod"), ("--url", "http://other"))
    assert (
        Route("http://cdp:1/baocdp").use("https") == "cdpctl login https://cdp:1/baocdp --profile 'my prod'"
    )
    command_line.options = (("--url", "https://cdp:1/baocdp"),)
    assert Route("https://cdp:1/baocdp").use("http") == "cdpctl login http://cdp:1/baocdp --insecure-http"


def test_host_is_made_harmless() -> None:
    assert host_port("a\x1bb", 1) == "a\\x1bb:1"
