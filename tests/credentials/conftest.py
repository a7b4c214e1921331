"""The embedded grid's fixtures serve here as well."""

from tests.e2e.conftest import cdpctl, sandbox, serve

__all__ = ["cdpctl", "sandbox", "serve"]
