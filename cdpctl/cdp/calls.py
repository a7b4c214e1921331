"""The documented calls of the CDP, a method each: what goes out, and what an answer means."""

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from cdpctl.cdp.bodies import decode_json, looks_like_html
from cdpctl.deadline import Deadline
from cdpctl.errors import (
    AuthError,
    CdpctlError,
    ForbiddenError,
    LostAnswerError,
    NotFoundError,
    RejectedError,
    SsoError,
    TokenRefusedError,
    UnclearAnswerError,
    UnreachableError,
)
from cdpctl.peers.models import Peer
from cdpctl.redact import redactor

if TYPE_CHECKING:
    # Typed by it and no more: help of a command must not load requests.
    from cdpctl.transport.client import Transport
    from cdpctl.transport.response import Response

#: A list of peers may be this long; every other answer has the transport's own cap of 1 MiB.
LIST_CAP = 16 * 1024 * 1024
TOKEN_HEADER = "Authentication-Token"  # noqa: S105 - the header's name

# The vendor's page gives these for stop and start; 400 is described there with an adapter's words.
DOCUMENTED = {
    200: "Accepted",
    202: "Accepted",
    204: "Accepted",
    400: "Bad request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    500: "Internal Server Error",
}
# A path that a version does not have: 404 and 405 by HTTP, 501 from some application servers.
_NOT_SERVED = (404, 405, 501)
_GATEWAY = (502, 503, 504)
_SIGN_ON_WORDS = ("sso", "login", "log in", "sign in", "sign-in", "signin", "password", "saml")


class Accepted(NamedTuple):
    """The CDP took a request: accepted, which is not done."""

    http_status: int
    message: str


class PeerList(NamedTuple):
    """One read of the grid's peers.

    Attributes:
        peers: as listed.
        nameless: how many entries had no usable name and were left out.
    """

    peers: tuple[Peer, ...]
    nameless: int = 0


def peer_path(name: str, verb: str = "") -> str:
    """Return the path of one peer below the REST root; `name` has passed `names.check_name`."""
    path = f"/peer/{quote(name, safe='')}"
    return f"{path}/{verb}" if verb else path


def bulk_body(names: Sequence[str]) -> bytes:
    """Return the body of a call for many peers, as the vendor's page shows it."""
    return json.dumps({"peers": [{"name": name} for name in names]}).encode()


def error_text(answer: "Response") -> str:
    """Return what the body says of an error, or nothing: HTML and the unreadable say nothing."""
    if not answer.body or looks_like_html(answer.body, answer.headers.get("Content-Type")):
        return ""
    try:
        value = decode_json(answer.body, reject_duplicates=False)
    except UnclearAnswerError:
        return ""
    if isinstance(value, Mapping):
        for key in ("message", "error", "errorMessage", "response", "description"):
            if isinstance(value.get(key), str) and value[key].strip():
                return str(value[key]).strip()[:300]
    return value.strip()[:300] if isinstance(value, str) else ""


def status_message(status: int, said: str = "") -> str:
    """Return the documented message of a status, with what the CDP said of it."""
    words = DOCUMENTED.get(status, f"status {status}")
    return f"{words}: {said}" if said and said.lower() != words.lower() else words


def error_from_response(answer: "Response", what: str) -> CdpctlError:
    """Turn an answer that is no success into the error it stands for.

    Args:
        answer: anything but 200, 202 and 204.
        what: the call in words, for the message.
    """
    status, said = answer.status, error_text(answer)
    if status == 401:
        return TokenRefusedError(f"{what}: the CDP refused the token (401)", http_status=401)
    if status == 403:
        return ForbiddenError(
            f"{what}: {status_message(403, said)} (403)",
            hint="this user may not do it: log in as one with the right, `cdpctl login --username …`",
            http_status=403,
        )
    if 400 <= status < 600:
        return RejectedError(f"{what}: {status_message(status, said)} ({status})", http_status=status)
    return UnclearAnswerError(
        f"{what}: the CDP answered status {status}, which nothing documents", http_status=status
    )


def html_error(answer: "Response", what: str) -> CdpctlError:
    """Turn an HTML page under a success status into an error: a sign-on page most often."""
    page = answer.body[:20_000].decode("latin-1").lower()
    if any(word in page for word in _SIGN_ON_WORDS):
        return SsoError(
            f"{what}: a login page came back in place of an answer (status {answer.status})",
            hint="a single sign-on stands before the CDP: use the CDP's own address, or ask for its port; "
            "`-vv` shows what answers",
            http_status=answer.status,
        )
    return RejectedError(
        f"{what}: an HTML page came back in place of an answer (status {answer.status})",
        hint="something else than a CDP answers there: `-vv` shows what",
        http_status=answer.status,
    )


def check_accepted(answer: "Response", what: str) -> Accepted:
    """Say whether an answer to stop or start means accepted.

    200, 202 and 204 do, with or without a body; a `response` in the body that is no success does not,
    whatever the status says. A body that says neither leaves it open.

    Raises:
        RejectedError: and its kin, as `refusal` says.
        UnclearAnswerError: a success status with a body that nothing documents.
    """
    if answer.status not in (200, 202, 204):
        raise error_from_response(answer, what)
    receipt = Accepted(answer.status, DOCUMENTED[answer.status])
    body = answer.body.strip()
    if answer.status == 204 or not body:
        return receipt
    if looks_like_html(body, answer.headers.get("Content-Type")):
        raise html_error(answer, what)
    try:
        value = decode_json(body, reject_duplicates=True)
    except UnclearAnswerError as error:
        raise UnclearAnswerError(f"{what}: {error.message}", http_status=answer.status) from None
    response = value.get("response") if isinstance(value, Mapping) else value
    if value in (None, {}) or (
        isinstance(response, str) and response.strip().lower() in ("success", "accepted")
    ):
        return receipt
    if isinstance(value, Mapping) and "response" in value:
        said = response if isinstance(response, str) else json.dumps(response)
        raise RejectedError(
            f"{what}: the CDP answered response {said[:200]!r} (status {answer.status})",
            http_status=answer.status,
        )
    raise UnclearAnswerError(
        f"{what}: status {answer.status} with a body that says neither success nor failure",
        http_status=answer.status,
    )


class CdpCalls:
    """The CDP's REST API over one transport; a token goes with every call but the login.

    Args:
        transport: carries the calls; it alone knows addresses and time limits.
    """

    def __init__(self, transport: "Transport") -> None:
        self._transport = transport

    def login(self, username: str, password: str) -> str:
        """Log in and return the token (`POST /login`, vendor's documentation).

        Raises:
            AuthError: refused, or a 200 without the token header or with `"login": "false"`.
        """
        body = json.dumps({"username": username, "password": password}).encode()
        try:
            answer = self._transport.send("POST", "/login", body=body)
        except LostAnswerError as error:
            # A login changes nothing in the grid: no peer's state depends on what became of it.
            raise UnreachableError(
                f"login: {error.message}",
                hint="no peer was touched; `cdpctl doctor` shows how far a call gets",
                http_status=error.http_status,
            ) from None
        again = "check user name and password: `cdpctl login --username U`"
        if answer.status in (400, 401, 403):
            raise AuthError(
                f"the CDP refused the login of {username!r} ({answer.status})",
                hint=again,
                http_status=answer.status,
            )
        if answer.status not in (200, 202, 204):
            refused = error_from_response(answer, "login")
            refused.hint = refused.hint or "`cdpctl doctor` shows how far a call gets"
            if answer.status in _GATEWAY:
                raise UnreachableError(refused.message, hint=refused.hint, http_status=answer.status)
            raise refused
        if looks_like_html(answer.body, answer.headers.get("Content-Type")):
            raise html_error(answer, "login")
        tokens = set(answer.headers.get_all(TOKEN_HEADER))
        for token in tokens:
            redactor.add(token)
        if answer.body.strip():
            value = decode_json(answer.body, reject_duplicates=True)
            said = value.get("login") if isinstance(value, Mapping) else None
            if said is False or (isinstance(said, str) and said.strip().lower() == "false"):
                raise AuthError(
                    f"the CDP refused the login of {username!r}", hint=again, http_status=answer.status
                )
        if len(tokens) != 1 or not (token := tokens.pop().strip()):
            count = "several tokens" if len(tokens) > 0 else "no token"
            raise AuthError(
                f"the CDP answered the login with {answer.status} and {count}: that is no login",
                hint="`-vv` shows what answers at this address",
                http_status=answer.status,
            )
        return token

    def logout(self, token: str, deadline: Deadline | None = None) -> None:
        """End the session on the server (`POST /logout`, seen in public clients)."""
        answer = self._transport.send("POST", "/logout", token=token, deadline=deadline)
        # 401: the session had ended before, which is what was wanted.
        if answer.status not in (200, 202, 204, 401):
            raise error_from_response(answer, "logout")

    def list_peer_info(self, token: str | None) -> PeerList | None:
        """Read `GET /info/peer`: names, types and status; None where this version does not serve it."""
        value = self._read(token, "/info/peer", "reading the peers")
        if value is None:
            return None
        entries = value.get("peerInfoList") if isinstance(value, Mapping) else None
        return _peer_list(entries, "/info/peer")

    def list_peers(self, token: str) -> PeerList | None:
        """Read `GET /peer`: every peer with its settings; None where this version does not serve it."""
        value = self._read(token, "/peer", "reading the peers")
        return None if value is None else _peer_list(value, "/peer")

    def peer(self, token: str, name: str) -> Mapping[str, Any]:
        """Read `GET /peer/<name>`: the object itself, or the one in an array of one.

        Raises:
            NotFoundError: the CDP knows no such peer (or does not serve this read).
        """
        value = self._read(token, peer_path(name), f"reading {name}")
        if isinstance(value, list) and len(value) == 1:
            value = value[0]
        if value is None or value == []:
            raise NotFoundError(
                f"no peer is called {name!r}", hint="`cdpctl peer list` shows the grid", http_status=404
            )
        if not isinstance(value, Mapping):
            raise UnclearAnswerError(f"reading {name}: the answer is no peer", http_status=200)
        return value

    def change_one(self, token: str, name: str, verb: str, deadline: Deadline | None = None) -> Accepted:
        """Ask for one peer: `PUT /peer/<name>/stop` or `/start`, without a body (vendor's page).

        Args:
            token: of the session.
            name: a checked name.
            verb: `stop` or `start`.
            deadline: when to give up on the answer.

        Raises:
            UnreachableError: nothing was sent.
            LostAnswerError: it was sent and no answer came; never send it again.
            RejectedError: and its kin: the CDP said no.
            UnclearAnswerError: it said something else.
        """
        answer = self._transport.send("PUT", peer_path(name, verb), token=token, deadline=deadline)
        return check_accepted(answer, f"{verb} {name}")

    def change_many(
        self, token: str, names: Sequence[str], verb: str, deadline: Deadline | None = None
    ) -> Accepted:
        """Ask for many peers in one `POST /peer/stop` or `/start`; raises as `change_one` does."""
        answer = self._transport.send(
            "POST", f"/peer/{verb}", token=token, body=bulk_body(names), deadline=deadline
        )
        return check_accepted(answer, f"{verb} {len(names)} peers")

    def raw(self, token: str, method: str, path: str, body: bytes | None) -> "Response":
        """Make one call as given, for `cdpctl api`: a GET may be repeated, nothing else is."""
        if method == "GET" and body is None:
            answer = self._transport.read(path, token=token, cap=LIST_CAP)
        else:
            answer = self._transport.send(
                method, path, token=token, body=body, cap=LIST_CAP, lost_statuses=False
            )
        if answer.status == 401:
            raise TokenRefusedError(f"{method} {path}: the CDP refused the token (401)", http_status=401)
        return answer

    def _read(self, token: str | None, path: str, what: str) -> Any:
        answer = self._transport.read(path, token=token, cap=LIST_CAP)
        if answer.status in _NOT_SERVED:
            return None
        if answer.status in _GATEWAY:
            raise UnreachableError(
                f"{what}: {'a proxy' if answer.status != 503 else 'the server'} answered {answer.status}, "
                "the CDP behind it did not",
                hint="`cdpctl doctor` shows how far a call gets",
                http_status=answer.status,
            )
        if answer.status != 200:
            raise error_from_response(answer, what)
        if looks_like_html(answer.body, answer.headers.get("Content-Type")):
            raise html_error(answer, what)
        try:
            value = decode_json(answer.body, reject_duplicates=False)
        except UnclearAnswerError as error:
            raise UnclearAnswerError(
                f"{what}: {error.message}", hint="`-vv` shows what answers", http_status=200
            ) from None
        if value is None:
            raise UnclearAnswerError(f"{what}: the answer is null", http_status=200)
        return value


def _peer_list(entries: object, path: str) -> PeerList:
    if not isinstance(entries, list):
        raise UnclearAnswerError(
            f"reading the peers: GET {path} answered no list of peers",
            hint="`-vvv` shows the answer",
            http_status=200,
        )
    peers = tuple(
        Peer.from_wire(entry)
        for entry in entries
        if isinstance(entry, dict) and isinstance(entry.get("name"), str) and entry["name"]
    )
    return PeerList(peers, len(entries) - len(peers))
