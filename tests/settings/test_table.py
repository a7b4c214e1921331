"""Everything that uses settings agrees with the table of settings."""

from pathlib import Path
from typing import Any

import pytest

from cdpctl.commands.options import SharedOptions
from cdpctl.commands.topics import topics
from cdpctl.errors import UsageError
from cdpctl.output.document import Format
from cdpctl.settings.model import Settings
from cdpctl.settings.resolve import resolve
from cdpctl.settings.table import KEYS, SETTINGS, SHARED, Kind, Setting, check_value

_IN_PROFILE = [each for each in SETTINGS if each.in_profile]
_EACH = pytest.mark.parametrize("setting", _IN_PROFILE, ids=lambda setting: setting.name)
# A value for each kind, different from all defaults.
_SAMPLES: dict[Kind, Any] = {
    Kind.TEXT: "something",
    Kind.URL: "https://other.example.com/baocdp",
    Kind.PATH: "/etc/ssl/some.pem",
    Kind.DURATION: "7s",
    Kind.GROUPS: {"web": ["AP1", "WEB-*"]},
}


def _sample(setting: Setting) -> Any:
    if setting.kind is Kind.BOOLEAN:
        return not setting.default
    return setting.words[-1] if setting.words else _SAMPLES[setting.kind]


def test_name_is_declared_once() -> None:
    for names in (
        [each.name for each in SETTINGS],
        [name for each in SETTINGS for name in each.option],
        [each.variable for each in SETTINGS if each.variable],
    ):
        assert len(names) == len(set(names))


@_EACH
def test_setting_of_a_profile_reaches_the_run(setting: Setting, tmp_path: Path) -> None:
    import tomlkit

    value = _sample(setting)
    document = {"profiles": {"default": {setting.name: value}}}
    (tmp_path / "config.toml").write_text(tomlkit.dumps(document))
    environ = {"CDPCTL_CONFIG": str(tmp_path / "config.toml")}
    settings = resolve({}, environ, interactive=False)
    used = {Kind.PATH: Path(str(value)), Kind.DURATION: 7.0, Kind.GROUPS: {"web": ("AP1", "WEB-*")}}
    assert getattr(settings, setting.name) == used.get(setting.kind, value)
    assert settings.sources[setting.name] == "profile"


@_EACH
def test_default_is_that_of_a_run(setting: Setting, tmp_path: Path) -> None:
    settings = resolve({}, {"CDPCTL_CONFIG": str(tmp_path / "none")}, interactive=False)
    plain = Settings(config_file=tmp_path, config_dir=tmp_path)
    assert getattr(settings, setting.name) == getattr(plain, setting.name)
    if setting.kind is not Kind.GROUPS:
        assert getattr(plain, setting.name) == setting.default
    assert settings.sources[setting.name] == "built-in"


@_EACH
def test_option_comes_before_variable_and_variable_before_profile(setting: Setting, tmp_path: Path) -> None:
    import tomlkit

    url = {} if setting.name == "url" else {"url": "https://cdp.example.com/baocdp"}
    others = {Kind.URL: "https://third.example.com/baocdp", Kind.PATH: "/third", Kind.DURATION: "9s"}
    third = others.get(setting.kind, setting.words[0] if setting.words else "third")
    (tmp_path / "config.toml").write_text(
        tomlkit.dumps({"profiles": {"default": {setting.name: _sample(setting), **url}}})
    )
    environ = {"CDPCTL_CONFIG": str(tmp_path / "config.toml")}
    if setting.variable:
        settings = resolve({}, {**environ, setting.variable: third}, interactive=False)
        assert settings.sources[setting.name] == setting.variable
        environ[setting.variable] = str(_sample(setting))
    if setting.option:
        given = True if setting.kind is Kind.BOOLEAN else third
        settings = resolve({setting.parameter: given}, environ, interactive=False)
        assert settings.sources[setting.name] == setting.option[0]
        if setting.kind is Kind.BOOLEAN:
            assert getattr(settings, setting.name) is setting.flag


def test_what_belongs_to_the_url_of_the_profile_is_left_alone_with_another(tmp_path: Path) -> None:
    import tomlkit

    values = {each.name: _sample(each) for each in _IN_PROFILE}
    (tmp_path / "config.toml").write_text(tomlkit.dumps({"profiles": {"default": values}}))
    environ = {"CDPCTL_CONFIG": str(tmp_path / "config.toml")}
    settings = resolve({"url": "elsewhere.example.com"}, environ, interactive=False)
    left = {each.name for each in _IN_PROFILE if settings.sources[each.name].startswith("ignored")}
    assert left == {each.name for each in _IN_PROFILE if each.of_url}
    plain = Settings(config_file=tmp_path, config_dir=tmp_path)
    assert all(getattr(settings, name) == getattr(plain, name) for name in left)
    assert {"standby_url", "username", "password_command", "verify"} <= left


def test_formats_are_those_of_the_output() -> None:
    [output] = [each for each in SETTINGS if each.name == "output"]
    assert output.words == tuple(each.value for each in Format)


def test_shared_options_are_those_of_commands() -> None:
    fields = {name[2:].replace("-", "_") for each in SHARED for name in each.option[:1]}
    assert fields == set(SharedOptions._fields)
    arity = {name: each.takes_value for each in SHARED for name in each.option}
    assert arity["-o"]
    assert arity["--profile"]
    assert not arity["-v"]
    assert not arity["--insecure-http"]


def test_variables_are_in_the_topic() -> None:
    listed = {each["name"] for each in topics()["environment"].entries}
    assert {each.variable for each in SETTINGS if each.variable} <= listed


def test_help_line_is_a_sentence_with_its_default() -> None:
    lines = {each.name: each.help_line for each in SETTINGS}
    assert lines["connect_timeout"] == "Time to wait for a connection (default 10s)."
    assert all(
        line[0].isupper() and line.endswith(".") and not line.endswith("..") for line in lines.values()
    )


@pytest.mark.parametrize(
    ("key", "value", "kept"),
    [
        ("verify", "FALSE", False),
        ("timeout", 90, "90"),
        ("timeout", 1.5, "1.5"),
        ("url", "cdp.example.com", "https://cdp.example.com:38080/baocdp"),
        ("standby_url", "cdp2.example.com", "https://cdp2.example.com:38080/baocdp"),
        ("proxy", "", ""),
        ("output", "json", "json"),
        ("audit", "syslog", "syslog"),
        ("groups", {"web": ["AP1", "WEB-*"]}, {"web": ("AP1", "WEB-*")}),
        ("groups", {}, {}),
    ],
)
def test_value_is_kept_as_it_is_used(key: str, value: object, kept: object) -> None:
    assert check_value(key, value) == kept


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("verify", "yes"),
        ("timeout", True),
        ("timeout", 0),
        ("timeout", float("nan")),
        ("timeout", float("inf")),
        ("username", 7),
        ("username", ""),
        ("username", "a\nb"),
        ("username", "a\x7fb"),
        ("username", "a" * 5000),
        ("output", "xml"),
        ("audit", "file"),
        ("standby_url", "ftp://cdp"),
        ("groups", "AP1"),
        ("groups", {"web": "AP1"}),
        ("groups", {"web": ["AP1", 2]}),
        ("groups", {"web": ["AP/1"]}),
        ("groups", {"web": [""]}),
        ("groups", {"a,b": ["AP1"]}),
        ("groups", {" ": ["AP1"]}),
        ("no_such_key", "x"),
    ],
)
def test_value_that_is_not_valid_is_named_with_its_key(key: str, value: object) -> None:
    with pytest.raises(UsageError, match=key):
        check_value(key, value)


def test_unknown_key_is_answered_with_a_near_miss() -> None:
    with pytest.raises(UsageError, match="unknown setting 'tiemout'; did you mean timeout"):
        check_value("tiemout", "5m")
    assert "profile" not in KEYS
