"""Private files: replaced as a whole or unchanged, for this user only, whichever step fails."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cdpctl.completion.cache import remember
from cdpctl.completion.install import put
from cdpctl.errors import ConfigError, UsageError
from cdpctl.files import (
    absolute_path,
    file_mode,
    locked,
    read_private,
    replace_file,
    write_private,
)
from cdpctl.output.files import write_output
from cdpctl.settings.edit import save_profile
from cdpctl.settings.file import load

_STEPS = (
    "open", "fdopen", "fsync", "fchmod", "replace", "fstat", "stat", "lstat", "mkdir", "chmod", "close",
    "unlink", "listdir", "scandir", "urandom",
)  # fmt: skip
_FAILURES = [errno.ENOSPC, errno.EACCES, errno.EIO, errno.EROFS, errno.EDQUOT]


class Failing:
    """Lets the Nth call fail.

    Args:
        number: the number of the call, from 1. 0 only counts calls.
        code: the error number.
    """

    def __init__(self, number: int, code: int) -> None:
        self.number, self.code, self.calls = number, code, 0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            if self.calls == self.number:
                raise OSError(self.code, os.strerror(self.code))
            return function(*args, **kwargs)

        return call


def _with_failure(
    number: int,
    work: Callable[[], object],
    code: int = errno.ENOSPC,
    known: type[Exception] = ConfigError,
) -> int:
    """Do some work whose Nth step fails. Return the number of steps."""
    failing = Failing(number, code)
    with pytest.MonkeyPatch.context() as patch:
        for name in _STEPS:
            patch.setattr(os, name, failing.around(getattr(os, name)))
        try:
            work()
        except known:
            if not number:
                raise
    return failing.calls


@contextmanager
def _umask(mask: int) -> Iterator[None]:
    old = os.umask(mask)
    try:
        yield
    finally:
        os.umask(old)


def _leftovers(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir() if each.name.endswith(".tmp")]


@pytest.mark.parametrize("code", _FAILURES, ids=errno.errorcode.get)
def test_file_is_old_or_new_whatever_step_fails(tmp_path: Path, code: int) -> None:
    path = tmp_path / "tokens" / "default.json"

    def work() -> None:
        write_private(path, b"new")

    steps = _with_failure(0, work)
    assert steps >= 5
    for number in range(1, steps + 1):
        write_private(path, b"old")
        _with_failure(number, work, code)
        assert path.read_bytes() in (b"old", b"new")
        assert len(_leftovers(path.parent)) <= 1, f"step {number} leaves more than what it could not remove"
        for each in _leftovers(path.parent):
            (path.parent / each).unlink()


@pytest.mark.parametrize("code", _FAILURES, ids=errno.errorcode.get)
def test_configuration_is_old_or_new_whatever_step_fails(tmp_path: Path, code: int) -> None:
    path = tmp_path / "config.toml"
    old = {"url": "https://old.example.com/baocdp"}
    new = {"url": "https://new.example.com/baocdp"}
    save_profile(path, "prod", old)

    def work() -> None:
        save_profile(path, "prod", new)

    steps = _with_failure(0, work)
    for number in range(1, steps + 1):
        save_profile(path, "prod", old)
        _with_failure(number, work, code)
        assert load(path)["profiles"]["prod"] in (old, new)


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO], ids=errno.errorcode.get)
def test_completion_script_and_settings_of_the_shell_are_old_or_new_whatever_step_fails(
    tmp_path: Path, code: int
) -> None:
    settings = tmp_path / ".zshrc"
    script = tmp_path / ".local/share/zsh/site-functions/_cdpctl"
    old = "export MINE=1\n"

    def work() -> None:
        put("zsh", "new", {"HOME": str(tmp_path)})

    settings.write_text(old)
    steps = _with_failure(0, work)
    new = settings.read_text()
    for number in range(1, steps + 1):
        settings.write_text(old)
        script.write_text("old")
        _with_failure(number, work, code)
        assert settings.read_text() in (old, new)
        assert script.read_text() in ("old", "new")


def test_list_for_completion_is_old_or_new_whatever_step_fails(tmp_path: Path) -> None:
    folder = tmp_path / "peers"

    def work() -> None:
        remember(folder, "prod", ["AP2"])

    for number in range(1, _with_failure(0, work) + 1):
        remember(folder, "prod", ["AP1"])
        _with_failure(number, work)
        assert (folder / "prod").read_text().partition("\n")[2] in ("AP1\n", "AP2\n")


def test_reading_says_what_failed(tmp_path: Path) -> None:
    path = tmp_path / "default.json"
    write_private(path, b"token")

    def work() -> None:
        assert read_private(path) == b"token"

    for number in range(_with_failure(0, work) + 1):
        _with_failure(number, work)


@pytest.mark.parametrize("mask", [0o000, 0o022, 0o077, 0o777])
def test_folders_and_files_are_private_whatever_the_umask(tmp_path: Path, mask: int) -> None:
    path = tmp_path / "a" / "b" / "c" / "token.json"
    with _umask(mask):
        write_private(path, b"x")
        with locked(path, 1.0):
            pass
    for folder in (tmp_path / "a", tmp_path / "a" / "b", tmp_path / "a" / "b" / "c"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert all(stat.S_IMODE(each.stat().st_mode) & 0o077 == 0 for each in path.parent.iterdir())


def test_folder_that_is_there_keeps_its_mode(tmp_path: Path) -> None:
    tmp_path.chmod(0o755)
    write_private(tmp_path / "x", b"x")
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_file_in_place_of_a_folder_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("")
    with pytest.raises(ConfigError, match="Not a directory"):
        write_private(tmp_path / "a" / "b" / "x", b"x")


def test_leftovers_of_killed_runs_do_not_block_and_go_in_time(tmp_path: Path) -> None:
    path = tmp_path / "token.json"
    old, fresh = tmp_path / f".token.json.{os.getpid()}.tmp", tmp_path / ".token.json.0123.tmp"
    other = tmp_path / ".other.json.1.tmp"
    for each in (old, fresh, other):
        each.write_text("")
    for each in (old, other):
        os.utime(each, (1, 1))
    write_private(path, b"x")
    assert path.read_bytes() == b"x"
    assert sorted(_leftovers(tmp_path)) == [other.name, fresh.name]


def test_names_of_temporary_files_do_not_repeat_with_the_process_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: set[Path] = set()
    true = Path.replace

    def note(self: Path, target: Path) -> Path:
        assert self not in seen
        seen.add(self)
        return true(self, target)

    monkeypatch.setattr(Path, "replace", note)
    for _ in range(20):
        replace_file(tmp_path / "x", b"")
    assert len(seen) == 20


def test_link_keeps_pointing_at_the_file(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "config.toml")
    write_private(tmp_path / "link", b"x")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "config.toml").read_bytes() == b"x"


@pytest.mark.parametrize(
    "code", [errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK], ids=errno.errorcode.get
)
def test_missing_locks_are_said_once_and_nothing_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, recwarn: pytest.WarningsRecorder, code: int
) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    said: list[str] = []
    for _ in range(2):
        with locked(tmp_path / "config.toml", 1.0, lambda _level, text: said.append(text)):
            write_private(tmp_path / "config.toml", b"x")
    assert said == [f"{tmp_path}: this file system has no locks; continuing without"]
    assert not recwarn.list
    assert (tmp_path / "config.toml").read_bytes() == b"x"


@pytest.mark.parametrize("code", [errno.EIO, errno.EACCES + 1000], ids=["EIO", "unknown"])
def test_lock_that_fails_otherwise_is_a_known_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: int
) -> None:
    import fcntl

    def refuse(*_: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(ConfigError, match=r"\.lock: cannot be locked"), locked(tmp_path / "x", 1.0):
        pass


def test_lock_of_another_run_is_waited_for_and_named(tmp_path: Path) -> None:
    path = tmp_path / "x"
    with (
        locked(path, 1.0),
        pytest.raises(ConfigError, match="another cdpctl has held this lock"),
        locked(path, 0.2),
    ):
        pass


def test_file_the_user_named_keeps_its_mode_and_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "failed.txt"
    with _umask(0o022):
        write_output(path, b"AP1\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o640)

    def work() -> None:
        write_output(path, b"AP2\n")

    for number in range(1, _with_failure(0, work) + 1):
        write_output(path, b"AP1\n")
        _with_failure(number, work, known=OSError)
        assert path.read_bytes() in (b"AP1\n", b"AP2\n")
    write_output(path, b"AP3\n")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_pipe_and_device_the_user_named_are_written_as_they_are(tmp_path: Path) -> None:
    import threading

    write_output(Path(os.devnull), b"AP1\n")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)
    path, got = tmp_path / "pipe", list[bytes]()
    os.mkfifo(path)
    reader = threading.Thread(target=lambda: got.append(path.read_bytes()))
    reader.start()
    write_output(path, b"AP1\n")
    reader.join(10)
    assert got == [b"AP1\n"]
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_home_folders_are_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert absolute_path("~/x", "--ca-bundle") == tmp_path / "x"
    assert absolute_path("x", "ca_bundle", tmp_path / "conf") == tmp_path / "conf" / "x"
    assert absolute_path("x", "--ca-bundle") == Path.cwd() / "x"
    with pytest.raises(UsageError, match="cannot expand '~nosuchuser/x': there is no user"):
        absolute_path("~nosuchuser/x", "--ca-bundle")


def test_path_needs_no_current_folder_unless_it_is_relative(tmp_path: Path) -> None:
    script = (
        "import os, sys\n"
        "from cdpctl.errors import UsageError\n"
        "from cdpctl.files import absolute_path\n"
        "os.rmdir(os.getcwd())\n"
        "assert str(absolute_path('/x', '--ca-bundle')) == '/x'\n"
        "try: absolute_path('x', '--ca-bundle')\n"
        "except UsageError as error: print(error.message)\n"
    )
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run([sys.executable, "-c", script], cwd=gone, capture_output=True, text=True)
    assert done.stdout.startswith("--ca-bundle: cannot find 'x': no current folder"), done.stderr


@pytest.mark.parametrize("error", [OSError(errno.EIO, "I/O error"), PermissionError(errno.EACCES, "no")])
def test_file_that_cannot_be_examined_is_not_one_that_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    assert file_mode(tmp_path / "missing") is None
    assert file_mode(tmp_path / "missing" / "below") is None

    def fail(*_args: object, **_more: object) -> None:
        raise error

    monkeypatch.setattr(os, "stat", fail)
    with pytest.raises(OSError, match=str(error.strerror)):
        file_mode(tmp_path)
