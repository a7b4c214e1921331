"""The two tables of errors: the failure, whether a retry may help, and no text of a library."""

import errno
import socket
import ssl
from http.client import BadStatusLine, HTTPException, IncompleteRead, LineTooLong, RemoteDisconnected
from zlib import error as zlib_error

import pytest
from requests import RequestException
from urllib3 import HTTPHeaderDict
from urllib3.exceptions import HTTPError, ProtocolError

from cdpctl.deadline import Deadline
from cdpctl.errors import CdpctlError, DeadlineError, LostAnswerError, NoConnectionError, UnreachableError
from cdpctl.text import command_line
from cdpctl.transport.failures import (
    Failure,
    TransportError,
    explain,
    failure_of,
    in_tunnel,
)
from cdpctl.transport.guard import Attempt
from cdpctl.transport.response import Response
from cdpctl.transport.route import Route

_LIBRARY = "words of a library \x1b[31m"


@pytest.mark.parametrize(
    ("error", "failure", "again"),
    [
        (socket.gaierror(socket.EAI_AGAIN, _LIBRARY), Failure.DNS, True),
        (socket.gaierror(socket.EAI_NONAME, _LIBRARY), Failure.DNS, False),
        (UnicodeError(_LIBRARY), Failure.DNS, False),
        (ConnectionRefusedError(_LIBRARY), Failure.REFUSED, True),
        (TimeoutError(_LIBRARY), Failure.TIMEOUT, False),
        (TimeoutError(errno.ETIMEDOUT, _LIBRARY), Failure.TIMEOUT, False),
        (OSError(errno.ENETUNREACH, _LIBRARY), Failure.NO_ROUTE, False),
        (OSError(errno.EMFILE, _LIBRARY), Failure.NETWORK, False),
        (OSError(12345, _LIBRARY), Failure.NETWORK, False),
        (ConnectionResetError(_LIBRARY), Failure.CLOSED, True),
        (OSError(errno.EHOSTUNREACH, _LIBRARY), Failure.NO_ROUTE, False),
        (OSError(errno.EADDRNOTAVAIL, _LIBRARY), Failure.NO_ROUTE, False),
        (OSError(errno.EACCES, _LIBRARY), Failure.NETWORK, False),
        (OSError(errno.EPERM, _LIBRARY), Failure.NETWORK, False),
        (ssl.SSLEOFError(8, _LIBRARY), Failure.CLOSED, True),
        (ssl.SSLZeroReturnError(6, _LIBRARY), Failure.CLOSED, True),
        (ssl.SSLError(1, _LIBRARY), Failure.TLS, False),
        (ValueError(_LIBRARY), Failure.NETWORK, False),
    ],
)
def test_error_before_sending(error: Exception, failure: Failure, again: bool) -> None:
    broken = failure_of(error, _attempt())
    assert (broken.failure, broken.again) == (failure, again)
    assert _LIBRARY not in broken.words


@pytest.mark.parametrize(
    ("error", "failure", "again"),
    [
        (TimeoutError(_LIBRARY), Failure.TIMEOUT, True),
        (RemoteDisconnected(_LIBRARY), Failure.CLOSED, True),
        (ConnectionResetError(_LIBRARY), Failure.CLOSED, True),
        (BrokenPipeError(_LIBRARY), Failure.CLOSED, True),
        (IncompleteRead(b"", 5), Failure.CUT, True),
        (LineTooLong(_LIBRARY), Failure.FRAMING, False),
        (BadStatusLine(_LIBRARY), Failure.FRAMING, False),
        (zlib_error(_LIBRARY), Failure.FRAMING, False),
        (HTTPException(_LIBRARY), Failure.FRAMING, False),
        (ValueError(_LIBRARY), Failure.FRAMING, False),
        (ssl.SSLError(1, _LIBRARY), Failure.CLOSED, True),
    ],
)
def test_error_after_sending(error: Exception, failure: Failure, again: bool) -> None:
    broken = failure_of(error, _attempt(sent=True))
    assert (broken.failure, broken.again) == (failure, again)
    assert _LIBRARY not in broken.words


@pytest.mark.parametrize("attempt_sent", [True, False])
def test_first_error_that_is_not_of_a_library_counts(attempt_sent: bool) -> None:
    attempt = _attempt(sent=attempt_sent)
    try:
        try:
            try:
                raise TimeoutError
            except TimeoutError as error:
                raise ProtocolError(_LIBRARY, error) from error
        except ProtocolError as error:
            raise RequestException(error) from None
    except RequestException as error:
        broken = failure_of(error, attempt)
    assert broken.failure is Failure.TIMEOUT
    expected = Failure.FRAMING if attempt_sent else Failure.NETWORK
    assert failure_of(HTTPError(_LIBRARY), attempt).failure is expected


def test_connection_that_ends_in_the_body_cuts_the_answer() -> None:
    attempt = _attempt(sent=True)
    attempt.head = Response(200, HTTPHeaderDict(), b"")
    broken = failure_of(ConnectionResetError(_LIBRARY), attempt)
    assert (broken.failure, broken.again) == (Failure.CUT, True)


def test_tls_record_in_place_of_an_answer_is_recognised() -> None:
    attempt = _attempt(sent=True)
    attempt.fresh = True
    for record in ("\x16\x03\x01\x00\x02", "\x15\x03\x03\x00\x02\x02\x50"):
        assert failure_of(BadStatusLine(record), attempt).failure is Failure.TLS_ANSWER
    attempt.fresh = False
    assert failure_of(BadStatusLine(record), attempt).failure is Failure.FRAMING


def test_certificate_alert_after_sending_means_that_nothing_was_read() -> None:
    alert = ssl.SSLError(1, _LIBRARY)
    alert.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    attempt = _attempt(sent=True)
    assert failure_of(alert, attempt).failure is Failure.CLOSED
    attempt.fresh = True
    assert failure_of(alert, attempt).failure is Failure.TLS


@pytest.mark.parametrize(
    ("reason", "failure"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", Failure.TLS),
        ("SSLV3_ALERT_BAD_CERTIFICATE", Failure.TLS),
        ("TLSV1_ALERT_UNKNOWN_CA", Failure.TLS),
        ("TLSV1_ALERT_INTERNAL_ERROR", Failure.CLOSED),
        ("CERTIFICATE_VERIFY_FAILED", Failure.CLOSED),
        (None, Failure.CLOSED),
    ],
)
def test_alert_about_a_certificate_is_told_from_others(reason: str | None, failure: Failure) -> None:
    alert = ssl.SSLError(1, _LIBRARY)
    if reason is not None:
        alert.reason = reason
    attempt = _attempt(sent=True)
    attempt.fresh = True
    assert failure_of(alert, attempt).failure is failure


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError("Tunnel connection failed: 407 \x1b[31m"), "user name and a password"),
        (OSError("Tunnel connection failed: 502 Bad"), "refused the connection (502)"),
        (OSError("Tunnel connection failed: 5\xb22 Bad"), "did not answer"),
        (TimeoutError(_LIBRARY), "did not answer"),
        (RemoteDisconnected(_LIBRARY), "did not answer"),
        (BadStatusLine(_LIBRARY), "does not speak HTTP"),
        (TransportError(Failure.FRAMING), "does not speak HTTP"),
        (HTTPException("got more than 100 headers"), "does not speak HTTP"),
        (LineTooLong(_LIBRARY), "does not speak HTTP"),
    ],
)
def test_error_of_a_tunnel(error: Exception, words: str) -> None:
    broken = in_tunnel(error)
    assert broken.failure is Failure.PROXY
    assert words in broken.words
    assert broken.words.isprintable()


_ROUTE = Route("http://cdp.example.com:38080/baocdp")


def _attempt(*, sent: bool = False, where: str | None = None) -> Attempt:
    attempt = Attempt(Deadline(9.0), 1.0, 2.0, cap=1048576, where=where)
    attempt.sent = sent
    return attempt


def _explained(failure: Failure, *, sent: bool, reading: bool) -> CdpctlError:
    broken = TransportError(failure, "some words")
    return explain(broken, _attempt(sent=sent), "PUT /peer/AP1/stop", _ROUTE, reading=reading)


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_has_its_error_and_a_hint(failure: Failure) -> None:
    never = {Failure.PROXY, Failure.TLS, Failure.TLS_ANSWER}
    for reading in (True, False):
        before = _explained(failure, sent=False, reading=reading)
        assert isinstance(before, DeadlineError if failure is Failure.DEADLINE else UnreachableError)
        assert failure is Failure.DEADLINE or not isinstance(before, DeadlineError)
        assert before.hint
        after = _explained(failure, sent=True, reading=reading)
        assert isinstance(after, UnreachableError if reading or failure in never else LostAnswerError)
        assert isinstance(after, DeadlineError) is (reading and failure is Failure.DEADLINE)
        assert after.hint


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Failure.DEADLINE, "by the deadline of 9 s"),
        (Failure.TIMEOUT, "nothing came for 2 s"),
        (Failure.CLOSED, "closed before the answer"),
        (Failure.CUT, "cut off"),
        (Failure.TOO_LONG, "longer than 1 MiB"),
        (Failure.FRAMING, "some words"),
    ],
)
def test_lost_answer_says_how_it_was_lost(failure: Failure, words: str) -> None:
    error = _explained(failure, sent=True, reading=False)
    assert error.message.startswith("PUT /peer/AP1/stop was sent to cdp.example.com:38080, and ")
    assert words in error.message


def test_hint_can_be_pasted_and_reaches_the_same_cdp() -> None:
    command_line.options = (("--profile", "prod"),)
    mixed = _explained(Failure.TLS_ANSWER, sent=True, reading=False)
    assert mixed.hint == "cdpctl login https://cdp.example.com:38080/baocdp --profile prod"
    hint = _explained(Failure.DNS, sent=False, reading=True).hint or ""
    assert hint.endswith(": cdpctl doctor --profile prod")


def test_time_out_names_the_option_and_what_to_check_before_a_connection() -> None:
    before = _explained(Failure.TIMEOUT, sent=False, reading=True).hint or ""
    assert before.startswith("check address and firewall, or add --connect-timeout 30s; ")
    after = _explained(Failure.TIMEOUT, sent=True, reading=True).hint or ""
    assert after.startswith("allow more time with --read-timeout 60s; ")


def test_reason_is_the_cause_alone() -> None:
    attempt = _attempt()
    refused = failure_of(ConnectionRefusedError(), attempt)
    assert explain(refused, attempt, "GET /peer", _ROUTE, reading=True).reason == "connection refused"
    attempt.sent = True
    reset = failure_of(ConnectionResetError(), attempt)
    error = explain(reset, attempt, "GET /peer", _ROUTE, reading=True)
    assert error.reason == "the connection was closed before the answer came"


@pytest.mark.parametrize(
    ("error", "none"),
    [
        (ConnectionRefusedError(), True),
        (socket.gaierror(socket.EAI_NONAME, "no name"), True),
        (OSError(errno.EHOSTUNREACH, "no route"), True),
        (OSError(errno.ENETUNREACH, "no route"), True),
        (TimeoutError(errno.ETIMEDOUT, "no answer"), True),
        (TimeoutError(), True),
        (ConnectionResetError(), False),
        (OSError(errno.EMFILE, "too many"), False),
        (ssl.SSLEOFError(), False),
    ],
)
def test_standby_may_be_tried_only_where_there_was_no_connection(error: Exception, none: bool) -> None:
    def explained(where: str | None = None, step: str = "") -> CdpctlError:
        attempt = _attempt(where=where)
        attempt.step = step
        return explain(failure_of(error, attempt), attempt, "GET /peer", _ROUTE, reading=True)

    assert isinstance(explained(), NoConnectionError) is none
    assert not isinstance(explained("the proxy p:3128"), NoConnectionError)
    assert not isinstance(explained(step=" to the TLS handshake"), NoConnectionError)
