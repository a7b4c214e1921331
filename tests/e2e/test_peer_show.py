"""`cdpctl peer show` as a user runs it: settings, log levels and components in tables, everything in JSON."""

import json
from pathlib import Path

import pytest

from tests.support.fault_server import FaultServer, Script, Seen
from tests.support.program import Program, in_grid
from tests.support.wire_grid import TOKEN, answer, healthy

pytestmark = pytest.mark.loopback


def test_settings_and_parts_are_shown_to_people(cdpctl: Program) -> None:
    cdpctl("peer", "update", "AP1", "--description", "Batch", "--metrics-sync", "on", code=0)
    shown = [
        line.split() for line in cdpctl("peer", "show", "AP1", "-o", "table", code=0).stdout.splitlines()
    ]
    for line in (
        ["description", "Batch"],
        ["metrics", "sync", "point", "yes"],
        ["workflow", "server", "no"],
        ["COMPONENT", "LEVEL"],
        ["Adapters", "WARN"],
        ["Activity", "Processor", "Running"],
        ["ro-adapter-ws", "8.2.00", "Running"],
    ):
        assert line in shown


def test_object_of_the_server_is_carried_through_unchanged(tmp_path: Path) -> None:
    odd = {
        "name": "AP1",
        "type": "AP",
        "metricsynchPoint": True,
        "adaptersStatus": {"name": "only one", "odd": [1, {"deep": None}]},
        "loggingInfo": {"componentName": "Adapters", "logLevel": "DEBUG"},
        "peerComponents": ["Health", {"name": "Metrics"}],
    }
    good = healthy()

    def behave(seen: Seen) -> Script:
        return [answer(200, json.dumps([odd]).encode())] if seen.target.endswith("/peer/AP1") else good(seen)

    with FaultServer(behave) as server:
        program = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        assert program.json("peer", "show", "AP1", code=0)["details"] == odd
        shown = program("peer", "show", "AP1", "-o", "table", code=0).stdout
    assert [line.split() for line in shown.splitlines() if "DEBUG" in line] == [["Adapters", "DEBUG"]]
    assert "metrics sync point  yes" in shown
    assert "only one" in shown
