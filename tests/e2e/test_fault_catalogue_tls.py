"""TLS through the installed program: which certificates are trusted, and the error for each fault."""

import os
import ssl
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.support.certificates import Authority
from tests.support.fault_server import FaultServer
from tests.support.program import CANARY_TOKEN, QUICK, StrictInProcess, StrictProgram, together
from tests.support.terminal import Answer, on_terminal
from tests.support.wire_grid import answer as bad_request
from tests.support.wire_grid import healthy

pytestmark = pytest.mark.loopback

_STOP = ("peer", "stop", "AP1")


class Authorities(NamedTuple):
    """The CA of the CDP, and another."""

    ca: Authority
    other: Authority
    folder: Path


@pytest.fixture(scope="module")
def authorities(tmp_path_factory: pytest.TempPathFactory) -> Authorities:
    folder = tmp_path_factory.mktemp("certificates")
    return Authorities(Authority(folder), Authority(folder, "other"), folder)


def _fingerprint(port: int) -> str:
    pem = ssl.get_server_certificate(("127.0.0.1", port))
    return ":".join(f"{byte:02X}" for byte in sha256(ssl.PEM_cert_to_DER_cert(pem)).digest())


def test_certificate_that_is_not_believed_is_explained(authorities: Authorities, tmp_path: Path) -> None:
    ca, other, _ = authorities
    trusts = f"--ca-bundle {ca.bundle}"
    rows = {
        "self_signed": (other.self_signed(), trusts, "self-signed", "--ca-bundle FILE"),
        "other_ca": (other.server(), trusts, "issuer is not trusted here", "--ca-bundle FILE"),
        "public_cas_only": (ca.server(), "", "issuer is not trusted here", "openssl s_client -connect 127."),
        "expired": (ca.server(days=(-9, -2)), trusts, "has expired", "renewed"),
        "not_yet_valid": (ca.server(days=(2, 9)), trusts, "is not valid yet", "clock"),
        "wrong_host": (
            ca.server("cdp.example.com"),
            trusts,
            "for another host: it is for cdp.example.com",
            "name in the certificate",
        ),
    }

    def meet(context: ssl.SSLContext, options: str, message: str, hint: str) -> None:
        with FaultServer(healthy(CANARY_TOKEN), tls=context) as server:
            error = StrictInProcess(tmp_path, server.url)(*_STOP, *options.split(), code=6).document["error"]
            assert server.sent() == []
            assert message in error["message"]
            assert hint in error["hint"]
            assert f"its SHA-256 fingerprint is {_fingerprint(server.port)}" in error["message"]

    together({name: partial(meet, *row) for name, row in rows.items()}, at_a_time=1)


def test_private_ca_comes_from_option_variable_or_profile(authorities: Authorities, tmp_path: Path) -> None:
    bundle = str(authorities.ca.bundle)
    with FaultServer(healthy(CANARY_TOKEN), tls=authorities.ca.server()) as server:
        config = tmp_path / "config.toml"
        config.write_text(f'[profiles.prod]\nurl = "{server.url}"\nca_bundle = "{bundle}"\n')
        StrictInProcess(tmp_path, server.url)(*_STOP, "--ca-bundle", bundle, code=0)
        StrictInProcess(tmp_path, server.url, CDPCTL_CA_BUNDLE=bundle)(*_STOP, code=0)
        StrictInProcess(tmp_path, CDPCTL_CONFIG=str(config))(*_STOP, "--profile", "prod", code=0)
        # The profile's CA is trusted only for the profile's own CDP.
        another = server.url.replace("127.0.0.1", "localhost")
        StrictInProcess(tmp_path, CDPCTL_CONFIG=str(config))(*_STOP, "--url", another, code=6)


def test_libraries_variables_neither_add_nor_take_trust(authorities: Authorities, tmp_path: Path) -> None:
    ca, other, folder = authorities
    names = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
    with FaultServer(healthy(CANARY_TOKEN), tls=ca.server()) as server:
        adding = {**dict.fromkeys(names, str(ca.bundle)), "SSL_CERT_DIR": str(folder)}
        StrictProgram(tmp_path, server.url, **adding)(*_STOP, code=6)
        StrictProgram(tmp_path, server.url, **adding)(*_STOP, "--ca-bundle", str(other.bundle), code=6)
        assert server.sent() == []
        taking = {**dict.fromkeys(names, str(other.bundle)), "SSL_CERT_DIR": "/nowhere"}
        StrictProgram(tmp_path, server.url, **taking)(*_STOP, "--ca-bundle", str(ca.bundle), code=0)


def test_verification_is_off_on_request_and_warns_each_time(authorities: Authorities, tmp_path: Path) -> None:
    with FaultServer(healthy(CANARY_TOKEN), tls=authorities.other.self_signed()) as server:
        config = tmp_path / "config.toml"
        config.write_text(f'[profiles.default]\nurl = "{server.url}"\nverify = false\n')
        option, profile = (
            StrictInProcess(tmp_path, server.url),
            StrictInProcess(tmp_path, CDPCTL_CONFIG=str(config)),
        )
        for run in (
            option(*_STOP, "--insecure-skip-verify", code=0),
            option(*_STOP, "--insecure-skip-verify", "--quiet", code=0),
            profile(*_STOP, code=0),
        ):
            assert run.stderr.count("is not verified") == 1
        option(*_STOP, code=6)


def test_files_that_are_missing_or_junk_are_named_before_anything_is_sent(
    authorities: Authorities, tmp_path: Path
) -> None:
    ca, _, folder = authorities
    certificate, key = ca.client(folder)
    pair = ("--client-cert", str(certificate), "--client-key")
    _, other_key = authorities.other.client(tmp_path)
    junk, binary = tmp_path / "junk.pem", tmp_path / "binary.pem"
    junk.write_text("-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
    binary.write_bytes(bytes(range(256)) * 40)
    empty = tmp_path / "empty.pem"
    empty.touch()
    rows: dict[str, tuple[tuple[str, ...], str]] = {
        "missing_ca": (("--ca-bundle", "/nowhere/ca.pem"), "/nowhere/ca.pem does not exist"),
        "junk_ca": (("--ca-bundle", str(junk)), "contains no certificate"),
        "binary_ca": (("--ca-bundle", str(binary)), "contains no certificate"),
        "empty_ca": (("--ca-bundle", str(empty)), "contains no certificate"),
        "empty_folder": (("--ca-bundle", str(tmp_path / "none")), "does not exist"),
        "missing_certificate": (("--client-cert", "/nowhere/c.pem"), "/nowhere/c.pem does not exist"),
        "missing_key": ((*pair, "/nowhere/k"), "/nowhere/k does not exist"),
        "key_alone": (("--client-key", str(key)), "no client certificate"),
        "key_of_another": ((*pair, str(other_key)), "does not belong"),
        "junk_certificate": (("--client-cert", str(junk), "--client-key", str(key)), "cannot be used"),
    }
    with FaultServer(healthy(CANARY_TOKEN), tls=ca.server()) as server:
        program = StrictInProcess(tmp_path, server.url, CDPCTL_CA_BUNDLE=str(ca.bundle))

        def refuse(words: tuple[str, ...], message: str) -> None:
            error = program(*_STOP, *words, code=10).document["error"]
            assert message in error["message"]
            assert error["hint"]

        status = program("status", "--ca-bundle", "/nowhere/ca.pem", code=10).document
        assert status.get("cdp") != "up"
        together({name: partial(refuse, *row) for name, row in rows.items()}, at_a_time=1)
        assert server.sent() == []


def test_client_certificate_is_asked_for_and_shown(authorities: Authorities, tmp_path: Path) -> None:
    ca, other, folder = authorities
    certificate, key = ca.client(folder)
    stranger, strangers_key = other.client(tmp_path)
    with FaultServer(healthy(CANARY_TOKEN), tls=ca.server(client_ca=ca)) as server:
        program = StrictInProcess(tmp_path, server.url, CDPCTL_CA_BUNDLE=str(ca.bundle))
        missing = program(*_STOP, code=6)
        assert "wants a client certificate" in missing.document["error"]["message"]
        assert "--client-cert FILE --client-key FILE" in missing.document["error"]["hint"]
        wrong = program(*_STOP, "--client-cert", str(stranger), "--client-key", str(strangers_key), code=6)
        assert "client certificate" in wrong.document["error"]["message"]
        assert server.sent() == []
        program(*_STOP, "--client-cert", str(certificate), "--client-key", str(key), code=0)


def test_encrypted_key_without_a_terminal_is_an_error(authorities: Authorities, tmp_path: Path) -> None:
    certificate, key = authorities.ca.client(tmp_path, b"key-pass-77d1")
    with FaultServer(healthy(CANARY_TOKEN), tls=authorities.ca.server()) as server:
        program = StrictInProcess(tmp_path, server.url, CDPCTL_CA_BUNDLE=str(authorities.ca.bundle))
        run = program(*_STOP, "--client-cert", str(certificate), "--client-key", str(key), code=10)
        assert server.sent() == []
    assert "is encrypted, and its password cannot be asked for here" in run.document["error"]["message"]
    assert "openssl pkey" in run.document["error"]["hint"]


@pytest.mark.skipif(os.name != "posix", reason="needs a pseudo-terminal")
@pytest.mark.parametrize(("answer", "code"), [("key-pass-77d1", 0), ("wrong-77d1", 10)])
def test_encrypted_key_is_asked_for_on_a_terminal(
    answer: str, code: int, authorities: Authorities, tmp_path: Path
) -> None:
    ca = authorities.ca
    certificate, key = ca.client(tmp_path, b"key-pass-77d1")
    with FaultServer(healthy(CANARY_TOKEN), tls=ca.server(client_ca=ca)) as server:
        program = StrictInProcess(tmp_path, server.url, CDPCTL_CA_BUNDLE=str(ca.bundle), TERM="dumb")
        words = (*_STOP, "--client-cert", str(certificate), "--client-key", str(key))
        screen = on_terminal(
            (*words, *QUICK), program.env, [Answer("Password for the client key", f"{answer}\n")]
        )
    assert screen.code == code, screen.text
    assert answer not in screen.text
    assert "Traceback" not in screen.text


def test_plain_http_and_tls_are_told_apart(authorities: Authorities, tmp_path: Path) -> None:
    with (
        FaultServer(healthy(CANARY_TOKEN), greeting=[bad_request(400)]) as plain,
        FaultServer(healthy(CANARY_TOKEN), tls=authorities.ca.server()) as secure,
    ):
        run = StrictInProcess(tmp_path, plain.url.replace("http:", "https:"))(*_STOP, code=6)
        assert "plain http, most likely" in run.document["error"]["message"]
        assert "--insecure-http" in run.document["error"]["hint"]
        run = StrictInProcess(tmp_path, secure.url.replace("https:", "http:"))(*_STOP, code=6)
        assert "speaks TLS, and the URL says http" in run.document["error"]["message"]
        assert "https://" in run.document["error"]["hint"]
        assert plain.sent() == secure.sent() == []


@pytest.mark.parametrize(
    "words",
    [
        b"Bad Request\nThis combination of host and port requires TLS.\n",
        b"<html><body>The plain HTTP request was sent to HTTPS port</body></html>",
    ],
    ids=["tomcat", "nginx"],
)
def test_server_that_asks_for_tls_in_plain_words_is_understood(words: bytes, tmp_path: Path) -> None:
    with FaultServer([[bad_request(400, words)]]) as server:
        for options in ((), ("--no-preflight",)):
            error = StrictInProcess(tmp_path, server.url)(*_STOP, *options, code=6).document
            assert "speaks TLS, and the URL says http" in str(error)
