"""The line in the system log, received on a socket."""

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cdpctl.errors import OutputError
from cdpctl.output.audit import AuditRecord, write_audit
from cdpctl.redact import redactor


@pytest.fixture
def daemon(tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listening:
        listening.bind(str(tmp_path / "log"))
        listening.settimeout(5)
        yield listening


def record(**outcomes: list[str]) -> AuditRecord:
    return AuditRecord("ops", "prod", "https://cdp:38080/baocdp", "operator", "stop", outcomes, 3)


def received(daemon: socket.socket) -> tuple[str, Any]:
    text = daemon.recv(65536).decode("ascii")
    head, _, line = text.partition("cdpctl: ")
    return head, json.loads(line)


def test_line_says_who_did_what_with_which_outcome(daemon: socket.socket, tmp_path: Path) -> None:
    write_audit(record(confirmed=["AP1"], not_found=["AP 9\n"]), [str(tmp_path / "log")])
    head, fields = received(daemon)
    assert head == "<14>"
    assert fields == {
        "user": "ops",
        "profile": "prod",
        "url": "https://cdp:38080/baocdp",
        "username": "operator",
        "operation": "stop",
        "outcomes": {"confirmed": ["AP1"], "not_found": ["AP 9\n"]},
        "exit_code": 3,
        "peers": 2,
    }


def test_secret_in_a_name_is_masked(daemon: socket.socket, tmp_path: Path) -> None:
    redactor.add("a-secret-in-a-name")
    write_audit(record(failed=["a-secret-in-a-name"]), [str(tmp_path / "log")])
    assert "a-secret" not in str(received(daemon))


def test_ten_thousand_names_stay_one_line_that_daemons_do_not_cut(
    daemon: socket.socket, tmp_path: Path
) -> None:
    write_audit(
        record(accepted=[f"PEER-{n:05}" for n in range(10_000)], failed=["X"]), [str(tmp_path / "log")]
    )
    text = daemon.recv(65536)
    assert len(text) < 8000
    fields = json.loads(text.decode().partition("cdpctl: ")[2])
    assert fields["peers"] == 10_001
    kept, more = fields["outcomes"]["accepted"][:-1], fields["outcomes"]["accepted"][-1]
    assert kept[0] == "PEER-00000"
    assert more == f"and {10_000 - len(kept)} more"
    assert fields["outcomes"]["failed"] == ["X"]


def test_first_address_that_exists_is_used(daemon: socket.socket, tmp_path: Path) -> None:
    write_audit(record(accepted=["AP1"]), [str(tmp_path / "none"), str(tmp_path / "log")])
    assert received(daemon)[1]["outcomes"] == {"accepted": ["AP1"]}


def test_missing_daemon_is_one_error_and_no_traceback(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(OutputError, match="system log"):
        write_audit(record(accepted=["AP1"]), [str(tmp_path / "none")])
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match="system log"):
        write_audit(record(accepted=["AP1"]), [str(tmp_path / "file")])
    assert capfd.readouterr().err == ""
