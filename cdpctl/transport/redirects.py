"""Errors for redirects, with safe targets."""

import re

from cdpctl.errors import CdpctlError, RedirectError, SsoError
from cdpctl.redact import redactor
from cdpctl.text import command_line, printable
from cdpctl.transport.route import Route

_SIGN_ON = re.compile(
    r"log[-_]?[io]n|sign[-_]?[io]n|saml|oauth|openid|adfs|sso(?![a-z])|(?<![a-z])(?:idp|oidc|auth)(?![a-z])",
    re.IGNORECASE,
)


def shown_target(location: str | None) -> str:
    """Return the target of a redirect for a message, after "redirects". It may be any text.

    User information, query, fragment and parameters are left out: sign-on servers keep tickets there.
    Nothing is parsed as a URL, since what comes here may not be one.
    """
    if location is None or not location.strip():
        return "without a target"
    # Mask secrets before anything is cut off or left out.
    whole = redactor.mask(location.strip())
    target, mark, _ = re.sub(r"[?#;].*", "\n", whole, flags=re.DOTALL).partition("\n")
    target = re.sub(r"[^/\\]*@", "", target)
    return f"to {printable(target, 160)}" + ("..." if mark else "")


def redirect_error(what: str, route: Route, status: int, location: str | None) -> CdpctlError:
    """Return the error for a 3xx.

    Args:
        what: the method and the path of the call.
        route: the route to the server.
        status: the status, 300 to 399.
        location: the value of the header, or None.
    """
    target, own = shown_target(location), command_line.login("https://HOST:PORT")
    error: type[CdpctlError] = RedirectError
    hint = f"if the CDP has moved, log in with its new address: {own}"
    if location is not None and _SIGN_ON.search(location):
        error, target = SsoError, f"{target}, which looks like a single sign-on"
        hint = f"log in with the CDP's own address and port, behind the sign-on: {own}"
    elif location is not None and not route.secure and location.strip().lower().startswith("https:"):
        hint = f"use https, perhaps with another port: {route.use('https')}"
    message = f"{what}: {route.shown} redirects ({status}) {target}; redirects are never followed"
    return error(message, hint=hint, http_status=status)
