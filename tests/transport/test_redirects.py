"""Redirects are never followed, whatever the call and the target."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cdpctl.errors import RedirectError
from cdpctl.transport.redirects import redirect_error
from cdpctl.transport.route import Route
from tests.support.certificates import Authority
from tests.support.fault_server import FaultServer
from tests.support.strategies import MANY, texts
from tests.support.transport import AUTH, transport_for
from tests.support.wire_grid import answer

pytestmark = pytest.mark.loopback

_STATUSES = (300, 301, 302, 303, 304, 305, 306, 307, 308, 399)
_TARGETS = {
    "other_host": "http://localhost:{sink}/baocdp/rest/peer/AP1/stop",
    "other_port": "http://127.0.0.1:{sink}/baocdp/rest/peer/AP1/stop",
    "scheme_down": "http://127.0.0.1:{sink}/baocdp/rest/peer/AP1/stop",
    "no_scheme": "//127.0.0.1:{sink}/",
    "loop": "/baocdp/rest/peer/AP1/stop",
    "half_an_address": "http://[",
    "file": "file:///etc/passwd",
}


@pytest.fixture(scope="module")
def ca(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"))


@contextmanager
def _grid(ca: Authority, status: int, target: str) -> Iterator[tuple[FaultServer, FaultServer, Path | None]]:
    """Give a CDP that redirects, the sink it may point to, and the CA of the CDP where it speaks TLS."""
    secure = target == "scheme_down"
    with FaultServer([[answer(200)]]) as sink:
        location = _TARGETS[target].format(sink=sink.port)
        script = [answer(status, headers={"Location": location})]
        with FaultServer([script], tls=ca.server() if secure else None) as cdp:
            yield cdp, sink, ca.bundle if secure else None


@pytest.mark.parametrize("target", _TARGETS)
@pytest.mark.parametrize("status", _STATUSES)
def test_redirect_is_an_error_and_its_target_sees_nothing(status: int, target: str, ca: Authority) -> None:
    for method in ("PUT", "POST", "GET"):
        _redirect(method, status, target, ca)


def _redirect(method: str, status: int, target: str, ca: Authority) -> None:
    with _grid(ca, status, target) as (cdp, sink, bundle):
        transport = transport_for(cdp.url, ca_bundle=bundle)
        with pytest.raises(RedirectError) as caught:
            if method == "GET":
                transport.send("GET", "/info/peer", auth=AUTH)
            else:
                transport.send(method, "/peer/stop", auth=AUTH, body=b"{}" if method == "POST" else None)
        transport.close()
        assert len(cdp.sent()) == 1
        assert sink.connections == 0
    assert caught.value.http_status == status
    assert f"({status}) to " in caught.value.message
    assert "never followed" in caught.value.message


@MANY
@given(st.one_of(st.none(), texts))
def test_redirect_to_any_text_is_an_error_fit_to_be_shown(location: str | None) -> None:
    error = redirect_error("PUT /x", Route("http://cdp:1/baocdp"), 302, location)
    assert f"{error.message}{error.hint}".isprintable()
