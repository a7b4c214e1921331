"""Every fault of the catalogue at the transport: a known error, and nothing sent twice."""

import contextlib
from collections.abc import Iterator

import pytest

from cdpctl.errors import CdpctlError, LostAnswerError, RedirectError, SsoError, UnreachableError
from cdpctl.transport.client import Transport
from cdpctl.transport.response import Response
from tests.support.catalogue import BODIES, REDIRECTS, WIRE, After, Fault
from tests.support.fault_server import Close, FaultServer, closed_port
from tests.support.transport import AUTH, TOKEN, transport_for

pytestmark = pytest.mark.loopback

_ERRORS: dict[After, type[CdpctlError]] = {
    After.UNREACHABLE: UnreachableError,
    After.LOST: LostAnswerError,
    After.REDIRECT: RedirectError,
    After.SSO: SsoError,
}


@contextlib.contextmanager
def _aimed(fault: Fault) -> Iterator[tuple[Transport, FaultServer]]:
    """Give a transport whose calls meet the fault, and the server to ask what it saw."""
    greeting = fault.script if fault.greeting else ()
    with FaultServer([[Close()]] if fault.greeting else [fault.script], greeting=greeting) as server:
        urls = {
            "server": server.url,
            "closed": f"http://127.0.0.1:{closed_port()}/baocdp",
            "unresolvable": "http://cdp.invalid:38080/baocdp",
        }
        transport = transport_for(urls[fault.place], seconds=0.6 if fault.slow else 3.0)
        try:
            yield transport, server
        finally:
            transport.close()


def _check(fault: Fault, after: After, result: Response | CdpctlError) -> None:
    # What a 502 or 504 means is decided by the table of statuses.
    if after is After.ANSWER or (after is After.LOST and fault.status in (502, 504)):
        assert isinstance(result, Response)
        assert result.status == fault.status
        return
    assert type(result) is not CdpctlError
    assert isinstance(result, _ERRORS[after])
    shown = f"{result.message} {result.hint}"
    assert shown.isprintable()
    assert TOKEN not in shown
    assert "hunter2" not in shown
    assert "ticket" not in shown
    if after in (After.REDIRECT, After.SSO):
        assert result.http_status == fault.status


@pytest.fixture
def _no_names(monkeypatch: pytest.MonkeyPatch) -> None:
    import socket

    true = socket.getaddrinfo

    def look_up(host: str, *args: int, **flags: int) -> object:
        if host.endswith(".invalid"):
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return true(host, *args, **flags)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)


@pytest.mark.usefixtures("_no_names")
@pytest.mark.parametrize("fault", [*WIRE, *BODIES, *REDIRECTS], ids=str)
def test_send_is_never_repeated_whatever_the_wire_does(fault: Fault) -> None:
    with _aimed(fault) as (transport, server):
        try:
            result: Response | CdpctlError = transport.send("PUT", "/peer/AP1/stop", auth=AUTH)
        except CdpctlError as error:
            result = error
        _check(fault, fault.send, result)
        assert len(server.sent()) <= 1


@pytest.mark.usefixtures("_no_names")
@pytest.mark.parametrize("fault", [*WIRE, *REDIRECTS[:12]], ids=str)
def test_read_ends_in_an_answer_or_a_known_error_whatever_the_wire_does(fault: Fault) -> None:
    with _aimed(fault) as (transport, server):
        try:
            result: Response | CdpctlError = transport.send("GET", "/info/peer", auth=AUTH)
        except CdpctlError as error:
            result = error
        _check(fault, fault.read, result)
        assert len(server.sent()) <= 3
