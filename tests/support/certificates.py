"""Certificates for the fault server, valid and invalid ones."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

import trustme


class Authority:
    """A private CA for one test, with its files.

    Args:
        folder: the folder for the files.
        name: the name of the CA's file.
    """

    def __init__(self, folder: Path, name: str = "ca") -> None:
        self._ca = trustme.CA()
        self.bundle = folder / f"{name}.pem"
        self._ca.cert_pem.write_to_path(str(self.bundle))

    def server(
        self, *names: str, days: tuple[int, int] = (-1, 30), client_ca: "Authority | None" = None
    ) -> ssl.SSLContext:
        """Return a server's context.

        Args:
            names: the names in the certificate. The default is `127.0.0.1`.
            days: the first and the last day of its validity, counted from today.
            client_ca: require a client certificate of this CA.
        """
        now = datetime.now(UTC)
        certificate = self._ca.issue_cert(
            *(names or ("127.0.0.1", "::1", "localhost")),
            not_before=now + timedelta(days=days[0]),
            not_after=now + timedelta(days=days[1]),
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        if client_ca is not None:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(client_ca.bundle)
        return context

    def self_signed(self) -> ssl.SSLContext:
        """Return the context of a server with a self-signed certificate."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.private_key_pem.write_to_path(str(self.bundle.with_suffix(".key")))
        context.load_cert_chain(self.bundle, self.bundle.with_suffix(".key"))
        return context

    def client(self, folder: Path, password: bytes | None = None) -> tuple[Path, Path]:
        """Write a client's certificate and key.

        Args:
            folder: the folder for both.
            password: the password of the key.

        Returns:
            The paths of the certificate and of the key.
        """
        from cryptography.hazmat.primitives.serialization import (
            BestAvailableEncryption,
            Encoding,
            PrivateFormat,
            load_pem_private_key,
        )

        leaf = self._ca.issue_cert("client@example.com")
        certificate, key = folder / "client.pem", folder / "client.key"
        leaf.cert_chain_pems[0].write_to_path(str(certificate))
        leaf.private_key_pem.write_to_path(str(key))
        if password is not None:
            private = load_pem_private_key(key.read_bytes(), None)
            key.write_bytes(
                private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(password))
            )
        return certificate, key
