"""The generated scripts and man page are up to date, and every value can be completed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from cdpctl.completion.scripts import FILES
from completions.generate.__main__ import generated
from completions.generate.tree import Command, Kind, Values, read_tree, values_of
from tests.completion.shells import COMPLETIONS

MAN_PAGE = COMPLETIONS / "cdpctl.1"


@pytest.fixture(scope="module")
def tree() -> Command:
    return read_tree()


def test_committed_files_are_current() -> None:
    for path, text in generated(COMPLETIONS.parent).items():
        committed = path.read_text(encoding="utf-8")
        assert committed == text, f"{path.name} is stale: run python -m completions.generate"


def test_every_command_and_option_is_in_every_script(tree: Command) -> None:
    scripts = {shell: (COMPLETIONS / name).read_text(encoding="utf-8") for shell, name in FILES.items()}
    manual = MAN_PAGE.read_text(encoding="utf-8").replace("\\-", "-")
    for command in tree.walk():
        for option in command.options:
            for name in option.names:
                if name in ("--help", "-h", "--version", "-V"):
                    continue
                assert name in scripts["bash"]
                assert name in scripts["zsh"]
                assert (f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}") in scripts["fish"]
                assert f"\\fB{name}\\fR" in manual
        for argument in command.arguments:
            assert f"\\fI{argument.metavar}\\fR" in manual
        if command.path:
            assert f"'{' '.join(command.path)}')" in scripts["bash"]


def test_group_without_calls_offers_no_option_of_the_connection(tree: Command) -> None:
    groups = {each.path: {name for one in each.options for name in one.names} for each in tree.commands}
    offering = [path for path, names in groups.items() if "--url" in names]
    assert ("peer",) in offering
    assert not {("config",), ("completion",), ("ansible",), ("sandbox",)} & set(offering)


def test_every_command_has_examples_and_they_parse_to_that_command(tree: Command) -> None:
    for command in tree.walk():
        if command.commands:
            continue
        examples = [line.strip() for line in command.epilog.split("\n") if line.startswith("  ")]
        assert examples, command.path
        assert all(" ".join(("cdpctl", *command.path)) in each for each in examples), examples


@pytest.mark.parametrize(
    ("path", "name", "metavar", "values"),
    [
        ("peer stop", "--output", "FORMAT", Values(Kind.WORDS, ("table", "tsv", "json", "jsonl", "name"))),
        ("peer list", "--type", "T", Values(Kind.WORDS, ("cdp", "ha-cdp", "ap", "lap"))),
        ("new", "--new", "on|off", Values(Kind.WORDS, ("on", "off"))),
        ("new", "--new", "N|N%", Values(Kind.NOTHING)),
        ("new", "--new", None, Values(Kind.NOTHING)),
    ],
)
def test_values_follow_from_what_help_shows(
    path: str, name: str, metavar: str | None, values: Values
) -> None:
    assert values_of(path, name, metavar) == values


@pytest.mark.skipif(shutil.which("mandoc") is None, reason="mandoc is not installed")
def test_man_page_has_no_mistakes() -> None:
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "warning", str(MAN_PAGE)], capture_output=True, text=True, timeout=20
    )
    assert [line for line in done.stdout.split("\n") if line and "missing date" not in line] == []


@pytest.mark.skipif(shutil.which("man") is None, reason="man is not installed")
def test_man_page_shows_text_as_it_is(tmp_path: Path) -> None:
    done = subprocess.run(
        ["man", "-l", str(MAN_PAGE)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "MANWIDTH": "200", "HOME": str(tmp_path)},
        timeout=20,
    )
    assert done.returncode == 0, done.stderr
    assert "jq -r '.results[] | select(.ok | not) | .name'" in done.stdout
    assert "--token-store" in done.stdout
