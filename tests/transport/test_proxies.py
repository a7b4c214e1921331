"""Proxies: which one is used, what it sees, and the errors."""

from pathlib import Path

import pytest

from cdpctl.errors import ConfigError, UnreachableError
from cdpctl.redact import redactor
from cdpctl.transport.proxies import bypassed, choose, parse
from cdpctl.transport.route import Route
from tests.support.certificates import Authority
from tests.support.fault_server import Close, FaultServer, Hold, Pause, Script, Seen, Tunnel, closed_port
from tests.support.transport import AUTH, Messages, transport_for
from tests.support.wire_grid import answer

_OK: Script = [answer(200, b"{}")]
_TUNNEL: Script = [b"HTTP/1.1 200 Connection established\r\nX-Proxy: 1\r\n\r\n", Tunnel()]


@pytest.fixture
def ca(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.mark.loopback
def test_https_goes_through_a_tunnel_that_sees_no_token(ca: Authority) -> None:
    with FaultServer([_OK], tls=ca.server()) as cdp, FaultServer([_TUNNEL]) as proxy:
        address = f"http://us%40er:hunter2@127.0.0.1:{proxy.port}"
        transport = transport_for(cdp.url, proxy=address, ca_bundle=ca.bundle)
        transport.send("GET", "/peer", auth=AUTH)
        transport.send("PUT", "/peer/AP1/stop", auth=AUTH)
        transport.close()
    assert [line.rpartition("/")[0] for line in proxy.sent()] == [f"CONNECT 127.0.0.1:{cdp.port} HTTP"]
    assert proxy.requests[0].headers["proxy-authorization"] == "Basic dXNAZXI6aHVudGVyMg=="
    assert "authentication-token" not in proxy.requests[0].headers
    assert "proxy-authorization" not in cdp.requests[0].headers
    assert len(cdp.sent()) == 2


@pytest.mark.loopback
def test_http_is_handed_to_the_proxy_with_its_whole_address() -> None:
    with FaultServer([_OK]) as proxy:
        transport = transport_for("http://cdp.example.com/baocdp", proxy=f"u:p4ss@127.0.0.1:{proxy.port}")
        assert transport.send("PUT", "/peer/a%2Fb/stop", auth=AUTH).status == 200
    assert proxy.sent() == ["PUT http://cdp.example.com/baocdp/rest/peer/a%2Fb/stop HTTP/1.1"]
    assert proxy.requests[0].headers["host"] == "cdp.example.com"
    assert proxy.requests[0].headers["proxy-authorization"] == "Basic dTpwNHNz"


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("script", "words"),
    [
        ([answer(407, reason="\x1b[31mAuth")], "wants a user name and a password"),
        ([answer(502)], "refused the connection (502)"),
        ([b"SSH-2.0-x\r\n\r\n"], "does not speak HTTP"),
        ([b"HTTP/1.1 2\xb2 x\r\n\r\n"], "does not speak HTTP"),
        ([Close()], "did not answer"),
        ([b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000], "does not speak HTTP"),
    ],
    ids=["407", "502", "ssh", "digits", "closed", "endless"],
)
def test_proxy_that_refuses_the_tunnel_is_named(script: Script, words: str) -> None:
    with FaultServer([script]) as proxy, pytest.raises(UnreachableError) as caught:
        address = f"http://user:hunter2@127.0.0.1:{proxy.port}"
        transport_for("https://cdp.example.com/baocdp", proxy=address).send("PUT", "/peer/AP1/stop")
    assert f"the proxy 127.0.0.1:{proxy.port} did not let the call through" in caught.value.message
    assert words in caught.value.message
    assert "hunter2" not in f"{caught.value.message}{caught.value.hint}"
    assert f"{caught.value.message}{caught.value.hint}".isprintable()


@pytest.mark.loopback
@pytest.mark.parametrize(
    "script", [[Hold()], [b"HTTP/1.1 200 OK\r\n", *[b"X", Pause(0.05)] * 40]], ids=["silent", "drip"]
)
def test_proxy_that_stalls_cannot_stretch_the_deadline(script: Script) -> None:
    with FaultServer([script]) as proxy, pytest.raises(UnreachableError, match="deadline"):
        transport = transport_for(
            "https://cdp.example.com/baocdp", seconds=0.3, proxy=f"127.0.0.1:{proxy.port}"
        )
        transport.send("PUT", "/peer/AP1/stop")


@pytest.mark.loopback
def test_proxy_that_is_not_there_is_named() -> None:
    port = closed_port()
    with pytest.raises(UnreachableError, match=f"cannot connect to the proxy 127.0.0.1:{port}"):
        transport_for("https://cdp.example.com/baocdp", proxy=f"127.0.0.1:{port}").send("GET", "/peer")


@pytest.mark.loopback
def test_forwarding_proxy_that_wants_a_password_is_no_answer_of_the_cdp() -> None:
    with FaultServer([[answer(407)]]) as proxy, pytest.raises(UnreachableError, match="the proxy 127"):
        transport = transport_for("http://cdp.example.com/baocdp", proxy=f"127.0.0.1:{proxy.port}")
        transport.send("PUT", "/peer/AP1/stop")


@pytest.mark.loopback
def test_variables_are_followed_and_their_password_is_masked(monkeypatch: pytest.MonkeyPatch) -> None:
    messages = Messages()

    def behave(seen: Seen) -> Script:
        return _OK

    with FaultServer(behave) as proxy:
        monkeypatch.setenv("http_proxy", f"http://user:hunter2@127.0.0.1:{proxy.port}")
        transport_for("http://cdp.example.com/baocdp", proxy=None, messages=messages).send("GET", "/peer")
        monkeypatch.setenv("NO_PROXY", "example.com")
        monkeypatch.setenv("no_proxy", "127.0.0.1")
        with FaultServer([_OK]) as cdp:
            transport_for(cdp.url, proxy=None).send("GET", "/peer")
    assert len(proxy.sent()) == 1
    assert len(cdp.sent()) == 1
    text = "\n".join(messages)
    assert "hunter2" not in text


@pytest.mark.parametrize(
    ("variables", "scheme", "expected"),
    [
        ({}, "https", None),
        ({"HTTPS_PROXY": "http://p:1"}, "https", ("p", 1)),
        ({"https_proxy": "p:1"}, "https", ("p", 1)),
        ({"HTTPS_PROXY": "p:1"}, "http", None),
        ({"ALL_PROXY": "p:1"}, "http", ("p", 1)),
        ({"ALL_PROXY": "q:1", "HTTPS_PROXY": "p:1"}, "https", ("p", 1)),
        ({"HTTPS_PROXY": "p:1", "https_proxy": "q:1"}, "https", ("q", 1)),
        ({"HTTPS_PROXY": "p:1", "NO_PROXY": "cdp.example.com"}, "https", None),
        ({"HTTPS_PROXY": "p:1", "no_proxy": "other, .example.com"}, "https", None),
        ({"HTTPS_PROXY": "p"}, "https", ("p", 8080)),
    ],
)
def test_choose_follows_the_usual_variables(
    variables: dict[str, str], scheme: str, expected: tuple[str, int] | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    proxy = choose(None, f"{scheme}://cdp.example.com:443/baocdp")
    assert (proxy and (proxy.host, proxy.port)) == expected


def test_choose_prefers_the_setting_and_takes_empty_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://p:1")
    monkeypatch.setenv("NO_PROXY", "*")
    chosen = choose("http://[::1]:3128", "https://cdp/baocdp")
    assert chosen is not None
    assert (chosen.host, chosen.url) == ("::1", "http://[::1]:3128")
    assert choose("", "https://cdp/baocdp") is None


@pytest.mark.parametrize(
    "url",
    [
        "socks5://p:1",
        "https://p:1",
        "http://p:99999",
        "http://[",
        "http://",
        "http://p:x",
        "http://a b:1",
        "http://\x1b[31m:1",
    ],
)
def test_parse_refuses_what_is_no_http_proxy(url: str) -> None:
    with pytest.raises(ConfigError) as caught:
        parse(url, "the proxy setting")
    assert caught.value.message.isprintable()


def test_parse_hides_the_password_everywhere() -> None:
    proxy = parse("http://user:pr0xy-pa%24s@p:1", "x")
    assert "pr0xy" not in repr(proxy)
    assert redactor.mask("pr0xy-pa$s") == "*****"
    assert redactor.mask(proxy.headers["Proxy-Authorization"]) == "Basic *****"


@pytest.mark.parametrize(
    ("no_proxy", "host", "expected"),
    [
        ("", "cdp", False),
        ("*", "cdp", True),
        ("other, *", "cdp", True),
        ("cdp", "cdp", True),
        ("CDP.", "cdp", True),
        ("example.com", "a.example.com", True),
        (".example.com", "a.example.com", True),
        ("*.example.com", "a.example.com", True),
        ("example.com", "badexample.com", False),
        ("cdp:443", "cdp", True),
        ("cdp:8443", "cdp", False),
        ("10.0.0.0/8", "10.1.2.3", True),
        ("10.0.0.0/8", "11.1.2.3", False),
        ("10.0.0.0/8", "cdp", False),
        ("::1", "::1", True),
        ("[::1]:443", "::1", True),
        ("[::1]:1", "::1", False),
        ("fe80::/10", "fe80::1", True),
        (",, ,", "cdp", False),
        ("cdp:²", "cdp", False),
        ("*example.com", "cdp.example.com", True),
        ("*example.com", "example.org", False),
        ("example.com", "cdp.example.com.", True),
    ],
)
def test_bypassed_reads_no_proxy(no_proxy: str, host: str, expected: bool) -> None:
    assert bypassed(no_proxy, Route(f"https://[{host}]" if ":" in host else f"https://{host}")) is expected
