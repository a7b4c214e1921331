"""TLS: the certificates that a run trusts, and its client certificate."""

import os
import ssl
from collections.abc import Callable
from pathlib import Path

from requests.utils import DEFAULT_CA_BUNDLE_PATH

from cdpctl.errors import ConfigError
from cdpctl.redact import redactor
from cdpctl.settings.model import Settings
from cdpctl.text import command_line, printable


def make_context(settings: Settings, ask_secret: Callable[[str], str] | None) -> ssl.SSLContext:
    """Make the TLS context of a run.

    With a CA bundle, only that is trusted. Without one, the public CAs that come with requests are
    trusted, and the CA folder of this system's OpenSSL, where an administrator may put a private one.
    `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`, `SSL_CERT_FILE` and `SSL_CERT_DIR` are ignored: only the
    settings of the run count.

    Args:
        settings: the settings `verify`, `ca_bundle`, `client_cert` and `client_key`.
        ask_secret: asks for the password of an encrypted key. None without a terminal.

    Raises:
        ConfigError: a file is missing, unreadable or not valid.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # A bundle may contain just the server's certificate, or an intermediate CA.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif settings.ca_bundle is not None:
        _trust(context, settings.ca_bundle, settings)
    else:
        context.load_verify_locations(DEFAULT_CA_BUNDLE_PATH)
        folder = ssl.get_default_verify_paths().openssl_capath
        if folder and Path(folder).is_dir():
            context.load_verify_locations(capath=folder)
    if settings.client_cert is not None:
        _present(context, settings, ask_secret)
    elif settings.client_key is not None:
        raise ConfigError(
            "a client key is set, but no client certificate",
            hint="set both: --client-cert FILE --client-key FILE",
        )
    return context


def _way(settings: Settings, key: str) -> str:
    """Return how to name another file: by an option, or in the profile that names this one."""
    if settings.sources.get(key) == "profile":
        return command_line("config set", key, "FILE")
    return f"--{key.replace('_', '-')} FILE"


def _readable(settings: Settings, key: str, what: str) -> Path:
    path: Path = getattr(settings, key)
    why = "cannot be read: permission denied"
    if not path.is_file():
        why = "is not a file" if path.exists() else "does not exist"
    elif os.access(path, os.R_OK):
        return path
    raise ConfigError(
        f"{what} {printable(str(path))} {why}",
        hint=f"name a PEM file that can be read: {_way(settings, key)}",
    )


def _trust(context: ssl.SSLContext, bundle: Path, settings: Settings) -> None:
    if bundle.is_dir():
        context.load_verify_locations(capath=bundle)
        return
    _readable(settings, "ca_bundle", "the CA bundle")
    try:
        context.load_verify_locations(cafile=bundle)
    except (ssl.SSLError, OSError, ValueError):
        raise ConfigError(
            f"the CA bundle {printable(str(bundle))} contains no certificate",
            hint="it must be a PEM file with one or more BEGIN CERTIFICATE blocks: "
            f"{_way(settings, 'ca_bundle')}",
        ) from None


def _present(context: ssl.SSLContext, settings: Settings, ask_secret: Callable[[str], str] | None) -> None:
    certificate = _readable(settings, "client_cert", "the client certificate")
    key = settings.client_key and _readable(settings, "client_key", "the client key")
    shown = printable(str(key or certificate))
    asked = False

    def password() -> str:
        nonlocal asked
        if ask_secret is None:
            # Without this, OpenSSL would ask on the terminal itself.
            raise ConfigError(
                f"the client key {shown} is encrypted, and its password cannot be asked for here",
                hint="run on a terminal without --no-input, or write a key without a password: "
                "openssl pkey -in KEY -out PLAIN_KEY; chmod 600 PLAIN_KEY",
            )
        asked = True
        secret = ask_secret(f"Password for the client key {shown}: ")
        redactor.add(secret)
        return secret

    try:
        context.load_cert_chain(certificate, key, password)
    except (OSError, ValueError) as error:
        if asked:
            message, hint = f"the client key {shown} does not open with this password", "type it again"
        elif getattr(error, "reason", "") == "KEY_VALUES_MISMATCH":
            message = f"the client key {shown} does not belong to the client certificate"
            hint = "name the pair: --client-cert FILE --client-key FILE"
        else:
            message = f"the client certificate {printable(str(certificate))} or its key cannot be used"
            hint = "both must be PEM files: --client-cert FILE --client-key FILE"
        raise ConfigError(message, hint=hint) from None
