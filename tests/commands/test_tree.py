"""The tree of commands: each has help, an example, the shared options and a document."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from cdpctl.commands.build import build
from cdpctl.commands.options import SharedOptions
from cdpctl.commands.tree import TREE, Command, Group
from cdpctl.output import checks, results
from cdpctl.output.schema import schema_names
from cdpctl.settings.table import SETTINGS
from tests.support.program import InProcess

# What makes the documents of several commands, by the name in their source.
_WRITERS = {"run_operation": results, "write_checks": checks}
# These print answers of the CDP or plain text.
_NO_DOCUMENT = {
    "api": "prints the CDP's own answer",
    "sandbox run": "prints what the command it runs prints",
    "completion bash": "prints a script",
    "completion zsh": "prints a script",
    "completion fish": "prints a script",
}


def leaves(branch: Group = TREE, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Command]]:
    """Yield every command with the words that call it."""
    for name, entry in branch.commands.items():
        if isinstance(entry, Command):
            yield " ".join([*path, name]), entry
        else:
            yield from leaves(entry, (*path, name))


_LEAVES = list(leaves())
_EACH = pytest.mark.parametrize(("words", "leaf"), _LEAVES, ids=[words for words, _ in _LEAVES])


def _built(words: str, leaf: Command) -> Any:
    return build(tuple(words.split()), leaf)


@_EACH
def test_command_has_help_whose_first_line_is_the_one_in_the_list(words: str, leaf: Command) -> None:
    help_text = _built(words, leaf).help
    assert help_text.splitlines()[0] == leaf.summary
    assert leaf.summary.endswith(".")


@_EACH
def test_command_has_examples_that_call_it(words: str, leaf: Command) -> None:
    examples = _built(words, leaf).epilog.removeprefix("\b\nExamples:\n").splitlines()
    assert examples
    assert any(f"cdpctl {words}" in example for example in examples), examples


@_EACH
def test_command_has_the_shared_options_and_help_for_each_of_its_own(words: str, leaf: Command) -> None:
    parameters = {parameter.name: parameter for parameter in _built(words, leaf).params}
    own = {each.parameter for each in SETTINGS if each.option and each.shared and not each.calls}
    connection = set(SharedOptions._fields) - own
    assert own <= set(parameters)
    calls_nothing = words.split(maxsplit=1)[0] in ("config", "completion", "sandbox", "help", "ansible")
    assert set(parameters) & connection == (set() if calls_nothing else connection)
    assert all(parameters[name].rich_help_panel for name in own)
    for parameter in parameters.values():
        assert parameter.help or parameter.name == "help", parameter.name


@_EACH
def test_command_has_a_document_with_a_schema(words: str, leaf: Command) -> None:
    source = Path(import_module(leaf.module).__file__ or "").read_text(encoding="utf-8")
    if words in _NO_DOCUMENT:
        return
    for name, module in _WRITERS.items():
        if name in source:
            source += Path(module.__file__ or "").read_text(encoding="utf-8")
    names = set(re.findall(r"cdpctl\.([a-z]+)/1", source))
    assert names, "which document does it print with -o json?"
    assert names <= set(schema_names())


def test_no_option_takes_a_secret_as_its_value() -> None:
    for words, leaf in _LEAVES:
        for parameter in _built(words, leaf).params:
            takes_value = not getattr(parameter, "is_flag", False)
            for name in parameter.opts:
                secret = name in ("--password", "--token", "--secret")
                assert not (secret and takes_value), f"{words} {name}"


@_EACH
@pytest.mark.parametrize("value", ["", " "], ids=["empty", "blank"])
def test_empty_value_is_an_error_that_names_the_option(
    words: str, leaf: Command, value: str, tmp_path: Path
) -> None:
    run, parameters = InProcess(tmp_path), _built(words, leaf).params
    needed = ["x" for each in parameters if each.param_type_name == "argument" and each.required]
    for parameter in parameters:
        if parameter.param_type_name == "argument" or getattr(parameter, "is_flag", False) or parameter.count:
            continue
        if parameter.name in ("proxy", "description"):
            continue
        name = max(parameter.opts, key=len)
        done = run(*words.split(), f"{name}={value}", *needed, code=3 if leaf.monitoring else 2)
        assert f"error: {name}: " in done.stderr


@pytest.mark.parametrize(
    "words",
    ["login", "peer show", "peer stop", "config get", "config use", "config remove", "api GET", "help"],
)
def test_empty_argument_is_never_taken_for_the_default(words: str, tmp_path: Path) -> None:
    InProcess(tmp_path)(*words.split(), "", code=2)


def test_empty_value_that_has_a_meaning_is_one(tmp_path: Path) -> None:
    run = InProcess(tmp_path)
    run("config", "set", "proxy", "", code=0)
    assert "proxy" in run("config", "list", code=0).stdout
    assert "no CDP URL" in run("peer", "list", "--proxy", "", code=10).stderr
    assert "no CDP URL" in run("peer", "update", "AP1", "--description", "", code=10).stderr


@pytest.mark.parametrize(
    ("words", "default"),
    [
        ("login", "60s"),
        ("logout", "10s for each session"),
        ("peer show", "60s"),
        ("peer list", "60s, or none with --watch"),
        ("peer stop", "60s, or 10m with --wait"),
        ("peer restart", "none; see --batch-timeout"),
        ("peer update", "30s, or 60s with --no-wait"),
        ("peer wait", "10m"),
    ],
)
def test_help_shows_the_time_limit_of_the_command(words: str, default: str) -> None:
    params = _built(words, dict(_LEAVES)[words]).params
    [option] = [each for each in params if "--timeout" in each.opts]
    assert option.help == f"Deadline for the whole run, such as 90s or 5m (default {default})."
