"""Unknown commands and wrong arguments: the error, and what to type instead."""

import json
import re
import shlex
from pathlib import Path

import pytest

from tests.support.program import InProcess, Program


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (("stop", "AP1"), "'cdpctl peer stop'"),
        (("stpo", "AP1"), "'cdpctl peer stop'"),
        (("list",), "'cdpctl peer list' or 'cdpctl config list'"),
        (("serve",), "'cdpctl sandbox serve'"),
        (("peers",), "'cdpctl peer list'"),
        (("peer", "status", "AP1"), "'cdpctl peer show'"),
        (("peer", "stats"), "'cdpctl peer show'"),
        (("peer", "statsu"), "'cdpctl peer show'"),
        (("peer", "strat", "AP1"), "'cdpctl peer start'"),
        (("peer", "stopp", "AP1"), "'cdpctl peer stop'"),
        (("stat",), "'cdpctl status'"),
        (("state",), "'cdpctl status'"),
        (("lists",), "'cdpctl peer list'"),
        (("peer", "lsit"), "'cdpctl peer list'"),
        (("config", "show"), "'cdpctl config list'"),
        (("pear", "list"), "'cdpctl peer'"),
        (("peers", "list"), "'cdpctl peer list'"),
        (("get", "peers"), "'cdpctl peer list'"),
        (("get", "peer", "AP1"), "'cdpctl peer show'"),
        (("stop", "peer", "AP1"), "'cdpctl peer stop'"),
        (("profile", "list"), "'cdpctl config profiles'"),
        (("auth", "login"), "'cdpctl login'"),
        (("version",), "'cdpctl --version'"),
        (("completion", "fsh"), "'cdpctl completion zsh' or 'cdpctl completion fish'"),
    ],
)
def test_unknown_command_is_answered_with_the_one_meant(
    tmp_path: Path, words: tuple[str, ...], meant: str
) -> None:
    message = InProcess(tmp_path).json(*words, code=2)["error"]["message"]
    assert message.endswith(f"; did you mean {meant}?")


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("-p", "prod", "stop", "AP 1"), "cdpctl peer stop -p prod 'AP 1' -o json"),
        (("-p", "prod", "peer", "stop", "-dash"), "cdpctl peer stop -p prod -o json -- -dash"),
        (
            ("peer", "stop", "AP1", "--wait", "30"),
            "cdpctl peer stop AP1 --wait --timeout 30 -o json",
        ),
        (("peer", "stop", "30", "--wait=30s"), "cdpctl peer stop 30 --wait --timeout 30s -o json"),
        (("peer", "stop", "--stauts", "A B"), "cdpctl peer stop --help"),
        (("peer", "stop", "AP1", "--timout=5"), "cdpctl peer stop --help"),
        (("login", "cdp1", "--token-stor", "file"), "cdpctl login --help"),
        (("peer", "stop", "AP1", "--dry-rnu"), "cdpctl peer stop AP1 --dry-run -o json"),
        (("peer", "status", "AP1"), "cdpctl peer show AP1 -o json"),
        (("stop",), "cdpctl peer stop --help"),
        (("peers", "list"), "cdpctl peer list -o json"),
        (("get", "peer", "AP1"), "cdpctl peer show AP1 -o json"),
        (("delete", "peer", "AP1", "--yes"), "cdpctl peer delete AP1 --yes -o json"),
        (("auth", "login", "cdp1"), "cdpctl login cdp1 -o json"),
        (("peers", "AP1"), "cdpctl peer list --help"),
        (("peer", "stop", "AP1", "--watch"), "cdpctl peer stop AP1 --wait -o json"),
        (("peer", "stop", "AP1", "--wiat", "--tiemout", "5"), "cdpctl peer stop --help"),
        (("api", "GET", "/x", "--header", "H"), "cdpctl api --help"),
        (("--wait", "peer", "stop", "AP1"), "cdpctl peer stop AP1 -o json --wait"),
        (("--match", "AP*", "peer", "list"), "cdpctl peer list -o json --match 'AP*'"),
        (("--frobnicate", "peer", "list"), "cdpctl --help"),
        (("--profle=prod", "peer", "list"), "cdpctl --help"),
        (("--versoin",), "cdpctl --version -o json"),
    ],
)
def test_hint_can_be_pasted(tmp_path: Path, words: tuple[str, ...], hint: str) -> None:
    assert InProcess(tmp_path).json(*words, code=2)["error"]["hint"] == hint


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("peer", "list", "--profile"), "--profile needs a value"),
        (("peer", "list", "--profile", "--quiet"), "--profile needs a value"),
        (("peer", "stop", "AP1", "--tiemout", "5"), "unknown option '--tiemout'; did you mean --timeout?"),
        (("--versoin",), "unknown option '--versoin'; did you mean --version?"),
        (("peer", "list", "--frobnicate"), "unknown option '--frobnicate'"),
        (("peer", "show"), "NAME is missing"),
        (("sandbox", "run"), "COMMAND is missing"),
        (("peer", "show", "AP1", "AP2"), "unexpected argument 'AP2'"),
        (("peer", "list", "--watch=yes"), "--watch takes no value"),
        (("peer", "list", "--sort-by", "name,status"), "--sort-by: unknown field 'name,status'"),
        (("api", "GET", "/x", "--header", "H"), "unknown option '--header'"),
        (("auth",), "unknown command 'auth'"),
        (("--output", "peer", "list"), "--output needs a value"),
        (("--wait", "peer", "stop", "AP1"), "unknown option '--wait'; options of a command follow it"),
        (("peer", "stop", "AP1", "--parallel", "x"), "--parallel: 'x' is not a valid whole number"),
        (("peer", "stop", "AP1", "--parallel", "1_0"), "--parallel: '1_0' is not a valid whole number"),
        (("peer", "stop", "-", "AP2"), "- reads standard input and must be the only name"),
        (("peer", "stop", "--from-file", ""), "--from-file: the value is empty"),
        (("peer", "stop", "--from-file", "/"), "/: cannot be read: Is a directory"),
        (("sandbox", "run", "--peers", "-1", "true"), "--peers: -1 is not between 0 and 100000"),
        (("sandbox", "run", "--peers", "/", "true"), "--peers: /: cannot be read: Is a directory"),
    ],
)
def test_arguments_that_do_not_parse_are_named(tmp_path: Path, words: tuple[str, ...], message: str) -> None:
    # Before the command, so that it cannot be the value of the last option.
    assert InProcess(tmp_path).json("-o", "json", *words, code=2)["error"]["message"] == message


@pytest.mark.parametrize("noun", [(), ("peer",)])
def test_operation_is_never_suggested_for_a_mistyped_read(tmp_path: Path, noun: tuple[str, ...]) -> None:
    program = InProcess(tmp_path)
    slips = """stat stats state states status statuses satus sttaus staus statu stauts info get shwo shw sho
        lst lsit liste lists dlist view desc look find stopped stoped running runing started ps ls"""
    for slip in slips.split():
        if noun or slip != "status":
            hint = program.json(*noun, slip, code=2)["error"]["hint"]
            assert not re.search(r"stop\b|start\b|logout|set|remove", hint), f"{slip}: {hint}"


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        (
            ("peer", "stop", "AP1,AP2"),
            "no peer has this name; separate names with spaces: AP1 AP2",
            "cdpctl peer stop AP1 AP2",
        ),
        (
            ("peer", "start", "AP*"),
            "no peer has this name; to select by pattern, use --match 'AP*'",
            "cdpctl peer start --match 'AP*'",
        ),
        (
            ("peer", "delete", "AP*", "--yes"),
            "no peer has this name; this command takes names, not patterns",
            "cdpctl peer delete $(cdpctl peer list -o name --match 'AP*')",
        ),
    ],
)
def test_list_and_pattern_typed_as_names_are_recognised(
    cdpctl: Program, words: tuple[str, ...], message: str, hint: str
) -> None:
    done = cdpctl(*words, code=5)
    assert message in done.stdout
    assert done.stderr.splitlines()[-1] == f"hint: {hint}"


@pytest.mark.loopback
@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AP1,AP2", "separate names with spaces: AP1 AP2"),
        ("AP*", "to select by pattern, use --match 'AP*'"),
    ],
)
def test_check_of_a_list_or_pattern_says_what_was_meant(cdpctl: Program, name: str, meant: str) -> None:
    assert f"{name} (not found; {meant})" in cdpctl("peer", "check", name, code=2).stdout


@pytest.mark.loopback
@pytest.mark.parametrize("name", ["AP1,AP2", "AP*"])
def test_show_of_a_list_or_pattern_is_answered_with_the_list(cdpctl: Program, name: str) -> None:
    error = cdpctl.json("peer", "show", name, code=5)["error"]
    # It is not this command that has the option.
    assert "--match" not in error["message"]
    words = shlex.split(error["hint"])
    assert words[:3] == ["cdpctl", "peer", "list"]
    assert len(cdpctl.json(*words[1:], code=0)["peers"]) >= 2


def test_unknown_format_is_told_the_known_ones(tmp_path: Path) -> None:
    done = InProcess(tmp_path)("peer", "list", "--output", "yaml", code=2)
    assert done.stderr.splitlines() == [
        "error: --output: unknown format 'yaml'",
        "hint: use table, tsv, json, jsonl or name",
    ]


@pytest.mark.parametrize(
    "words",
    [
        ("-o", "json", "config", "path"),
        ("config", "-o", "json", "path"),
        ("config", "path", "-ojson"),
        ("-qojson", "config", "path"),
        ("--output=json", "--quiet", "config", "path"),
        ("-o", "tsv", "config", "path", "-o", "json"),
    ],
)
def test_shared_options_stand_in_any_position(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert "path" in json.loads(InProcess(tmp_path)(*words, code=0).stdout)


def test_profile_before_the_command_is_used(tmp_path: Path) -> None:
    error = InProcess(tmp_path).json("-p", "prod", "peer", "list", code=10)["error"]
    assert "prod" in error["message"]


def test_words_of_another_program_are_not_taken(tmp_path: Path) -> None:
    done = Program(tmp_path)("sandbox", "run", "echo", "-o", "json", code=0)
    assert done.stdout == "-o json\n"


def test_help_stands_before_and_after_the_command(tmp_path: Path) -> None:
    program = InProcess(tmp_path)
    text = program("--help", "peer", "stop", code=0).stdout
    assert text == program("peer", "stop", "-h", code=0).stdout
    assert text.startswith("Usage: cdpctl peer stop ")


def test_help_shows_options_in_groups_with_their_defaults(tmp_path: Path) -> None:
    program = InProcess(tmp_path)
    text = program("peer", "stop", "--help", code=0).stdout
    titles = [line for line in text.splitlines() if line.endswith(" options:")]
    assert titles == [
        f"{each} options:" for each in ("Selection", "Sending", "Waiting", "Connection", "Output", "General")
    ]
    assert "(default 8)" in text
    assert "Connection options:" not in program("config", "list", "--help", code=0).stdout


def test_variable_of_the_library_that_completes_is_ignored(tmp_path: Path) -> None:
    program = InProcess(tmp_path)
    program.env["_CDPCTL_COMPLETE"] = "complete_bash"
    assert program("config", "path", code=0).stdout.endswith("config.toml\n")


@pytest.mark.parametrize("secret", ["S3cret-value", "xyz"])
@pytest.mark.parametrize(
    "words",
    [
        "login http://127.0.0.1:1 --username u --password {}",
        "login http://127.0.0.1:1 --password={}",
        "login http://127.0.0.1:1 --pasword {}",
        "login http://127.0.0.1:1 --save-pasword {}",
        "login http://127.0.0.1:1 --save-password {}",
        "login --pass {}",
        "login -P{}",
        "logn http://127.0.0.1:1 --password {}",
        "--password {} login http://127.0.0.1:1",
        "--password {} peer stop AP1",
        "peer stop AP1 --token {}",
        "peer stop AP1 --password {} --wait 5",
        "peer stop AP1 -user u -pass {}",
        "peer stop -dash {}",
        "peer check --token {}",
        "stop AP1 --password {}",
        "config set password --password {}",
    ],
)
def test_value_of_an_unknown_option_is_repeated_nowhere(tmp_path: Path, words: str, secret: str) -> None:
    program = InProcess(tmp_path)
    for form in ("table", "json"):
        done = program(*words.format(secret).split(), "-o", form)
        assert done.code in (2, 3)
        assert secret not in done.said


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        ("login cdp1 --password x", "use --password-stdin or --password-file FILE"),
        ("login cdp1 --token x", "set CDPCTL_TOKEN_FILE"),
        ("peer stop AP1 --password x", "set CDPCTL_PASSWORD_FILE"),
    ],
)
def test_secret_as_a_value_is_answered_with_where_to_give_it(tmp_path: Path, words: str, hint: str) -> None:
    done = InProcess(tmp_path)(*words.split(), code=2)
    assert "; no option takes a " in done.stderr
    assert hint in done.stderr


@pytest.mark.parametrize("words", [("peer", "stop", "--help"), ("--help",), ("help", "environment")])
@pytest.mark.parametrize("columns", [40, 60])
def test_help_is_as_narrow_as_the_terminal(tmp_path: Path, words: tuple[str, ...], columns: int) -> None:
    text = InProcess(tmp_path, COLUMNS=str(columns))(*words, code=0).stdout
    # What is to be pasted stays whole.
    lines = [line for line in text.splitlines() if "cdpctl " not in line]
    assert max(map(len, lines)) <= columns


def test_help_is_whole_without_docstrings(tmp_path: Path) -> None:
    text = InProcess(tmp_path)("peer", "stop", "--help", code=0).stdout
    assert Program(tmp_path, PYTHONOPTIMIZE="2")("peer", "stop", "--help", code=0).stdout == text


@pytest.mark.parametrize(
    "words",
    [
        ("logn", "http://me:a-hidden-one@cdp"),
        ("get", "peers", "--url=http://me:a-hidden-one@cdp"),
        ("--wait", "peer", "stop", "AP1", "--proxy", "http://me:a-hidden-one@proxy"),
        ("peer", "stop", "AP1", "--wiat", "--proxy", "http://me:a-hidden-one@proxy"),
    ],
)
def test_hint_repeats_no_user_of_a_url(tmp_path: Path, words: tuple[str, ...]) -> None:
    said = InProcess(tmp_path)(*words, code=2).stderr
    assert "a-hidden-one" not in said
    assert "://*****@" in said
