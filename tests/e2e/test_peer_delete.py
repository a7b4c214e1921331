"""`cdpctl peer delete` as a user runs it, on the embedded grid."""

import pytest

from cdpctl.sandbox.server import Sandbox
from tests.support.program import Program
from tests.support.terminal import Answer, on_terminal

pytestmark = pytest.mark.loopback


def deletions(sandbox: Sandbox) -> list[str]:
    return [call.path.partition("/rest")[2] for call in sandbox.journal if call.method == "DELETE"]


def test_peer_is_gone_and_the_document_says_so(cdpctl: Program, installed: Program, sandbox: Sandbox) -> None:
    document = installed.json("peer", "delete", "AP3", "--yes", code=0)
    assert document["operation"] == "delete"
    assert [each["outcome"] for each in document["results"]] == ["confirmed"]
    assert deletions(sandbox) == ["/peer/AP3"]
    assert "AP3" not in cdpctl("peer", "list", "-o", "name", code=0).stdout.split()


def test_nobody_to_ask_means_that_nothing_is_sent(cdpctl: Program, sandbox: Sandbox) -> None:
    document = cdpctl.json("peer", "delete", "AP3", code=2)
    assert "--yes" in document["error"]["message"]
    assert sandbox.journal == []


def test_dry_run_shows_the_call_and_asks_nobody(cdpctl: Program, sandbox: Sandbox) -> None:
    document = cdpctl.json("peer", "delete", "AP3", "--dry-run", code=0)
    assert document["requests"][0]["method"] == "DELETE"
    assert document["requests"][0]["url"].endswith("/rest/peer/AP3")
    assert deletions(sandbox) == []


def test_cdp_and_running_peers_are_refused(cdpctl: Program, sandbox: Sandbox) -> None:
    outcomes = cdpctl.outcomes("peer", "delete", "CDP", "HACDP", "AP1", "--yes", code=2)
    assert set(outcomes.values()) == {"refused"}
    assert deletions(sandbox) == []
    assert cdpctl.outcomes("peer", "delete", "AP1", "--yes", "--force", code=0) == {"AP1": "confirmed"}


@pytest.mark.parametrize(("typed", "code", "sent"), [("y\n", 0, ["/peer/AP3"]), ("n\n", 2, [])])
def test_question_names_the_peers_and_says_that_it_is_final(
    cdpctl: Program, sandbox: Sandbox, typed: str, code: int, sent: list[str]
) -> None:
    screen = on_terminal(["peer", "delete", "AP3"], cdpctl.env, [Answer("[y/N]", typed)])
    assert screen.code == code
    assert "AP3" in screen.text
    assert "This cannot be undone." in screen.text
    assert deletions(sandbox) == sent


def test_no_names_is_a_usage_error(cdpctl: Program, sandbox: Sandbox) -> None:
    cdpctl("peer", "delete", code=2)
    cdpctl("peer", "delete", "../login", "--yes", code=2)
    # Hints name no option that this command does not have.
    assert "--from-file" not in cdpctl("peer", "delete", "AP1", "-", "--yes", code=2).stderr
    assert "--all" not in cdpctl("peer", "delete", "-", "--yes", stdin=" ", code=2).stderr
    assert sandbox.journal == []
