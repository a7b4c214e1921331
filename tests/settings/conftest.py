"""A configuration of the test's own, below one for all users."""

from pathlib import Path

import pytest

from cdpctl.settings import edit  # noqa: F401 - imported before the patch, or it would keep it
from cdpctl.settings import file as configuration


@pytest.fixture(autouse=True)
def system(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """The configuration for all users, one of the test's own."""
    path = tmp_path / "etc" / "config.toml"
    path.parent.mkdir()
    monkeypatch.setattr(configuration, "SYSTEM_CONFIG", path)
    return path


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config.toml"
