"""Fixtures for tests of credentials: the embedded grid and the program, as in `tests/e2e/`."""

from tests.e2e.conftest import cdpctl, sandbox, serve

__all__ = ["cdpctl", "sandbox", "serve"]
