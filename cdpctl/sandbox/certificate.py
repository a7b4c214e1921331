"""The embedded grid's certificate, of an authority made for it alone."""

import ssl
from pathlib import Path


def server_context(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """Make a certificate for this machine.

    Args:
        folder: where the authority's certificate is put.

    Returns:
        The server's context, and the file a client has to trust.
    """
    import trustme

    authority = trustme.CA(organization_name="cdpctl sandbox")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", "localhost").configure_cert(context)
    bundle = folder / "sandbox-ca.pem"
    authority.cert_pem.write_to_path(str(bundle))
    return context, bundle
