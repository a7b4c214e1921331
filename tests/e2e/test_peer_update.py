"""`cdpctl peer update` as a user runs it, on the embedded grid."""

import json
from typing import Any

import pytest

from cdpctl.sandbox.server import Sandbox
from tests.e2e.conftest import Serve
from tests.support.program import InProcess, Program
from tests.support.terminal import Answer, on_terminal

pytestmark = pytest.mark.loopback


def updates(sandbox: Sandbox) -> list[Any]:
    return [
        json.loads(call.body) for call in sandbox.journal if call.path.endswith("/rest/peer") and call.body
    ]


def details(cdpctl: Program, name: str) -> dict[str, Any]:
    shown: dict[str, Any] = cdpctl.json("peer", "show", name, code=0)["details"]
    return shown


def test_settings_are_changed_by_one_put_and_read_back(
    cdpctl: Program, installed: Program, sandbox: Sandbox
) -> None:
    document = installed.json(
        "peer", "update", "AP1", "LAP", "--description", "Übung", "--log-level", "Adapters=debug", code=0
    )
    assert document["operation"] == "update"
    assert {each["outcome"] for each in document["results"]} == {"confirmed"}
    level = [{"componentName": "Adapters", "logLevel": "DEBUG"}]
    assert updates(sandbox) == [
        {"peers": [{"name": name, "description": "Übung", "loggingInfo": level} for name in ("AP1", "LAP")]}
    ]
    shown = details(cdpctl, "LAP")
    assert shown["description"] == "Übung"
    assert level[0] in shown["loggingInfo"]
    again = cdpctl.outcomes("peer", "update", "AP1", "--log-level", "Adapters=DEBUG", code=0)
    assert again == {"AP1": "unchanged"}
    assert len(updates(sandbox)) == 1


def test_thousand_peers_are_one_put_and_two_reads(serve: Serve, tmp_path: Any) -> None:
    sandbox = serve(peers=1000)
    document = InProcess(tmp_path, sandbox).json(
        "peer", "update", "--type", "ap", "--log-level", "Adapters=INFO", "--yes", code=0
    )
    assert {each["outcome"] for each in document["results"]} == {"confirmed"}
    assert len(updates(sandbox)) == 1
    assert sum(call.method == "GET" for call in sandbox.journal) == 2


def test_without_waiting_it_is_accepted(cdpctl: Program) -> None:
    words = ("peer", "update", "AP1", "--description", "x", "--no-wait")
    assert cdpctl.outcomes(*words, code=0) == {"AP1": "accepted"}


def test_change_that_the_grid_drops_is_timed_out(cdpctl: Program) -> None:
    # The grid silently keeps its last metrics sync point.
    words = ("peer", "update", "CDP", "--metrics-sync", "off", "--yes", "--timeout", "2s")
    document = cdpctl.json(*words, code=8)
    assert "metrics sync is on, not off" in document["results"][0]["message"]


def test_last_metrics_sync_point_is_asked_about(cdpctl: Program, sandbox: Sandbox) -> None:
    words = ("peer", "update", "CDP", "--metrics-sync", "off")
    refused = cdpctl(*words, code=2)
    assert "only metrics sync point" in refused.stderr
    screen = on_terminal(list(words), cdpctl.env, [Answer("[y/N]", "n\n")])
    assert screen.code == 2
    assert "only metrics sync point" in screen.text
    assert updates(sandbox) == []
    cdpctl("peer", "update", "AP1", "--metrics-sync", "on", code=0)
    cdpctl(*words, code=0)
    assert details(cdpctl, "CDP")["metricsyncPoint"] == "false"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--log-level", "Adapter=WARN"), "did you mean Adapters?"),
        (("--log-level", "Adapters=WRAN"), "did you mean WARN?"),
        (("--log-level", "Adapters"), "COMPONENT=LEVEL"),
        (("--log-level", "Adapters=WARN", "--log-level", "Adapters=INFO"), "twice"),
        (("--metrics-sync", "yes"), "on or off"),
        ((), "nothing to change"),
    ],
)
def test_mistakes_are_found_before_anything_is_sent(
    cdpctl: Program, sandbox: Sandbox, words: tuple[str, ...], said: str
) -> None:
    assert said in cdpctl("peer", "update", "AP1", *words, "-o", "json", code=2).said
    assert updates(sandbox) == []


def test_roles_of_a_lap_are_refused(cdpctl: Program, sandbox: Sandbox) -> None:
    for option in ("--metrics-sync", "--workflow-server"):
        assert cdpctl.outcomes("peer", "update", "LAP", option, "on", code=2) == {"LAP": "refused"}
    assert updates(sandbox) == []


def test_dry_run_shows_the_body(cdpctl: Program, sandbox: Sandbox) -> None:
    words = ("peer", "update", "AP1", "--workflow-server", "on", "--dry-run")
    [request] = cdpctl.json(*words, code=0)["requests"]
    assert request["method"] == "PUT"
    assert json.loads(request["body"]) == {"peers": [{"name": "AP1", "workflowServer": "true"}]}
    assert updates(sandbox) == []


def test_selection_asks_and_never_takes_a_cdp(cdpctl: Program, sandbox: Sandbox) -> None:
    words = ("peer", "update", "--match", "*", "--status", "RUNNING", "--description", "x")
    cdpctl(*words, code=2)
    assert cdpctl.outcomes(*words, "--yes", code=0) == dict.fromkeys(("AP1", "AP2", "LAP"), "confirmed")
