"""Fetches certificates, and explains failed TLS handshakes."""

import ssl
from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256
from typing import Any

from cdpctl.deadline import Deadline
from cdpctl.errors import UnreachableError
from cdpctl.text import command_line, printable
from cdpctl.transport.exchange import open_socket
from cdpctl.transport.failures import TransportError, about_client_certificate
from cdpctl.transport.guard import Attempt
from cdpctl.transport.route import Route

# OpenSSL's error numbers for certificates (X509_V_ERR_...).
_NOT_YET_VALID, _EXPIRED = 9, 10
_WRONG_HOST = (62, 63, 64)
_SELF_SIGNED = 18
_UNKNOWN_ISSUER = (2, 19, 20, 21, 27)
_PLAIN_HTTP = ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNKNOWN_PROTOCOL", "RECORD_LAYER_FAILURE")
_OLD_TLS = (
    "UNSUPPORTED_PROTOCOL",
    "TLSV1_ALERT_PROTOCOL_VERSION",
    "DH_KEY_TOO_SMALL",
    "NO_PROTOCOLS_AVAILABLE",
)


def fingerprint(certificate: bytes) -> str:
    """Return the SHA-256 fingerprint of a DER certificate as `openssl x509 -fingerprint` writes it."""
    return ":".join(f"{byte:02X}" for byte in sha256(certificate).digest())


def shown_certificate(route: Route, seconds: float) -> tuple[bytes | None, Mapping[str, Any]]:
    """Fetch a host's certificate, without trusting it and without sending a request.

    Python parses only verified certificates. So the certificate is trusted for a second connection. That
    fails if it has expired.

    Args:
        route: the route to the host.
        seconds: the time limit.

    Returns:
        The certificate, or None if it cannot be fetched, and its fields as far as they are known.
    """
    deadline = Deadline(seconds)
    looking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    looking.check_hostname = False
    looking.verify_mode = ssl.CERT_NONE
    certificate: bytes | None = None
    # Without a certificate, return nothing.
    with suppress(TransportError, OSError):
        certificate, _ = _peek(route, looking, deadline)
        if certificate:
            looking.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(certificate))
            looking.verify_mode = ssl.CERT_REQUIRED
            looking.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
            return _peek(route, looking, deadline)
    return certificate, {}


def _peek(
    route: Route, context: ssl.SSLContext, deadline: Deadline
) -> tuple[bytes | None, Mapping[str, Any]]:
    seconds = deadline.remaining()
    with Attempt(deadline, seconds, seconds).run(lambda: open_socket(route, context)) as sock:
        if not isinstance(sock, ssl.SSLSocket):
            return None, {}
        return sock.getpeercert(binary_form=True), sock.getpeercert() or {}


def speaks_tls(route: Route, seconds: float) -> bool:
    """Return whether a port that did not answer plain http expects TLS."""
    return shown_certificate(Route(f"https://{route.shown}"), seconds)[0] is not None


def handshake_error(cause: BaseException | None, route: Route, seconds: float) -> UnreachableError:
    """Return an error that explains a failed handshake.

    Args:
        cause: the TLS library's error. Its text is not shown.
        route: the route to the host.
        seconds: the time limit for fetching the certificate.
    """
    at = route.shown
    doctor = command_line.to_doctor
    if isinstance(cause, ssl.SSLCertVerificationError):
        return _untrusted(cause.verify_code, route, *shown_certificate(route, seconds))
    reason = (getattr(cause, "reason", None) or "").upper()
    if any(word in reason for word in _PLAIN_HTTP):
        return UnreachableError(
            f"{at} does not speak TLS: plain http, most likely",
            hint=f"use the port that speaks TLS, or plain http: {route.use('http')}",
        )
    if any(word in reason for word in _OLD_TLS):
        return UnreachableError(
            f"{at} offers only versions of TLS that are no longer safe",
            hint="the CDP must speak TLS 1.2 or newer: update its Java or its configuration",
        )
    if about_client_certificate(cause):
        return UnreachableError(
            f"{at} wants a client certificate, and did not accept this one or the lack of one",
            hint="add --client-cert FILE --client-key FILE, or set client_cert and client_key in the profile",
        )
    if "HANDSHAKE_FAILURE" in reason:
        return UnreachableError(
            f"{at} refused the TLS handshake: no common cipher, or it wants a client certificate",
            hint=("if it wants one, add --client-cert FILE --client-key FILE", doctor),
        )
    why = printable(reason.lower().replace("_", " "), 60) or "no reason given"
    return UnreachableError(f"the TLS handshake with {at} failed ({why})", hint=doctor)


def _untrusted(
    code: int, route: Route, certificate: bytes | None, details: Mapping[str, Any]
) -> UnreachableError:
    at = route.shown
    seen = f"; its SHA-256 fingerprint is {fingerprint(certificate)}" if certificate else ""
    if code in (_EXPIRED, _NOT_YET_VALID):
        return UnreachableError(
            f"the certificate of {at} {'has expired' if code == _EXPIRED else 'is not valid yet'}{seen}",
            hint="check the clock of this machine; if it is right, have the certificate renewed",
        )
    if code in _WRONG_HOST:
        names = [printable(str(name), 80) for _, name in details.get("subjectAltName", ())]
        good_for = f": it is for {', '.join(names[:5])}" if names else ""
        return UnreachableError(
            f"the certificate of {at} is for another host{good_for}{seen}",
            hint=f"log in with the name in the certificate: {command_line.login('https://NAME:PORT')}",
        )
    why = f"it does not verify (OpenSSL's reason {code})"
    if code == _SELF_SIGNED:
        why = "it is self-signed and not trusted here"
    elif code in _UNKNOWN_ISSUER:
        why = "its issuer is not trusted here, or the server does not send the whole chain"
    return UnreachableError(
        f"the certificate of {at} is not accepted: {why}{seen}",
        hint="compare the fingerprint with the one the CDP's administrator gives you, and get the CA file "
        f"(openssl s_client -connect {at} -showcerts </dev/null prints the chain); then: "
        f"{route.use('https')} --ca-bundle FILE",
    )
