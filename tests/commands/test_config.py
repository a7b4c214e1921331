"""`cdpctl config` in the test process: the configuration of a machine, and errors."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdpctl.errors import ExitCode
from cdpctl.settings import edit, file
from tests.support.program import InProcess

_STEPS = ("open", "fsync", "replace", "fstat", "stat", "mkdir", "chmod", "fchmod", "close", "urandom")


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "etc" / "config.toml"
    path.parent.mkdir()
    # Both are imported before the first is patched: a module that is imported later would keep the patch.
    for module in (edit, file):
        monkeypatch.setattr(module, "SYSTEM_CONFIG", path)
    path.write_text(
        'default_profile = "prod"\n[profiles.prod]\nurl = "https://cdp.example.com/x"\ntimeout = "5m"\n'
    )
    return path


@pytest.fixture
def cdpctl(tmp_path: Path) -> InProcess:
    return InProcess(tmp_path, CDPCTL_NO_KEYRING="1")


def _file(tmp_path: Path) -> Path:
    return tmp_path / ".config" / "cdpctl" / "config.toml"


def _settings(cdpctl: InProcess) -> dict[str, Any]:
    document = cdpctl.json("config", "list", code=0)
    return {each["key"]: each["value"] for each in document["settings"]} | {"profile": document["profile"]}


@pytest.mark.usefixtures("system")
def test_profile_of_the_machine_is_used_and_yields_to_the_users(cdpctl: InProcess, tmp_path: Path) -> None:
    found = _settings(cdpctl)
    assert (found["profile"], found["url"], found["timeout"]) == ("prod", "https://cdp.example.com/x", "300s")
    cdpctl("config", "set", "timeout", "1m", code=0)
    found = _settings(cdpctl)
    assert (found["profile"], found["url"], found["timeout"]) == ("prod", "https://cdp.example.com/x", "60s")
    assert "cdp.example.com" not in _file(tmp_path).read_text()
    cdpctl("config", "unset", "timeout", code=0)
    assert _settings(cdpctl)["timeout"] == "300s"


@pytest.mark.parametrize("own", [False, True])
def test_setting_of_the_machine_is_not_removed(cdpctl: InProcess, system: Path, own: bool) -> None:
    if own:
        cdpctl("config", "set", "output", "tsv", code=0)
    error = cdpctl.json("config", "unset", "timeout", code=10)["error"]
    assert error["message"] == f"timeout of profile prod comes from {system}"
    assert str(system) in error["hint"]


@pytest.mark.parametrize("default", ["", 'default_profile = "prod"\n'])
def test_users_first_profile_does_not_replace_the_default_of_the_machine(
    cdpctl: InProcess, system: Path, default: str
) -> None:
    system.write_text(f'{default}[profiles.prod]\nurl = "https://cdp.example.com/x"\n')
    cdpctl("config", "set", "timeout", "1m", "-p", "test", code=0)
    found = cdpctl.json("config", "profiles", code=0)["profiles"]
    assert {each["name"]: each["default"] for each in found} == {"test": False, "prod": bool(default)}


def test_profile_of_the_machine_is_chosen_and_not_removed(
    cdpctl: InProcess, tmp_path: Path, system: Path
) -> None:
    cdpctl("config", "set", "url", "test.example.com", "-p", "test", code=0)
    # The default is as before.
    assert _settings(cdpctl)["profile"] == "prod"
    cdpctl("config", "use", "test", code=0)
    cdpctl("config", "use", "prod", code=0)
    assert _settings(cdpctl)["profile"] == "prod"
    error = cdpctl.json("config", "remove", "prod", code=10)["error"]
    assert str(system) in error["message"]
    assert str(system) in error["hint"]
    assert [each["name"] for each in cdpctl.json("config", "profiles", code=0)["profiles"]] == [
        "test",
        "prod",
    ]


def test_broken_configuration_of_the_machine_is_named(cdpctl: InProcess, system: Path) -> None:
    system.write_text("[profiles.prod]\ncolour = 1\n")
    error = cdpctl.json("config", "list", code=10)["error"]
    assert error["message"].startswith(f"{system}: [profiles.prod] unknown setting 'colour'")


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS, errno.EIO], ids=errno.errorcode.get)
@pytest.mark.parametrize(
    "words",
    [
        ("set", "timeout", "5m"),
        ("set", "url", "https://new.example.com/x"),
        ("unset", "username"),
        ("use", "test"),
        ("remove", "test"),
        ("list",),
    ],
    ids=" ".join,
)
def test_file_is_old_or_new_whichever_step_fails(
    cdpctl: InProcess, tmp_path: Path, words: tuple[str, ...], code: int
) -> None:
    old = (
        'default_profile = "prod"\n[profiles.prod]\nurl = "https://old.example.com/x"\nusername = "me"\n'
        'token_store = "file"\n[profiles.test]\n'
    )
    file = _file(tmp_path)
    file.parent.mkdir(parents=True)
    file.write_text(old)
    cdpctl("config", *words, code=0)
    new = file.read_text()
    for number in range(1, 500):
        file.write_text(old)
        calls = [0]
        with pytest.MonkeyPatch.context() as patch:
            for name in _STEPS:
                patch.setattr(os, name, _failing(getattr(os, name), calls, number, code, tmp_path))
            done = cdpctl("config", *words)
        assert file.read_text() in (old, new), number
        assert done.code in {int(each) for each in ExitCode} - {int(ExitCode.INTERNAL)}, (number, done.said)
        if done.code == 0:
            assert file.read_text() == new
        if calls[0] < number:
            break
    else:
        pytest.fail("there are more steps than were tried")


def _failing(
    function: Callable[..., Any], calls: list[int], number: int, code: int, folder: Path
) -> Callable[..., Any]:
    """Let the Nth call for a file of the run fail, but not for modules and devices."""

    def call(*args: Any, **options: Any) -> Any:
        about = args[0] if args else ""
        path = os.fspath(about) if isinstance(about, (str, os.PathLike)) else str(folder)
        if str(path).startswith(str(folder)):
            calls[0] += 1
            if calls[0] == number:
                raise OSError(code, os.strerror(code))
        return function(*args, **options)

    return call
