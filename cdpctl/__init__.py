"""Stop, start and watch the peers of a BMC orchestration grid through the REST API of its CDP."""

# A constant: importlib.metadata costs more to import than the whole of `cdpctl --version`.
__version__ = "0.1.0"
