"""Where a token and a password come from, which comes first, and what is never done to them."""

import os
import stat
from pathlib import Path

import pytest

from cdpctl.sandbox.server import Sandbox
from tests.e2e.conftest import Serve
from tests.support.program import Program, changes, logins
from tests.support.terminal import Answer, on_terminal

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(os.name == "nt", reason="terminals and modes of POSIX"),
]


def good_token(sandbox: Sandbox) -> str:
    body = f'{{"username": "{sandbox.username}", "password": "{sandbox.password}"}}'
    token = sandbox.sessions.log_in(body.encode())
    assert isinstance(token, str)
    return token


def secret_file(tmp_path: Path, text: str, mode: int = 0o600) -> str:
    path = tmp_path / "secret"
    path.write_text(text)
    path.chmod(mode)
    return str(path)


def test_token_of_a_variable_comes_first_and_no_login_is_made(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    cdpctl.env["CDPCTL_TOKEN"] = good_token(sandbox)
    cdpctl.env["CDPCTL_TOKEN_FILE"] = secret_file(tmp_path, "another-token")
    assert cdpctl.json("status", code=0)["token_source"] == "CDPCTL_TOKEN"
    cdpctl("peer", "stop", "AP1", code=0)
    assert logins(sandbox) == 0
    assert not [call for call in sandbox.journal if call.path.endswith("/logout")]


@pytest.mark.parametrize("where", ["CDPCTL_TOKEN", "CDPCTL_TOKEN_FILE"])
def test_token_of_somebody_else_is_never_replaced_by_a_login(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path, where: str
) -> None:
    token = "expired-token-of-a-variable"
    cdpctl.env[where] = token if where == "CDPCTL_TOKEN" else secret_file(tmp_path, token)
    cdpctl.secrets.append(token)
    error = cdpctl.json("peer", "stop", "AP1", code=4)["error"]
    assert where in error["message"]
    assert logins(sandbox) == 0
    assert changes(sandbox) == []


@pytest.mark.parametrize("token", ["line\nend-of-token", "blank in-token", "umlaut-ü-token", "x" * 20000])
def test_token_that_no_header_carries_is_refused_unseen(
    cdpctl: Program, sandbox: Sandbox, token: str
) -> None:
    cdpctl.env["CDPCTL_TOKEN"] = token
    cdpctl.secrets += [token, token.rsplit("\n", maxsplit=1)[-1].rsplit(" ", maxsplit=1)[-1]]
    assert "CDPCTL_TOKEN" in cdpctl.json("peer", "list", "-vvv", code=4)["error"]["message"]
    assert sandbox.journal == []


def test_file_everybody_may_read_is_used_and_said(cdpctl: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    cdpctl.env["CDPCTL_TOKEN_FILE"] = secret_file(tmp_path, good_token(sandbox), 0o644)
    assert "chmod 600" in cdpctl("peer", "list", code=0).stderr
    assert "chmod 600" not in cdpctl("peer", "list", "--quiet", code=0).stderr


def test_credential_of_a_service_manager_is_a_password_file(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    folder = tmp_path / "credentials"
    folder.mkdir(mode=0o700)
    (folder / "cdp").write_text(f"{sandbox.password}\n")
    (folder / "cdp").chmod(stat.S_IRUSR)
    del cdpctl.env["CDPCTL_PASSWORD"]
    cdpctl.env |= {"CREDENTIALS_DIRECTORY": str(folder), "CDPCTL_PASSWORD_FILE": f"{folder}/cdp"}
    cdpctl("peer", "stop", "AP1", code=0)
    cdpctl.env["CDPCTL_PASSWORD_FILE"] = "$CREDENTIALS_DIRECTORY/cdp"
    cdpctl("peer", "stop", "AP2", code=0)


@pytest.mark.parametrize(
    ("command", "code", "named"),
    [
        ("cat {file}", 0, ""),
        ("false", 4, "exit code 1"),
        ("true", 4, "printed no password"),
        ("no-such-command", 4, "password_command"),
        ("'", 4, "password_command"),
        ("sh -c 'echo wrong-password'", 4, "wrong user name or password"),
    ],
)
def test_password_of_a_command(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path, command: str, code: int, named: str
) -> None:
    file = secret_file(tmp_path, f"{sandbox.password}\nmore of it\n")
    config = tmp_path / "config.toml"
    line = command.replace("{file}", file).replace('"', '\\"')
    config.write_text(
        f'[profiles.a]\nurl = "{sandbox.url}"\nusername = "operator"\npassword_command = "{line}"\n'
    )
    cdpctl.env["CDPCTL_CONFIG"] = str(config)
    for name in ("CDPCTL_URL", "CDPCTL_USERNAME", "CDPCTL_PASSWORD"):
        del cdpctl.env[name]
    done = cdpctl("peer", "list", code=code)
    assert named in done.stderr
    assert logins(sandbox) == (1 if code == 0 or named == "wrong user name or password" else 0)


def test_secrets_of_a_profile_do_not_go_to_another_cdp(
    cdpctl: Program, sandbox: Sandbox, serve: Serve, tmp_path: Path
) -> None:
    other = serve()
    config = tmp_path / "config.toml"
    proof = tmp_path / "was-run"
    config.write_text(
        f'[profiles.a]\nurl = "{sandbox.url}"\nusername = "operator"\n'
        f"password_command = \"sh -c 'touch {proof}; echo {sandbox.password}'\"\n"
    )
    for name in ("CDPCTL_URL", "CDPCTL_USERNAME", "CDPCTL_PASSWORD"):
        del cdpctl.env[name]
    cdpctl.env["CDPCTL_CONFIG"] = str(config)
    cdpctl("peer", "list", "--url", other.url, code=4)
    assert not proof.exists()
    assert [call for call in other.journal if call.path.endswith("/login")] == []


def test_password_is_asked_for_on_a_terminal_and_never_shown(cdpctl: Program, sandbox: Sandbox) -> None:
    del cdpctl.env["CDPCTL_PASSWORD"]
    answers = [Answer("assword", f"{sandbox.password}\n")]
    screen = on_terminal(["peer", "list", "-o", "name"], cdpctl.env, answers)
    assert screen.code == 0, screen.text
    assert "AP1" in screen.text.split()
    assert sandbox.password not in screen.text


def test_wrong_password_typed_is_one_login_and_no_loop(cdpctl: Program, sandbox: Sandbox) -> None:
    del cdpctl.env["CDPCTL_PASSWORD"]
    screen = on_terminal(["peer", "list"], cdpctl.env, [Answer("assword", "wrong-password\n")])
    assert screen.code == 4
    assert logins(sandbox) == 1


def test_nothing_is_asked_where_it_must_not_be(cdpctl: Program, sandbox: Sandbox) -> None:
    del cdpctl.env["CDPCTL_PASSWORD"]
    error = cdpctl.json("peer", "list", code=4)["error"]
    assert "cdpctl login" in error["hint"]
    screen = on_terminal(["peer", "list", "--no-input"], cdpctl.env)
    assert screen.code == 4
    assert sandbox.journal == []


def test_forbidden_never_makes_a_login(cdpctl: Program, serve: Serve, tmp_path: Path) -> None:
    sandbox = serve("stop:403")
    program = Program(tmp_path, sandbox)
    program("peer", "stop", "AP1", code=9)
    assert logins(sandbox) == 1


def test_token_refused_for_ever_is_two_logins_at_most(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve("list:401")
    Program(tmp_path, sandbox).json("peer", "list", code=4)
    # One for want of a token, one after the 401; the second refusal is final.
    assert logins(sandbox) <= 2
