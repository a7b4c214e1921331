"""Several grids: the profiles on a command line, and the exit code."""

import threading
from pathlib import Path

import pytest

from cdpctl.commands.grids import AT_A_TIME, exit_code_of_grids, read_grids
from cdpctl.commands.invocation import Invocation
from cdpctl.commands.options import SharedOptions
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.several import AskedProfiles
from cdpctl.errors import ConfigError, ExitCode, UnreachableError, UsageError
from cdpctl.output.output import Output
from cdpctl.text import command_line
from tests.support.profiles import write_profiles

_NAMES = [f"grid-{number:02}" for number in range(20)]


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    write_profiles(tmp_path, {name: {"url": "https://cdp.example.com"} for name in _NAMES})
    return {"HOME": str(tmp_path)}


def runtime_of(environ: dict[str, str]) -> Runtime:
    invocation = Invocation(environ, Output(environ))
    return Runtime(invocation, SharedOptions(), AskedProfiles.of((), environ, every=True))


@pytest.mark.parametrize(
    ("typed", "variable", "every", "single", "several"),
    [
        ([], "", False, None, False),
        (["a"], "b", False, "a", False),
        ([], "b", False, "b", False),
        ([], "b,c", False, None, True),
        (["a,b"], "", False, None, True),
        (["a", "b"], "", False, None, True),
        (["a*"], "", False, None, True),
        (["a?"], "", False, None, True),
        (["[ab]"], "", False, None, True),
        ([], "b", True, None, True),
    ],
)
def test_form_of_the_words_says_whether_several_are_meant(
    typed: list[str], variable: str, every: bool, single: str | None, several: bool
) -> None:
    asked = AskedProfiles.of(typed, {"CDPCTL_PROFILE": variable}, every=every)
    assert (asked.single, asked.several) == (single, several)


def test_names_and_patterns_give_each_profile_once_in_the_order_asked_for(environ: dict[str, str]) -> None:
    asked = AskedProfiles.of(["grid-03,grid-0[1-3]", "grid-01"], environ)
    assert asked.choose(environ, url=None)[0] == ["grid-03", "grid-01", "grid-02"]


def test_no_profiles_at_all_is_an_error_of_the_configuration(tmp_path: Path) -> None:
    environ = {"HOME": str(tmp_path)}
    with pytest.raises(ConfigError, match="there are no profiles"):
        AskedProfiles.of((), environ, every=True).choose(environ, url=None)


def test_what_belongs_to_one_cdp_is_refused(environ: dict[str, str]) -> None:
    with pytest.raises(UsageError, match="CDPCTL_TOKEN belongs to one CDP"):
        AskedProfiles.of((), environ, every=True).choose({**environ, "CDPCTL_TOKEN": "x"}, url=None)


@pytest.mark.parametrize(
    ("codes", "code"),
    [
        ([0, 0], 0),
        ([0, 6], 3),
        ([6, 6], 6),
        ([6, 4, 1], 4),
        ([10, 6], 6),
        ([10, 10], 10),
        ([3, 0], 3),
        ([70, 70], 70),
    ],
)
def test_exit_code_is_good_partial_or_the_gravest(codes: list[int], code: int) -> None:
    assert exit_code_of_grids([ExitCode(each) for each in codes]) == code


def test_at_most_eight_are_read_at_a_time_and_each_has_its_own_command_lines(
    environ: dict[str, str],
) -> None:
    busy, most = 0, 0
    lock, full = threading.Lock(), threading.Event()

    def read(grid: Runtime, _shown: object) -> str:
        nonlocal busy, most
        with lock:
            busy += 1
            most = max(most, busy)
            if busy == AT_A_TIME:
                full.set()
        full.wait(10)
        profile = grid.settings.profile
        with lock:
            busy -= 1
        return f"{profile}: {command_line('peer list')}"

    outputs, found = read_grids(runtime_of(environ), read, lambda _shown, error: error.message)
    assert most == AT_A_TIME
    assert list(outputs) == list(found) == _NAMES
    assert found == {name: f"{name}: cdpctl peer list --profile {name}" for name in _NAMES}


def test_error_and_bug_in_one_grid_leave_the_others(environ: dict[str, str]) -> None:
    def read(grid: Runtime, _shown: object) -> str:
        if grid.shared.profile == "grid-01":
            raise UnreachableError("cannot connect")
        if grid.shared.profile == "grid-02":
            raise ZeroDivisionError
        return "read"

    _, found = read_grids(runtime_of(environ), read, lambda _shown, error: error.message)
    assert found.pop("grid-01") == "cannot connect"
    assert found.pop("grid-02").startswith("a bug in cdpctl: ZeroDivisionError at ")
    assert set(found.values()) == {"read"}


def test_without_threads_the_grids_are_read_one_after_the_other(
    environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(_thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", none_left)
    _, found = read_grids(runtime_of(environ), lambda grid, _: str(grid.shared.profile), lambda *_: "")
    assert list(found.values()) == _NAMES
