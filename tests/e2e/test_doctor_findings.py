"""`cdpctl doctor` on grids with different problems."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Serve
from tests.support.program import InProcess, changes

pytestmark = pytest.mark.loopback


@pytest.mark.parametrize(
    ("faults", "reads", "code", "check", "status"),
    [
        ((), "both", 0, "api", "ok"),
        ((), "peer", 0, "api", "warning"),
        ((), "none", 1, "api", "failed"),
        (("login:401",), "both", 4, "login", "failed"),
        (("list:503",), "both", 6, "sso", "failed"),
        (("list:html",), "both", 4, "sso", "failed"),
        (("any:redirect",), "both", 4, "sso", "failed"),
        (("logout:500",), "both", 0, "token", "ok"),
    ],
)
def test_finding_has_its_line_and_its_exit_code(
    tmp_path: Path, serve: Serve, faults: tuple[str, ...], reads: str, code: int, check: str, status: str
) -> None:
    sandbox = serve(*faults, reads=reads)
    document = InProcess(tmp_path, sandbox).json("doctor", code=code)
    checks = {each["name"]: each for each in document["checks"]}
    assert checks[check]["status"] == status, checks[check]
    if status == "failed":
        assert checks[check]["hint"]
    assert changes(sandbox) == []


def test_token_that_has_expired_is_told_from_none(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve()
    program = InProcess(tmp_path, sandbox)
    user = ("--username", sandbox.username, "--password-stdin", "--token-store", "file")
    program("login", sandbox.url, *user, stdin=sandbox.password, code=0)
    sandbox.sessions.end_all()
    checks = {each["name"]: each for each in program.json("doctor", code=0)["checks"]}
    assert "expired" in checks["token"]["message"]
    del program.env["CDPCTL_PASSWORD"]
    program.json("doctor", code=4)
    program.env["CDPCTL_TOKEN"] = "token-that-nobody-gave"
    program.json("doctor", code=4)
