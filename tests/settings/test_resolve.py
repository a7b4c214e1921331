"""The settings of a run from options, variables and profiles."""

from pathlib import Path
from typing import Any

import pytest

from cdpctl.errors import ConfigError, UsageError
from cdpctl.settings.model import Settings, TokenStore
from cdpctl.settings.resolve import resolve


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text(
        'default_profile = "prod"\n[profiles.prod]\nurl = "https://cdp.example.com/x"\n'
        'username = "operator"\n'
        'standby_url = "https://cdp2.example.com/x"\ntoken_store = "file"\nca_bundle = "ca.pem"\n'
        'audit = "syslog"\n[profiles.prod.groups]\nweb = ["AP1", "WEB-*"]\n[profiles.test]\n'
    )
    return path


def _resolve(config: Path, environ: dict[str, str] | None = None, **given: Any) -> Settings:
    return resolve(given, {"CDPCTL_CONFIG": str(config), **(environ or {})}, interactive=False)


def test_profile_is_read_whole(config: Path) -> None:
    settings = _resolve(config)
    assert settings.profile == "prod"
    assert settings.standby_url == "https://cdp2.example.com/x"
    assert settings.token_store is TokenStore.FILE
    assert settings.ca_bundle == config.parent / "ca.pem"
    assert settings.audit == "syslog"
    assert settings.groups == {"web": ("AP1", "WEB-*")}
    assert settings.sources["url"] == "profile"
    assert settings.trust_profile_secrets


@pytest.mark.parametrize(
    ("environ", "given", "profile"),
    [
        ({}, {}, "prod"),
        ({"CDPCTL_PROFILE": "test"}, {}, "test"),
        ({"CDPCTL_PROFILE": "test"}, {"profile": "prod"}, "prod"),
        ({"CDPCTL_PROFILE": ""}, {}, "prod"),
    ],
)
def test_profile_is_chosen_by_option_variable_and_file(
    config: Path, environ: dict[str, str], given: dict[str, str], profile: str
) -> None:
    assert _resolve(config, environ, **given).profile == profile


def test_unknown_profile_is_answered_with_a_near_miss(config: Path) -> None:
    with pytest.raises(ConfigError, match="unknown profile 'prdo'; did you mean prod") as caught:
        _resolve(config, profile="prdo")
    assert caught.value.hint == "to create it: cdpctl login URL --profile prdo"
    with pytest.raises(UsageError, match="is not a valid profile name"):
        _resolve(config, profile="a b")


def test_only_profile_is_used_and_none_of_several(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text("[profiles.one]\n")
    assert _resolve(path).profile == "one"
    path.write_text("[profiles.one]\n[profiles.two]\n")
    settings = _resolve(path)
    assert (settings.profile, settings.profile_exists, settings.url) == ("default", False, None)


def test_url_that_is_the_profiles_own_keeps_what_belongs_to_it(config: Path) -> None:
    for typed in ("https://cdp.example.com/x", "https://CDP.example.com:443/x/rest/"):
        assert _resolve(config, url=typed).username == "operator"
    settings = _resolve(config, {"CDPCTL_URL": "other.example.com"})
    assert settings.username is None
    assert settings.standby_url is None
    assert not settings.trust_profile_secrets
    assert settings.sources["url"] == "CDPCTL_URL"
    assert settings.audit == "syslog"


@pytest.mark.parametrize(
    ("given", "environ", "named"),
    [
        ({"timeout": "soon"}, {}, "--timeout"),
        ({"connect_timeout": "0"}, {}, "--connect-timeout"),
        ({}, {"CDPCTL_TIMEOUT": "soon"}, "CDPCTL_TIMEOUT"),
        ({"url": ""}, {}, "--url"),
        ({"url": "ftp://cdp"}, {}, "--url"),
        ({}, {"CDPCTL_URL": "ftp://cdp"}, "CDPCTL_URL"),
        ({"token_store": "cloud"}, {}, "--token-store"),
        ({}, {"CDPCTL_OUTPUT": "xml"}, "CDPCTL_OUTPUT"),
        ({"ca_bundle": "~nosuchuser/x"}, {}, "--ca-bundle"),
        ({}, {"CDPCTL_CA_BUNDLE": "~nosuchuser/x"}, "CDPCTL_CA_BUNDLE"),
    ],
)
def test_value_that_is_not_valid_is_named_with_where_it_came_from(
    config: Path, given: dict[str, str], environ: dict[str, str], named: str
) -> None:
    with pytest.raises(UsageError, match=named):
        _resolve(config, environ, **given)


def test_paths_typed_are_whole_and_expanded(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/me")
    settings = _resolve(
        config, {"CDPCTL_CA_BUNDLE": "~/ca.pem"}, client_cert="cert.pem", client_key="~/key.pem"
    )
    assert settings.ca_bundle == Path("/home/me/ca.pem")
    assert settings.client_cert == Path.cwd() / "cert.pem"
    assert settings.client_key == Path("/home/me/key.pem")


@pytest.mark.parametrize(
    ("value", "off"), [("1", True), ("yes", True), ("0", False), ("false", False), ("", False)]
)
def test_keyring_is_switched_off_by_its_variable(config: Path, value: str, off: bool) -> None:
    assert _resolve(config, {"CDPCTL_NO_KEYRING": value}).no_keyring is off


def test_flags_lower_guards(config: Path) -> None:
    settings = _resolve(config, insecure_skip_verify=True, insecure_http=True)
    assert (settings.verify, settings.insecure_http) == (False, True)
    settings = _resolve(config, insecure_skip_verify=False, insecure_http=False)
    assert (settings.verify, settings.insecure_http) == (True, False)


def test_warnings_of_files_reach_the_run(config: Path) -> None:
    config.chmod(0o666)
    [warning] = _resolve(config).warnings
    assert f"chmod go-w {config}" in warning
