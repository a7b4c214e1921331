"""TLS: which certificates are trusted, which one is shown, and what a failed handshake means."""

import ssl
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from cdpctl.errors import ConfigError, UnreachableError
from cdpctl.redact import redactor
from cdpctl.settings.model import Settings
from cdpctl.text import printable, reason_of
from cdpctl.transport.dial import Limits, Route, TransportError, about_client_certificate, open_socket

# OpenSSL's numbers of what is wrong with a certificate (X509_V_ERR_...).
_NOT_YET_VALID, _EXPIRED = 9, 10
_WRONG_HOST = (62, 63, 64)
_UNKNOWN_ISSUER = {
    2: "its issuer is not trusted here",
    18: "it is self-signed and not trusted here",
    19: "its chain ends in a private CA that is not trusted here",
    20: "its issuer is not trusted here",
    21: "its issuer is not trusted here, or the server does not send the whole chain",
    27: "it is not trusted here",
}
_PLAIN_HTTP = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")
_OLD_TLS = (
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "DH_KEY_TOO_SMALL",
    "NO_PROTOCOLS_AVAILABLE",
)


def make_context(
    settings: Settings, ask_secret: Callable[[str], str] | None, public_cas: str
) -> ssl.SSLContext:
    """Make the TLS context of a run.

    A CA bundle of the user's is trusted alone. Without one it is the list of public CAs that comes
    with requests, and the folder of CAs of this system's OpenSSL, where an administrator puts a private
    one. `REQUESTS_CA_BUNDLE`, `CURL_CA_BUNDLE`, `SSL_CERT_FILE` and `SSL_CERT_DIR` are not looked at:
    what a run trusts is said by its own settings.

    Args:
        settings: `verify`, `ca_bundle`, `client_cert` and `client_key`.
        ask_secret: asks for the password of an encrypted key; None where nobody can be asked.
        public_cas: the file of the public CAs, for runs without a bundle.

    Raises:
        ConfigError: a file is missing, unreadable or not what it should be.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_alpn_protocols(["http/1.1"])
    # A bundle may hold just the server's own certificate, or an intermediate CA.
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if not settings.verify:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    elif settings.ca_bundle is not None:
        _trust(context, settings.ca_bundle)
    else:
        context.load_verify_locations(public_cas)
        folder = ssl.get_default_verify_paths().openssl_capath
        if folder and Path(folder).is_dir():
            context.load_verify_locations(capath=folder)
    if settings.client_cert is not None:
        _present(context, settings.client_cert, settings.client_key, ask_secret)
    elif settings.client_key is not None:
        raise ConfigError(
            "a client key is set and no client certificate",
            hint="set both: --client-cert FILE --client-key FILE",
        )
    return context


def _readable(path: Path, what: str, option: str) -> None:
    hint = f"name a PEM file that can be read: {option} FILE"
    shown = printable(str(path))
    if not path.is_file():
        why = "is not a file" if path.exists() else "does not exist"
        raise ConfigError(f"{what} {shown} {why}", hint=hint)
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        why = reason_of(error)
        raise ConfigError(f"{what} {shown} cannot be read: {why}", hint=hint) from None


def _trust(context: ssl.SSLContext, bundle: Path) -> None:
    if bundle.is_dir():
        context.load_verify_locations(capath=bundle)
        return
    _readable(bundle, "the CA bundle", "--ca-bundle")
    try:
        context.load_verify_locations(cafile=bundle)
    except (ssl.SSLError, OSError, ValueError):
        raise ConfigError(
            f"the CA bundle {printable(str(bundle))} holds no certificate",
            hint="it must be a PEM file with one or more BEGIN CERTIFICATE blocks: --ca-bundle FILE",
        ) from None


def _present(
    context: ssl.SSLContext, certificate: Path, key: Path | None, ask_secret: Callable[[str], str] | None
) -> None:
    _readable(certificate, "the client certificate", "--client-cert")
    if key is not None:
        _readable(key, "the client key", "--client-key")
    shown = printable(str(key or certificate))
    asked = False

    def password() -> str:
        nonlocal asked
        if ask_secret is None:
            # Without an answer of our own OpenSSL would open the terminal and wait there.
            raise ConfigError(
                f"the client key {shown} is encrypted, and nobody can be asked for its password",
                hint="run on a terminal, or write a key without a password: "
                "openssl pkey -in KEY -out PLAIN_KEY; chmod 600 PLAIN_KEY",
            )
        asked = True
        secret = ask_secret(f"Password of the client key {shown}: ")
        redactor.add(secret)
        return secret

    try:
        context.load_cert_chain(certificate, key, password)
    except ssl.SSLError as error:
        if asked:
            message, hint = f"the client key {shown} does not open with this password", "type it again"
        elif error.reason == "KEY_VALUES_MISMATCH":
            message = f"the client key {shown} does not belong to the client certificate"
            hint = "name the pair: --client-cert FILE --client-key FILE"
        else:
            message = f"the client certificate {printable(str(certificate))} or its key cannot be used"
            hint = "both must be PEM files: --client-cert FILE --client-key FILE"
        raise ConfigError(message, hint=hint) from None
    except (OSError, ValueError) as error:
        raise ConfigError(
            f"the client key {shown} cannot be used ({type(error).__name__})",
            hint="name the pair: --client-cert FILE --client-key FILE",
        ) from None


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 fingerprint of a DER certificate as `openssl x509 -fingerprint` writes it."""
    return ":".join(f"{byte:02X}" for byte in sha256(certificate).digest())


def shown_certificate(route: Route, limits: Limits, context: ssl.SSLContext) -> tuple[str | None, list[str]]:
    """Ask a host for its certificate, without believing it and without sending a request.

    Args:
        route: to the host.
        limits: a short deadline of its own.
        context: what is trusted; not changed.

    Returns:
        The fingerprint, or None where none could be had; and the names in the certificate, known only
        where the certificate is good for some other host.
    """
    names: list[str] = []
    for mode in (ssl.CERT_REQUIRED, ssl.CERT_NONE):
        if mode == ssl.CERT_REQUIRED and not context.check_hostname:
            continue
        looking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        looking.check_hostname = False
        looking.verify_mode = mode
        looking.verify_flags = context.verify_flags
        if mode == ssl.CERT_REQUIRED:
            pems = "".join(ssl.DER_cert_to_PEM_cert(each) for each in context.get_ca_certs(binary_form=True))
            if not pems:
                continue
            looking.load_verify_locations(cadata=pems)
        try:
            with open_socket(route, limits, looking) as sock:
                assert isinstance(sock, ssl.SSLSocket)  # noqa: S101 - open_socket with a context
                certificate = sock.getpeercert(binary_form=True)
                details: Any = sock.getpeercert() or {}
        except (TransportError, OSError):
            continue
        names = [printable(str(value), 80) for _, value in details.get("subjectAltName", ())]
        if certificate:
            return fingerprint(certificate), names
    return None, names


def failure(
    cause: Exception | None, route: Route, url: str, look: Callable[[], tuple[str | None, list[str]]]
) -> UnreachableError:
    """Turn a failed handshake into an error that says which of its many reasons it was.

    Args:
        cause: the TLS library's error; its text is not used.
        route: to the host.
        url: the CDP's base URL, for the command in the hint.
        look: fetches fingerprint and names, called only where they help.
    """
    at = route.shown
    doctor = "`cdpctl doctor` looks at each step of a call"
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _untrusted(cause.verify_code, at, url, look)
    reason = (getattr(cause, "reason", None) or "").upper()
    if any(word in reason for word in _PLAIN_HTTP):
        return UnreachableError(
            f"{at} does not speak TLS: plain http, most likely",
            hint=f"if that is meant: --url http:{url.partition(':')[2]} --insecure-http; else another port",
        )
    if any(word in reason for word in _OLD_TLS):
        return UnreachableError(
            f"{at} offers only versions of TLS that are no longer safe",
            hint="it must speak TLS 1.2 or newer: have its Java or its configuration brought up to date",
        )
    if about_client_certificate(reason):
        return UnreachableError(
            f"{at} wants a client certificate, and accepts none that was shown",
            hint="--client-cert FILE --client-key FILE, or `client_cert` and `client_key` in the profile",
        )
    if "HANDSHAKE_FAILURE" in reason:
        return UnreachableError(
            f"{at} refused the TLS handshake: no common cipher, or it wants a client certificate",
            hint="if it wants one: --client-cert FILE --client-key FILE; " + doctor,
        )
    code = "".join(char for char in reason if char.isalnum() or char == "_")[:60]
    return UnreachableError(
        f"the TLS handshake with {at} failed" + (f" ({code.lower().replace('_', ' ')})" if code else ""),
        hint=doctor,
    )


def _untrusted(
    code: int, at: str, url: str, look: Callable[[], tuple[str | None, list[str]]]
) -> UnreachableError:
    print_of, names = look()
    seen = f"; its SHA-256 fingerprint is {print_of}" if print_of else ""
    if code == _EXPIRED:
        return UnreachableError(
            f"the certificate of {at} has expired{seen}",
            hint="have it renewed; if it is not that old, look at this machine's clock",
        )
    if code == _NOT_YET_VALID:
        return UnreachableError(
            f"the certificate of {at} is not valid yet{seen}",
            hint="look at this machine's clock, and at the server's",
        )
    if code in _WRONG_HOST:
        good_for = f": it is for {', '.join(names[:5])}" if names else ""
        return UnreachableError(
            f"the certificate of {at} is for another host{good_for}{seen}",
            hint="use the name in the certificate in the URL: `cdpctl login https://NAME:PORT`",
        )
    why = _UNKNOWN_ISSUER.get(code, f"it does not verify (OpenSSL's reason {code})")
    return UnreachableError(
        f"the certificate of {at} is not accepted: {why}{seen}",
        hint="compare the fingerprint with what the CDP's administrator says, get the file of the CA, then "
        f"`cdpctl login {url} --ca-bundle FILE`; "
        f"`openssl s_client -connect {at} -showcerts` prints the chain",
    )
