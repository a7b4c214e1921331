"""The settings of a run have the fields and defaults of the table."""

from pathlib import Path

from cdpctl.settings.model import Settings, TokenStore
from cdpctl.settings.table import SETTINGS


def _settings() -> Settings:
    return Settings(Path("/nowhere/config.toml"), Path("/nowhere"))


def test_each_setting_of_a_profile_has_a_field_with_the_default_of_the_table() -> None:
    defaults = _settings()._asdict()
    for setting in SETTINGS:
        if setting.in_profile:
            assert setting.name in defaults
            if setting.default is not None:
                assert defaults[setting.name] == setting.default, setting.name


def test_nothing_dangerous_is_on_by_itself() -> None:
    settings = _settings()
    assert settings.verify
    assert not settings.insecure_http
    assert settings.token_store is TokenStore.AUTO
    assert settings.password_command is None
