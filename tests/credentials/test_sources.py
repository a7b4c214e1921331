"""The sources of tokens and passwords, and their order."""

import io
import os
import signal
import stat
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest

from cdpctl.background import BackgroundCall
from cdpctl.credentials.sources import (
    decode_secret,
    given_password,
    given_token,
    read_secret_file,
    read_secret_stream,
    run_password_command,
    secret_path,
    variable,
)
from cdpctl.credentials.token import Token
from cdpctl.errors import AuthError
from cdpctl.redact import redactor
from cdpctl.sandbox.server import Sandbox
from cdpctl.settings.model import Settings
from tests.e2e.conftest import Serve
from tests.support.program import SCRIPT, InProcess, Program, changes, logins
from tests.support.terminal import Answer, on_terminal

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(os.name == "nt", reason="terminals and modes of POSIX"),
]


@pytest.fixture
def cdpctl(tmp_path: Path, sandbox: Sandbox) -> Program:
    return InProcess(tmp_path, sandbox)


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
    program = InProcess(tmp_path, sandbox)
    program("peer", "stop", "AP1", code=9)
    assert logins(sandbox) == 1


def test_token_refused_for_ever_is_two_logins_at_most(tmp_path: Path, serve: Serve) -> None:
    sandbox = serve("list:401")
    InProcess(tmp_path, sandbox).json("peer", "list", code=4)
    # One login without a token, one after the 401. The second refusal is final.
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


def test_secret_in_another_encoding_is_named_and_not_sent(
    cdpctl: Program, sandbox: Sandbox, tmp_path: Path
) -> None:
    data = "pass-wörd-5".encode("utf-16")
    file = tmp_path / "pw"
    file.write_bytes(data)
    del cdpctl.env["CDPCTL_PASSWORD"]
    login = ("login", sandbox.url, "--token-store", "none")
    assert "UTF-8" in cdpctl(*login, "--password-file", str(file), code=4).stderr
    assert "UTF-8" in cdpctl(*login, "--password-stdin", stdin=data, code=4).stderr
    for name in ("CDPCTL_PASSWORD_FILE", "CDPCTL_TOKEN_FILE"):
        done = InProcess(tmp_path, sandbox, **{"CDPCTL_PASSWORD": "", name: str(file)})(
            "peer", "list", code=4
        )
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
        ("sh -c 'sleep 300 & echo $! > {pid}; echo password; wait'", "in time"),
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
    """Wait until a process has ended."""
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


_NOTES: list[str] = []


def settings_of(**more: Any) -> Settings:
    return Settings(config_file=Path("/nowhere"), config_dir=Path("/nowhere"), **more)


def written(tmp_path: Path, name: str, text: str = "", mode: int = 0o600) -> Path:
    path = tmp_path / name
    path.write_text(text or f"of-{name}\n")
    path.chmod(mode)
    return path


def test_token_comes_from_the_variable_then_its_file_then_that_of_the_profile(tmp_path: Path) -> None:
    settings = settings_of(token_file=written(tmp_path, "profile"))
    environ = {"CDPCTL_TOKEN": "of-variable", "CDPCTL_TOKEN_FILE": str(written(tmp_path, "file"))}

    def given(settings: Settings, environ: dict[str, str]) -> Token | None:
        return given_token(settings, environ, _NOTES.append, 5.0)

    assert given(settings, environ) == Token("of-variable", "CDPCTL_TOKEN")
    environ["CDPCTL_TOKEN"] = ""
    assert given(settings, environ) == Token("of-file", "CDPCTL_TOKEN_FILE")
    del environ["CDPCTL_TOKEN_FILE"]
    assert given(settings, environ) == Token("of-profile", "token_file")
    assert given(settings._replace(trust_profile_secrets=False), environ) is None
    assert given(settings_of(), environ) is None


def test_password_comes_from_the_variable_then_its_file_then_the_command(tmp_path: Path) -> None:
    settings = settings_of(password_command="echo of-command")
    environ = {"CDPCTL_PASSWORD": "of-variable", "CDPCTL_PASSWORD_FILE": str(written(tmp_path, "file"))}

    def given(settings: Settings, environ: dict[str, str]) -> str | None:
        return given_password(settings, environ, _NOTES.append, 5.0)

    assert given(settings, environ) == "of-variable"
    environ["CDPCTL_PASSWORD"] = ""
    assert given(settings, environ) == "of-file"
    del environ["CDPCTL_PASSWORD_FILE"]
    assert given(settings, environ) == "of-command"
    assert given(settings._replace(trust_profile_secrets=False), environ) is None
    assert given(settings_of(), environ) is None
    with pytest.raises(AuthError, match=r"^CDPCTL_PASSWORD_FILE: /nowhere: "):
        given(settings, {"CDPCTL_PASSWORD_FILE": "/nowhere"})


@pytest.mark.parametrize("interactive", [False, True])
def test_command_is_in_the_foreground_group_only_where_it_may_ask_on_a_terminal(interactive: bool) -> None:
    command = "cut -d ' ' -f 5 /proc/self/stat"
    if not Path("/proc/self/stat").exists():
        pytest.skip("/proc is missing")
    group = given_password(
        settings_of(password_command=command, interactive=interactive), {}, _NOTES.append, 5.0
    )
    assert (group == str(os.getpgrp())) is interactive
    assert run_password_command(command, 5.0) != str(os.getpgrp())


@pytest.mark.parametrize(
    ("command", "own_group"),
    [
        ("sleep 300", False),
        ("sleep 300", True),
        ("sh -c 'echo secret; exec sleep 300 >&-'", False),
        ("sh -c 'sleep 300 & echo secret; wait'", True),
    ],
)
def test_command_that_does_not_end_is_ended(
    monkeypatch: pytest.MonkeyPatch, command: str, own_group: bool
) -> None:
    started: list[subprocess.Popen[bytes]] = []

    class Noted(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            started.append(self)

    monkeypatch.setattr(subprocess, "Popen", Noted)
    with pytest.raises(AuthError, match=r"^password_command: .* in time") as caught:
        run_password_command(command, 0.3, own_group=own_group)
    assert (caught.value.hint or "").startswith("run the command by hand")
    [process] = started
    assert process.returncode == -signal.SIGKILL
    assert process.stdout is not None
    # The pipe ends with the last process that can write to it.
    for _ in range(1000):
        if process.stdout.closed:
            return
        time.sleep(0.01)
    pytest.fail("something that the command started is still there")


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("sh -c 'echo secret; exit 3'", "it ended with exit code 3"),
        ("echo", "it printed no password"),
        ("sh -c 'echo; echo secret'", "it printed no password"),
        ("no-such-command", "No such file or directory"),
        ("'", "not a valid command"),
        ("", "not a valid command"),
        ("head -c 65537 /dev/zero", "longer than 64 KiB"),
    ],
)
def test_command_that_gives_no_password_says_why(command: str, said: str) -> None:
    with pytest.raises(AuthError) as caught:
        run_password_command(command, 5.0)
    assert caught.value.message == f"password_command: {said}"
    assert caught.value.hint == "run the command by hand: it must print the password on its first line"


def test_command_may_print_64_kib_and_its_first_line_is_the_password() -> None:
    assert run_password_command("sh -c 'printf \"my word\\nmore\"'", 5.0) == "my word"
    assert len(run_password_command("sh -c 'yes x | head -c 65536 | tr -d \"\\n\"'", 5.0)) == 32768
    assert run_password_command("sh -c 'echo secret; yes more | head -c 65529'", 5.0) == "secret"


def test_secret_of_a_file_is_all_of_it_but_one_line_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    for text, secret in [
        ("secret", "secret"),
        ("secret\n", "secret"),
        (" secret \r\n", " secret "),
        ("two\nlines\n\n", "two\nlines\n"),
        ("x" * 65536, "x" * 65536),
    ]:
        written(tmp_path, "file", text)
        assert read_secret_file("~/file", "--password-file") == secret
    assert redactor.mask("two\nlines\n") == "*****"


@pytest.mark.parametrize(
    ("text", "said", "hint"),
    [
        ("\n", " is empty", "write the secret to it, on one line"),
        ("x" * 65537, ": longer than 64 KiB", None),
        (None, ": No such file or directory", "use a file that this user can read"),
    ],
)
def test_file_that_holds_no_secret_says_why(
    tmp_path: Path, text: str | None, said: str, hint: str | None
) -> None:
    path = tmp_path / "file" if text is None else written(tmp_path, "file", text)
    with pytest.raises(AuthError) as caught:
        read_secret_file(path, "--password-file")
    assert (caught.value.message, caught.value.hint) == (f"--password-file: {path}{said}", hint)


@pytest.mark.parametrize(("mode", "noted"), [(0o600, False), (0o640, False), (0o604, True), (0o644, True)])
def test_only_a_file_that_everybody_may_read_is_noted(tmp_path: Path, mode: int, noted: bool) -> None:
    notes: list[str] = []
    path = written(tmp_path, "file", mode=mode)
    assert read_secret_file(path, "CDPCTL_TOKEN_FILE") == "of-file"
    assert read_secret_file(path, "CDPCTL_TOKEN_FILE", notes.append) == "of-file"
    assert [note.rpartition("; ")[2] for note in notes] == ([f"chmod 600 {path}"] if noted else [])


def test_pipe_that_everybody_may_read_is_not_noted(tmp_path: Path) -> None:
    notes: list[str] = []
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    pipe.chmod(0o644)
    writing = BackgroundCall(lambda: pipe.write_text("of-pipe"), "test")
    assert read_secret_file(pipe, "CDPCTL_TOKEN_FILE", notes.append) == "of-pipe"
    assert writing.result(5.0) == 7
    assert notes == []


def test_file_is_read_within_the_deadline_and_half_a_minute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed: list[float] = []
    result = BackgroundCall.result

    def noting(call: BackgroundCall[Any], seconds: float) -> Any:
        allowed.append(seconds)
        return result(call, seconds)

    monkeypatch.setattr(BackgroundCall, "result", noting)
    path = written(tmp_path, "file")
    for seconds in (2.0, 90.0):
        read_secret_file(path, "--password-file", None, seconds)
        read_secret_stream(io.BytesIO(b"secret"), "--password-stdin", seconds)
        run_password_command("echo secret", seconds)
    assert allowed == [2.0] * 3 + [30.0] * 3


def test_secret_of_standard_input_is_all_of_it_but_one_line_end() -> None:
    assert read_secret_stream(io.BytesIO(b" two words\r\n"), "--password-stdin") == " two words"
    assert len(read_secret_stream(io.BytesIO(b"x" * 65536), "--password-stdin")) == 65536


@pytest.mark.parametrize(
    ("stream", "said", "hint"),
    [
        (None, "standard input is closed", None),
        (io.BytesIO(b"\n"), "standard input is empty", "write the secret to it, on one line"),
        (io.BytesIO(b"x" * 65537), "standard input: longer than 64 KiB", None),
    ],
)
def test_standard_input_that_holds_no_secret_says_why(stream: Any, said: str, hint: str | None) -> None:
    with pytest.raises(AuthError) as caught:
        read_secret_stream(stream, "--password-stdin")
    assert caught.value.message.startswith(f"--password-stdin: {said}")
    assert caught.value.hint == hint


def test_standard_input_that_cannot_be_read_says_why() -> None:
    reading, writing = os.pipe()
    stream = io.FileIO(reading, closefd=False)
    for descriptor in (reading, writing):
        os.close(descriptor)
    with pytest.raises(AuthError) as caught:
        read_secret_stream(stream, "--password-stdin")
    assert caught.value.message.startswith("--password-stdin: standard input: ")


@pytest.mark.parametrize("text", ["pass-wörd", "\ufeffpass-wörd", "\ufeffpass-wörd\r\n"])
def test_mark_of_utf_8_is_no_part_of_a_secret(text: str) -> None:
    assert decode_secret(text.encode(), "file") == "pass-wörd"
    assert variable({"CDPCTL_PASSWORD": text}, "CDPCTL_PASSWORD") == text.removeprefix("\ufeff")


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be", "latin-1"])
def test_secret_in_another_encoding_is_refused_with_what_to_do(encoding: str) -> None:
    marks = {"utf-16-be": b"\xfe\xff"}
    with pytest.raises(AuthError, match="file: not UTF-8 text") as caught:
        decode_secret(marks.get(encoding, b"") + "wörd".encode(encoding), "file")
    assert ("byte 1" in caught.value.message) is (encoding == "latin-1")
    assert caught.value.hint == "save it as UTF-8"


@pytest.mark.parametrize("mark", [b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff"])
def test_mark_alone_tells_another_encoding(mark: bytes) -> None:
    with pytest.raises(AuthError, match="UTF-16 or binary"):
        decode_secret(mark, "file")


@pytest.mark.parametrize("name", ["CDPCTL_PASSWORD", "CDPCTL_TOKEN"])
@pytest.mark.parametrize("point", [0xD800, 0xDC80, 0xDFFF])
def test_variable_that_is_not_text_is_refused_where_it_holds_a_secret(name: str, point: int) -> None:
    value = f"se{chr(point)}cret"
    with pytest.raises(AuthError, match=f"{name}: not UTF-8 text"):
        variable({name: value}, name)
    text = "se\ud7ff\ue000cret"
    assert variable({name: text}, name) == text


def test_variable_that_holds_a_secret_is_masked_and_an_empty_one_is_not_set() -> None:
    environ = {"CDPCTL_PASSWORD": "secret-word", "CDPCTL_TOKEN": ""}
    assert variable(environ, "CDPCTL_PASSWORD") == "secret-word"
    assert variable(environ, "CDPCTL_TOKEN") is None
    assert redactor.mask("the secret-word") == "the *****"


@pytest.mark.parametrize(
    ("path", "folder", "whole"),
    [
        ("$CREDENTIALS_DIRECTORY/cdp", "/run/c", "/run/c/cdp"),
        ("${CREDENTIALS_DIRECTORY}/cdp", "/run/c", "/run/c/cdp"),
        ("$CREDENTIALS_DIRECTORY/cdp", "", "$CREDENTIALS_DIRECTORY/cdp"),
        ("/x/$CREDENTIALS_DIRECTORY/cdp", "/run/c", "/x/$CREDENTIALS_DIRECTORY/cdp"),
        ("", "/run/c", None),
    ],
)
def test_folder_of_a_service_manager_is_filled_in(path: str, folder: str, whole: str | None) -> None:
    environ = {"CDPCTL_PASSWORD_FILE": path, "CREDENTIALS_DIRECTORY": folder}
    assert secret_path(environ, "CDPCTL_PASSWORD_FILE") == whole
