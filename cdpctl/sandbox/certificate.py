"""Makes the embedded grid's certificate and its CA."""

import ssl
from pathlib import Path


def server_context(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for this machine.

    Args:
        folder: the folder for the CA certificate.

    Returns:
        The server's context, and the CA file for clients.
    """
    import trustme

    authority = trustme.CA(organization_name="cdpctl sandbox")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    bundle = folder / "sandbox-ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    return context, bundle
