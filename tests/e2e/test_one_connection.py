"""A run uses one connection for login, preflight, the request, every poll and the logout."""

import json
from pathlib import Path

import pytest

from tests.support.fault_server import FaultServer
from tests.support.program import Program
from tests.support.wire_grid import healthy

pytestmark = pytest.mark.loopback


@pytest.mark.parametrize(
    "words", [("stop", "AP1", "--wait"), ("stop", "AP1", "AP2", "LAP1"), ("restart", "AP1", "AP2")]
)
def test_whole_run_goes_over_one_connection(tmp_path: Path, words: tuple[str, ...]) -> None:
    with FaultServer(healthy()) as server:
        program = Program(tmp_path)
        program.env |= {
            "CDPCTL_URL": f"http://127.0.0.1:{server.port}/baocdp",
            "CDPCTL_USERNAME": "operator",
            "CDPCTL_PASSWORD": "any-password",
            "CDPCTL_NO_KEYRING": "1",
        }
        document = program.json("peer", *words, "--interval", "100ms", code=0)
        assert all(result["ok"] for result in document["results"]), json.dumps(document)
        assert server.connections == 1
        assert len(server.requests) >= 4
