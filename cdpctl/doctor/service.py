"""Checks of the CDP itself: a sign-on in the way, login, token, what it serves, its version."""

from cdpctl.cdp.bodies import looks_like_html
from cdpctl.cdp.calls import LIST_PEER_INFO
from cdpctl.cdp.client import CdpClient
from cdpctl.cdp.responses import error_from_response, html_error
from cdpctl.credentials.token import Token
from cdpctl.doctor.checks import Examination
from cdpctl.errors import AuthError, CdpctlError, RejectedError, TokenRefusedError, UnreachableError
from cdpctl.peers.models import CDP
from cdpctl.settings.model import Settings
from cdpctl.text import command_line, shell_words
from cdpctl.transport.client import Transport

_ANSWERS_ITSELF = (401, 403)
_GATEWAY = (502, 503, 504)


def check_service(examination: Examination, settings: Settings, transport: Transport, cdp: CdpClient) -> None:
    """Check everything that takes calls; a session opened here ends with the client."""
    if not _check_sso(examination, transport):
        examination.skip_rest("something else than the CDP answers")
        return
    token = _check_login(examination, settings, cdp)
    if token is None:
        examination.skip_rest("there is no token")
    else:
        _check_api(examination, cdp, token)


def _check_sso(examination: Examination, transport: Transport) -> bool:
    """Read without a token: a CDP says 401, a sign-on shows a page or points elsewhere."""
    what = "a read without a token"
    try:
        answer = transport.send("GET", "/info/peer")
        if answer.status == 200 and looks_like_html(answer.body, answer.headers.get("Content-Type")):
            raise html_error(answer, what)
        if answer.status in _GATEWAY:
            error = error_from_response(answer, LIST_PEER_INFO)
            raise UnreachableError(
                error.message,
                hint="the CDP is starting, stopped or short of memory: check its host, then the proxy",
                http_status=error.http_status,
            )
    except CdpctlError as error:
        examination.fail("sso", error)
        return False
    if answer.status in _ANSWERS_ITSELF:
        examination.ok("sso", f"none in the way: {what} is answered with {answer.status}")
    elif answer.status == 200:
        examination.warn(
            "sso", f"none in the way, but {what} is answered with the peers", "is this CDP meant to be open?"
        )
    else:
        examination.warn(
            "sso",
            f"none in the way; {what} is answered with {answer.status}",
            "an old CDP, or none: is this the address that ends in /baocdp?",
        )
    return True


def _check_login(examination: Examination, settings: Settings, cdp: CdpClient) -> Token | None:
    """Return a token that works: the one there is, else one of a login that nobody has to be asked for."""
    credentials = cdp.credentials
    try:
        kept = credentials.current()
        if kept is not None and _is_good(cdp, kept):
            examination.skip("login", f"not needed: there is a token from {kept.source}")
            examination.ok("token", f"the one from {kept.source} is good")
            return kept
    except CdpctlError as error:
        examination.skip("login", "not tried")
        examination.fail("token", error)
        return None
    if kept is not None and kept.source in ("CDPCTL_TOKEN", "CDPCTL_TOKEN_FILE", "token_file"):
        examination.skip("login", f"not tried: a token from {kept.source} is never replaced by a login")
        examination.fail(
            "token",
            AuthError(
                f"the CDP refused the token from {kept.source} (401)",
                hint="it has expired or belongs to another CDP: replace it, or remove it and log in",
            ),
        )
        return None
    expired = "" if kept is None else f"the one from {kept.source} has expired; "
    try:
        if not settings.username:
            raise AuthError(
                "no user name is set",
                hint=f"cdpctl login {shell_words([settings.url or ''])} --username NAME",
            )
        fresh = credentials.login(settings.username, credentials.password())
    except CdpctlError as error:
        examination.fail("login", error)
        examination.skip("token", f"{expired}there is no other")
        return None
    examination.ok("login", f"{settings.username} can log in; this session is ended again")
    try:
        good = _is_good(cdp, fresh)
    except CdpctlError as error:
        examination.fail("token", error)
        return None
    if not good:
        examination.fail(
            "token",
            AuthError(
                "the CDP refused the token of a login made just now (401)",
                hint="something in between removes the token's header; to see the calls: "
                f"{command_line('doctor -vvv')}",
            ),
        )
        return None
    note = "commands log in by themselves" if kept is not None else "of a login made for this"
    examination.ok("token", f"{expired}{note}")
    return fresh


def _is_good(cdp: CdpClient, token: Token) -> bool:
    """Make a read with a token; a 404 says as well as a 200 that the token was taken."""
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
                f"{served}: peers can be stopped and started, but their names and states cannot be read",
                hint="--wait, list and selections do not work here; is this the URL that ends in /baocdp?",
            ),
        )
    elif info is None:
        examination.warn("api", f"{served}: an old version; --wait works only where /peer shows a status")
    else:
        examination.ok("api", served)
    peers = [*(info.peers if info is not None else ()), *(plain.peers if plain is not None else ())]
    versions = {peer.version: peer.type for peer in peers if peer.version}
    own = [peer.version for peer in peers if peer.type == CDP and peer.version]
    if not versions:
        examination.skip("version", "no read tells the product's version")
    elif len(versions) > 1:
        listed = ", ".join(sorted(str(version) for version in versions))
        examination.warn("version", f"the peers run several: {listed}", "a grid should run one")
    else:
        examination.ok("version", str((own or list(versions))[0]))
