"""Every step of keeping a token or a setting fails once: the old file stays whole, the error is known."""

import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cdpctl.errors import ConfigError
from cdpctl.files import read_private, write_private
from cdpctl.settings.file import load, save_profile

_STEPS = ("open", "fsync", "replace", "fstat", "mkdir", "close")


class Failing:
    """Lets the Nth of the calls that go through it fail.

    Args:
        number: of the call, from 1; 0 only counts.
    """

    def __init__(self, number: int) -> None:
        self.number, self.calls = number, 0

    def around(self, function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            self.calls += 1
            if self.calls == self.number:
                raise OSError(errno.ENOSPC, "No space left on device")
            return function(*args, **kwargs)

        return call


def _with_failure(monkeypatch: pytest.MonkeyPatch, number: int, work: Callable[[], None]) -> int:
    """Do some work with the Nth step failing; return how many steps there were."""
    failing = Failing(number)
    with monkeypatch.context() as patch:
        for name in _STEPS:
            patch.setattr(os, name, failing.around(getattr(os, name)))
        try:
            work()
        except ConfigError:
            if not number:
                raise
    return failing.calls


def test_token_file_is_old_or_new_whatever_step_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "tokens" / "default.json"

    def work() -> None:
        write_private(path, b"new")

    steps = _with_failure(monkeypatch, 0, work)
    assert steps >= 3
    for number in range(1, steps + 1):
        write_private(path, b"old")
        _with_failure(monkeypatch, number, work)
        assert read_private(path) in (b"old", b"new")
        left = [each.name for each in path.parent.iterdir() if each != path]
        assert left == [], f"step {number} leaves something behind"


def test_configuration_is_old_or_new_whatever_step_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "config.toml"
    old = {"url": "https://old.example.com/baocdp"}
    new = {"url": "https://new.example.com/baocdp"}
    save_profile(path, "prod", old)

    def work() -> None:
        save_profile(path, "prod", new)

    steps = _with_failure(monkeypatch, 0, work)
    for number in range(1, steps + 1):
        save_profile(path, "prod", old)
        _with_failure(monkeypatch, number, work)
        assert load(path)["profiles"]["prod"] in (old, new)


def test_reading_says_what_failed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "default.json"
    write_private(path, b"token")

    def work() -> None:
        assert read_private(path) == b"token"

    for number in range(_with_failure(monkeypatch, 0, work) + 1):
        _with_failure(monkeypatch, number, work)
