"""The two tables of errors: the failure, whether a retry may help, and no text of a library."""

import errno
import socket
import ssl
from http.client import BadStatusLine, HTTPException, IncompleteRead, LineTooLong, RemoteDisconnected

import pytest
from urllib3.exceptions import ProtocolError

from cdpctl.deadline import Deadline
from cdpctl.errors import CdpctlError, DeadlineError, LostAnswerError, NoConnectionError, UnreachableError
from cdpctl.text import command_line
from cdpctl.transport.failures import (
    Failure,
    TransportError,
    after_sending,
    before_sending,
    explain,
    in_tunnel,
)
from cdpctl.transport.guard import Attempt
from cdpctl.transport.route import Route

_LIBRARY = "words of a library \x1b[31m"


@pytest.mark.parametrize(
    ("error", "failure", "again"),
    [
        (socket.gaierror(socket.EAI_AGAIN, _LIBRARY), Failure.DNS, True),
        (socket.gaierror(socket.EAI_NONAME, _LIBRARY), Failure.DNS, False),
        (UnicodeError(_LIBRARY), Failure.DNS, False),
        (ConnectionRefusedError(_LIBRARY), Failure.REFUSED, True),
        (TimeoutError(_LIBRARY), Failure.CONNECT_TIMEOUT, False),
        (TimeoutError(errno.ETIMEDOUT, _LIBRARY), Failure.NETWORK, False),
        (OSError(errno.ENETUNREACH, _LIBRARY), Failure.NETWORK, False),
        (OSError(errno.EMFILE, _LIBRARY), Failure.NETWORK, False),
        (OSError(12345, _LIBRARY), Failure.NETWORK, False),
        (ConnectionResetError(_LIBRARY), Failure.NETWORK, False),
        (OSError(errno.EHOSTUNREACH, _LIBRARY), Failure.NETWORK, False),
        (OSError(errno.EADDRNOTAVAIL, _LIBRARY), Failure.NETWORK, False),
        (OSError(errno.EACCES, _LIBRARY), Failure.NETWORK, False),
        (OSError(errno.EPERM, _LIBRARY), Failure.NETWORK, False),
        (ssl.SSLEOFError(8, _LIBRARY), Failure.TLS_DROPPED, True),
        (ssl.SSLError(1, _LIBRARY), Failure.TLS, False),
        (ValueError(_LIBRARY), Failure.NETWORK, False),
    ],
)
def test_error_before_sending(error: Exception, failure: Failure, again: bool) -> None:
    broken = before_sending(error, "the proxy p:1")
    assert (broken.failure, broken.again, broken.where) == (failure, again, "the proxy p:1")
    assert _LIBRARY not in broken.words


@pytest.mark.parametrize(
    ("error", "failure", "again"),
    [
        (TimeoutError(_LIBRARY), Failure.TIMEOUT, True),
        (RemoteDisconnected(_LIBRARY), Failure.EOF, True),
        (ConnectionResetError(_LIBRARY), Failure.RESET, True),
        (BrokenPipeError(_LIBRARY), Failure.RESET, True),
        (IncompleteRead(b"", 5), Failure.CUT, True),
        (LineTooLong(_LIBRARY), Failure.FRAMING, False),
        (BadStatusLine(_LIBRARY), Failure.FRAMING, False),
        (HTTPException(_LIBRARY), Failure.FRAMING, False),
        (ValueError(_LIBRARY), Failure.FRAMING, False),
        (ssl.SSLError(1, _LIBRARY), Failure.RESET, True),
    ],
)
def test_error_after_sending(error: Exception, failure: Failure, again: bool) -> None:
    broken = after_sending(error, fresh=True, plain=False)
    assert (broken.failure, broken.again) == (failure, again)
    assert _LIBRARY not in broken.words
    wrapped = ProtocolError(_LIBRARY)
    wrapped.__cause__ = error
    assert after_sending(wrapped, fresh=True, plain=False).failure is failure


def test_cause_counts_where_the_library_names_one() -> None:
    reset = ConnectionResetError(_LIBRARY)
    reset.__cause__ = TimeoutError()
    assert after_sending(reset, fresh=True, plain=False).failure is Failure.RESET
    assert after_sending(ProtocolError(_LIBRARY), fresh=True, plain=False).failure is Failure.FRAMING


def test_answer_of_another_protocol_is_recognised() -> None:
    hello = BadStatusLine("\x16\x03\x01\x00\x02")
    assert after_sending(hello, fresh=True, plain=True).failure is Failure.TLS_ANSWER
    alert = BadStatusLine("\x15\x03\x03\x00\x02\x02\x50")
    assert after_sending(alert, fresh=True, plain=True).failure is Failure.TLS_ANSWER
    assert after_sending(alert, fresh=False, plain=True).failure is Failure.FRAMING
    assert after_sending(alert, fresh=True, plain=False).failure is Failure.FRAMING
    assert "SSH" in after_sending(BadStatusLine("SSH-2.0-x"), fresh=True, plain=True).words


def test_certificate_alert_after_sending_means_that_nothing_was_read() -> None:
    alert = ssl.SSLError(1, _LIBRARY)
    alert.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert after_sending(alert, fresh=True, plain=False).failure is Failure.TLS_ALERT
    assert after_sending(alert, fresh=False, plain=False).failure is Failure.RESET


@pytest.mark.parametrize(
    ("reason", "failure"),
    [
        ("TLSV13_ALERT_CERTIFICATE_REQUIRED", Failure.TLS_ALERT),
        ("SSLV3_ALERT_BAD_CERTIFICATE", Failure.TLS_ALERT),
        ("TLSV1_ALERT_UNKNOWN_CA", Failure.TLS_ALERT),
        ("TLSV1_ALERT_INTERNAL_ERROR", Failure.RESET),
        ("CERTIFICATE_VERIFY_FAILED", Failure.RESET),
        (None, Failure.RESET),
    ],
)
def test_alert_about_a_certificate_is_told_from_others(reason: str | None, failure: Failure) -> None:
    alert = ssl.SSLError(1, _LIBRARY)
    if reason is not None:
        alert.reason = reason
    assert after_sending(alert, fresh=True, plain=False).failure is failure


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError("Tunnel connection failed: 407 \x1b[31m"), "user name and a password"),
        (OSError("Tunnel connection failed: 502 Bad"), "refused the connection (502)"),
        (OSError("Tunnel connection failed: 5\xb22 Bad"), "broke the connection"),
        (TimeoutError(_LIBRARY), "no answer in time"),
        (RemoteDisconnected(_LIBRARY), "closed the connection"),
        (BadStatusLine(_LIBRARY), "does not speak HTTP"),
        (TransportError(Failure.TOO_LONG), "endless"),
        (HTTPException("got more than 100 headers"), "endless"),
        (LineTooLong(_LIBRARY), "does not speak HTTP"),
    ],
)
def test_error_of_a_tunnel(error: Exception, words: str) -> None:
    broken = in_tunnel(error, "the proxy p:1")
    assert broken.failure is Failure.PROXY
    assert words in broken.words
    assert broken.words.isprintable()


_ROUTE = Route("http://cdp.example.com:38080/baocdp")


def _explained(failure: Failure, *, sent: bool, reading: bool) -> CdpctlError:
    attempt = Attempt(Deadline(9.0), 1.0, 2.0, cap=1048576)
    attempt.sent = sent
    return explain(
        TransportError(failure, "some words"), attempt, "PUT /peer/AP1/stop", _ROUTE, reading=reading
    )


@pytest.mark.parametrize("failure", Failure)
def test_every_failure_has_its_error_and_a_hint(failure: Failure) -> None:
    never = {Failure.PROXY, Failure.TLS_ALERT, Failure.TLS_ANSWER}
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
        (Failure.EOF, "closed without an answer"),
        (Failure.CUT, "cut off"),
        (Failure.TOO_LONG, "longer than 1 MiB"),
        (Failure.FRAMING, "some words"),
        (Failure.RESET, "reset"),
    ],
)
def test_lost_answer_says_how_it_was_lost(failure: Failure, words: str) -> None:
    error = _explained(failure, sent=True, reading=False)
    assert error.message.startswith("PUT /peer/AP1/stop was sent to cdp.example.com:38080, and ")
    assert words in error.message


def test_connection_that_failed_without_a_word_has_one() -> None:
    attempt = Attempt(Deadline(9.0), 1.0, 2.0)
    error = explain(TransportError(Failure.NETWORK), attempt, "GET /peer", _ROUTE, reading=True)
    assert error.message == "cannot connect to cdp.example.com:38080: the connection failed; nothing was sent"


def test_hint_can_be_pasted_and_reaches_the_same_cdp() -> None:
    command_line.options = (("--profile", "prod"),)
    mixed = _explained(Failure.TLS_ANSWER, sent=True, reading=False)
    assert mixed.hint == "cdpctl login https://cdp.example.com:38080/baocdp --profile prod"
    hint = _explained(Failure.DNS, sent=False, reading=True).hint or ""
    assert hint.endswith(": cdpctl doctor --profile prod")


def test_reason_is_the_cause_alone() -> None:
    attempt = Attempt(Deadline(9.0), 1.0, 2.0)
    refused = before_sending(ConnectionRefusedError())
    assert explain(refused, attempt, "GET /peer", _ROUTE, reading=True).reason == "connection refused"
    attempt.sent = True
    reset = after_sending(ConnectionResetError(), fresh=True, plain=True)
    error = explain(reset, attempt, "GET /peer", _ROUTE, reading=True)
    assert error.reason == "the connection was reset before the answer came"


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
        attempt = Attempt(Deadline(9.0), 1.0, 2.0)
        attempt.step = step
        return explain(before_sending(error, where), attempt, "GET /peer", _ROUTE, reading=True)

    assert isinstance(explained(), NoConnectionError) is none
    assert not isinstance(explained("the proxy p:3128"), NoConnectionError)
    assert not isinstance(explained(step=" to the TLS handshake"), NoConnectionError)
