"""The TLS context of a run: what it trusts, its client certificate, and invalid files."""

import ssl
from pathlib import Path
from typing import Any

import pytest

from cdpctl.deadline import Deadline
from cdpctl.errors import ConfigError
from cdpctl.transport.client import Transport
from cdpctl.transport.tls import make_context
from tests.support.certificates import Authority
from tests.support.clock import Clock
from tests.support.transport import Messages, settings_for


def _context(**changes: Any) -> ssl.SSLContext:
    return make_context(settings_for("https://cdp/baocdp", **changes), None)


def test_context_verifies_and_refuses_old_versions() -> None:
    context = _context()
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.check_hostname
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert context.cert_store_stats()["x509_ca"] > 50


def test_bundle_is_trusted_alone(tmp_path: Path) -> None:
    assert len(_context(ca_bundle=Authority(tmp_path).bundle).get_ca_certs()) == 1


def test_verification_is_off_only_on_request() -> None:
    context = _context(verify=False)
    assert context.verify_mode is ssl.CERT_NONE
    assert not context.check_hostname


@pytest.mark.parametrize("name", ["ca_bundle", "client_cert"])
def test_file_that_cannot_be_used_is_named(name: str, tmp_path: Path) -> None:
    junk = tmp_path / "junk.pem"
    junk.write_text("junk")
    for path in (junk, tmp_path / "missing.pem", tmp_path / "missing" / "x.pem"):
        with pytest.raises(ConfigError, match=path.name) as raised:
            _context(**{name: path})
        assert f"--{name.replace('_', '-')} FILE" in str(raised.value.hint)
    with pytest.raises(ConfigError, match="no client certificate"):
        _context(client_key=junk)


@pytest.mark.parametrize("name", ["ca_bundle", "client_cert"])
def test_file_that_a_profile_names_is_changed_there(name: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        _context(**{name: tmp_path / "missing.pem"}, sources={name: "profile"})
    assert str(raised.value.hint).endswith(f"cdpctl config set {name} FILE")


def test_encrypted_key_is_opened_with_the_answer(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).client(tmp_path, b"key-pass-1")
    settings = settings_for("https://cdp/baocdp", client_cert=certificate, client_key=key)
    asked: list[str] = []

    def answer(question: str) -> str:
        asked.append(question)
        return "key-pass-1"

    make_context(settings, answer)
    assert asked == [f"Password for the client key {key}: "]
    with pytest.raises(ConfigError, match="does not open"):
        make_context(settings, lambda _: "wrong")
    with pytest.raises(ConfigError, match="is encrypted"):
        make_context(settings, None)


def test_time_at_the_question_for_the_password_of_a_key_is_not_counted(tmp_path: Path) -> None:
    certificate, key = Authority(tmp_path).client(tmp_path, b"key-pass-1")
    settings = settings_for("https://cdp/baocdp", client_cert=certificate, client_key=key)
    clock, messages = Clock(), Messages()
    deadline = Deadline(10.0, clock)

    def answer(_question: str) -> str:
        clock.sleep(300.0)
        return "key-pass-1"

    transport = Transport(settings, deadline, trace=messages.trace, warn=messages.append, ask_secret=answer)
    assert transport.context is not None
    assert (deadline.remaining(), deadline.elapsed) == (10.0, 0.0)
