"""Updates of settings: the body, what is refused, and what is still missing."""

from typing import Any

import pytest

from cdpctl.peers.changes import LEVELS, Changes, is_on, log_levels
from cdpctl.peers.models import Peer


def levels(**found: str) -> dict[str, Any]:
    return {"loggingInfo": [{"componentName": name, "logLevel": level} for name, level in found.items()]}


def test_body_holds_what_was_given_and_nothing_else() -> None:
    assert Changes().body("AP1") == {"name": "AP1"}
    assert Changes(description="").body("AP1") == {"name": "AP1", "description": ""}
    everything = Changes("new", {"Adapters": "DEBUG"}, metrics_sync=True, workflow_server=False)
    assert everything.body("AP1") == {
        "name": "AP1",
        "description": "new",
        "metricsyncPoint": "true",
        "workflowServer": "false",
        "loggingInfo": [{"componentName": "Adapters", "logLevel": "DEBUG"}],
    }


@pytest.mark.parametrize("key", ["metricsyncPoint", "metricsynchPoint"])
@pytest.mark.parametrize(("value", "on"), [("true", True), ("TRUE ", True), (True, True), ("false", False)])
def test_both_spellings_and_booleans_are_read(key: str, value: object, on: bool) -> None:
    assert is_on({key: value}, ("metricsyncPoint", "metricsynchPoint")) is on
    assert (Changes(metrics_sync=True).missing({key: value}) == "") is on


def test_missing_is_said_for_each_setting() -> None:
    asked = Changes("new", {"Adapters": "DEBUG"}, metrics_sync=True, workflow_server=False)
    shown = {"description": "old", "workflowServer": "true", **levels(Adapters="WARN")}
    assert asked.missing(shown) == (
        "description is 'old'; log level of Adapters is WARN, not DEBUG; "
        "metrics sync is not shown, not on; workflow server is on, not off"
    )
    assert asked.missing(asked.body("AP1")) == ""
    assert "not shown" in Changes(levels={"Adapters": "DEBUG"}).missing({})
    assert Changes(metrics_sync=True).missing({}) == "metrics sync is not shown, not on"


def test_level_is_compared_without_regard_to_case() -> None:
    assert Changes(levels={"Adapters": "DEBUG"}).missing(levels(Adapters="Debug")) == ""


def why(changes: Changes, raw: dict[str, Any], kind: str | None = "AP") -> str:
    return changes.why_not(Peer("AP1", kind, raw=raw))


def test_components_and_levels_are_those_that_a_read_shows() -> None:
    raw = levels(Adapters="WARN", Health="TRACE")
    for level in (*LEVELS, "TRACE"):
        assert why(Changes(levels={"Adapters": level}), raw) == ""
    assert "did you mean Adapters?" in why(Changes(levels={"adapters": "WARN"}), raw)
    assert "it has Adapters, Health" in why(Changes(levels={"Zzz": "WARN"}), raw)
    assert "did you mean WARN?" in why(Changes(levels={"Adapters": "WRAN"}), raw)
    assert "cannot be checked" in why(Changes(levels={"Adapters": "WARN"}), {})


def test_roles_do_not_apply_to_a_lap() -> None:
    for changes in (Changes(metrics_sync=False), Changes(workflow_server=True)):
        assert "a LAP cannot be" in why(changes, {}, "LAP")
        assert "the CDP does not show its type" in why(changes, {}, None)
        assert why(changes, {}, "CDP") == ""
    assert why(Changes(description="x"), {}, "LAP") == ""


@pytest.mark.parametrize("entries", [None, "text", [1, {"componentName": 1}, {"logLevel": "WARN"}], {}])
def test_odd_logging_is_no_logging(entries: object) -> None:
    assert log_levels({"loggingInfo": entries}) == {}


def test_list_of_one_may_be_the_object_itself() -> None:
    one = {"componentName": "Adapters", "logLevel": "WARN"}
    assert log_levels({"loggingInfo": one}) == {"Adapters": "WARN"}
