"""Certificates of servers, and the error for each failed handshake."""

import ssl
from pathlib import Path

import pytest

from cdpctl.text import command_line
from cdpctl.transport.certificates import fingerprint, handshake_error, shown_certificate
from cdpctl.transport.proxies import Proxy
from cdpctl.transport.route import Route
from tests.support.certificates import Authority
from tests.support.fault_server import FaultServer, Tunnel

_ROUTE = Route("https://cdp.example.com:38080/baocdp")


def test_fingerprint_is_written_as_openssl_writes_it() -> None:
    assert fingerprint(b"").startswith("E3:B0:C4:42:")


@pytest.mark.loopback
def test_certificate_is_fetched_without_being_trusted(tmp_path: Path) -> None:
    ca = Authority(tmp_path)
    with FaultServer([[]], tls=ca.server("cdp.example.com")) as server:
        route = Route(server.url)
        certificate, details = shown_certificate(route, 5.0)
        assert details["subjectAltName"] == (("DNS", "cdp.example.com"),)
        assert certificate is not None
        assert certificate == ssl.PEM_cert_to_DER_cert(ssl.get_server_certificate(("127.0.0.1", server.port)))
        assert server.sent() == []
    assert shown_certificate(route, 1.0) == (None, {})


@pytest.mark.loopback
def test_certificate_is_fetched_through_a_proxy(tmp_path: Path) -> None:
    connected = b"HTTP/1.1 200 Connection established\r\n\r\n"
    with (
        FaultServer([[]], tls=Authority(tmp_path).server("cdp.example.com")) as server,
        FaultServer([[connected, Tunnel()]]) as proxy,
    ):
        certificate, details = shown_certificate(Route(server.url, Proxy("127.0.0.1", proxy.port)), 5.0)
    assert certificate is not None
    assert details["subjectAltName"] == (("DNS", "cdp.example.com"),)
    assert [line.partition(" ")[0] for line in proxy.sent()] == ["CONNECT", "CONNECT"]


@pytest.mark.loopback
def test_expired_certificate_is_fetched_and_its_fields_are_not(tmp_path: Path) -> None:
    with FaultServer([[]], tls=Authority(tmp_path).server(days=(-9, -1))) as server:
        certificate, details = shown_certificate(Route(server.url), 5.0)
    assert certificate
    assert details == {}


@pytest.mark.parametrize(
    ("reason", "message", "hint"),
    [
        (
            "WRONG_VERSION_NUMBER",
            "plain http",
            "cdpctl login http://cdp.example.com:38080/baocdp --profile prod",
        ),
        ("HTTP_REQUEST", "plain http", "--profile prod --insecure-http"),
        ("UNSUPPORTED_PROTOCOL", "no longer safe", "TLS 1.2"),
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", "wants a client certificate", "--client-cert FILE"),
        ("SSLV3_ALERT_HANDSHAKE_FAILURE", "no common cipher", "cdpctl doctor --profile prod"),
        ("ODD\x1bREASON", "(odd\\x1breason)", "cdpctl doctor --profile prod"),
        (None, "handshake with cdp.example.com:38080 failed", "cdpctl doctor --profile prod"),
    ],
)
def test_failed_handshake_is_explained(reason: str | None, message: str, hint: str) -> None:
    command_line.options = (("--profile", "prod"),)
    error = ssl.SSLError(1, "library")
    if reason is not None:
        error.reason = reason
    explained = handshake_error(error, _ROUTE, 0.0)
    assert message in explained.message
    assert hint in (explained.hint or "")


@pytest.mark.parametrize(
    ("code", "message"),
    [(10, "has expired"), (9, "not valid yet"), (62, "another host"), (18, "self-signed"), (99, "reason 99")],
)
def test_certificate_that_is_not_trusted_is_explained(code: int, message: str) -> None:
    error = ssl.SSLCertVerificationError(1, "library")
    error.verify_code = code
    explained = handshake_error(error, _ROUTE, 0.0)
    assert message in explained.message
    assert explained.hint
