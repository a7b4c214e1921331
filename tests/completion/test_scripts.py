"""The committed scripts are those the tree of commands gives, and every value has a way to complete."""

import pytest

from cdpctl.completion import FILES, script
from cdpctl.completion.tree import Kind, Values, read_tree, values_of
from tests.completion.shells import COMPLETIONS


@pytest.mark.parametrize("shell", FILES)
def test_committed_script_is_current(shell: str) -> None:
    committed = (COMPLETIONS / FILES[shell]).read_text(encoding="utf-8")
    assert committed == script(shell), "run: python -m cdpctl.completion completions"


def test_every_command_and_option_is_in_every_script() -> None:
    scripts = {shell: (COMPLETIONS / name).read_text(encoding="utf-8") for shell, name in FILES.items()}
    for command in read_tree().walk():
        for option in command.options:
            for name in option.names:
                if name == "--help":
                    continue
                assert f"{name}" in scripts["bash"]
                assert f"{name}" in scripts["zsh"]
                assert (f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}") in scripts["fish"]


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
