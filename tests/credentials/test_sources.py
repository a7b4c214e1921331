"""Where a token and a password come from, which comes first, and what is never done to them."""

import os
import stat
import subprocess
import time
from pathlib import Path

import pytest

from cdpctl.sandbox.server import Sandbox
from tests.e2e.conftest import Serve
from tests.support.program import SCRIPT, Program, changes, logins
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


_MARK = b"\xef\xbb\xbf"


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_byte_order_mark_before_a_password_is_dropped(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path, end: bytes
) -> None:
    file = tmp_path / "pw"
    file.write_bytes(_MARK + sandbox.password.encode() + end)
    file.chmod(0o600)
    del cdpctl.env["CDPCTL_PASSWORD"]
    login = ("login", sandbox.url, "--token-store", "none")
    cdpctl(*login, "--password-file", str(file), code=0)
    cdpctl(*login, "--password-stdin", stdin=file.read_bytes(), code=0)
    cdpctl.env["CDPCTL_PASSWORD_FILE"] = str(file)
    cdpctl("peer", "list", code=0)
    del cdpctl.env["CDPCTL_PASSWORD_FILE"]
    (tmp_path / "config.toml").write_text(
        f'[profiles.a]\nurl="{sandbox.url}"\npassword_command="cat {file}"\n'
    )
    cdpctl.env["CDPCTL_CONFIG"] = str(tmp_path / "config.toml")
    cdpctl("peer", "list", code=0)
    file.write_bytes(_MARK + good_token(sandbox).encode() + end)
    cdpctl.env["CDPCTL_TOKEN_FILE"] = str(file)
    assert cdpctl.json("status", code=0)["token"] == "good"


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "latin-1"])
def test_secret_in_another_encoding_is_named_and_not_sent(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path, encoding: str
) -> None:
    data = "pass-wörd-5".encode(encoding)
    file = tmp_path / "pw"
    file.write_bytes(data)
    del cdpctl.env["CDPCTL_PASSWORD"]
    login = ("login", sandbox.url, "--token-store", "none")
    assert "UTF-8" in cdpctl(*login, "--password-file", str(file), code=4).stderr
    assert "UTF-8" in cdpctl(*login, "--password-stdin", stdin=data, code=4).stderr
    for name in ("CDPCTL_PASSWORD_FILE", "CDPCTL_TOKEN_FILE"):
        done = Program(tmp_path, sandbox, **{"CDPCTL_PASSWORD": "", name: str(file)})("peer", "list", code=4)
        assert name in done.stderr
        assert "UTF-8" in done.stderr
    assert sandbox.journal == []


def test_password_variable_that_is_not_text_is_named(cdpctl: Program, sandbox: Sandbox) -> None:
    cdpctl.env["CDPCTL_PASSWORD"] = "p\udcffassword"
    assert "CDPCTL_PASSWORD: not UTF-8 text" in cdpctl("peer", "list", code=4).stderr
    assert sandbox.journal == []


@pytest.mark.parametrize("name", ["CDPCTL_PASSWORD_FILE", "CDPCTL_TOKEN_FILE"])
def test_endless_and_silent_files_end_in_time(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path, name: str
) -> None:
    del cdpctl.env["CDPCTL_PASSWORD"]
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    for path, said in (("/dev/zero", "longer than 64 KiB"), (str(pipe), "in time")):
        cdpctl.env[name] = path
        done = cdpctl("peer", "list", "--timeout", "1s", code=4, seconds=20)
        assert path in done.stderr
        assert said in done.stderr
    assert sandbox.journal == []


def test_pipes_of_a_shell_are_read_to_their_end(cdpctl: Program, sandbox: Sandbox, tmp_path: Path) -> None:
    del cdpctl.env["CDPCTL_PASSWORD"]
    half = len(sandbox.password) // 2
    first, second = sandbox.password[:half], sandbox.password[half:]
    slowly = f"printf %s '{first}'; sleep 0.3; printf '%s\\n' '{second}'"
    login = f"{SCRIPT} login {sandbox.url} --token-store none"
    for script in (
        f"{login} --password-file <({slowly})",
        f"({slowly}) | {login} --password-stdin",
        f"CDPCTL_PASSWORD_FILE=<({slowly}) {SCRIPT} peer list",
    ):
        done = subprocess.run(["bash", "-c", script], env=cdpctl.env, capture_output=True, timeout=60)
        assert done.returncode == 0, done.stderr


def test_password_on_a_silent_standard_input_ends_in_time(cdpctl: Program, sandbox: Sandbox) -> None:
    words = [SCRIPT, "login", sandbox.url, "--password-stdin", "--token-store", "none", "--timeout", "1s"]
    with subprocess.Popen(words, env=cdpctl.env, stdin=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        assert b"in time" in process.stderr.read()
        assert process.wait(20) == 4
    assert sandbox.journal == []


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("yes password", "longer than 64 KiB"),
        ("cat /dev/zero", "longer than 64 KiB"),
        ("sh -c 'echo $$ > {pid}; sleep 300; echo late'", "in time"),
        ("sh -c 'sleep 300 & echo $! > {pid}; echo password; wait'", "in time"),
        ("sh -c 'echo password; exec >&-; echo $$ > {pid}; sleep 300'", "in time"),
    ],
)
def test_password_command_is_bounded_and_ends_with_all_it_started(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path, command: str, said: str
) -> None:
    pid = tmp_path / "pid"
    line = command.replace("{pid}", str(pid))
    config = tmp_path / "config.toml"
    config.write_text(f'[profiles.a]\nurl = "{sandbox.url}"\nusername = "u"\npassword_command = "{line}"\n')
    for name in ("CDPCTL_URL", "CDPCTL_USERNAME", "CDPCTL_PASSWORD"):
        del cdpctl.env[name]
    cdpctl.env["CDPCTL_CONFIG"] = str(config)
    assert said in cdpctl("peer", "list", "--timeout", "5s", code=4, seconds=60).stderr
    assert sandbox.journal == []
    if "{pid}" in command:
        with pytest.raises(ProcessLookupError):
            _until_gone(int(pid.read_text()))


def _until_gone(pid: int) -> None:
    """Wait for a process to be gone; a killed one may take a moment."""
    for _ in range(100):
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        if state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z":
            raise ProcessLookupError
        time.sleep(0.05)


@pytest.mark.parametrize("name", ["CDPCTL_PASSWORD", "CDPCTL_PASSWORD_FILE"])
def test_password_without_a_user_name_is_named(cdpctl: Program, sandbox: Sandbox, name: str) -> None:
    for each in ("CDPCTL_USERNAME", "CDPCTL_PASSWORD"):
        del cdpctl.env[each]
    cdpctl.env[name] = "whatever-this-is"
    error = cdpctl.json("peer", "stop", "AP1", code=4)["error"]
    assert error["message"] == f"{name} is set, but no user name"
    assert error["hint"] == "set CDPCTL_USERNAME too"
    assert sandbox.journal == []
