"""Selecting peers by name, by options and from files; confirmation, and empty selections."""

import json
from pathlib import Path

import pytest

from cdpctl.sandbox.server import Sandbox
from tests.e2e.conftest import Serve
from tests.support.fault_server import FaultServer, Seen
from tests.support.profiles import of_sandboxes, write_profiles
from tests.support.program import InProcess, change_calls, changes, in_grid
from tests.support.terminal import Answer, on_terminal
from tests.support.wire_grid import TOKEN, answer, faulty, healthy

pytestmark = pytest.mark.loopback


@pytest.fixture
def cdpctl(tmp_path: Path, sandbox: Sandbox) -> InProcess:
    return InProcess(tmp_path, sandbox)


def asked_for(cdpctl: InProcess, *words: str, stdin: bytes = b"", code: int = 0) -> list[str]:
    """Return the names in the results of a dry run."""
    document = cdpctl.json("peer", "stop", "--dry-run", *words, stdin=stdin, code=code)
    return [result["name"] for result in document["results"]]


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (("--all",), "AP1 AP2 AP3 LAP"),
        (("--type", "ap"), "AP1 AP2 AP3"),
        (("--type", "LAP"), "LAP"),
        (("--match", "*"), "AP1 AP2 AP3 LAP"),
        (("--match", "*P"), "LAP"),
        (("--match", "AP[12]", "--match", "L*"), "AP1 AP2 LAP"),
        (("--status", "running"), "AP1 AP2 LAP"),
        (("--all", "--exclude", "AP*"), "LAP"),
        (("--type", "ap", "--status", "STOPPED"), "AP3"),
        (("AP2", "AP1", "LAP", "--exclude", "L*"), "AP2 AP1"),
    ],
)
def test_selection_takes_what_every_option_allows(
    cdpctl: InProcess, words: tuple[str, ...], names: str
) -> None:
    assert asked_for(cdpctl, *words) == names.split()


def test_group_without_members_selects_nothing(tmp_path: Path, sandbox: Sandbox) -> None:
    path = write_profiles(tmp_path, of_sandboxes({"prod": sandbox}))
    with path.open("a") as file:
        file.write("[profiles.prod.groups]\nempty = []\n")
    cdpctl = InProcess(tmp_path, None, CDPCTL_NO_KEYRING="1")
    for verb in ("stop", "restart", "update"):
        more = ("--description", "x") if verb == "update" else ()
        error = cdpctl.json("peer", verb, "--group", "empty", "--yes", *more, code=5)["error"]
        assert error["message"] == "the selection matches no peer; nothing was sent"
    assert cdpctl("peer", "list", "--group", "empty", "-o", "name", code=0).stdout == ""
    assert "no peer matches" in cdpctl("peer", "check", "--group", "empty", code=3).stdout
    assert change_calls(sandbox) == []


@pytest.mark.parametrize("words", [("--type", "cdp"), ("--type", "ha-cdp"), ("--type", "")])
def test_vital_type_cannot_be_chosen(cdpctl: InProcess, sandbox: Sandbox, words: tuple[str, ...]) -> None:
    cdpctl("peer", "stop", *words, "--yes", code=2)
    assert sandbox.journal == []


@pytest.mark.parametrize("words", [("--match", "CDP"), ("--match", "HA*"), ("AP1", "--exclude", "AP*")])
def test_selection_of_nothing_is_not_found(
    cdpctl: InProcess, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    assert cdpctl.json("peer", "stop", *words, "--yes", code=5)["error"]["code"] == "not_found"
    assert change_calls(sandbox) == []


def test_all_takes_peers_that_only_the_longer_list_shows(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(reads="part")
    assert asked_for(InProcess(tmp_path, sandbox), "--all") == ["AP1", "AP2", "AP3", "LAP"]


def test_longer_list_that_cannot_be_read_is_warned_of(tmp_path: Path) -> None:
    def longer(seen: Seen) -> bool:
        return seen.target.endswith("/rest/peer")

    with FaultServer(faulty(lambda _seen: [answer(500)], longer)) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN)
        done = cdpctl("peer", "stop", "--all", "--dry-run", "-o", "name", code=0)
        assert done.stdout.split() == ["AP1", "AP2", "LAP1"]
        assert "only /peer lists" in done.stderr
        error = cdpctl.json("peer", "stop", "AP1", "AP9", code=1)["error"]
        assert "nothing was sent" in error["hint"]
        assert server.sent("PUT", "POST") == []


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--exclude", "AP9"),
        ("AP1", "--all"),
        ("--from-file", "names", "--match", "AP*"),
        ("--all",),
        ("--match", "AP*"),
        ("--type", "ap", "--no-input"),
    ],
)
def test_choice_that_is_unclear_or_unconfirmed_sends_nothing(
    cdpctl: InProcess, sandbox: Sandbox, words: tuple[str, ...]
) -> None:
    assert cdpctl.json("peer", "stop", *words, code=2)["error"]["code"] == "usage"
    assert sandbox.journal == []


@pytest.mark.parametrize("data", [b"", b"\n\n", b"# nobody\n   # at all", b"\xef\xbb\xbf"])
def test_empty_input_is_a_usage_error_and_never_all(
    cdpctl: InProcess, sandbox: Sandbox, data: bytes, tmp_path: Path
) -> None:
    file = tmp_path / "names"
    file.write_bytes(data)
    cdpctl("peer", "stop", "-", stdin=data, code=2)
    cdpctl("peer", "stop", "--from-file", str(file), code=2)
    cdpctl("peer", "stop", "--from-file", "-", stdin=data, code=2)
    assert sandbox.journal == []


RESULTS = [
    {"name": "AP1", "ok": True, "outcome": "accepted"},
    {"name": "AP2", "ok": False, "outcome": "timed_out"},
    {"name": "LAP", "ok": False, "outcome": "unknown"},
]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("AP1\r\n\r\n  LAP  # the light one\n#AP2\n", "AP1 LAP"),
        ("\ufeffAP1\nAP1\nAP2", "AP1 AP2"),
        (json.dumps({"schema": "cdpctl.operation/1", "results": RESULTS}), "AP2 LAP"),
        ("".join(json.dumps(each) + "\n" for each in RESULTS), "AP2 LAP"),
        (json.dumps({"schema": "cdpctl.peers/1", "peers": [{"name": "AP2"}, {"name": "AP1"}]}), "AP2 AP1"),
        (json.dumps({"name": "AP2", "type": "AP"}), "AP2"),
    ],
)
def test_file_holds_names_or_what_an_earlier_run_printed(
    cdpctl: InProcess, tmp_path: Path, text: str, names: str
) -> None:
    file = tmp_path / "names"
    file.write_bytes(text.encode())
    assert asked_for(cdpctl, "--from-file", str(file)) == names.split()
    assert asked_for(cdpctl, "-", stdin=text.encode()) == names.split()


@pytest.mark.parametrize(
    "text", ['{"peers": 1}', '{"a": "b"}', "[1]", '{"results": [{}]}', "{", "[" * 100_000]
)
def test_json_that_is_no_document_of_this_program_is_refused(
    cdpctl: InProcess, sandbox: Sandbox, text: str
) -> None:
    cdpctl("peer", "stop", "-", stdin=text.encode(), code=2)
    assert sandbox.journal == []


@pytest.mark.parametrize(
    ("results", "message"),
    [
        ([RESULTS[0]], "nothing to do: every result in standard input is ok"),
        ([], "standard input: it lists no peers"),
    ],
)
def test_document_without_failed_peers_leaves_nothing_to_do(
    cdpctl: InProcess, sandbox: Sandbox, results: list[object], message: str
) -> None:
    text = json.dumps({"results": results})
    error = cdpctl.json("peer", "stop", "-", stdin=text.encode(), code=5)["error"]
    assert error["message"] == message
    assert sandbox.journal == []


def test_list_of_names_not_done_goes_around(cdpctl: InProcess, sandbox: Sandbox, tmp_path: Path) -> None:
    file = tmp_path / "failed"
    cdpctl("peer", "stop", "AP1", "AP9", "CDP", "--output-failed", str(file), code=3)
    assert file.read_text() == "AP9\nCDP\n"
    again = cdpctl.json("peer", "stop", "--from-file", str(file), "--output-failed", str(file), code=5)
    assert [result["outcome"] for result in again["results"]] == ["not_found", "refused"]
    assert file.read_text() == "AP9\nCDP\n"
    cdpctl("peer", "stop", "AP2", "--output-failed", str(file), code=0)
    assert file.read_text() == ""
    cdpctl("peer", "stop", "--from-file", str(file), code=2)
    assert len(change_calls(sandbox)) == 2


def test_run_that_ends_before_sending_lists_every_name_as_not_done(
    cdpctl: InProcess, sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "failed"
    file.write_text("from-an-older-run\n")
    cdpctl.env["CDPCTL_PASSWORD"] = "a-wrong-password"
    cdpctl("peer", "stop", "AP1", "AP2", "--output-failed", str(file), code=4)
    assert file.read_text() == "AP1\nAP2\n"
    cdpctl("peer", "stop", "AP1", "--output-failed", str(tmp_path / "no" / "such"), code=2)


def protected(home: Path, sandbox: Sandbox) -> dict[str, str]:
    """Return variables for a protected profile of the sandbox."""
    path = home / "config.toml"
    path.write_text(
        f'[profiles.prod]\nurl = "{sandbox.url}"\nusername = "{sandbox.username}"\nprotected = true\n'
    )
    environ = {**sandbox.environment(), "CDPCTL_CONFIG": str(path), "HOME": str(home)}
    del environ["CDPCTL_URL"]
    return environ


@pytest.mark.parametrize("verb", ["stop", "start", "restart"])
def test_protected_profile_asks_for_plain_names_too(sandbox: Sandbox, tmp_path: Path, verb: str) -> None:
    cdpctl = InProcess(tmp_path, None, **protected(tmp_path, sandbox))
    error = cdpctl.json("peer", verb, "AP1", code=2)["error"]
    assert "prod" in error["message"]
    assert "--yes" in error["message"]
    assert sandbox.journal == []
    assert cdpctl("peer", verb, "AP1", "--dry-run", code=0).stdout
    assert cdpctl("peer", "wait", "AP1", "--for", "running", code=0).stdout
    assert change_calls(sandbox) == []


def test_yes_answers_for_a_protected_profile(sandbox: Sandbox, tmp_path: Path) -> None:
    InProcess(tmp_path, None, **protected(tmp_path, sandbox))("peer", "stop", "AP1", "--yes", code=0)
    assert changes(sandbox) == ["PUT AP1/stop"]


@pytest.mark.parametrize(("text", "code"), [("n\n", 2), ("\n", 2), ("yess\n", 2), ("\x04", 2), ("y\n", 0)])
def test_question_shows_where_and_what_and_takes_yes_only(
    sandbox: Sandbox, tmp_path: Path, text: str, code: int
) -> None:
    environ = protected(tmp_path, sandbox)
    screen = on_terminal(("peer", "stop", "AP1", "CDP", "LAP"), environ, [Answer("[y/N]", text)], columns=200)
    assert screen.code == (3 if code == 0 else 2)
    question = screen.text.partition("[y/N]")[0]
    assert "Profile prod" in question
    assert sandbox.url in question
    assert "Stop 2 peers: AP1, LAP" in question
    assert changes(sandbox) == (["POST stop"] if code == 0 else [])


def test_question_names_twenty_and_counts_the_rest(serve: Serve, tmp_path: Path) -> None:
    sandbox = serve(peers=30)
    environ = {**sandbox.environment(), "HOME": str(tmp_path)}
    screen = on_terminal(("peer", "stop", "--all"), environ, [Answer("[y/N]", "no\n")], columns=300)
    assert screen.code == 2
    assert "Stop 31 peers: AP1, AP2" in screen.text
    assert "AP20 and 11 more" in screen.text
    assert "AP21" not in screen.text
    assert change_calls(sandbox) == []


def test_question_about_peers_that_need_nothing_is_not_asked(sandbox: Sandbox, tmp_path: Path) -> None:
    environ = {**sandbox.environment(), "HOME": str(tmp_path)}
    screen = on_terminal(("peer", "stop", "--status", "stopped"), environ)
    assert screen.code == 0
    assert "[y/N]" not in screen.text


def test_unknown_field_is_refused_before_anything_is_sent(cdpctl: InProcess, sandbox: Sandbox) -> None:
    for words in ((), ("-o", "jsonl"), ("-o", "json")):
        done = cdpctl("peer", "stop", "AP1", "--fields", "name,colour", *words, code=2)
        assert "colour" in done.stderr
    assert sandbox.journal == []


@pytest.mark.parametrize(
    "name", ["AP/1", "AP#1", "AP\u202e1", "A" * 300], ids=["slash", "hash", "bidi", "long"]
)
def test_selected_peer_with_an_invalid_name_is_refused_and_the_others_are_not(
    tmp_path: Path, name: str
) -> None:
    with FaultServer(healthy(more=[name])) as server:
        cdpctl = in_grid(tmp_path, server.url, CDPCTL_TOKEN=TOKEN, CDPCTL_USERNAME="", CDPCTL_PASSWORD="")
        results = cdpctl.json("peer", "stop", "--match", "A*", "--yes", code=3)["results"]
        assert {each["name"]: each["outcome"] for each in results} == {
            "AP1": "accepted",
            "AP2": "accepted",
            name: "refused",
        }
        assert results[-1]["message"].startswith("invalid peer name: it ")
        assert not [seen for seen in server.requests if seen.method == "PUT"]
        cdpctl("peer", "start", "--match", "A*", "--yes", "--strict", code=2)
        cdpctl("peer", "stop", "--match", "A*", "--yes", "--no-preflight", code=3)
        cdpctl("peer", "update", "--match", "A*", "--description", "x", "--yes", "--no-wait", code=3)
        cdpctl("peer", "wait", "--match", name[:2] + "[!12]*", "--for", "running", code=0)
        assert name in [each["name"] for each in cdpctl.json("peer", "list", code=0)["peers"]]
        assert name in [each["name"] for each in cdpctl.json("peer", "check", code=2)["peers"]]
