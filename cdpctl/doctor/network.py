"""Checks of the connection to the CDP: host name, TCP, certificate."""

import socket
import ssl
import time
from collections.abc import Callable
from typing import Any, TypeVar

from cdpctl.deadline import Deadline
from cdpctl.doctor.checks import Examination
from cdpctl.errors import CdpctlError
from cdpctl.settings.model import Settings
from cdpctl.text import printable
from cdpctl.transport import addresses, certificates, failures
from cdpctl.transport.client import Transport
from cdpctl.transport.exchange import open_socket
from cdpctl.transport.failures import Failure, TransportError
from cdpctl.transport.guard import Attempt, current
from cdpctl.transport.route import Route, host_port

T = TypeVar("T")
# Fetching an untrusted certificate must leave time for the other checks.
_CERTIFICATE_SECONDS = 3.0
_SOON_DAYS = 30
_DAY = 86400


def check_network(
    examination: Examination, settings: Settings, transport: Transport, deadline: Deadline
) -> bool:
    """Check host name, connection and certificate. Return whether calls can reach the CDP."""
    route = transport.route
    proxy = route.proxy
    host, port = (route.host, route.port) if proxy is None else (proxy.host, proxy.port)
    through = f" ({route.via})" if route.via else ""

    def attempt(work: Callable[[], T]) -> T:
        made = Attempt(deadline, settings.connect_timeout, settings.read_timeout, where=route.via)
        try:
            return made.run(work)
        except TransportError as broken:
            raise _error(broken, made, route) from None

    def connect() -> float:
        began = time.monotonic()
        addresses.connect(found, current().cut(settings.connect_timeout)).close()
        return (time.monotonic() - began) * 1000

    name = "dns"
    try:
        found = attempt(lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        shown = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        examination.passed(name, f"{printable(host)}{through}: {', '.join(shown[:5])}")
        name = "tcp"
        took = attempt(connect)
        examination.passed(name, f"{host_port(host, port)}{through} accepts connections ({took:.0f} ms)")
        name = "tls"
        context = transport.context
        if context is None:
            examination.skip(name, "not used: the URL is plain http://")
            return True
        with attempt(lambda: open_socket(route, context)) as sock:
            _check_certificate(examination, route, sock, context)
    except CdpctlError as error:
        # In the TLS check it may also be a missing or invalid certificate file.
        examination.fail(name, error)
        return False
    return True


def _error(broken: TransportError, made: Attempt, route: Route) -> CdpctlError:
    if broken.failure is not Failure.TLS:
        return failures.explain(broken, made, "a connection", route, reading=True)
    error = certificates.handshake_error(broken.cause, route, _CERTIFICATE_SECONDS)
    if isinstance(broken.cause, ssl.SSLCertVerificationError) and (described := _untrusted(route)):
        error.message += f" ({described})"
    return error


def _untrusted(route: Route) -> str:
    return _described(certificates.shown_certificate(route, _CERTIFICATE_SECONDS)[1])


def _check_certificate(examination: Examination, route: Route, sock: Any, context: ssl.SSLContext) -> None:
    shown = sock.getpeercert(binary_form=True)
    details = sock.getpeercert() or {}
    unverified = context.verify_mode == ssl.CERT_NONE
    described = _untrusted(route) if unverified else _described(details)
    parts = [sock.version() or "TLS", described, f"SHA-256 {certificates.fingerprint(shown)}"]
    message = "; ".join(part for part in parts if part)
    ends = details.get("notAfter")
    left = (ssl.cert_time_to_seconds(ends) - time.time()) / _DAY if ends else _SOON_DAYS
    if unverified:
        hint = "compare the fingerprint with the administrator's; to verify the certificate: --ca-bundle FILE"
        examination.passed("tls", f"not verified; {message}", hint)
    elif left < _SOON_DAYS:
        examination.passed("tls", f"{message}; it expires in {left:.0f} days", "renew the certificate")
    else:
        examination.passed("tls", f"the certificate of {route.shown} is trusted; {message}")


def _described(details: Any) -> str:
    """Return the subject, the issuer and the expiry date of a certificate."""
    if not details:
        return ""
    return (
        f"subject {_name(details.get('subject'))}, issuer {_name(details.get('issuer'))}, "
        f"expires {printable(str(details.get('notAfter', 'at an unknown time')), 60)}"
    )


def _name(parts: Any) -> str:
    names = {key: value for group in parts or () for key, value in group}
    found = names.get("commonName") or names.get("organizationName") or next(iter(names.values()), "")
    return printable(str(found), 80) if found else "unnamed"
