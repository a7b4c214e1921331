"""What an answer that points elsewhere means, and how its target is shown without its secrets."""

import re

from cdpctl.errors import CdpctlError, RedirectError, SsoError
from cdpctl.text import printable

_SIGN_ON = re.compile(
    r"log[-_]?[io]n|sign[-_]?[io]n|saml|oauth|openid|adfs|sso(?![a-z])|(?<![a-z])(?:idp|oidc|auth)(?![a-z])",
    re.IGNORECASE,
)


def shown_target(location: str | None) -> str:
    """Return the target of a redirect for a message; any text at all is fine.

    User information, query, fragment and parameters are left out: sign-on servers keep tickets there.
    Nothing is parsed as a URL, since what comes here may be none.
    """
    if location is None or not location.strip():
        return "nowhere (it names no target)"
    target, mark, _ = re.sub(r"[?#;].*", "\n", location.strip(), flags=re.DOTALL).partition("\n")
    target = re.sub(r"[^/\\]*@", "", target)
    return printable(target, 160) + ("..." if mark else "")


def redirect_error(what: str, at: str, status: int, location: str | None, base: str) -> CdpctlError:
    """Return the error of a 3xx.

    Args:
        what: method and path of the call.
        at: `host:port` that answered.
        status: 300 to 399.
        location: the raw header, or None.
        base: the CDP's base URL.
    """
    target = shown_target(location)
    if location is not None and _SIGN_ON.search(location):
        return SsoError(
            f"{what}: {at} redirects ({status}) to {target}, which looks like a single sign-on; "
            "redirects are never followed",
            hint="use the CDP's own address and port, behind the sign-on, and `cdpctl login` there; "
            "`-vv` shows what answers",
            http_status=status,
        )
    hint = "if the CDP has moved: `cdpctl login URL`; `-vv` shows what answers"
    if location is not None and base.startswith("http://") and location.strip().lower().startswith("https:"):
        hint = f"it wants https: `cdpctl login https:{base.partition(':')[2]}`, perhaps with another port"
    return RedirectError(
        f"{what}: {at} redirects ({status}) to {target}; redirects are never followed",
        hint=hint,
        http_status=status,
    )
