"""The file store and its lock, through the program: checked, replaced atomically, and shared by runs."""

import errno
import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from cdpctl.credentials.token import Token
from cdpctl.credentials.token_file import TokenFile, file_name
from cdpctl.errors import ConfigError
from cdpctl.sandbox.server import Sandbox
from cdpctl.settings.model import Settings
from tests.e2e.conftest import Serve
from tests.support.program import InProcess, Program, changes, logins

pytestmark = [
    pytest.mark.loopback,
    pytest.mark.skipif(os.name == "nt", reason="owners and modes are those of POSIX"),
]


@pytest.fixture
def kept(tmp_path: Path, sandbox: Sandbox) -> tuple[Program, Path]:
    """Return the program after a login with the file store, and the token's file."""
    cdpctl = InProcess(tmp_path, sandbox)
    user = ("--username", sandbox.username, "--password-stdin", "--token-store", "file")
    cdpctl("login", sandbox.url, *user, stdin=sandbox.password, code=0)
    [file] = tmp_path.rglob("tokens/*.json")
    cdpctl.secrets.append(json.loads(file.read_text())["token"])
    return cdpctl, file


def test_file_and_folder_are_for_this_user_alone(kept: tuple[Program, Path]) -> None:
    _, file = kept
    assert file.stat().st_mode & 0o777 == 0o600
    assert file.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("mode", [0o644, 0o660, 0o604])
def test_looser_mode_is_refused_with_the_command_that_mends_it(
    kept: tuple[Program, Path], sandbox: Sandbox, mode: int
) -> None:
    cdpctl, file = kept
    file.chmod(mode)
    error = cdpctl.json("peer", "stop", "AP1", code=10)["error"]
    assert error["hint"] == f"chmod 600 {file}"
    assert changes(sandbox) == []
    file.chmod(0o600)
    cdpctl("peer", "stop", "AP1", code=0)


@pytest.mark.skipif(os.name == "nt" or os.geteuid() != 0, reason="only root gives files away")
def test_file_of_another_user_is_refused(kept: tuple[Program, Path]) -> None:
    cdpctl, file = kept
    os.chown(file, 65534, 65534)
    assert "another user" in cdpctl.json("status", code=10)["error"]["message"]


def test_file_that_holds_no_token_heals(kept: tuple[Program, Path], sandbox: Sandbox) -> None:
    cdpctl, file = kept
    file.write_bytes(b'{"url": "http')
    cdpctl("peer", "stop", "AP1", code=0)
    assert json.loads(file.read_text())["token"]
    assert logins(sandbox) == 2


def test_token_that_no_header_carries_heals(kept: tuple[Program, Path]) -> None:
    cdpctl, file = kept
    spoilt = {**json.loads(file.read_text()), "token": "line\nend-of-the-token"}
    file.write_text(json.dumps(spoilt))
    cdpctl("peer", "list", code=0)
    assert json.loads(file.read_text())["token"] != spoilt["token"]


def test_token_of_another_cdp_is_not_sent(kept: tuple[Program, Path], serve: Serve) -> None:
    cdpctl, _ = kept
    other = serve()
    cdpctl.env |= other.environment()
    cdpctl("peer", "list", code=0)
    assert logins(other) == 1


def test_link_is_followed_and_stays_a_link(
    kept: tuple[Program, Path], sandbox: Sandbox, tmp_path: Path
) -> None:
    cdpctl, file = kept
    elsewhere = tmp_path / "elsewhere.json"
    file.rename(elsewhere)
    file.symlink_to(elsewhere)
    sandbox.sessions.end_all()
    cdpctl("peer", "list", code=0)
    assert file.is_symlink()
    assert elsewhere.stat().st_mode & 0o777 == 0o600
    cdpctl("peer", "list", code=0)
    assert logins(sandbox) == 2


@pytest.mark.parametrize("kind", ["folder", "pipe"])
def test_what_is_no_file_is_refused_at_once(kept: tuple[Program, Path], kind: str) -> None:
    cdpctl, file = kept
    file.unlink()
    if kind == "folder":
        file.mkdir()
    else:
        os.mkfifo(file, 0o600)
    error = cdpctl.json("peer", "list", code=10, seconds=20)["error"]
    assert str(file) in error["message"]


@pytest.mark.parametrize("years", [-10, 10])
def test_clocks_decide_nothing(kept: tuple[Program, Path], sandbox: Sandbox, years: int) -> None:
    cdpctl, file = kept
    when = file.stat().st_mtime + years * 365 * 86400
    os.utime(file, (when, when))
    cdpctl("peer", "list", code=0)
    assert logins(sandbox) == 1


def test_runs_with_an_expired_token_make_one_login(kept: tuple[Program, Path], sandbox: Sandbox) -> None:
    cdpctl = kept[0].as_process()
    sandbox.sessions.end_all()
    with ThreadPoolExecutor(4) as pool:
        for done in [pool.submit(cdpctl, "peer", "list", code=0, seconds=100) for _ in range(4)]:
            done.result()
    assert logins(sandbox) == 2


def test_eight_calls_of_one_run_make_one_login(kept: tuple[Program, Path], serve: Serve) -> None:
    sandbox = serve(peers=16)
    cdpctl = InProcess(Path(kept[0].env["HOME"]) / "other", sandbox)
    user = ("--username", sandbox.username, "--password-stdin", "--token-store", "file")
    cdpctl("login", sandbox.url, *user, stdin=sandbox.password, code=0)
    sandbox.sessions.end_all()
    words = [f"AP{number}" for number in range(1, 17)]
    cdpctl("peer", "stop", *words, "--each", "--no-preflight", code=0)
    assert logins(sandbox) == 2
    stopped = set(changes(sandbox))
    assert len(stopped) == 16


def test_lock_file_left_behind_stops_nobody(kept: tuple[Program, Path], sandbox: Sandbox) -> None:
    cdpctl, file = kept
    file.with_name(file.name + ".lock").write_text("left by a run that was killed")
    sandbox.sessions.end_all()
    cdpctl("peer", "list", code=0)


def test_lock_that_is_held_too_long_is_named(kept: tuple[Program, Path], sandbox: Sandbox) -> None:
    cdpctl, file = kept
    sandbox.sessions.end_all()
    lock = file.with_name(file.name + ".lock")
    holder = (
        "import fcntl, sys; file = open(sys.argv[1], 'w'); fcntl.flock(file, fcntl.LOCK_EX); "
        "print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", holder, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        error = cdpctl.json("peer", "stop", "AP1", "--timeout", "2s", code=10)["error"]
        assert str(lock) in error["message"]
        assert other.stdin is not None
        other.stdin.close()
    assert changes(sandbox) == []


def test_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "tokens" / "default.json"
    writer = (
        "import sys; from pathlib import Path; from cdpctl.files import write_private\n"
        "path, number = Path(sys.argv[1]), 0\n"
        "while True:\n"
        "    number += 1\n"
        "    write_private(path, (str(number % 10) * 4000).encode())\n"
        "    number == 3 and print('writing', flush=True)\n"
    )
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", writer, str(path)], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "writing\n"
            child.send_signal(signal.SIGKILL)
        data = path.read_text()
        assert data == data[:1] * 4000


def test_home_that_cannot_be_written_is_named(tmp_path: Path, sandbox: Sandbox) -> None:
    cdpctl = InProcess(tmp_path, sandbox)
    cdpctl.env["HOME"] = "/proc/nowhere"
    cdpctl("peer", "list", code=0)
    user = ("--username", sandbox.username, "--password-stdin", "--token-store", "file")
    error = cdpctl.json("login", sandbox.url, *user, stdin=sandbox.password, code=10)["error"]
    assert "/proc/nowhere" in error["message"]


def test_no_home_at_all_is_no_trouble(tmp_path: Path, sandbox: Sandbox) -> None:
    cdpctl = InProcess(tmp_path, sandbox)
    del cdpctl.env["HOME"]
    cdpctl.env["CDPCTL_CONFIG"] = str(tmp_path / "config.toml")
    cdpctl.env["XDG_CACHE_HOME"] = str(tmp_path)
    cdpctl("peer", "list", code=0)


def _as_earlier_versions(file: Path, name: str = "default") -> Path:
    """Rename a token's file to the name that earlier versions used."""
    return file.rename(file.with_name(f"{name}.json"))


def test_file_of_an_earlier_version_is_read_and_replaced(
    kept: tuple[Program, Path], sandbox: Sandbox
) -> None:
    cdpctl, file = kept
    old = _as_earlier_versions(file)
    cdpctl("peer", "list", code=0)
    assert logins(sandbox) == 1
    sandbox.sessions.end_all()
    cdpctl("peer", "list", code=0)
    assert (logins(sandbox), file.exists(), old.exists()) == (2, True, False)


def test_file_of_an_earlier_version_is_removed_at_logout(
    kept: tuple[Program, Path], sandbox: Sandbox
) -> None:
    cdpctl, file = kept
    old = _as_earlier_versions(file)
    [record] = cdpctl.json("logout", code=0)["profiles"]
    assert (record["ended"], record["removed"], old.exists()) == (True, ["the token file"], False)


def test_file_of_an_earlier_version_and_another_user_is_left_alone(
    kept: tuple[Program, Path], sandbox: Sandbox
) -> None:
    cdpctl, file = kept
    old = _as_earlier_versions(file)
    cdpctl.env["CDPCTL_USERNAME"] = sandbox.viewer
    cdpctl("peer", "list", code=0)
    cdpctl("logout", code=0)
    assert json.loads(old.read_text())["username"] == sandbox.username


@pytest.mark.parametrize(
    ("url", "username"),
    [("https://h/a", "u"), ("https://h/b", "u"), ("https://h/a", "U"), ("https://h/a", "../../u"), ("", "")],
)
def test_name_of_a_file_is_one_for_each_url_and_user(url: str, username: str) -> None:
    names = {file_name(*each) for each in (("https://h/c", "u"), ("https://h/a", "u\0"), (url, username))}
    assert len(names) == 3
    assert all("/" not in each and not each.startswith(".") and len(each) < 200 for each in names)


def file_in(tmp_path: Path, said: list[str] | None = None, **more: Any) -> TokenFile:
    settings = Settings(
        config_file=tmp_path / "config.toml",
        config_dir=tmp_path,
        url="https://cdp.example.com:38080/baocdp",
        username="operator",
    )
    told: list[str] = [] if said is None else said
    return TokenFile(settings._replace(**more), lambda level, text: told.append(f"{level} {text}"))


def test_token_comes_back_for_its_url_and_user_alone(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    assert file.read() is None
    file.write(Token("token-1234", "login"))
    assert file.read() == Token("token-1234", "file")
    # Even under another name: only the content counts.
    viewer = file_in(tmp_path, username="viewer")
    for other in (viewer, file_in(tmp_path, url="https://other.example.com/baocdp")):
        assert other.path != file.path
        other.path.write_bytes(file.path.read_bytes())
        other.path.chmod(0o600)
        assert other.read() is None
    assert file.remove()
    assert not file.remove()
    assert file.read() is None


@pytest.mark.parametrize(
    "content",
    [b"", b'{"url": "http', b"\xff\xfe\x00", b"[]", b"7", b'{"token": 7}', b'{"url": "u"}', b"[" * 99999],
)
def test_file_that_is_spoilt_is_said_at_v_and_holds_none(tmp_path: Path, content: bytes) -> None:
    said: list[str] = []
    file = file_in(tmp_path, said, profile="prod")
    file.write(Token("token-1234", "login"))
    file.path.write_bytes(content)
    assert file.read() is None
    assert said == [f"1 {file.path}: it holds no token that can be read"]
    # The owner is unknown.
    old = file.path.rename(file.path.with_name("prod.json"))
    assert not file.remove()
    assert old.exists()


def test_file_without_a_url_and_a_user_has_a_name_too(tmp_path: Path) -> None:
    assert file_in(tmp_path, url=None, username=None).path.name == file_name("", "")


def test_file_of_an_earlier_version_serves_until_a_token_is_written_or_removed(tmp_path: Path) -> None:
    file = file_in(tmp_path, profile="prod")
    file.write(Token("token-1234", "login"))
    old = file.path.rename(file.path.with_name("prod.json"))
    assert file.read() == Token("token-1234", "file")
    assert file_in(tmp_path, profile="prod", username="viewer").read() is None
    assert not file_in(tmp_path, profile="prod", username="viewer").remove()
    file.write(Token("token-5678", "login"))
    assert (file.read(), old.exists()) == (Token("token-5678", "file"), False)
    file.path.rename(old)
    assert file.remove()
    assert not old.exists()


def test_file_of_an_earlier_version_that_is_not_safe_is_left_and_said(tmp_path: Path) -> None:
    said: list[str] = []
    file = file_in(tmp_path, said, profile="prod")
    file.write(Token("token-1234", "login"))
    old = file.path.with_name("prod.json")
    old.write_bytes(file.path.read_bytes())
    old.chmod(0o644)
    assert (file.remove(), file.remove()) == (True, False)
    assert old.exists()
    assert said == [f"1 {old}: other users can read or change it"] * 2


def test_file_that_cannot_be_removed_is_named(tmp_path: Path) -> None:
    file = file_in(tmp_path)
    file.path.mkdir(parents=True)
    with pytest.raises(ConfigError, match=f"{file.path}: cannot be removed: "):
        file.remove()


def test_lock_is_that_of_the_file_and_missing_locks_are_said_at_v(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    file = file_in(tmp_path, said)
    with file.locked(1.0):
        assert file.path.with_name(f"{file.path.name}.lock").exists()
        with pytest.raises(ConfigError, match="has held this lock for 0 s"), file_in(tmp_path).locked(0.01):
            pass

    def without(*_: object) -> None:
        raise OSError(errno.ENOLCK, "no locks available")

    monkeypatch.setattr("fcntl.flock", without)
    with file.locked(1.0):
        assert said == [f"1 {tmp_path}/tokens: this file system has no locks; continuing without"]


@pytest.mark.parametrize(
    ("url", "username", "begin"),
    [
        ("https://cdp.example.com:38080/baocdp", "operator", "operator-cdp.example.com-"),
        ("https://cdp.example.com/baocdp", "..o p/er", "o_p_er-cdp.example.com-"),
        (f"https://{'h' * 70}.com/", "u" * 50, f"{'u' * 40}-{'h' * 60}-"),
        ("", "", "--"),
    ],
)
def test_name_of_a_file_can_be_recognised(url: str, username: str, begin: str) -> None:
    name = file_name(url, username)
    assert name.startswith(begin)
    assert len(name) == len(begin) + 16 + len(".json")
    assert name.endswith(".json")
