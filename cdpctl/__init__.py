"""Stop, start and watch the peers of a BMC orchestration grid through the REST API of its CDP."""

# A constant, because importing importlib.metadata takes longer than all of `cdpctl --version`.
__version__ = "0.1.0"
