"""Makes calls with requests: each ends with an answer or a known error, within the deadline."""

import re
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from urllib.parse import unquote, urlsplit

from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict

from cdpctl import __version__
from cdpctl.deadline import Deadline, sleep
from cdpctl.errors import CdpctlError, ConfigError, UsageError
from cdpctl.settings.model import Settings
from cdpctl.settings.urls import check_plain_http
from cdpctl.text import command_line
from cdpctl.transport import failures, proxies
from cdpctl.transport.exchange import Adapter
from cdpctl.transport.failures import Failure, TransportError
from cdpctl.transport.guard import Attempt
from cdpctl.transport.response import Response, retry_after
from cdpctl.transport.route import Route

# The answers of Tomcat, nginx and Apache to plain http on a TLS port.
_WANTS_TLS = rb"(?i)requires TLS|was sent to HTTPS port|speaking plain HTTP to an SSL"
_ESCAPE = re.compile(r"%[0-9A-Fa-f]{2}")
_PATH = re.compile(r"/[\w.~!$&'()*+,;=:@/-]*", re.ASCII)
_QUERY = re.compile(r"[\w.~!$&'()*+,;=:@/?-]*", re.ASCII)
_TRY_AGAIN = (429, 502, 503, 504)
# Seconds before the second and the third try.
_PAUSES = (0.15, 0.35)
# The least time for another try.
_WORTH_A_TRY = 0.2
_CERTIFICATE_SECONDS = 2.0

#: Adds the token to a prepared request, as a `requests.auth.AuthBase` does.
Auth = Callable[[PreparedRequest], PreparedRequest]


class Transport:
    """Sends the calls of one run to one CDP. Safe to use from several threads.

    Args:
        settings: the settings of the run. `url` must be set.
        deadline: the deadline of the run, which limits every wait.
        trace: takes (level, text): 1 for decisions, 2 for calls, 3 for headers and bodies.
        warn: shows a warning.
        ask_secret: asks for the password of an encrypted key; None if there is no terminal.
        parallel: the most calls at a time.
        trace_level: the highest level to trace.

    Attributes:
        route: the route to the CDP.
        touched: anything of any request may have reached the CDP.

    Raises:
        ConfigError: there is no URL, or the proxy cannot be used.
        UsageError: it is plain http to another machine, and that is not allowed.
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
            raise ConfigError("no CDP URL is set", hint=command_line.login("URL"))
        check_plain_http(settings.url, settings.insecure_http)
        self._settings = settings
        self._deadline = deadline
        self._trace = trace
        self._level = trace_level
        self._warn = warn
        self._ask_secret = ask_secret
        self._size = parallel
        self._timeouts = (settings.connect_timeout, settings.read_timeout)
        self.route = Route(settings.url, proxies.choose(settings.proxy, settings.url))
        self._lock = threading.Lock()
        self._adapter: Adapter | None = None
        self._answered = False
        self.touched = False
        self._headers = {
            "Host": urlsplit(settings.url).netloc,
            "User-Agent": f"cdpctl/{__version__}",
            "Accept": "application/json",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }

    @cached_property
    def context(self) -> ssl.SSLContext | None:
        """The TLS context of the run, or None for plain http.

        Raises:
            ConfigError: a file is missing, unreadable or not valid.
        """
        if not self.route.secure:
            return None
        from cdpctl.transport.tls import make_context

        if not self._settings.verify:
            self._warn(
                f"the certificate of {self.route.shown} is not verified: anyone between you and the "
                "CDP can read the password and the token"
            )
        # The time of the question does not count.
        ask = self._ask_secret and self._deadline.paused()(self._ask_secret)
        return make_context(self._settings, ask)

    def send(
        self,
        method: str,
        path: str,
        *,
        auth: Auth | None = None,
        body: bytes | None = None,
        deadline: Deadline | None = None,
        cap: int = 1024 * 1024,
    ) -> Response:
        """Make a call. Repeat a read if that may help, and any other call only if nothing can have been sent.

        A GET without a body is a read. It is tried at most three times (refused, closed, cut, 429, 502, 503,
        504), once more after a time-out, and never past the deadline. A `Retry-After` of some seconds is
        respected.

        Args:
            method: GET, PUT, POST, DELETE, ...
            path: the quoted path below the REST root. It may contain a query.
            auth: adds the token to the request.
            body: the JSON body, or None.
            deadline: the deadline of this call, if it is not the run's.
            cap: the most bytes of the body, after decompression.

        Returns:
            The answer, whatever its status, except 3xx.

        Raises:
            UnreachableError: nothing can have reached the CDP, or a read got no usable answer.
            DeadlineError: the deadline passed before anything was sent, or during a read.
            LostAnswerError: the request may have arrived, but its effect is unknown. Never for a read.
            RedirectError: the answer was a 3xx. SsoError if it leads to a single sign-on.
            UsageError: the path is not valid.
        """
        request = self._prepare(method, path, auth, body)
        deadline = deadline or self._deadline
        reading = method == "GET" and body is None
        what = f"{method} {path}"
        target = str(request.url if self.route.forwarded else request.path_url)
        pauses = list(_PAUSES)
        while True:
            attempt = Attempt(deadline, *self._timeouts, target=target, cap=cap, where=self.route.via)
            # After the last try, the pause is longer than any deadline.
            pause = pauses.pop(0) if pauses else float("inf")
            try:
                answer = self._attempt(request, attempt, what)
                if not reading or answer.status not in _TRY_AGAIN:
                    return answer
                pause = max(pause, retry_after(answer.headers))
                if deadline.remaining() <= pause + _WORTH_A_TRY:
                    return answer
                why = str(answer.status)
            except TransportError as broken:
                again = broken.again and (reading or not attempt.sent)
                if not again or deadline.remaining() <= pause + _WORTH_A_TRY:
                    raise self._error(broken, attempt, what, reading=reading) from None
                if broken.failure is Failure.TIMEOUT:
                    pauses.clear()
                why = broken.failure.name.lower()
            self._trace(1, f"{what}: {why}; trying again in {pause:.2g} s")
            sleep(pause)

    def close(self) -> None:
        """Close the connections."""
        if self._adapter is not None:
            self._adapter.close()

    def _prepare(self, method: str, path: str, auth: Auth | None, body: bytes | None) -> PreparedRequest:
        # urllib3 writes escapes in upper case, so the path is written the same way here.
        path = _ESCAPE.sub(lambda match: match[0].upper(), path)
        place, _, query = path.partition("?")
        if any(unquote(part) in (".", "..") for part in place.split("/")):
            raise UsageError("the path of a call contains . or .., which would change its address")
        if not _PATH.fullmatch(_ESCAPE.sub("", place)) or not _QUERY.fullmatch(_ESCAPE.sub("", query)):
            raise UsageError(
                "the path of a call must begin with /, and its special characters must be URL-encoded",
                hint="encode it as in a URL: a space is %20",
            )
        request = PreparedRequest()
        request.method = method
        request.url = f"{self.route.root}{path}"
        request.headers = CaseInsensitiveDict(self._headers)
        request.body = body
        request.prepare_content_length(body)
        return request if auth is None else auth(request)

    def _attempt(self, request: PreparedRequest, attempt: Attempt, what: str) -> Response:
        with self._lock:
            # Before the attempt: its thread cannot ask for the password of a key.
            self._adapter = self._adapter or Adapter(self.route, self.context, self._size)
        begun, end = time.monotonic(), "given up"
        self._trace_parts(">", f"{request.method} {attempt.target}", request.headers, request.body)
        try:
            answer = attempt.run(partial(self._adapter.exchange, request))
            end = f"{answer.status} {len(answer.body)} bytes"
        except TransportError as broken:
            end = broken.failure.name.lower()
            # The status line is a refusal, so an incomplete body does not matter.
            if attempt.head is None or attempt.head.status < 400:
                raise
            answer = attempt.head
        finally:
            self.touched = self.touched or attempt.sent
            took = (time.monotonic() - begun) * 1000
            self._trace(2, f"{request.method} {request.url} {end} {took:.0f} ms")
        self._trace_parts("<", str(answer.status), answer.headers, answer.body)
        self._check(answer, what)
        self._answered = True
        return answer

    def _trace_parts(
        self, mark: str, first: str, headers: Mapping[str, str], body: bytes | str | None
    ) -> None:
        if self._level >= 3:
            from cdpctl.transport.trace import traced

            self._trace(3, traced(mark, first, headers, body))

    def _check(self, answer: Response, what: str) -> None:
        """Reject redirects, and answers that do not come from the CDP."""
        route, status = self.route, answer.status
        if 300 <= status < 400:
            from cdpctl.transport.redirects import redirect_error

            raise redirect_error(what, route, status, answer.headers.get("Location"))
        if status == 407 and route.forwarded:
            raise failures.proxy_refused(status)
        # A CDP that answered before speaks plain http, so a text about TLS means something else.
        if status == 400 and not route.secure and not self._answered and re.search(_WANTS_TLS, answer.body):
            raise TransportError(Failure.TLS_ANSWER)

    def _error(self, broken: TransportError, attempt: Attempt, what: str, *, reading: bool) -> CdpctlError:
        route, seconds = self.route, min(_CERTIFICATE_SECONDS, attempt.deadline.remaining())
        if broken.failure is Failure.TLS:
            from cdpctl.transport.certificates import handshake_error

            return handshake_error(broken.cause, route, seconds)
        # A server that expects TLS may close the connection without an answer.
        silent = broken.failure is Failure.CLOSED and attempt.sent
        if silent and not (self._answered or route.secure or route.proxy):
            from cdpctl.transport.certificates import speaks_tls

            if speaks_tls(route, seconds):
                broken = TransportError(Failure.TLS_ANSWER)
        return failures.explain(broken, attempt, what, route, reading=reading)
