"""Every documented answer to stop, for one peer and for many: exit code, message, and one request."""

from pathlib import Path

import pytest

from tests.e2e.conftest import Serve
from tests.support.program import InProcess, Program, changes, logins

pytestmark = pytest.mark.loopback

# Answer, exit code, outcome, documented message.
_REFUSALS = [
    (401, 4, "failed", "401"),
    (403, 9, "failed", "Forbidden"),
    (500, 1, "failed", "Internal Server Error"),
]
_ONE = [
    *_REFUSALS,
    (400, 1, "failed", "Bad request"),
    (404, 1, "failed", "Not Found (404), although the CDP listed"),
]


@pytest.mark.parametrize("status", [200, 202, 204])
def test_accepted_answer_is_accepted_for_one_and_many(tmp_path: Path, serve: Serve, status: int) -> None:
    sandbox = serve(accepted=status)
    cdpctl = InProcess(tmp_path, sandbox)
    for names, call in ((["AP1"], "PUT AP1/stop"), (["AP2", "LAP"], "POST stop")):
        document = cdpctl.json("peer", "stop", *names, code=0)
        assert {(each["outcome"], each["http_status"]) for each in document["results"]} == {
            ("accepted", status)
        }
        assert document["results"][0]["message"] == "Accepted"
        assert changes(sandbox)[-1] == call
    assert len(changes(sandbox)) == 2


@pytest.mark.parametrize(("status", "code", "outcome", "message"), _ONE)
def test_refused_put_is_shown_and_sent_once(
    tmp_path: Path, serve: Serve, status: int, code: int, outcome: str, message: str
) -> None:
    sandbox = serve(f"stop:{status}")
    document = InProcess(tmp_path, sandbox).json("peer", "stop", "AP1", code=code)
    [result] = document["results"]
    assert (result["outcome"], result["http_status"]) == (outcome, status)
    assert message in result["message"]
    # After a 401 there is one login and one repetition, because the request was not carried out.
    assert changes(sandbox) == ["PUT AP1/stop"] * (2 if status == 401 else 1)
    assert logins(sandbox) == (2 if status == 401 else 1)


@pytest.mark.parametrize(("status", "code", "outcome", "message"), _REFUSALS)
def test_refused_post_is_shown_for_every_peer(
    tmp_path: Path, serve: Serve, status: int, code: int, outcome: str, message: str
) -> None:
    sandbox = serve(f"stop:{status}")
    document = InProcess(tmp_path, sandbox).json("peer", "stop", "AP1", "AP2", code=code)
    assert {(each["outcome"], each["http_status"]) for each in document["results"]} == {(outcome, status)}
    assert message in document["results"][0]["message"]
    assert changes(sandbox) == ["POST stop"] * (2 if status == 401 else 1)


def test_response_that_is_no_success_is_a_failure(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve("stop:failure")
    [result] = InProcess(tmp_path, sandbox).json("peer", "stop", "AP1", code=1)["results"]
    assert "'Failure'" in result["message"]
    assert changes(sandbox) == ["PUT AP1/stop"]


@pytest.mark.parametrize("kind", ["html", "redirect"])
def test_sign_on_in_the_way_is_no_success(tmp_path: Path, serve: Serve, kind: str) -> None:
    sandbox = serve(f"stop:{kind}")
    [result] = InProcess(tmp_path, sandbox).json("peer", "stop", "AP1", code=4)["results"]
    assert result["outcome"] == "failed"
    assert len(changes(sandbox)) == 1


@pytest.mark.parametrize("verb", ["stop", "start"])
def test_bad_name_among_many_strands_nobody(tmp_path: Path, serve: Serve, verb: str) -> None:
    # Without a preflight, the name is sent, and the answer to the POST is 404 for all.
    sandbox = serve()
    names = ["AP1", "NOPE", "AP2"]
    outcomes = InProcess(tmp_path, sandbox).outcomes("peer", verb, *names, "--no-preflight", code=3)
    assert outcomes == {"AP1": "accepted", "NOPE": "not_found", "AP2": "accepted"}
    assert changes(sandbox)[0] == f"POST {verb}"
    assert sorted(changes(sandbox)[1:]) == [f"PUT {name}/{verb}" for name in ("AP1", "AP2", "NOPE")]


def test_cdp_among_many_is_told_apart_even_unlooked_at(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve()
    words = ("peer", "stop", "AP1", "CDP", "--no-preflight")
    assert InProcess(tmp_path, sandbox).outcomes(*words, code=3) == {"AP1": "accepted", "CDP": "failed"}


def test_version_without_the_call_for_many_is_asked_one_by_one(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve("stop:405")
    outcomes = InProcess(tmp_path, sandbox).outcomes("peer", "stop", "AP1", "AP2", code=1)
    assert set(outcomes.values()) == {"failed"}
    assert sorted(changes(sandbox)) == ["POST stop", "PUT AP1/stop", "PUT AP2/stop"]


def test_lost_answer_is_settled_by_reading_the_peers(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve("stop:lost")
    cdpctl = InProcess(tmp_path, sandbox)
    assert set(cdpctl.outcomes("peer", "stop", "AP1", "AP2", code=0).values()) == {"accepted"}
    assert cdpctl.outcomes("peer", "stop", "LAP", "--wait", code=0) == {"LAP": "confirmed"}
    assert changes(sandbox) == ["POST stop", "PUT LAP/stop"]


@pytest.mark.parametrize("fault", ["stop:drop", "stop:502", "stop:504"])
def test_answer_that_nothing_settles_is_unknown(tmp_path: Path, serve: Serve, fault: str) -> None:
    sandbox = serve(fault)
    [result] = InProcess(tmp_path, sandbox).json("peer", "stop", "AP1", code=7)["results"]
    assert result["outcome"] == "unknown"
    assert "cdpctl peer show AP1" in result["message"]
    assert changes(sandbox) == ["PUT AP1/stop"]


def test_expired_session_heals_with_one_login(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve(longest=0.3, seconds=1.0)
    cdpctl = InProcess(tmp_path, sandbox)
    # The session expires while the peer is followed. A new login follows, but no second stop.
    assert cdpctl.outcomes("peer", "stop", "AP1", "--wait", code=0) == {"AP1": "confirmed"}
    assert changes(sandbox) == ["PUT AP1/stop"]
    assert logins(sandbox) > 1


def test_strict_sends_nothing_where_a_name_is_bad(cdpctl: Program, tmp_path: Path, serve: Serve) -> None:
    sandbox = serve()
    outcomes = InProcess(tmp_path, sandbox).outcomes("peer", "stop", "AP1", "NOPE", "--strict", code=5)
    assert outcomes == {"AP1": "skipped", "NOPE": "not_found"}
    assert changes(sandbox) == []


def test_each_sends_one_put_a_peer(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve()
    assert set(InProcess(tmp_path, sandbox).outcomes("peer", "stop", "AP1", "AP2", "--each", code=0)) == {
        "AP1",
        "AP2",
    }
    assert sorted(changes(sandbox)) == ["PUT AP1/stop", "PUT AP2/stop"]


def test_run_without_configuration_logs_out_what_it_logged_in(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve()
    InProcess(tmp_path, sandbox)("peer", "list", code=0)
    assert [call.path.rpartition("/")[2] for call in sandbox.journal] == [
        "login",
        "peer",
        "peer",
        "logout",
    ]
    assert sandbox.sessions.user_of(sandbox.journal[-1].token) is None
    assert list(tmp_path.rglob("*token*")) == []


@pytest.mark.parametrize("status", [404, 405, 500, 501])
def test_login_that_is_not_served_is_an_error_of_the_login(tmp_path: Path, serve: Serve, status: int) -> None:
    sandbox = serve(f"login:{status}")
    cdpctl = InProcess(tmp_path, sandbox)
    checked = "host, port and path of the URL" if status != 500 else "the log of the CDP at"
    login = ("login", sandbox.url, "--username", "operator", "--token-store", "file")
    for words in (("peer", "stop", "AP1"), ("peer", "list"), ("peer", "restart", "AP1"), login):
        error = cdpctl.json(*words, code=4)["error"]
        assert error["code"] == "auth"
        assert error["http_status"] == status
        assert error["message"].startswith(f"cannot log in to {sandbox.url.split('/')[2]}: ")
        assert error["hint"].startswith(f"check {checked} {sandbox.url}")
        assert "--no-preflight" not in error["hint"]
