"""Profiles and their settings, through the program."""

from pathlib import Path

import pytest

from tests.support.program import Program


@pytest.fixture
def cdpctl(tmp_path: Path) -> Program:
    return Program(tmp_path)


def _file(tmp_path: Path) -> Path:
    return tmp_path / ".config" / "cdpctl" / "config.toml"


def test_settings_are_set_seen_and_taken_out(cdpctl: Program, tmp_path: Path) -> None:
    cdpctl("config", "set", "url", "cdp.example.com", "-p", "prod", code=0)
    cdpctl("config", "set", "timeout", "5m", code=0)
    assert cdpctl("config", "get", "url", code=0).stdout == "https://cdp.example.com:38080/baocdp\n"
    records = {each["key"]: each for each in cdpctl.json("config", "list", code=0)["settings"]}
    assert (records["timeout"]["value"], records["timeout"]["source"]) == ("300s", "profile")
    assert (records["verify"]["value"], records["verify"]["source"]) == (True, "built-in")
    cdpctl("config", "unset", "timeout", code=0)
    assert cdpctl("config", "get", "timeout", code=5).stdout == ""
    assert cdpctl("config", "path", code=0).stdout == f"{_file(tmp_path)}\n"
    assert _file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_environment_is_named_as_the_source(cdpctl: Program) -> None:
    cdpctl("config", "set", "url", "cdp.example.com", code=0)
    cdpctl.env["CDPCTL_URL"] = "http://127.0.0.1:1"
    records = {each["key"]: each for each in cdpctl.json("config", "list", code=0)["settings"]}
    assert records["url"] == {"key": "url", "value": "http://127.0.0.1:1/baocdp", "source": "CDPCTL_URL"}


def test_profiles_are_listed_chosen_and_removed(cdpctl: Program, tmp_path: Path) -> None:
    for name in ("prod", "test"):
        cdpctl("config", "set", "url", f"{name}.example.com", "--profile", name, code=0)
    cdpctl("config", "use", "test", code=0)
    profiles = cdpctl.json("config", "profiles", code=0)["profiles"]
    assert [(each["name"], each["default"]) for each in profiles] == [("prod", False), ("test", True)]
    cdpctl("config", "remove", "test", code=0)
    assert "test" not in _file(tmp_path).read_text()
    assert "did you mean prod?" in cdpctl("config", "use", "prdo", code=10).stderr
    assert "did you mean prod?" in cdpctl("peer", "list", "-p", "prdo", code=10).stderr


def test_comments_and_order_survive_a_change(cdpctl: Program, tmp_path: Path) -> None:
    _file(tmp_path).parent.mkdir(parents=True)
    text = '# mine\ndefault_profile = "a"\n\n[profiles.a]\nurl = "https://a.example.com/baocdp" # old\n'
    _file(tmp_path).write_text(text)
    cdpctl("config", "set", "protected", "true", code=0)
    assert _file(tmp_path).read_text() == text + "protected = true\n"


@pytest.mark.parametrize(
    ("words", "code", "named"),
    [
        (("get", "tiemout"), 2, "did you mean timeout?"),
        (("set", "timeout", "soon"), 2, "'soon' is no duration"),
        (("set", "protected", "maybe"), 2, "use true or false"),
        (("set", "url", "https://u:hunter2@cdp"), 2, "user"),
        (("set", "token_store", "cloud"), 2, "use auto, keyring, file or none"),
        (("set", "url", "cdp", "-p", "a b"), 2, "is not a valid profile name"),
        (("unset", "proxy"), 10, "unknown profile"),
        (("remove", "nobody"), 10, "unknown profile"),
        (("use", "nobody"), 10, "unknown profile"),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(
    cdpctl: Program, tmp_path: Path, words: tuple[str, ...], code: int, named: str
) -> None:
    cdpctl.secrets = ["hunter2"]
    done = cdpctl("config", *words, code=code)
    assert named in done.stderr
    assert not _file(tmp_path).exists()


@pytest.mark.parametrize(
    "text",
    [
        "url = ",
        "[profiles]\nx = 1\n",
        "colour = 1\n",
        '[profiles."a b"]\n',
        "\x00",
        "[profiles.a]\nurl = 7\n",
    ],
)
def test_broken_file_is_an_error_that_names_it(cdpctl: Program, tmp_path: Path, text: str) -> None:
    _file(tmp_path).parent.mkdir(parents=True)
    _file(tmp_path).write_text(text)
    assert str(_file(tmp_path)) in cdpctl.json("peer", "list", code=10)["error"]["message"]
    cdpctl("config", "path", code=0)


def test_value_that_is_none_can_be_mended(cdpctl: Program, tmp_path: Path) -> None:
    _file(tmp_path).parent.mkdir(parents=True)
    _file(tmp_path).write_text('[profiles.a]\nurl = "cdp.example.com"\ntimeout = "soon"\n')
    error = cdpctl.json("config", "list", code=10)["error"]
    assert "timeout" in error["message"]
    assert "config unset" in error["hint"]
    cdpctl("config", "unset", "timeout", code=0)
    assert cdpctl("config", "get", "url", code=0).stdout.startswith("https://cdp.example.com")


def test_relative_path_is_kept_whole(cdpctl: Program) -> None:
    cdpctl("config", "set", "ca_bundle", "ca.pem", code=0)
    assert cdpctl("config", "get", "ca_bundle", code=0).stdout == f"{Path.cwd() / 'ca.pem'}\n"


def test_proxy_is_shown_without_its_password(cdpctl: Program) -> None:
    cdpctl("config", "set", "proxy", "http://me:hunter2@proxy.example.com:3128", code=0)
    cdpctl.secrets = ["hunter2"]
    assert cdpctl("config", "get", "proxy", code=0).stdout == "http://*****@proxy.example.com:3128\n"
    cdpctl("config", "list", "-o", "table", code=0)
