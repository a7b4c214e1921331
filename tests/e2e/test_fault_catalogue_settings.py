"""Addresses, proxies and hostile environments, through the program."""

import socket
from functools import partial
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.fault_server import FaultServer, Tunnel
from tests.support.program import CANARY_TOKEN, StrictInProcess, StrictProgram, together
from tests.support.wire_grid import healthy

pytestmark = pytest.mark.loopback

_STOP = ("peer", "stop", "AP1")
_OPEN = b"HTTP/1.1 200 Connection established\r\n\r\n"

_BAD_URLS = {
    "https://cdp:308080": "the port must be a number from 1 to 65535",
    "https://cdp:0": "the port",
    "cdp:": "unknown scheme 'cdp'; use https",
    "https://u:p4ssw0rd@cdp:38080": "contains a user name or password",
    "https://operator@cdp": "contains a user name or password",
    "https://a..b:38080": "the host is not a valid name",
    "https://cdp:38080/baocdp\n": "white space or a control character",
    "https://cdp\r\nX-Header: y": "white space or a control character",
    " https://cdp": "white space",
    "ftp://cdp": "unknown scheme",
    "file:///etc/passwd": "unknown scheme",
    "javascript:alert(1)": "unknown scheme",
    "https://": "it has no host",
    "https://[::1": "malformed",
    "https://[::zz]:1": "the host is",
    "https://cdp/../x": "the path",
    "https://cdp?x=y": "a query or a fragment",
    "https://1.2.3.444": "IPv4",
    "https://cdp\x1b[31m": "control character",
    "https://" + "a" * 3000: "too long",
    "http://cdp.example.com:38080": "http://cdp.example.com:38080/baocdp is not https: anyone between you",
}


def test_bad_address_is_refused_with_its_reason(tmp_path: Path) -> None:
    def refuse(url: str, why: str) -> None:
        for program, words in (
            (StrictInProcess(tmp_path), ("--url", url)),
            (StrictInProcess(tmp_path, url), ()),
        ):
            error = program(*_STOP, *words, code=2).document["error"]
            assert why in error["message"]
            assert error["hint"]
            assert "p4ssw0rd" not in str(error)

    together({url[:40]: partial(refuse, url, why) for url, why in _BAD_URLS.items()}, at_a_time=1)


def test_plain_http_beyond_this_machine_is_only_on_request(tmp_path: Path) -> None:
    url = "http://cdp.example.com:38080/baocdp"
    config = tmp_path / "config.toml"
    with FaultServer(healthy(CANARY_TOKEN)) as proxy:
        program = StrictInProcess(
            tmp_path, CDPCTL_CONFIG=str(config), HTTP_PROXY=f"http://127.0.0.1:{proxy.port}"
        )
        program("login", url, "--username", "operator", "--password-stdin", stdin=b"canary", code=2)
        config.write_text(f'[profiles.default]\nurl = "{url}"\n')
        program(*_STOP, code=2)
        assert proxy.connections == 0
        program(*_STOP, "--insecure-http", code=0)
        config.write_text(f'[profiles.default]\nurl = "{url}"\ninsecure_http = true\n')
        program("peer", "start", "AP1", code=0)
        assert len(proxy.sent("PUT")) == 2


def reads_of_lists(base: str, runs: int) -> list[str]:
    """Return the requests of this many runs of `peer list`, sorted."""
    return [f"GET {base}/rest/{path} HTTP/1.1" for path in ("info/peer", "peer") for _ in range(runs)]


def test_every_form_of_an_address_leads_to_the_same_calls(tmp_path: Path) -> None:
    ca = Authority(tmp_path)
    with FaultServer(healthy(CANARY_TOKEN), tls=ca.server()) as server:
        forms = ("", "/", "/baocdp", "/baocdp/", "/baocdp/rest", "/baocdp/rest/", "//baocdp//rest//")
        addresses = [f"https://127.0.0.1:{server.port}{form}" for form in forms]
        addresses += [f"127.0.0.1:{server.port}", f"HTTPS://LOCALHOST.:{server.port}/baocdp"]

        def list_peers(url: str) -> None:
            StrictInProcess(tmp_path, url, CDPCTL_CA_BUNDLE=str(ca.bundle))("peer", "list", code=0)

        together({url: partial(list_peers, url) for url in addresses}, at_a_time=1)
        assert sorted(server.sent()) == reads_of_lists("/baocdp", len(addresses))


@pytest.mark.skipif(not socket.has_ipv6, reason="needs IPv6")
def test_ipv6_address_is_reached(tmp_path: Path) -> None:
    with FaultServer(healthy(CANARY_TOKEN), host="::1") as server:
        run = StrictInProcess(tmp_path, server.url)(*_STOP, code=0)
        assert server.requests[0].headers["host"] == f"[::1]:{server.port}"
    assert run.document["url"] == server.url


def test_netrc_and_its_relatives_add_nothing(tmp_path: Path) -> None:
    for name in (".netrc", "_netrc"):
        (tmp_path / name).write_text("machine 127.0.0.1 login me password hunter2\n")
        (tmp_path / name).chmod(0o600)
    with FaultServer(healthy(CANARY_TOKEN)) as server:
        StrictProgram(tmp_path, server.url, NETRC=str(tmp_path / ".netrc"))(*_STOP, code=0)
        assert len(server.sent("PUT")) == 1
        assert not any("authorization" in seen.headers for seen in server.requests)


def test_proxy_comes_from_option_profile_or_variables(tmp_path: Path) -> None:
    with FaultServer(healthy(CANARY_TOKEN)) as cdp, FaultServer(healthy(CANARY_TOKEN)) as proxy:
        address = f"http://operator:hunter2@127.0.0.1:{proxy.port}"
        config = tmp_path / "config.toml"
        config.write_text(f'[profiles.default]\nurl = "{cdp.url}"\nproxy = "{address}"\n')
        through: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
            "option": ({"CDPCTL_URL": cdp.url}, ("--proxy", address)),
            "profile": ({"CDPCTL_CONFIG": str(config)}, ()),
        }
        # Only the proxy can reach this one.
        away = "http://cdp.example.com:38080/baocdp"
        by_variables: dict[str, dict[str, str]] = {
            "http_proxy": {"http_proxy": address},
            "HTTP_PROXY": {"HTTP_PROXY": address},
            "ALL_PROXY": {"ALL_PROXY": address},
            "lower_case_wins": {"HTTP_PROXY": "http://127.0.0.1:1", "http_proxy": address},
            "no_proxy_of_others": {"HTTP_PROXY": address, "NO_PROXY": "example.org,\n\tcdp.example.net"},
        }
        around: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
            "this_machine": ({"CDPCTL_URL": cdp.url, "HTTP_PROXY": address, "ALL_PROXY": address}, ()),
            "this_machine_by_name": (
                {"CDPCTL_URL": cdp.url.replace("127.0.0.1", "LOCALHOST."), "http_proxy": address},
                (),
            ),
            "this_machine_in_ipv6": (
                {"CDPCTL_URL": cdp.url.replace("127.0.0.1", "[::ffff:127.0.0.1]"), "http_proxy": address},
                (),
            ),
            "no_valid_proxy": ({"CDPCTL_URL": cdp.url, "http_proxy": "socks5://127.0.0.1:1"}, ()),
            "empty_option": ({"CDPCTL_URL": cdp.url, "HTTP_PROXY": address}, ("--proxy", "")),
            "option_over_profile": ({"CDPCTL_CONFIG": str(config)}, ("--proxy", "")),
        }

        def list_peers(variables: dict[str, str], words: tuple[str, ...]) -> None:
            # The guard of the tests lets nothing in this process call such an IPv6 address.
            kind = StrictProgram if "[::ffff:" in str(variables) else StrictInProcess
            run = kind(tmp_path, **variables)("peer", "list", *words, code=0)
            assert "hunter2" not in run.said

        own = {name: partial(list_peers, *row) for name, row in {**through, **around}.items()}
        together(own, at_a_time=1)
        assert sorted(proxy.sent()) == reads_of_lists(cdp.url, len(through))
        elsewhere = ("--url", away, "--insecure-http")
        others = {name: partial(list_peers, row, elsewhere) for name, row in by_variables.items()}
        together(others, at_a_time=1)
        assert sorted(proxy.sent()[2 * len(through) :]) == reads_of_lists(away, len(by_variables))
        basic = "Basic b3BlcmF0b3I6aHVudGVyMg=="
        assert {seen.headers["proxy-authorization"] for seen in proxy.requests} == {basic}
        assert sorted(cdp.sent()) == reads_of_lists("/baocdp", len(around))


def test_proxy_before_https_sees_neither_token_nor_call(tmp_path: Path) -> None:
    ca = Authority(tmp_path)
    with (
        FaultServer(healthy(CANARY_TOKEN), tls=ca.server()) as cdp,
        FaultServer([[_OPEN, Tunnel()]]) as proxy,
    ):
        variables = {
            "CDPCTL_CA_BUNDLE": str(ca.bundle),
        }
        through = ("--proxy", f"http://127.0.0.1:{proxy.port}")
        StrictProgram(tmp_path, cdp.url, **variables)(*_STOP, *through, code=0)
        assert [line.rpartition("/")[0] for line in proxy.sent()] == [f"CONNECT 127.0.0.1:{cdp.port} HTTP"]
        assert CANARY_TOKEN not in str(proxy.requests[0].headers)
        assert len(cdp.sent("PUT")) == 1


@pytest.mark.parametrize(
    ("proxy", "code"), [("socks5://127.0.0.1:1", 10), ("http://[", 10), ("http://u:hunter2@127.0.0.1:1", 6)]
)
def test_useless_proxy_is_named_without_its_password(proxy: str, code: int, tmp_path: Path) -> None:
    with FaultServer(healthy(CANARY_TOKEN)) as cdp:
        run = StrictInProcess(tmp_path, cdp.url)(*_STOP, "--proxy", proxy, code=code)
        assert cdp.connections == 0
    assert "prox" in run.document["error"]["message"]
    assert "hunter2" not in run.said
