"""Redirects through the program: an error with the target, and no request to it."""

from functools import partial
from itertools import product
from pathlib import Path

import pytest

from tests.support.certificates import Authority
from tests.support.fault_server import FaultServer, Script, Seen
from tests.support.program import CANARY_PASSWORD, CANARY_TOKEN, StrictInProcess, together
from tests.support.wire_grid import answer, healthy

pytestmark = pytest.mark.loopback

# The status and target of each kind. {sink} is the port of a server that must get no request.
_KINDS = {
    "other_host": (301, "http://localhost:{sink}/x"),
    "other_port": (302, "http://127.0.0.1:{sink}/x"),
    "scheme_down": (303, "http://127.0.0.1:{sink}/x"),
    "ticket": (307, "http://user:hunter2@127.0.0.1:{sink}/x?ticket=hunter2"),
    "loop": (307, "/baocdp/rest/peer/AP1/stop"),
    "half_an_address": (308, "http://["),
    "file": (302, "file:///etc/passwd"),
    "escape": (301, "http://x\x1b[31m\x9b/"),
}


def test_redirected_call_ends_and_its_target_sees_nothing(tmp_path: Path) -> None:
    ca = Authority(tmp_path)

    def redirect(kind: str, call: str) -> None:
        status, location = _KINDS[kind]
        good = healthy(CANARY_TOKEN)
        with FaultServer([[answer(200)]]) as sink:
            reply: Script = [answer(status, headers={"Location": location.format(sink=sink.port)})]

            def behave(seen: Seen) -> Script:
                kind = "login" if seen.target.endswith("/login") else seen.method
                return reply if kind == call else good(seen)

            tls = ca.server() if kind == "scheme_down" else None
            with FaultServer(behave, tls=tls) as cdp:
                bundle = str(ca.bundle) if tls else ""
                program = StrictInProcess(tmp_path, cdp.url, CDPCTL_CA_BUNDLE=bundle)
                if call == "login":
                    program.env |= {"CDPCTL_USERNAME": "operator", "CDPCTL_PASSWORD": CANARY_PASSWORD}
                    del program.env["CDPCTL_TOKEN"]
                names = ("AP1", "LAP1") if call == "POST" else ("AP1",)
                run = program("peer", "stop", *names, code=4 if call == "login" else 1)
                assert len(cdp.sent("PUT", "POST")) == (0 if call == "GET" else 1)
            assert sink.connections == 0
        assert f"redirects ({status}) to " in run.said
        assert "hunter2" not in run.said

    cases = [
        *product(_KINDS, ("PUT", "POST")),
        *product(("ticket", "half_an_address", "scheme_down"), ("GET", "login")),
    ]
    together({f"{call}-{kind}": partial(redirect, kind, call) for kind, call in cases}, at_a_time=1)


@pytest.mark.parametrize(
    "location",
    [
        "https://sso.example.com/rsso/start?goto=hunter2",
        "/baocdp/login.jsp;jsessionid=hunter2",
        "https://idp.example.com/saml2/POST?SAMLRequest=hunter2",
    ],
)
def test_single_sign_on_is_named(location: str, tmp_path: Path) -> None:
    with FaultServer([[answer(302, headers={"Location": location})]]) as server:
        run = StrictInProcess(tmp_path, server.url)("peer", "stop", "AP1", code=4)
        assert server.sent("PUT", "POST") == []
    assert "looks like a single sign-on" in run.document["error"]["message"]
    assert "hunter2" not in run.said
