"""Checks of the way to the CDP: name, connection, certificate."""

import ssl
import time
from functools import partial
from typing import Any

from cdpctl.deadline import Deadline
from cdpctl.doctor.checks import Examination
from cdpctl.errors import CdpctlError
from cdpctl.settings.model import Settings
from cdpctl.text import printable
from cdpctl.transport import failures, tls
from cdpctl.transport.dial import (
    Failure,
    Limits,
    Route,
    TransportError,
    connect,
    host_port,
    open_socket,
    resolve,
)
from cdpctl.transport.replies import Call

# A look at a certificate that is not trusted must not take the time of the other checks.
_LOOK_SECONDS = 3.0
_SOON_DAYS = 30
_DAY = 86400


def check_network(examination: Examination, settings: Settings, route: Route, deadline: Deadline) -> bool:
    """Check name, connection and certificate; False where no call can get through."""
    call = Call(deadline, settings.connect_timeout, settings.read_timeout)
    base = settings.url or ""
    proxy = route.proxy
    host, port = (route.host, route.port) if proxy is None else (proxy.host, proxy.port)
    through = "" if proxy is None else f" of {proxy.shown}, through which the calls go"

    def failed(name: str, broken: TransportError) -> bool:
        examination.fail(name, _error(broken, call, route, base))
        return False

    try:
        found = resolve(host, port, call, None if proxy is None else proxy.shown)
    except TransportError as broken:
        return failed("dns", broken)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    examination.ok("dns", f"{printable(host)}{through}: {', '.join(addresses[:5])}")
    began = time.monotonic()
    try:
        connect(host, port, call, None if proxy is None else proxy.shown).close()
    except TransportError as broken:
        return failed("tcp", broken)
    took = (time.monotonic() - began) * 1000
    examination.ok("tcp", f"{host_port(host, port)}{through} accepts connections ({took:.0f} ms)")
    if route.context is None:
        examination.skip("tls", "not used: the URL is plain http://")
        return True
    try:
        context = route.context()
        with open_socket(route, call, context) as sock:
            _tell_certificate(examination, route, sock, context)
    except TransportError as broken:
        return failed("tls", broken)
    except CdpctlError as error:
        # A file of the TLS settings that is missing, or no certificate.
        examination.fail("tls", error)
        return False
    return True


def _error(broken: TransportError, call: Call, route: Route, base: str) -> CdpctlError:
    if broken.kind not in (Failure.TLS, Failure.TLS_ALERT):
        return failures.explain(broken, call, "a connection", route.shown, base, reading=True)
    limits = Limits(Deadline(_LOOK_SECONDS), _LOOK_SECONDS, _LOOK_SECONDS)
    assert route.context is not None  # noqa: S101 - a handshake has failed, so there is TLS
    error = tls.failure(
        broken.cause, route, base, partial(tls.shown_certificate, route, limits, route.context())
    )
    if isinstance(broken.cause, ssl.SSLCertVerificationError):
        described = _untrusted(route, limits)
        error.message += f" ({described})" if described else ""
    return error


def _untrusted(route: Route, limits: Limits) -> str:
    """Describe a certificate that is not trusted: for this one look it is made its own authority."""
    looking = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    looking.check_hostname = False
    looking.verify_mode = ssl.CERT_NONE
    try:
        with open_socket(route, limits, looking) as sock:
            shown = sock.getpeercert(binary_form=True) if isinstance(sock, ssl.SSLSocket) else None
        if not shown:
            return ""
        looking.load_verify_locations(cadata=ssl.DER_cert_to_PEM_cert(shown))
        looking.verify_mode = ssl.CERT_REQUIRED
        looking.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        with open_socket(route, limits, looking) as sock:
            details = sock.getpeercert() if isinstance(sock, ssl.SSLSocket) else None
    except (TransportError, OSError):
        # An expired certificate is refused even then; its fingerprint is in the message already.
        return ""
    return _described(details or {})


def _tell_certificate(examination: Examination, route: Route, sock: Any, context: ssl.SSLContext) -> None:
    shown = sock.getpeercert(binary_form=True)
    details = sock.getpeercert() or {}
    unverified = context.verify_mode == ssl.CERT_NONE
    limits = Limits(Deadline(_LOOK_SECONDS), _LOOK_SECONDS, _LOOK_SECONDS)
    described = _untrusted(route, limits) if unverified else _described(details)
    parts = [sock.version() or "TLS", described, f"SHA-256 {tls.fingerprint(shown)}"]
    message = "; ".join(part for part in parts if part)
    if unverified:
        examination.warn(
            "tls",
            f"not verified; {message}",
            "compare the fingerprint with what the CDP's administrator says; --ca-bundle FILE verifies",
        )
        return
    ends = details.get("notAfter")
    left = (ssl.cert_time_to_seconds(ends) - time.time()) / _DAY if ends else _SOON_DAYS
    if left < _SOON_DAYS:
        examination.warn("tls", f"{message}; it expires in {left:.0f} days", "have it renewed")
    else:
        examination.ok("tls", f"the certificate of {route.shown} is trusted; {message}")


def _described(details: Any) -> str:
    """Say whose a certificate is, whose word that is, and until when."""
    if not details:
        return ""
    return (
        f"subject {_name(details.get('subject'))}, issuer {_name(details.get('issuer'))}, "
        f"expires {printable(str(details.get('notAfter', 'at no known time')), 60)}"
    )


def _name(parts: Any) -> str:
    pairs = [pair for group in parts or () for pair in group]
    common = [value for key, value in pairs if key == "commonName"]
    organisation = [value for key, value in pairs if key == "organizationName"]
    found = common or organisation or [value for _, value in pairs]
    return printable(str(found[0]), 80) if found else "without a name"
