"""Login, status and logout, and what is stored in between, through the program."""

import json
import subprocess
from pathlib import Path

import pytest

from cdpctl.sandbox.server import Sandbox
from tests.e2e.conftest import Serve
from tests.support.fault_server import FaultServer
from tests.support.program import SCRIPT, InProcess, Program, logins, together
from tests.support.terminal import Answer, on_terminal
from tests.support.wire_grid import answer

pytestmark = pytest.mark.loopback


@pytest.fixture
def cdpctl(tmp_path: Path, sandbox: Sandbox) -> Program:
    program = InProcess(tmp_path, sandbox)
    for name in ("CDPCTL_URL", "CDPCTL_USERNAME", "CDPCTL_PASSWORD"):
        del program.env[name]
    return program


def log_in(cdpctl: Program, sandbox: Sandbox, *words: str, code: int = 0) -> str:
    """Log in with the file store and return the stored token."""
    user = ("--username", sandbox.username, "--password-stdin", "--token-store", "file")
    cdpctl("login", sandbox.url, *user, *words, stdin=f"{sandbox.password}\n", code=code)
    [file] = Path(cdpctl.env["HOME"]).rglob("tokens/*.json")
    token = json.loads(file.read_text())["token"]
    cdpctl.secrets.append(token)
    return str(token)


def test_status_tells_the_source_and_whether_the_token_is_good(cdpctl: Program, sandbox: Sandbox) -> None:
    log_in(cdpctl, sandbox)
    document = cdpctl.json("status", code=0)
    assert (document["token_source"], document["cdp"], document["token"]) == ("file", "up", "good")
    assert (document["profile"], document["username"]) == ("default", "operator")
    sandbox.sessions.end_all()
    document = cdpctl.json("status", code=4)
    assert document["token"] == "refused"
    assert document["error"]["hint"] == "cdpctl login --profile default"
    assert logins(sandbox) == 1


def test_status_and_login_are_rows_for_a_script(cdpctl: Program, sandbox: Sandbox) -> None:
    log_in(cdpctl, sandbox)
    header, row = cdpctl("status", "-o", "tsv", code=0).stdout.splitlines()
    record = dict(zip(header.split("\t"), row.split("\t"), strict=True))
    assert (record["url"], record["cdp"], record["token"]) == (sandbox.url, "up", "good")
    assert cdpctl("status", "--fields", "token", code=0).stdout == "token\ngood\n"


def test_status_without_a_token_still_says_whether_the_cdp_is_up(cdpctl: Program, sandbox: Sandbox) -> None:
    cdpctl.env["CDPCTL_URL"] = sandbox.url
    document = cdpctl.json("status", code=4)
    assert (document["cdp"], document["token"], document["token_source"]) == ("up", "none", None)
    cdpctl.env["CDPCTL_URL"] = "http://127.0.0.1:1"
    assert cdpctl.json("status", code=6)["cdp"] == "unreachable"


def test_status_behind_a_sign_on_says_so(cdpctl: Program, serve: Serve) -> None:
    cdpctl.env["CDPCTL_URL"] = serve("any:redirect").url
    assert cdpctl.json("status", code=4)["cdp"] == "behind a sign-on"


def test_logout_ends_the_session_and_forgets_it(cdpctl: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    token = log_in(cdpctl, sandbox)
    [record] = cdpctl.json("logout", code=0)["profiles"]
    assert (record["name"], record["ended"], record["removed"]) == ("default", True, ["the token file"])
    assert sandbox.sessions.user_of(token) is None
    assert list(tmp_path.rglob("tokens/*.json")) == []
    assert cdpctl.json("logout", code=0)["profiles"][0]["ended"] is False


def test_logout_forgets_even_where_the_cdp_does_not_answer(
    cdpctl: Program, serve: Serve, tmp_path: Path
) -> None:
    sandbox = serve("logout:500")
    log_in(cdpctl, sandbox)
    [record] = cdpctl.json("logout", code=0)["profiles"]
    assert record["ended"] is False
    assert "could not be ended" in record["message"]
    assert list(tmp_path.rglob("tokens/*.json")) == []


def test_logout_of_all_profiles(cdpctl: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    log_in(cdpctl, sandbox, "-p", "one")
    user = ("--username", sandbox.username, "--password-stdin", "--token-store", "file", "-p", "two")
    cdpctl("login", sandbox.url, *user, stdin=sandbox.password, code=0)
    records = cdpctl.json("logout", "--all", code=0)["profiles"]
    assert [(each["name"], each["ended"]) for each in records] == [("one", True), ("two", True)]
    assert list(tmp_path.rglob("tokens/*.json")) == []
    cdpctl("logout", "--all", "-p", "one", code=2)


def test_logout_of_all_profiles_ends_the_session_of_the_user_in_the_variable(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    log_in(cdpctl, sandbox)
    cdpctl("config", "unset", "username", code=0)
    cdpctl.env |= {"CDPCTL_USERNAME": sandbox.username, "CDPCTL_PASSWORD": sandbox.password}
    cdpctl("peer", "list", code=0)
    [record] = cdpctl.json("logout", "--all", code=0)["profiles"]
    assert record["ended"]
    assert list(tmp_path.rglob("tokens/*.json")) == []


def test_removing_a_profile_removes_its_token(cdpctl: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    log_in(cdpctl, sandbox, "-p", "one")
    assert cdpctl.json("config", "remove", "one", code=0)["removed"] == ["the token file"]
    assert list(tmp_path.rglob("tokens/*.json")) == []


@pytest.mark.parametrize("words", [("set", "token_store", "none"), ("set", "username", "other")])
def test_changing_the_store_or_user_removes_the_old_copy(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path, words: tuple[str, ...]
) -> None:
    log_in(cdpctl, sandbox)
    cdpctl("config", *words, code=0)
    assert list(tmp_path.rglob("tokens/*.json")) == []


def test_login_with_another_store_removes_the_old_copy(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    log_in(cdpctl, sandbox)
    user = ("--username", sandbox.username, "--password-stdin", "--token-store", "none")
    cdpctl("login", sandbox.url, *user, stdin=sandbox.password, code=0)
    assert list(tmp_path.rglob("tokens/*.json")) == []
    assert 'token_store = "none"' in next(tmp_path.rglob("config.toml")).read_text()


def test_login_that_is_refused_leaves_everything_as_it_was(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    token = log_in(cdpctl, sandbox)
    user = ("--username", "nobody", "--password-stdin")
    cdpctl("login", sandbox.url, *user, stdin="wrong-password", code=4)
    assert cdpctl.json("status", code=0)["username"] == "operator"
    assert sandbox.sessions.user_of(token) == "operator"


def test_login_without_a_place_for_the_token_says_how(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    user = ("--username", sandbox.username, "--password-stdin")
    error = cdpctl.json("login", sandbox.url, *user, stdin=sandbox.password, code=10)["error"]
    assert "--token-store file" in error["hint"]
    assert list(tmp_path.rglob("config.toml")) == []
    assert sandbox.journal == []


def test_password_file_is_read_and_a_missing_one_named(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    file = tmp_path / "pw"
    file.write_text(f"{sandbox.password}\n")
    words = ("login", sandbox.url, "--username", "operator", "--token-store", "none", "--password-file")
    cdpctl(*words, str(file), code=0)
    assert "no-such" in cdpctl(*words, str(tmp_path / "no-such"), code=4).stderr
    cdpctl(*words, str(file), "--password-stdin", code=2)


def open_sessions(sandbox: Sandbox) -> set[str]:
    """Return the tokens of the sessions that are open on the server."""
    return set(sandbox.sessions._sessions)


def stored_tokens(home: Path) -> set[str]:
    return {json.loads(each.read_text())["token"] for each in home.rglob("tokens/*.json")}


@pytest.mark.parametrize("store", ["file", "none"])
def test_login_ends_the_session_that_it_replaces(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path, store: str
) -> None:
    log_in(cdpctl, sandbox)
    user = ("--username", sandbox.username, "--password-stdin", "--token-store", store)
    cdpctl("login", sandbox.url, *user, stdin=sandbox.password, code=0)
    assert open_sessions(sandbox) == stored_tokens(tmp_path)
    assert len(stored_tokens(tmp_path)) == (1 if store == "file" else 0)


def test_login_warns_once_about_the_certificate_though_it_ends_another_session(
    tmp_path: Path, serve: Serve
) -> None:
    sandbox = serve(tls=True)
    cdpctl = InProcess(tmp_path, sandbox, CDPCTL_CONFIG=str(tmp_path / "config.toml"), CDPCTL_CA_BUNDLE="")
    for _ in range(2):
        done = cdpctl("login", sandbox.url, "--token-store", "file", "--insecure-skip-verify", code=0)
        assert done.stderr.count("is not verified") == 1
    assert len(open_sessions(sandbox)) == 1


def test_login_as_another_user_ends_the_session_of_the_first(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    log_in(cdpctl, sandbox)
    user = ("--username", sandbox.viewer, "--password-stdin", "--token-store", "file")
    cdpctl("login", sandbox.url, *user, stdin=sandbox.password, code=0)
    assert open_sessions(sandbox) == stored_tokens(tmp_path)
    assert len(open_sessions(sandbox)) == 1


def test_login_to_another_cdp_ends_the_session_on_the_first(
    cdpctl: Program, sandbox: Sandbox, serve: Serve, tmp_path: Path
) -> None:
    log_in(cdpctl, sandbox)
    other = serve()
    cdpctl.secrets.append(other.password)
    user = ("--username", other.username, "--password-stdin", "--token-store", "file")
    cdpctl("login", other.url, *user, stdin=other.password, code=0)
    assert open_sessions(sandbox) == set()
    assert open_sessions(other) == stored_tokens(tmp_path)


def test_profile_of_the_same_account_keeps_its_session_when_another_moves(
    cdpctl: Program, sandbox: Sandbox, serve: Serve, tmp_path: Path
) -> None:
    log_in(cdpctl, sandbox, "-p", "one")
    log_in(cdpctl, sandbox, "-p", "two")
    other = serve()
    user = ("--username", other.username, "--password-stdin", "--token-store", "file", "-p", "two")
    cdpctl("login", other.url, *user, stdin=other.password, code=0)
    assert cdpctl.json("status", "-p", "one", code=0)["token"] == "good"


def test_logins_and_logouts_at_once_leave_no_session_without_its_token(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    log_in(cdpctl, sandbox)
    user = ("--username", sandbox.username, "--password-stdin", "--token-store", "file")

    def log_in_again() -> None:
        cdpctl("login", sandbox.url, *user, stdin=sandbox.password, code=0)

    def log_out() -> None:
        cdpctl("logout", "--all", code=0)

    cdpctl = cdpctl.as_process()
    works = {f"login {number}": log_in_again for number in range(2)}
    together(works | {f"logout {number}": log_out for number in range(2)})
    assert open_sessions(sandbox) == stored_tokens(tmp_path)


@pytest.mark.parametrize("limit", ["", "ulimit -f 0; "])
def test_session_that_cannot_be_stored_is_ended(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path, limit: str
) -> None:
    if not limit:
        cdpctl.env["HOME"] = "/proc/nowhere"
    script = f'{limit}exec "$@"'
    user = ("--username", sandbox.username, "--password-stdin", "--token-store", "file")
    done = subprocess.run(
        ["bash", "-c", script, "-", SCRIPT, "login", sandbox.url, *user],
        input=sandbox.password.encode(),
        capture_output=True,
        env=cdpctl.env,
        timeout=60,
    )
    assert done.returncode == 10, done.stderr
    assert b"Traceback" not in done.stderr
    assert open_sessions(sandbox) == set()


def test_run_that_cannot_store_its_renewed_session_ends_it(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    log_in(cdpctl, sandbox)
    sandbox.sessions.end_all()
    cdpctl.env["CDPCTL_PASSWORD"] = sandbox.password
    done = subprocess.run(
        ["bash", "-c", 'ulimit -f 0; exec "$@"', "-", SCRIPT, "peer", "list"],
        capture_output=True,
        env=cdpctl.env,
        timeout=60,
    )
    assert done.returncode == 10, done.stderr
    assert open_sessions(sandbox) == set()


def test_profile_that_cannot_be_written_leaves_no_token_and_no_session(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    # A folder in place of the configuration's lock. The token's folder is still writable.
    (tmp_path / ".config" / "cdpctl" / "config.toml.lock").mkdir(parents=True)
    user = ("--username", sandbox.username, "--password-stdin", "--token-store", "file")
    cdpctl("login", sandbox.url, *user, stdin=sandbox.password, code=10)
    assert (open_sessions(sandbox), stored_tokens(tmp_path)) == (set(), set())


@pytest.mark.parametrize("body", [b"welcome", b"", b"[", b"\xff\xfe", b"[" * 100_000])
def test_login_with_a_token_header_counts_whatever_its_body_is(tmp_path: Path, body: bytes) -> None:
    good = answer(200, body, {"Authentication-Token": "a-good-token", "Content-Type": "text/plain"})
    with FaultServer([[good]]) as server:
        program = InProcess(tmp_path, None, CDPCTL_NO_KEYRING="1")
        user = ("--username", "operator", "--password-stdin", "--token-store", "file")
        program("login", server.url, *user, stdin="a-password", code=0)
    assert stored_tokens(tmp_path) == {"a-good-token"}


def test_run_as_another_user_keeps_the_token_of_the_profile(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    token = log_in(cdpctl, sandbox)
    cdpctl.env |= {"CDPCTL_USERNAME": sandbox.viewer, "CDPCTL_PASSWORD": sandbox.password}
    cdpctl("peer", "list", code=0)
    for name in ("CDPCTL_USERNAME", "CDPCTL_PASSWORD"):
        del cdpctl.env[name]
    assert token in stored_tokens(tmp_path)
    cdpctl("peer", "stop", "AP1", code=0)
    assert logins(sandbox) == 2


def test_run_for_another_cdp_keeps_the_token_of_the_profile(
    cdpctl: Program, sandbox: Sandbox, serve: Serve, tmp_path: Path
) -> None:
    token = log_in(cdpctl, sandbox)
    other = serve()
    exports = {name: value for name, value in other.environment().items() if name not in cdpctl.env}
    cdpctl.env |= exports
    cdpctl("peer", "list", code=0)
    for name in exports:
        del cdpctl.env[name]
    assert token in stored_tokens(tmp_path)
    cdpctl("peer", "stop", "AP1", code=0)
    assert (logins(sandbox), logins(other)) == (1, 1)


def test_sandbox_run_keeps_the_token_of_the_profile(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    token = log_in(cdpctl, sandbox)
    cdpctl("sandbox", "run", "--", SCRIPT, "peer", "list", code=0)
    assert token in stored_tokens(tmp_path)
    assert cdpctl.json("status", code=0)["token"] == "good"


def test_profiles_of_the_same_account_share_a_session(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    log_in(cdpctl, sandbox, "-p", "one")
    log_in(cdpctl, sandbox, "-p", "two")
    for profile in ("one", "two"):
        cdpctl("peer", "list", "-p", profile, code=0)
    assert logins(sandbox) == 2


def test_login_on_a_terminal_asks_for_everything_that_is_missing(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    answers = [
        Answer("URL of the CDP: ", f"{sandbox.url}\n"),
        Answer(f"User name at {sandbox.url}: ", f"{sandbox.username}\n"),
        Answer("Store it in a file that only you can read? [y/N] ", "y\n"),
        Answer(f"Password for {sandbox.username} at {sandbox.url}: ", "\n"),
        Answer(f"Password for {sandbox.username} at {sandbox.url}: ", f"{sandbox.password}\n"),
    ]
    screen = on_terminal(["login"], cdpctl.env, answers, columns=300)
    assert screen.code == 0, screen.text
    assert sandbox.password not in screen.text
    [file] = tmp_path.rglob("tokens/*.json")
    last = screen.text.strip().splitlines()[-1]
    assert last == f"Logged in to {sandbox.url} as {sandbox.username}; token stored in {file}"
    assert 'token_store = "file"' in next(tmp_path.rglob("config.toml")).read_text()
    assert logins(sandbox) == 1
    again = on_terminal(["login"], cdpctl.env, [Answer("Password for", f"{sandbox.password}\n")])
    assert again.code == 0
    assert "[y/N]" not in again.text


@pytest.mark.parametrize("answer", ["n\n", "\n", "\x04", "\x03"])
def test_file_store_that_is_not_wanted_ends_the_login_before_the_password(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path, answer: str
) -> None:
    words = ["login", sandbox.url, "--username", sandbox.username]
    screen = on_terminal(words, cdpctl.env, [Answer("[y/N] ", answer)])
    assert screen.code == 2
    assert "Password" not in screen.text
    assert sandbox.journal == []
    assert list(tmp_path.rglob("config.toml")) == []


def test_keyring_that_was_asked_for_and_is_missing_ends_the_login_before_the_password(
    cdpctl: Program, sandbox: Sandbox
) -> None:
    words = ["login", sandbox.url, "--username", "o p", "-p", "prod", "--token-store", "keyring"]
    screen = on_terminal(words, cdpctl.env, columns=300)
    assert screen.code == 10
    assert f"cdpctl login {sandbox.url} --profile prod --username 'o p' --token-store file" in screen.text
    assert sandbox.journal == []


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("login",), 10, "no CDP URL is set"),
        (("login", "{url}"), 2, "no user name given; add --username NAME"),
        (
            ("login", "{url}", "--username", "operator", "--token-store", "none"),
            4,
            "add --password-file FILE or --",
        ),
        (("login", "{url}", "--url", "http://127.0.0.1:1"), 2, "URL and --url name different CDPs"),
        (("login", "{url}", "--username", "operator"), 10, "--token-store file"),
    ],
)
def test_nothing_is_asked_without_a_terminal(
    cdpctl: Program, sandbox: Sandbox, words: tuple[str, ...], code: int, said: str
) -> None:
    assert said in cdpctl(*(each.format(url=sandbox.url) for each in words), code=code).stderr
    assert sandbox.journal == []


def test_status_and_logout_read_like_sentences(cdpctl: Program, sandbox: Sandbox) -> None:
    log_in(cdpctl, sandbox)
    where = f"{sandbox.url} as operator"
    good = on_terminal(["status"], cdpctl.env, columns=300).text.splitlines()
    assert good == [
        f"Logged in to {where} (profile default, token from a file).",
        "The CDP is up and accepts the token.",
    ]
    sandbox.sessions.end_all()
    expired = on_terminal(["status", "--no-color"], cdpctl.env, columns=300).text.splitlines()
    assert expired == [
        f"Profile default: {where}, token from a file.",
        "The CDP is up and refuses the token.",
        "error: the session of operator has expired",
        "hint: cdpctl login --profile default",
    ]
    out = cdpctl("logout", "--fields", "removed,message", "--no-headers", code=0)
    assert out.stdout == f"the token file\tLogged out of {where} (profile default); removed the token file\n"
    assert out.stderr == ""
    again = on_terminal(["logout"], cdpctl.env, columns=300).text.splitlines()
    assert again == [f"Not logged in to {where} (profile default)"]
    left = on_terminal(["status", "--no-color"], cdpctl.env, columns=300).text.splitlines()
    assert left[0] == f"Profile default: {sandbox.url}."
    assert left[2:] == ["error: not logged in", "hint: cdpctl login --profile default"]


def test_expired_session_is_called_expired_where_nobody_can_be_asked(
    cdpctl: Program, sandbox: Sandbox
) -> None:
    log_in(cdpctl, sandbox, "-p", "prod")
    sandbox.sessions.end_all()
    error = cdpctl.json("peer", "stop", "AP1", code=4)["error"]
    assert error["message"] == "the session of operator has expired"
    assert error["hint"] == "cdpctl login --profile prod"
    assert error["http_status"] == 401


def test_environment_alone_logs_in_and_out_in_every_command(tmp_path: Path, sandbox: Sandbox) -> None:
    cdpctl = InProcess(tmp_path, sandbox)
    for words in (
        ("peer", "list"),
        ("peer", "stop", "AP1"),
        ("api", "GET", "/peer"),
        ("peer", "show", "AP1"),
    ):
        cdpctl(*words, code=0)
        assert open_sessions(sandbox) == set()
    assert list(tmp_path.rglob("tokens/*.json")) == []


def test_refused_login_says_how_to_try_again(cdpctl: Program, sandbox: Sandbox) -> None:
    user = ("--username", "operator", "--password-stdin", "--token-store", "none")
    error = cdpctl.json("login", sandbox.url, *user, stdin="wrong", code=4)["error"]
    assert error["message"].endswith("wrong user name or password")
    assert error["hint"] == f"cdpctl login {sandbox.url} --username operator --token-store none"
    log_in(cdpctl, sandbox, "-p", "prod")
    sandbox.sessions.end_all()
    cdpctl.env["CDPCTL_PASSWORD"] = "wrong-password"
    assert cdpctl.json("peer", "list", code=4)["error"]["hint"] == "cdpctl login --profile prod"


def test_password_that_no_keyring_can_keep_is_refused_before_anything_is_sent(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    user = ("--username", "operator", "--password-stdin", "--token-store", "file", "--save-password")
    error = cdpctl.json("login", sandbox.url, *user, stdin=sandbox.password, code=10)["error"]
    assert "cannot store the password" in error["message"]
    assert "--save-password" in error["hint"]
    assert sandbox.journal == []
    assert list(tmp_path.rglob("tokens/*.json")) == []


def test_status_says_that_commands_log_in_by_themselves(tmp_path: Path, sandbox: Sandbox) -> None:
    error = InProcess(tmp_path, sandbox).json("status", code=4)["error"]
    assert error["message"] == "not logged in, but commands log in by themselves: CDPCTL_PASSWORD is set"
    assert error["hint"] is None


def test_hint_of_a_failing_login_repeats_all_that_was_typed(cdpctl: Program, sandbox: Sandbox) -> None:
    words = ("login", sandbox.url, "-p", "zz", "--username", "o p", "--token-store", "file")
    error = cdpctl.json(*words, "--proxy", "", "--insecure-http", "--password-stdin", stdin="wrong", code=4)
    typed = "--profile zz --proxy '' --insecure-http --username 'o p' --token-store file"
    assert error["error"]["hint"] == f"cdpctl login {sandbox.url} {typed}"
    error = cdpctl.json("login", sandbox.url, "-p", "zz", "--token-store", "file", code=2)["error"]
    hint = f"cdpctl login {sandbox.url} --profile zz --token-store file --username NAME"
    assert error["hint"] == hint


def test_hint_leads_to_the_same_cdp_by_the_same_way(cdpctl: Program, tmp_path: Path) -> None:
    cdpctl.env |= {"CDPCTL_USERNAME": "operator", "CDPCTL_PASSWORD": "a-password-for-tests"}
    (tmp_path / "config.toml").write_text("[profiles.bad]\n[profiles.other]\n")
    cdpctl.env["CDPCTL_CONFIG"] = str(tmp_path / "config.toml")
    hint = cdpctl.json("peer", "list", "-p", "bad", code=10)["error"]["hint"]
    assert "cdpctl login URL --profile bad;" in hint
    way = ("--url", "http://127.0.0.1:1", "--proxy", "http://127.0.0.1:2", "--connect-timeout", "5s")
    hint = cdpctl.json("peer", "list", "-p", "bad", *way, code=6)["error"]["hint"]
    assert hint.endswith("cdpctl doctor --profile bad --url http://127.0.0.1:1 --proxy http://127.0.0.1:2")
    hint = cdpctl.json("config", "get", "url", "-p", "bad", code=5)["error"]["hint"]
    assert hint == "cdpctl config set --profile bad url VALUE"


def test_login_that_gives_a_profile_another_url_says_so(
    cdpctl: Program, sandbox: Sandbox, serve: Serve
) -> None:
    second = serve()
    log_in(cdpctl, sandbox, "-p", "prod")
    user = ("--username", "operator", "--token-store", "file")
    words = ["login", second.url, *user]
    asked = on_terminal([*words, "--no-color"], cdpctl.env, [Answer("[y/N] ", "n\n")], columns=200)
    assert asked.code == 2
    assert f"Profile prod points to {sandbox.url}." in asked.text
    assert f"to create another profile: cdpctl login {second.url} --profile NAME --username" in asked.text
    assert second.journal == []
    unasked = on_terminal(["peer", "stop", "--all", "--no-input"], cdpctl.env, columns=200).text
    assert "needs confirmation, and --no-input was given; add --yes" in unasked
    done = cdpctl(*words, "--password-stdin", stdin=second.password, code=0)
    assert f"warning: profile prod now points to {second.url} (was {sandbox.url})" in done.stderr
    done = cdpctl(*words, "--password-stdin", stdin=second.password, code=0)
    assert "warning" not in done.stderr


def test_password_file_that_others_can_read_gets_a_note(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    (tmp_path / "pw").write_text(sandbox.password)
    (tmp_path / "pw").chmod(0o644)
    user = ("--username", "operator", "--token-store", "none", "--password-file", str(tmp_path / "pw"))
    done = cdpctl("login", sandbox.url, *user, code=0)
    assert f"note: --password-file: {tmp_path / 'pw'}: it is readable by every user" in done.stderr
