"""The embedded grid's certificate is valid for loopback, for clients that trust its CA."""

import socket
import ssl
import threading
from pathlib import Path

import pytest

from cdpctl.sandbox.certificate import server_context

pytestmark = pytest.mark.loopback


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost"])
def test_certificate_is_trusted_with_the_bundle_only(tmp_path: Path, name: str) -> None:
    context, bundle = server_context(tmp_path)
    assert bundle.parent == tmp_path
    assert _shake_hands(context, ssl.create_default_context(cafile=str(bundle)), name)
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(context, ssl.create_default_context(), name)
    with pytest.raises(ssl.SSLCertVerificationError):
        _shake_hands(context, ssl.create_default_context(cafile=str(bundle)), "cdp.example.com")


def _shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, name: str) -> str | None:
    """Return the TLS version of a connection."""
    near, far = socket.socketpair()

    def serve() -> None:
        try:
            server.wrap_socket(far, server_side=True).close()
        except OSError:
            far.close()

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        with client.wrap_socket(near, server_hostname=name) as sock:
            return sock.version()
    finally:
        near.close()
        thread.join()
