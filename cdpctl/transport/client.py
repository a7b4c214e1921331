"""The only user of requests: one call in, one answer or one known error out, within the deadline."""

import re
import threading
import time
from collections.abc import Callable, Mapping
from http.client import HTTPException
from typing import Any
from urllib.parse import quote, unquote, urlencode, urlsplit

import cdpctl.transport.lean  # isort: skip  # noqa: F401 - loads requests, and comes before its first import
import requests
from requests.structures import CaseInsensitiveDict
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import HTTPError

from cdpctl import __version__
from cdpctl.deadline import Deadline
from cdpctl.errors import AuthError, CdpctlError, ConfigError, LostAnswerError, UsageError
from cdpctl.settings.model import Settings
from cdpctl.settings.urls import check_plain_http
from cdpctl.transport import failures, proxies
from cdpctl.transport import trace as traces
from cdpctl.transport.dial import Failure, Limits, Route, TransportError
from cdpctl.transport.redirects import redirect_error
from cdpctl.transport.replies import Call
from cdpctl.transport.response import Headers, Response, read_body, retry_after
from cdpctl.transport.wire import Adapter

__all__ = ["MIB", "Headers", "Response", "Transport"]

MIB = 1024 * 1024
_MAX_TOKEN = 16384
_TOKEN = re.compile(r"[\x21-\x7e\xa1-\xff]+")
_METHOD = re.compile(r"[A-Z]{1,20}")
# What Tomcat, nginx and Apache say to plain http on a port of theirs that speaks TLS.
_WANTS_TLS = re.compile(
    rb"requires TLS|HTTP request was sent to HTTPS port|speaking plain HTTP to an SSL", re.I
)
_PATH = re.compile(r"/(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})*")
_QUERY = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
_GATEWAY = (502, 504)
_TRY_AGAIN = (429, 502, 503, 504)
# Tries of a call, and the seconds before the second and the third. What provably never left may be
# tried again whatever it is; what may have arrived only where it changes nothing.
_PAUSES = (0.15, 0.35)
_NEVER_LEFT = (Failure.REFUSED, Failure.DNS_AGAIN, Failure.TLS_DROPPED)
_READ_AGAIN = (Failure.RESET, Failure.EOF, Failure.CUT)
# Time enough for one more try to be worth its while.
_WORTH_A_TRY = 0.2
_LOOK_SECONDS = 2.0


class Transport:
    """Carries the calls of one run to one CDP; safe to use from several threads.

    Args:
        settings: where to and how; `url` must be set.
        deadline: of the whole run; every wait here is cut by it.
        trace: takes (level, text): 1 decisions, 2 a line a call, 3 headers and bodies.
        warn: takes a warning for the user.
        ask_secret: asks for the password of an encrypted key; None where nobody can be asked.
        parallel: how many calls there will be at a time.
        trace_level: the highest level anybody reads; nothing is put into words above it.

    Raises:
        ConfigError: no URL, or a proxy that cannot be used.
        UsageError: plain http beyond this machine, and nobody asked for it.
    """

    def __init__(
        self,
        settings: Settings,
        deadline: Deadline,
        *,
        trace: Callable[[int, str], None],
        warn: Callable[[str], None],
        ask_secret: Callable[[str], str] | None = None,
        parallel: int = 1,
        trace_level: int = 0,
    ) -> None:
        if settings.url is None:
            raise ConfigError("no URL of a CDP is set", hint="`cdpctl login URL`, --url or CDPCTL_URL")
        parts = urlsplit(settings.url)
        if parts.scheme not in ("http", "https") or not parts.hostname or "@" in parts.netloc:
            raise ConfigError("the URL of the CDP cannot be used", hint="`cdpctl login URL` sets another")
        check_plain_http(settings.url, settings.insecure_http)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        self._settings = settings
        self._deadline = deadline
        self._trace = trace
        self._level = trace_level
        self._warn = warn
        self._ask_secret = ask_secret
        self._base = settings.url
        self._root_path = parts.path.rstrip("/") + "/rest"
        self._origin = f"{parts.scheme}://{parts.netloc}"
        proxy = proxies.choose(settings.proxy, parts.scheme, parts.hostname, port)
        secure = parts.scheme == "https"
        self._route = Route(parts.hostname, port, proxy, self._context if secure else None)
        self._forwarded = proxy is not None and not secure
        self._tls: Any = None
        self._lock = threading.Lock()
        self._verify: bool | str = str(settings.ca_bundle or True) if settings.verify else False
        self._adapter = Adapter(self._route, max(1, parallel), forwarded=self._forwarded)
        self._session = requests.Session()
        self._session.trust_env = False
        self._session.mount(f"{parts.scheme}://", self._adapter)
        self._headers = {
            "Host": parts.netloc,
            "User-Agent": f"cdpctl/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
        if self._forwarded and proxy is not None and proxy.authorization:
            self._headers["Proxy-Authorization"] = proxy.authorization

    @property
    def route(self) -> Route:
        """The way to the CDP, for looking at its steps one by one."""
        return self._route

    def read(
        self, path: str, *, token: str | None = None, params: Mapping[str, str] | None = None, cap: int = MIB
    ) -> Response:
        """Make a GET, again where that may help: refused, reset, closed, cut, 429, 502, 503, 504.

        At most three tries, a timed-out one at most once more, never past the deadline. A `Retry-After`
        is heeded up to some seconds.

        Args:
            path: below the REST root, quoted; it may hold a query.
            token: of the session.
            params: a query, not yet quoted.
            cap: the most bytes of body, after decompression.

        Returns:
            The answer, whatever its status; 3xx excepted.

        Raises:
            UnreachableError: no usable answer came.
            DeadlineError: the deadline passed first.
            RedirectError: a 3xx; SsoError where the target looks like a sign-on.
            AuthError: the token cannot be sent.
            UsageError: the path would change on its way.
        """
        if params:
            path = f"{path}?{urlencode(params, quote_via=quote)}"
        return self._call("GET", path, token, None, self._deadline, cap, reading=True)

    def send(
        self,
        method: str,
        path: str,
        *,
        token: str | None = None,
        body: bytes | None = None,
        deadline: Deadline | None = None,
        cap: int = MIB,
        lost_statuses: bool = True,
    ) -> Response:
        """Make a call that changes something: sent once; tried again only where it provably never left.

        Args:
            method: PUT, POST, DELETE, ...
            path: below the REST root, quoted; it may hold a query.
            token: of the session.
            body: JSON, or None for no body.
            deadline: an earlier one than the run's; a later one changes nothing.
            cap: the most bytes of body, after decompression.
            lost_statuses: take 502 and 504, where a gateway gave up on the CDP, as a lost answer.

        Returns:
            The answer, whatever its status; 3xx excepted.

        Raises:
            UnreachableError: provably nothing reached the CDP.
            DeadlineError: the deadline passed before anything was sent.
            LostAnswerError: it may have arrived, and what became of it is not known.
            RedirectError: a 3xx; SsoError where the target looks like a sign-on.
            AuthError: the token cannot be sent.
            UsageError: method or path are none.
        """
        if not _METHOD.fullmatch(method):
            raise UsageError("the method of a call is a word in capitals", hint="GET, PUT, POST or DELETE")
        sooner = deadline is not None and deadline.remaining() < self._deadline.remaining()
        limit = deadline if sooner and deadline is not None else self._deadline
        answer = self._call(method, path, token, body, limit, cap, reading=False)
        if lost_statuses and answer.status in _GATEWAY:
            raise LostAnswerError(
                f"{method} {path}: a gateway before {self._route.shown} answered {answer.status}: "
                "whether the CDP got the request is not known",
                hint=failures.LOOK_FIRST,
                http_status=answer.status,
            )
        return answer

    def close(self) -> None:
        """Close the connections."""
        self._session.close()
        self._adapter.close()

    def _call(
        self,
        method: str,
        path: str,
        token: str | None,
        body: bytes | None,
        deadline: Deadline,
        cap: int,
        *,
        reading: bool,
    ) -> Response:
        request = self._prepare(method, path, token, body)
        settings = self._settings
        timed_out = False
        for number in range(len(_PAUSES) + 1):
            call = Call(deadline, settings.connect_timeout, settings.read_timeout)
            call.target = str(request.url if self._forwarded else request.path_url)
            call.cap = cap
            pause = _PAUSES[number] if number < len(_PAUSES) else None
            try:
                answer = self._attempt(request, call, path)
            except TransportError as broken:
                again = not call.sent and broken.kind in _NEVER_LEFT
                if reading and not again:
                    again = broken.kind in _READ_AGAIN or (broken.kind is Failure.TIMEOUT and not timed_out)
                timed_out = timed_out or broken.kind is Failure.TIMEOUT
                if not again or pause is None or deadline.remaining() < pause + _WORTH_A_TRY:
                    raise self._error(broken, call, f"{method} {path}", reading=reading) from None
                why = broken.kind.name.lower().replace("_", " ")
            else:
                if not reading or answer.status not in _TRY_AGAIN or pause is None:
                    return answer
                pause = max(pause, retry_after(answer.headers))
                if deadline.remaining() < pause + _WORTH_A_TRY:
                    return answer
                why = str(answer.status)
            if self._level >= 1:
                self._trace(1, f"{method} {path}: {why}; trying again in {pause:.2g} s")
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _prepare(
        self, method: str, path: str, token: str | None, body: bytes | None
    ) -> requests.PreparedRequest:
        path, _, query = path.partition("?")
        # Upper case is how urllib3 writes escapes; what is asserted on the wire must be the same text.
        path = re.sub(r"%[0-9a-fA-F]{2}", lambda match: match[0].upper(), path)
        query = re.sub(r"%[0-9a-fA-F]{2}", lambda match: match[0].upper(), query)
        if not _PATH.fullmatch(path) or not _QUERY.fullmatch(query):
            raise UsageError(
                "the path of a call must begin with / and hold no character that has to be quoted",
                hint="quote it as in a URL: a blank is %20",
            )
        if any(unquote(segment) in (".", "..") for segment in path.split("/")):
            raise UsageError("the path of a call holds . or .., which would change its address")
        headers = CaseInsensitiveDict(self._headers)
        if token is not None:
            if len(token) > _MAX_TOKEN or not _TOKEN.fullmatch(token):
                raise AuthError(
                    "the token holds blanks, line ends or other characters that no header can carry",
                    hint="take it again from where it came, or `cdpctl login` for a new one",
                )
            headers["Authentication-Token"] = token
        if body is not None or method not in ("GET", "HEAD"):
            headers["Content-Length"] = str(len(body or b""))
        request = requests.PreparedRequest()
        request.method = method
        request.url = f"{self._origin}{self._root_path}{path}" + (f"?{query}" if query else "")
        request.headers = headers
        request.body = body
        return request

    def _attempt(self, request: requests.PreparedRequest, call: Call, path: str) -> Response:
        begun = time.monotonic()
        if self._level >= 3:
            self._trace(
                3, traces.request_text(request.method or "", call.target, request.headers, request.body)
            )
        try:
            answer = self._exchange(request, call, path)
        except (TransportError, CdpctlError) as error:
            if self._level >= 2:
                why = error.kind.name if isinstance(error, TransportError) else str(error.http_status)
                took = (time.monotonic() - begun) * 1000
                self._trace(2, f"{request.method} {request.url} {why.lower()} {took:.0f} ms")
            raise
        if self._level >= 2:
            took = (time.monotonic() - begun) * 1000
            size = len(answer.body)
            self._trace(2, f"{request.method} {request.url} {answer.status} {took:.0f} ms {size} bytes")
            if self._level >= 3:
                self._trace(3, traces.answer_text(answer.status, answer.headers.items(), answer.body))
        return answer

    def _exchange(self, request: requests.PreparedRequest, call: Call, path: str) -> Response:
        try:
            raw, reply = self._adapter.exchange(request, call, self._verify)
        except (requests.RequestException, HTTPError, HTTPException, OSError, ValueError):
            raise TransportError(
                Failure.RESET if call.sent else Failure.NETWORK, "the connection failed"
            ) from None
        try:
            headers = Headers(raw.headers.iteritems())
            status: int = raw.status
            if 300 <= status < 400:
                what = f"{request.method} {path}"
                raise redirect_error(what, self._route.shown, status, headers.get("Location"), self._base)
            proxy = self._route.proxy
            if status == 407 and self._forwarded and proxy is not None:
                raise TransportError(
                    Failure.PROXY, "it wants a user name and a password, or others (407)", where=proxy.shown
                )
            try:
                body = read_body(raw, reply, call, headers)
            except TransportError:
                # The status line has said no; how the words after it broke off changes nothing.
                if status < 400:
                    raise
                raw.close()
                return Response(status, headers, b"", complete=False)
            if status == 400 and self._route.context is None and _WANTS_TLS.search(body):
                raise TransportError(Failure.TLS_ANSWER)
        except BaseException:
            raw.close()
            raise
        raw.release_conn()
        return Response(status, headers, body, reply.delimited)

    def _context(self) -> Any:
        with self._lock:
            if self._tls is None:
                from cdpctl.transport.tls import make_context

                if not self._settings.verify:
                    self._warn(
                        f"the certificate of {self._route.shown} is not verified: whoever stands in between "
                        "can read the password and the token"
                    )
                self._tls = make_context(self._settings, self._ask_secret, DEFAULT_CA_BUNDLE_PATH)
            return self._tls

    def _error(self, broken: TransportError, call: Call, what: str, *, reading: bool) -> CdpctlError:
        if broken.kind in (Failure.TLS, Failure.TLS_ALERT):
            from cdpctl.transport import tls

            limits = Limits(
                Deadline(min(_LOOK_SECONDS, call.deadline.remaining())), _LOOK_SECONDS, _LOOK_SECONDS
            )
            return tls.failure(
                broken.cause,
                self._route,
                self._base,
                lambda: tls.shown_certificate(self._route, limits, self._context()),
            )
        return failures.explain(broken, call, what, self._route.shown, self._base, reading=reading)
