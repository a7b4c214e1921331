"""Profiles and their settings, through the program."""

import subprocess
from pathlib import Path

import pytest

from cdpctl.sandbox.server import Sandbox
from tests.support.program import SCRIPT, InProcess, Program


@pytest.fixture
def cdpctl(tmp_path: Path) -> Program:
    return InProcess(tmp_path)


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
        (("set", "timeout", "soon"), 2, "'soon' is not a valid duration"),
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


def test_groups_are_listed_and_edited_in_the_file(cdpctl: Program, tmp_path: Path) -> None:
    cdpctl("config", "set", "url", "cdp.example.com", "-p", "prod", code=0)
    error = cdpctl.json("config", "set", "groups", "web", "-p", "prod", code=2)["error"]
    assert "[profiles.prod.groups]" in error["hint"]
    assert str(_file(tmp_path)) in error["hint"]
    with _file(tmp_path).open("a") as file:
        file.write('[profiles.prod.groups]\nweb = ["AP1", "WEB-*"]\ndb = []\n')
    assert cdpctl("config", "get", "groups", code=0).stdout == "web: AP1, WEB-*; db: \n"
    cdpctl("config", "set", "audit", "syslog", code=0)
    cdpctl("config", "set", "standby_url", "cdp2.example.com", code=0)
    assert cdpctl("config", "get", "standby_url", code=0).stdout.startswith("https://cdp2.example.com:38080/")
    cdpctl("config", "unset", "groups", code=0)
    cdpctl("config", "get", "groups", code=5)


@pytest.mark.parametrize(
    "text",
    [
        'profiles.a.url = "https://a.example.com/x"\nprofiles.a.username = "me"\n',
        'profiles = {a = {url = "https://a.example.com/x", username = "me"}}\n',
        '[profiles]\na.url = "https://a.example.com/x"\na.username = "me"\n',
        '\ufeff# mine\r\n[profiles.a]\r\nurl = "https://a.example.com/x"\r\nusername = "me"\r\n',
    ],
)
def test_other_profiles_survive_in_every_form(cdpctl: Program, tmp_path: Path, text: str) -> None:
    _file(tmp_path).parent.mkdir(parents=True)
    _file(tmp_path).write_bytes(text.encode())
    cdpctl("config", "set", "url", "new.example.com", "-p", "new", code=0)
    found = {each["name"]: each for each in cdpctl.json("config", "profiles", code=0)["profiles"]}
    assert (found["a"]["url"], found["a"]["username"]) == ("https://a.example.com/x", "me")
    assert found["new"]["url"] == "https://new.example.com:38080/baocdp"


def test_path_that_leads_nowhere_is_refused_and_nothing_written(cdpctl: Program, tmp_path: Path) -> None:
    error = cdpctl.json("config", "set", "ca_bundle", "~nosuchuser/x", code=2)["error"]
    assert "there is no user 'nosuchuser'" in error["message"]
    cdpctl.env["CDPCTL_CA_BUNDLE"] = "~nosuchuser/x"
    assert "CDPCTL_CA_BUNDLE" in cdpctl.json("peer", "list", code=2)["error"]["message"]
    assert not _file(tmp_path).exists()


@pytest.mark.parametrize(
    "variable", ["CDPCTL_CA_BUNDLE", "CDPCTL_TOKEN_FILE", "CDPCTL_PASSWORD_FILE", "CDPCTL_CONFIG"]
)
def test_variable_that_leads_to_the_home_of_nobody_is_named(cdpctl: InProcess, variable: str) -> None:
    cdpctl.env["CDPCTL_USERNAME"] = "operator"
    cdpctl.env[variable] = "~nosuchuser/x"
    message = cdpctl.json("peer", "list", "--url", "http://127.0.0.1:1", code=2)["error"]["message"]
    assert message == f"{variable}: cannot expand '~nosuchuser/x': there is no user 'nosuchuser'"


def test_deleted_current_folder_is_named(cdpctl: Program, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    script = f"mkdir {gone}; cd {gone}; rmdir {gone}; exec {SCRIPT} "
    for words, code in (
        ("config set ca_bundle ca.pem", 2),
        ("peer list --url cdp.example.com --ca-bundle ca.pem", 2),
        ("config set ca_bundle /ca.pem", 0),
    ):
        done = subprocess.run(["sh", "-c", script + words], env=cdpctl.env, capture_output=True, text=True)
        assert done.returncode == code, done.stderr
        assert ("no current folder" in done.stderr) == (code == 2)


@pytest.mark.parametrize("which", ["file", "folder", "folder above"])
def test_command_of_a_file_that_others_can_change_does_not_run(
    cdpctl: Program, tmp_path: Path, which: str
) -> None:
    ran = tmp_path / "ran"
    cdpctl("config", "set", "url", "http://127.0.0.1:1", code=0)
    cdpctl("config", "set", "username", "operator", code=0)
    cdpctl("config", "set", "password_command", f"touch {ran}", code=0)
    file = _file(tmp_path)
    exposed = {"file": file, "folder": file.parent, "folder above": file.parents[1]}[which]
    exposed.chmod(0o777)
    error = cdpctl.json("peer", "list", code=10)["error"]
    assert error["hint"] == f"chmod go-w {exposed}"
    assert not ran.exists()
    subprocess.run(error["hint"], shell=True, check=True)
    cdpctl("peer", "list", code=6 if ran.exists() else None)


def test_file_without_a_command_that_others_can_change_is_warned_about(
    cdpctl: Program, tmp_path: Path
) -> None:
    cdpctl("config", "set", "url", "http://127.0.0.1:1", code=0)
    _file(tmp_path).chmod(0o666)
    assert f"chmod go-w {_file(tmp_path)}" in cdpctl("config", "list", code=0).stderr
    cdpctl("config", "set", "timeout", "5m", code=0)
    assert "chmod" not in cdpctl("config", "list", code=0).stderr


@pytest.mark.parametrize("mask", ["000", "777"])
def test_umask_changes_nothing(cdpctl: Program, tmp_path: Path, mask: str) -> None:
    subprocess.run(
        ["sh", "-c", f"umask {mask}; exec {SCRIPT} config set url cdp.example.com"],
        env=cdpctl.env,
        check=True,
    )
    for path in (_file(tmp_path).parents[1], _file(tmp_path).parent):
        assert path.stat().st_mode & 0o777 == 0o700
    assert _file(tmp_path).stat().st_mode & 0o777 == 0o600


def test_commands_that_call_nothing_take_no_connection_options(cdpctl: Program) -> None:
    for words in (("config", "list"), ("completion", "bash"), ("help",), ("sandbox", "serve")):
        text = cdpctl(*words, "--help", code=0).stdout
        assert "--profile" in text
        assert "--url" not in text
        assert "--connect-timeout" not in text


def test_removed_default_is_told_and_what_to_do_about_it(cdpctl: Program) -> None:
    for name in ("prod", "east", "west"):
        cdpctl("config", "set", "url", f"{name}.example.com", "-p", name, code=0)
    said = cdpctl("config", "remove", "prod", code=0).stderr.splitlines()
    how = "add --profile NAME, or set the default: cdpctl config use east"
    assert said[-1] == f"note: no default profile is set; there are east, west; {how}"
    error = cdpctl.json("peer", "list", code=10)["error"]
    assert (error["message"], error["hint"]) == ("no default profile is set; there are east, west", how)
    # The only profile needs no default.
    assert "note:" not in cdpctl("config", "remove", "west", code=0).stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("use", "east", "-p", "west"), "'east' and --profile west are different profiles"),
        (("remove", "east", "-p", "west"), "'east' and --profile west are different profiles"),
        (("set", "username", " "), "username: the value is empty"),
        (("get", "url", "--fields", "x"), "--fields: unknown field 'x'"),
        (("set", "username", "me", "--fields", "x"), "--fields: unknown field 'x'"),
    ],
)
def test_what_cannot_be_meant_is_refused_and_changes_nothing(
    cdpctl: Program, tmp_path: Path, words: tuple[str, ...], message: str
) -> None:
    for name in ("east", "west"):
        cdpctl("config", "set", "url", f"{name}.example.com", "-p", name, code=0)
    before = _file(tmp_path).read_text()
    assert cdpctl.json("config", *words, code=2)["error"]["message"] == message
    assert _file(tmp_path).read_text() == before


@pytest.mark.loopback
def test_broken_profile_is_an_error_only_where_it_is_used(tmp_path: Path, sandbox: Sandbox) -> None:
    file = tmp_path / "config.toml"
    prod = f'default_profile = "prod"\n[profiles.prod]\nurl = "{sandbox.url}"\n'
    file.write_text(f"{prod}[profiles.bad]\nurl = 5\n")
    cdpctl = InProcess(tmp_path, sandbox, CDPCTL_CONFIG=str(file), CDPCTL_URL="")
    cdpctl("peer", "stop", "AP1", code=0)
    cdpctl("config", "set", "timeout", "30s", code=0)
    for words in (("peer", "list"), ("peer", "stop", "AP2"), ("config", "list")):
        error = cdpctl.json(*words, "-p", "bad", code=10)["error"]
        assert error["hint"] == "cdpctl config unset url --profile bad"
    rows = cdpctl.json("config", "profiles", code=0)["profiles"]
    assert [(each["name"], bool(each["problem"])) for each in rows] == [("prod", False), ("bad", True)]
    assert "[profiles.bad] url" in cdpctl("config", "profiles", code=0).stderr
    good, bad = cdpctl.json("peer", "list", "--all-profiles", code=3)["grids"]
    assert len(good["peers"]) > 1
    assert (bad["profile"], bad["error"]["code"]) == ("bad", "config")
    cdpctl("config", "remove", "bad", code=0)
    cdpctl("peer", "list", "--all-profiles", code=0)
