"""The modules that a run loads: none before it is needed, and only one command."""

import subprocess
import sys

import pytest

from cdpctl.commands.tree import TREE, Command, Group
from cdpctl.sandbox.server import Sandbox
from tests.support.program import Program

pytestmark = pytest.mark.loopback

_HEAVY = {
    "rich", "requests", "urllib3", "keyring", "tomlkit", "filelock", "platformdirs", "trustme", "pydantic",
    "charset_normalizer", "importlib.metadata", "asyncio", "http.server", "email.mime",
}  # fmt: skip
# The imports of requests and urllib3 themselves are not listed.
_FOR_CALLS = {"requests", "urllib3", "charset_normalizer", "importlib.metadata"}


_LEAVE = """
import os, sys
end = os._exit
def tell(code):
    sys.stderr.write("\\nLOADED " + " ".join(sys.modules))
    sys.stderr.flush()
    end(code)
os._exit = tell
from cdpctl.__main__ import main
main()
"""


def loaded(cdpctl: Program, *words: str, code: int = 0) -> set[str]:
    """Run the program and return the names of all loaded modules."""
    done = subprocess.run(
        [sys.executable, "-c", _LEAVE, *words],
        # Coverage would load many modules before the program does.
        env={name: value for name, value in cdpctl.env.items() if not name.startswith("COVERAGE_")},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == code, done.stderr[-2000:]
    return set(done.stderr.rpartition("\nLOADED ")[2].split())


def commands(modules: set[str]) -> set[str]:
    """Return the modules of commands among them."""
    return modules & _command_modules(TREE)


def _command_modules(branch: Group) -> set[str]:
    found = set()
    for entry in branch.commands.values():
        found |= {entry.module} if isinstance(entry, Command) else _command_modules(entry)
    return found


@pytest.fixture
def with_token(cdpctl: Program, sandbox: Sandbox) -> Program:
    token = sandbox.sessions.log_in(
        f'{{"username": "{sandbox.username}", "password": "{sandbox.password}"}}'.encode()
    )
    assert isinstance(token, str)
    cdpctl.env["CDPCTL_TOKEN"] = token
    return cdpctl


def test_version_leaves_before_anything_is_loaded(cdpctl: Program) -> None:
    modules = loaded(cdpctl, "--version")
    assert not modules & {"typer", "typing", "re", "json", "enum", "inspect", "dataclasses", *_HEAVY}
    assert {name for name in modules if name.startswith("cdpctl")} <= {"cdpctl", "cdpctl.__main__"}


@pytest.mark.parametrize("words", [("--help",), ("peer", "--help"), ("sandbox",)])
def test_list_of_commands_loads_none_of_them(cdpctl: Program, words: tuple[str, ...]) -> None:
    modules = loaded(cdpctl, *words)
    assert not modules & _HEAVY
    assert commands(modules) == set()


@pytest.mark.parametrize("verb", ["stop", "list", "restart"])
def test_help_of_a_command_loads_nothing_that_calls(cdpctl: Program, verb: str) -> None:
    modules = loaded(cdpctl, "peer", verb, "--help")
    assert not modules & _HEAVY
    assert commands(modules) == {f"cdpctl.commands.peer.{verb}"}


@pytest.mark.parametrize("words", [("peer", "stop", "AP1", "-o", "json"), ("peer", "list", "-o", "tsv")])
def test_call_loads_requests_and_nothing_else_that_is_heavy(
    with_token: Program, words: tuple[str, ...]
) -> None:
    modules = loaded(with_token, *words)
    assert modules & _HEAVY == _FOR_CALLS
    assert commands(modules) == {f"cdpctl.commands.peer.{words[1]}"}
    assert not {name for name in modules if name.startswith(("cdpctl.sandbox", "cdpctl.doctor"))}
    others = ("restart", "watch", "check", "update", "delete", "details")
    assert not modules & {f"cdpctl.operations.{name}" for name in others}


def test_table_loads_nothing_that_a_tsv_does_not_but_its_own_code(with_token: Program) -> None:
    more = loaded(with_token, "peer", "list", "-o", "table") - loaded(with_token, "peer", "list", "-o", "tsv")
    assert more <= {"cdpctl.output.tables", "cdpctl.output.widths"}


def test_error_of_usage_loads_nothing_that_calls(cdpctl: Program) -> None:
    assert not loaded(cdpctl, "peer", "stop", "a/b", code=2) & _HEAVY


def test_settings_and_scripts_load_nothing_that_calls(cdpctl: Program) -> None:
    assert not loaded(cdpctl, "config", "path") & _HEAVY
    assert not loaded(cdpctl, "completion", "bash") & _HEAVY
    assert not loaded(cdpctl, "help", "exit-codes") & _HEAVY
