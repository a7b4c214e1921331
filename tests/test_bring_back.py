"""The command that brings back what a restart left down: one a shell takes as it stands."""

import shlex
from types import SimpleNamespace
from typing import Any

import pytest

from cdpctl.commands.report import recovery_command
from cdpctl.operations.run import Report


def command(names: tuple[str, ...], *, profile: str | None = None, url: str | None = None) -> str:
    runtime: Any = SimpleNamespace(
        settings=SimpleNamespace(profile_exists=profile is not None, profile=profile or "default"),
        shared=SimpleNamespace(url=url),
    )
    return recovery_command(runtime, Report("restart", (), left_down=names))


@pytest.mark.parametrize(
    "names", [("AP1",), ("AP 1", "it's"), ("$HOME", "`id`", "a&b"), ("-x", "AP1"), ("*", "[red]"), ("ü",)]
)
def test_names_come_through_a_shell_as_they_are(names: tuple[str, ...]) -> None:
    words = shlex.split(command(names))
    assert words[:3] == ["cdpctl", "peer", "start"]
    assert tuple(words[-len(names) :]) == names
    assert ("--" in words) is names[0].startswith("-")


def test_grid_is_the_same_one() -> None:
    assert command(("AP1",), profile="prod") == "cdpctl peer start --profile prod AP1"
    assert command(("AP1",), url="https://cdp:1/baocdp") == "cdpctl peer start --url https://cdp:1/baocdp AP1"
