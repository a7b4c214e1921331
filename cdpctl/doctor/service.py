"""Checks of the CDP itself: single sign-on, login, token, API and version."""

from cdpctl.cdp.bodies import looks_like_html
from cdpctl.cdp.calls import LIST_PEER_INFO
from cdpctl.cdp.client import CdpClient
from cdpctl.cdp.responses import error_from_response, html_error
from cdpctl.credentials.manager import refused_token
from cdpctl.credentials.token import Token
from cdpctl.doctor.checks import Examination
from cdpctl.errors import AuthError, CdpctlError, RejectedError, TokenRefusedError, UnreachableError
from cdpctl.settings.model import Settings
from cdpctl.text import command_line
from cdpctl.transport.client import Transport

_NO_SSO = (401, 403)
_GATEWAY = (502, 503, 504)


def check_service(examination: Examination, settings: Settings, transport: Transport, cdp: CdpClient) -> None:
    """Check everything that needs calls. A session opened here ends with the client."""
    if not _check_sso(examination, transport):
        examination.skip_rest("the answer does not come from the CDP")
        return
    token = _check_login(examination, settings, cdp)
    if token is None:
        examination.skip_rest("there is no token")
    else:
        _check_api(examination, cdp, token)


def _check_sso(examination: Examination, transport: Transport) -> bool:
    """Read without a token. A CDP answers 401, a single sign-on with a page or a redirect."""
    what = "a read without a token"
    try:
        answer = transport.send("GET", "/info/peer")
        if answer.status == 200 and looks_like_html(answer.body, answer.headers.get("Content-Type")):
            raise html_error(answer, what)
        if answer.status in _GATEWAY:
            error = error_from_response(answer, LIST_PEER_INFO)
            raise UnreachableError(
                error.message,
                hint="the CDP may be starting, stopped or out of memory: check its host, then the proxy",
                http_status=error.http_status,
            )
    except CdpctlError as error:
        examination.fail("sso", error)
        return False
    if answer.status in _NO_SSO:
        examination.passed("sso", f"no single sign-on: {what} gets {answer.status}")
    elif answer.status == 200:
        hint = "check whether this CDP is meant to allow reads without a login"
        examination.passed("sso", f"no single sign-on, but {what} gets the peers", hint)
    else:
        hint = "an old CDP, or not a CDP: check that the URL ends in /baocdp"
        examination.passed("sso", f"no single sign-on, but {what} gets {answer.status}", hint)
    return True


def _check_login(examination: Examination, settings: Settings, cdp: CdpClient) -> Token | None:
    """Return a token that works: the stored one, or that of a login without questions."""
    credentials = cdp.credentials
    try:
        kept = credentials.current()
        if kept is not None and _is_good(cdp, kept):
            examination.skip("login", f"not needed: there is a token from {kept.place}")
            examination.passed("token", f"the CDP accepts the token from {kept.place}")
            return kept
    except CdpctlError as error:
        examination.skip("login", "not tried")
        examination.fail("token", error)
        return None
    if kept is not None and kept.provided:
        examination.skip("login", f"not tried: a token from {kept.place} is never replaced by a login")
        examination.fail("token", refused_token(kept, settings))
        return None
    expired = "" if kept is None else f"the token from {kept.place} has expired"
    try:
        if not settings.username:
            how = command_line.login(settings.url, ("--username", "NAME"))
            raise AuthError("no user name is set", hint=how)
        fresh = credentials.login(settings.username, credentials.password())
    except CdpctlError as error:
        examination.fail("login", error)
        examination.skip("token", f"{expired}, and there is no other" if expired else "there is no token")
        return None
    examination.passed("login", f"{settings.username} can log in")
    try:
        if not _is_good(cdp, fresh):
            raise AuthError(
                "the CDP refused the token that it had just issued (401)",
                hint="something between you and the CDP may drop the token; to see the requests: "
                f"{command_line('doctor -vvv')}",
            )
    except CdpctlError as error:
        examination.fail("token", error)
        return None
    message = f"{expired}; commands log in again on their own" if expired else "the CDP accepts a new token"
    examination.passed("token", message)
    return fresh


def _is_good(cdp: CdpClient, token: Token) -> bool:
    """Return whether the CDP accepts a token. Any answer but 401 means that it does."""
    try:
        cdp.with_token(token).list_peer_info()
    except TokenRefusedError:
        return False
    return True


def _check_api(examination: Examination, cdp: CdpClient, token: Token) -> None:
    try:
        session = cdp.with_token(token)
        info, plain = session.list_peer_info(), session.list_peers()
    except CdpctlError as error:
        examination.fail("api", error)
        examination.skip_rest("the peers cannot be read")
        return
    served = ", ".join(
        f"GET {path}: {'not served' if listed is None else f'{len(listed.peers)} peers'}"
        for path, listed in (("/info/peer", info), ("/peer", plain))
    )
    if info is None and plain is None:
        examination.fail(
            "api",
            RejectedError(
                f"{served}: names and states of peers cannot be read",
                hint="peer list, --wait and selections do not work here; check that the URL ends in /baocdp",
            ),
        )
    elif info is None:
        hint = "--wait works only if /peer shows a status"
        examination.passed("api", f"{served}: an old version", hint)
    else:
        examination.passed("api", served)
    versions = {peer.version for read in (info, plain) if read for peer in read.peers if peer.version}
    shown = ", ".join(sorted(versions))
    if not versions:
        examination.skip("version", "the CDP does not show the product version")
    elif len(versions) > 1:
        hint = "all peers should run the same version"
        examination.passed("version", f"the peers run different versions: {shown}", hint)
    else:
        examination.passed("version", shown)
