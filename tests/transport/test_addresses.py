"""Connecting to the first address that answers."""

import errno
import socket
from typing import Any

import pytest

from cdpctl.transport.addresses import connect
from tests.support.fault_server import FaultServer, closed_port, unanswering_port
from tests.support.transport import transport_for
from tests.support.wire_grid import answer

pytestmark = pytest.mark.loopback


def _address(port: int, host: str = "127.0.0.1") -> tuple[Any, ...]:
    if ":" in host:
        return (socket.AF_INET6, socket.SOCK_STREAM, 6, "", (host, port, 0, 0))
    return (socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, port))


def test_connect_goes_on_to_the_next_address_while_the_first_is_silent() -> None:
    with FaultServer([[]]) as server, unanswering_port() as silent:
        # The time-out is that of the test: without a second address in the race nothing would answer.
        with connect([_address(silent), _address(server.port)], 60.0) as sock:
            assert sock.getpeername() == ("127.0.0.1", server.port)
            assert sock.gettimeout() == 60.0


def test_connect_goes_on_to_the_next_address_where_the_first_refuses() -> None:
    with FaultServer([[]]) as server:
        with connect([_address(closed_port(), "::1"), _address(server.port)], 5.0) as sock:
            assert sock.getpeername() == ("127.0.0.1", server.port)


def test_connect_says_of_several_reasons_the_one_that_says_most() -> None:
    with unanswering_port() as silent:
        with pytest.raises(ConnectionRefusedError):
            connect([_address(silent), _address(closed_port())], 0.4)
        with pytest.raises(TimeoutError):
            connect([_address(silent)], 0.1)


def test_connect_reports_what_the_system_says_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.ENETUNREACH, "no")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    with pytest.raises(OSError, match="no") as caught:
        connect([_address(1), _address(2)], 1.0)
    assert caught.value.errno == errno.ENETUNREACH


def test_connect_reports_sockets_that_cannot_be_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EMFILE, "no")

    monkeypatch.setattr(socket, "socket", refuse)
    with pytest.raises(OSError, match="no"):
        connect([_address(1)], 1.0)


def test_call_reaches_a_cdp_whose_first_address_is_dead(monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer([[answer(200, b"{}")]]) as server, unanswering_port() as silent:
        found = [_address(silent), _address(server.port)]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
        transport = transport_for("http://cdp.example.com/baocdp", seconds=20, connect_timeout=20.0)
        assert transport.send("PUT", "/peer/AP1/stop").status == 200
        transport.close()
    assert len(server.sent()) == 1
