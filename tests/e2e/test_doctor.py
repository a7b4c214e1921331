"""`cdpctl doctor`: which check fails for each fault, which checks are skipped, and that nothing changes."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox
from tests.support.certificates import Authority
from tests.support.fault_server import FaultServer, Hold, Script, Seen, closed_port
from tests.support.program import InProcess, Program, in_grid
from tests.support.wire_grid import answer, healthy

pytestmark = pytest.mark.loopback

NAMES = ["configuration", "keyring", "dns", "tcp", "tls", "sso", "login", "token", "api", "version"]


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(Grid(default_peers(), 0.1, 0.1)) as running:
        yield running


def examined(cdpctl: InProcess, code: int) -> dict[str, Any]:
    """Run doctor and return its checks by name. Each occurs once, in order."""
    document = cdpctl.json("doctor", "--timeout", "5s", code=code)
    assert document["schema"] == "cdpctl.doctor/1"
    assert [check["name"] for check in document["checks"]] == NAMES
    for check in document["checks"]:
        assert check["ok"] is {"ok": True, "warning": True, "failed": False, "skipped": None}[check["status"]]
        assert check["message"]
        assert "cdpctl doctor" not in (check["hint"] or "")
    return {check["name"]: check for check in document["checks"]}


def statuses(checks: dict[str, Any]) -> str:
    """Return the first letters of the statuses, in order."""
    return "".join(checks[name]["status"][0] for name in NAMES)


def test_all_is_well_and_the_session_is_ended(sandbox: Sandbox, tmp_path: Path) -> None:
    checks = examined(InProcess(tmp_path, sandbox), 0)
    assert statuses(checks) == "osoosooooo"
    assert checks["version"]["message"] == "8.2.00"
    paths = [call.path.removeprefix("/baocdp/rest") for call in sandbox.journal]
    assert paths == ["/info/peer", "/login", "/info/peer", "/info/peer", "/peer", "/logout"]
    assert {call.method for call in sandbox.journal if not call.path.endswith(("/login", "/logout"))} == {
        "GET"
    }
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("host", "status"), [("127.0.0.1", "ok"), ("cdp.invalid", "warning")])
def test_plain_http_is_a_warning_where_others_can_listen(tmp_path: Path, host: str, status: str) -> None:
    file = tmp_path / "config.toml"
    url = f"http://{host}:{closed_port()}"
    file.write_text(f'[profiles.default]\nurl = "{url}"\ninsecure_http = true\n')
    checks = examined(InProcess(tmp_path, CDPCTL_CONFIG=str(file)), 6)
    assert checks["configuration"]["status"] == status


def test_no_configuration_at_all_says_where_to_begin(tmp_path: Path) -> None:
    checks = examined(InProcess(tmp_path), 10)
    assert statuses(checks) == "fsssssssss"
    assert "cdpctl login" in checks["configuration"]["hint"]


def test_broken_configuration_is_a_check_that_failed(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[profiles")
    checks = examined(InProcess(tmp_path, CDPCTL_CONFIG=str(tmp_path / "config.toml")), 10)
    assert "not valid TOML" in checks["configuration"]["message"]


def test_closed_port_is_told_from_a_name_that_does_not_exist(tmp_path: Path) -> None:
    checks = examined(in_grid(tmp_path, f"http://127.0.0.1:{closed_port()}"), 6)
    assert statuses(checks) == "osofssssss"
    checks = examined(in_grid(tmp_path, "https://cdp.invalid:1"), 6)
    assert statuses(checks) == "osfsssssss"
    assert "DNS" in checks["dns"]["hint"]


def test_certificate_of_an_unknown_authority_is_described(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with FaultServer(healthy(), tls=authority.server("127.0.0.1", days=(-1, 300))) as server:
        checks = examined(in_grid(tmp_path, server.url), 6)
        assert statuses(checks) == "osoofsssss"
        for words in ("subject", "issuer", "expires", "SHA-256"):
            assert words in checks["tls"]["message"]
        assert "--ca-bundle" in checks["tls"]["hint"]
        assert server.requests == []
        checks = examined(in_grid(tmp_path, server.url, CDPCTL_CA_BUNDLE="/nowhere/ca.pem"), 10)
        assert statuses(checks) == "osoofsssss"
        trusting = in_grid(tmp_path, server.url, CDPCTL_CA_BUNDLE=str(authority.bundle))
        checks = examined(trusting, 0)
        assert checks["tls"]["status"] == "ok"
        assert "TLSv1" in checks["tls"]["message"]


def test_unverified_certificate_is_a_warning(tmp_path: Path) -> None:
    authority = Authority(tmp_path)
    with FaultServer(healthy(), tls=authority.server("127.0.0.1")) as server:
        done = in_grid(tmp_path, server.url)("doctor", "--insecure-skip-verify", "-o", "json", code=0)
    checks = {check["name"]: check for check in done.document["checks"]}
    assert checks["tls"]["status"] == checks["configuration"]["status"] == "warning"
    assert "SHA-256" in checks["tls"]["message"]


def test_https_to_a_plain_port_is_a_tls_failure(sandbox: Sandbox, tmp_path: Path) -> None:
    checks = examined(in_grid(tmp_path, sandbox.url.replace("http:", "https:")), 6)
    assert statuses(checks) == "osoofsssss"
    assert "--insecure-http" in checks["tls"]["hint"]


@pytest.mark.parametrize(
    "page",
    [
        answer(302, headers={"Location": "https://sso.example.com/rsso/start?ticket=abc"}),
        answer(200, b"<!DOCTYPE html><html><body><form>Log in</form></html>"),
    ],
)
def test_sign_on_in_the_way_ends_the_examination(tmp_path: Path, page: bytes) -> None:
    with FaultServer([[page]]) as server:
        checks = examined(in_grid(tmp_path, server.url), 4)
        assert len(server.requests) == 1
    assert statuses(checks) == "osoosfssss"


def test_server_that_stumbles_over_a_missing_token_is_looked_at_further(tmp_path: Path) -> None:
    good = healthy()

    def behave(seen: Seen) -> Script:
        bare = seen.method == "GET" and "authentication-token" not in seen.headers
        return [answer(500)] if bare else good(seen)

    with FaultServer(behave) as server:
        assert statuses(examined(in_grid(tmp_path, server.url), 0)) == "osooswooos"


def test_wrong_password_fails_the_login_and_no_more(sandbox: Sandbox, tmp_path: Path) -> None:
    checks = examined(in_grid(tmp_path, sandbox.url), 4)
    assert statuses(checks) == "osoosofsss"
    assert [call.path for call in sandbox.journal].count("/baocdp/rest/login") == 1


def test_no_password_asks_nobody_and_says_how(sandbox: Sandbox, tmp_path: Path) -> None:
    cdpctl = in_grid(tmp_path, sandbox.url)
    del cdpctl.env["CDPCTL_PASSWORD"]
    checks = examined(cdpctl, 4)
    assert "CDPCTL_PASSWORD" in checks["login"]["hint"]
    assert not any(call.path.endswith("/login") for call in sandbox.journal)


def test_good_token_needs_no_login(sandbox: Sandbox, tmp_path: Path) -> None:
    cdpctl = InProcess(tmp_path, sandbox)
    token = sandbox.sessions.log_in(f'{{"username": "operator", "password": "{sandbox.password}"}}'.encode())
    cdpctl.env["CDPCTL_TOKEN"] = str(token)
    checks = examined(cdpctl, 0)
    assert (checks["login"]["status"], checks["token"]["status"]) == ("skipped", "ok")
    assert sandbox.sessions.user_of(str(token)) == "operator"
    cdpctl.env["CDPCTL_TOKEN"] = "another-token"
    assert examined(cdpctl, 4)["token"]["status"] == "failed"


def test_expired_token_of_a_store_is_renewed_by_nobody_here(sandbox: Sandbox, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[profiles.default]\nurl = "{sandbox.url}"\nusername = "operator"\ntoken_store = "file"\n'
    )
    environ = {**sandbox.environment(), "CDPCTL_CONFIG": str(config)}
    cdpctl = InProcess(tmp_path, None, **environ)
    cdpctl("peer", "list", code=0)
    [kept] = tmp_path.rglob("tokens/*.json")
    before = kept.read_bytes()
    sandbox.sessions.end_all()
    checks = examined(cdpctl, 0)
    assert "expired" in checks["token"]["message"]
    assert kept.read_bytes() == before


def serving(*paths: str) -> FaultServer:
    """Return a grid that serves only these reads."""
    good = healthy()

    def behave(seen: Seen) -> Script:
        path = seen.target.partition("/rest")[2]
        with_token = "authentication-token" in seen.headers
        return [answer(404)] if seen.method == "GET" and with_token and path not in paths else good(seen)

    return FaultServer(behave)


def test_old_cdp_is_a_warning_and_one_without_reads_a_failure(tmp_path: Path) -> None:
    with serving("/peer") as server:
        checks = examined(in_grid(tmp_path, server.url), 0)
        assert (checks["api"]["status"], checks["version"]["status"]) == ("warning", "skipped")
    with serving() as server:
        assert examined(in_grid(tmp_path, server.url), 1)["api"]["status"] == "failed"


def test_silent_server_ends_by_the_deadline(tmp_path: Path) -> None:
    with FaultServer([[Hold()]]) as server:
        done = in_grid(tmp_path, server.url).json("doctor", "--timeout", "1s", code=6)
    assert [check["status"] for check in done["checks"]].count("failed") == 1


def test_each_check_is_a_line_of_jsonl(sandbox: Sandbox, tmp_path: Path) -> None:
    lines = InProcess(tmp_path, sandbox)("doctor", "-o", "jsonl", code=0).stdout.splitlines()
    assert len(lines) == len(NAMES)


def test_people_get_a_line_a_check_and_what_to_do(sandbox: Sandbox, tmp_path: Path) -> None:
    done = in_grid(tmp_path, sandbox.url)("doctor", "-o", "table", code=4)
    lines = done.stdout.splitlines()
    assert [line.split()[1] for line in lines if line[0] != " "] == NAMES
    place = next(number for number, line in enumerate(lines) if line.startswith("failed   login "))
    assert lines[place + 1].strip().startswith("hint: ")
    assert done.stderr.startswith("error: 1 of ")
    assert done.stderr.endswith(" checks failed: login\n")


def test_verdict_stands_at_the_end(sandbox: Sandbox, tmp_path: Path) -> None:
    program = InProcess(tmp_path, sandbox)
    assert program("doctor", code=0).stderr == "no problems found\n"
    program.env["CDPCTL_PASSWORD"] = "wrong"
    assert "failed: login\n" in program("doctor", "-q", "-o", "json", code=4).stderr


@pytest.mark.parametrize(("store", "status", "code"), [("auto", "warning", 0), ("keyring", "failed", 10)])
def test_keyring_that_keeps_nothing_matters_where_it_is_wanted(
    sandbox: Sandbox, tmp_path: Path, store: str, status: str, code: int
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        f'[profiles.default]\nurl = "{sandbox.url}"\nusername = "operator"\ntoken_store = "{store}"\n'
    )
    cdpctl = Program(tmp_path, sandbox)
    del cdpctl.env["CDPCTL_NO_KEYRING"]
    cdpctl.env |= {"CDPCTL_CONFIG": str(config), "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}
    document = cdpctl.json("doctor", code=code)
    assert document["checks"][1]["status"] == status
    assert document["checks"][1]["hint"]
