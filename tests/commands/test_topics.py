"""Help: topics, commands, schemas and suggestions, all from the values the program uses."""

import json
import re
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from cdpctl.commands.topics import topics
from cdpctl.errors import ExitCode
from cdpctl.output.document import Format
from cdpctl.output.schema import schema, schema_names
from cdpctl.settings.table import SETTINGS
from tests.support.documents import mistakes
from tests.support.program import InProcess, Program

SOURCE = Path(__file__).parents[2] / "cdpctl"


@pytest.fixture
def cdpctl(tmp_path: Path) -> Program:
    return InProcess(tmp_path)


def _source() -> str:
    files = [path for path in SOURCE.rglob("*.py") if path.name != "topics.py"]
    return "\n".join(path.read_text(encoding="utf-8") for path in files)


def test_exit_codes_are_those_of_the_program() -> None:
    entries = topics()["exit-codes"].entries
    assert [(each["code"], each["name"]) for each in entries] == [
        (int(code), code.name.lower()) for code in ExitCode
    ]


def test_formats_are_those_of_the_program() -> None:
    assert [each["name"] for each in topics()["output"].entries] == [each.value for each in Format]


def test_variables_are_those_the_program_reads() -> None:
    documented = {each["name"] for each in topics()["environment"].entries}
    read = set(re.findall(r"CDPCTL_[A-Z]+(?:_[A-Z]+)*", _source()))
    # Read under a name that is made from the setting's name.
    assert read <= documented
    assert {each for each in documented if each.startswith("CDPCTL_")} - read <= {"CDPCTL_TIMEOUT"}


def test_settings_that_only_a_profile_can_have_are_described() -> None:
    text = topics()["environment"].text
    for each in SETTINGS:
        assert (f"\n  {each.name} " in text) == (each.in_profile and not each.option)
        assert not (each.in_profile and not each.option) or each.help_line in text


def test_every_document_has_a_schema_and_every_schema_a_document() -> None:
    written = set(re.findall(r'"cdpctl\.([a-z]+)/1"', _source()))
    assert written <= set(schema_names())


@pytest.mark.parametrize("name", schema_names())
def test_schema_is_a_schema_of_its_document(name: str) -> None:
    found = schema(f"cdpctl.{name}/1")
    Draft202012Validator.check_schema(found)
    assert found["properties"]["schema"] == {"const": f"cdpctl.{name}/1"}
    # An empty document and a wrong type must be refused.
    assert mistakes({"schema": f"cdpctl.{name}/1"}) != []
    assert mistakes({"schema": f"cdpctl.{name}/1", "exit_code": "0"}) != []


def test_help_without_a_word_is_that_of_the_program(cdpctl: Program) -> None:
    text = cdpctl("help", code=0).stdout
    assert text == cdpctl("--help", code=0).stdout
    assert "--version" in text
    assert "Start here:" in text


def test_help_of_a_command_is_what_the_command_shows(cdpctl: Program) -> None:
    text = cdpctl("help", "peer", "wait", code=0).stdout
    assert text == cdpctl("peer", "wait", "--help", code=0).stdout
    assert "Examples:" in text


def test_topic_is_text_and_in_json_a_document(cdpctl: Program) -> None:
    assert re.search(r"^ +7 +unknown ", cdpctl("help", "exit-codes", code=0).stdout, re.M)
    assert cdpctl.json("help", "environment", code=0)["entries"][0]["name"] == "CDPCTL_PROFILE"


def test_schemas_are_printed_all_or_one(cdpctl: Program) -> None:
    everything = json.loads(cdpctl("help", "output", "--schema", code=0).stdout)
    assert everything["cdpctl.operation/1"] == json.loads(
        cdpctl("help", "output", "--schema", "operation", code=0).stdout
    )


@pytest.mark.parametrize(
    ("words", "guess"),
    [
        (["help", "exit-code"], "cdpctl help exit-codes"),
        (["help", "peer", "stpo"], "cdpctl help peer stop"),
        (["help", "stop"], "cdpctl help peer stop"),
        (["help", "list"], "cdpctl help"),
        (["help", "output", "--schema", "operatoin"], "operation"),
        (["pear", "list"], "peer"),
        (["peer", "stopp"], "stop"),
        (["peer", "stop", "--tiemout", "5"], "--timeout"),
    ],
)
def test_near_miss_is_named(cdpctl: Program, words: list[str], guess: str) -> None:
    error = cdpctl.json(*words, code=2)["error"]
    assert guess in f"{error['message']} {error['hint']}"
