"""Disables sockets, except in tests that are marked to use loopback."""

import gc
import os
import signal
import sys
from collections.abc import Generator, Iterator

import pytest
from hypothesis import HealthCheck, settings
from pytest_socket import disable_socket, enable_socket, socket_allow_hosts

from cdpctl.redact import Redactor, redactor
from cdpctl.text import CommandLines, command_line

# The same examples in every run, however slow the machine is, and nothing written to disk.
settings.register_profile(
    "tests",
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("tests")

# These use a pseudo-terminal or Unix shells.
collect_ignore_glob = (
    ["completion/*", "credentials/*", "e2e/*", "output/test_progress.py", "release/*", "test_torture.py"]
    if sys.platform == "win32"
    else []
)


def pytest_configure(config: pytest.Config) -> None:
    # A shell lets the jobs in its background ignore Ctrl-C, and the program respects that.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    config.addinivalue_line("markers", "loopback: uses sockets on 127.0.0.1 and ::1")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("loopback"):
        enable_socket()
        socket_allow_hosts(["127.0.0.1", "::1"], allow_unix_socket=True)
    else:
        disable_socket(allow_unix_socket=True)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None, object, object]:
    """Collect garbage only between tests: where a test uses up the stack, finalizers would fail."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.fixture(autouse=True)
def _own_state(monkeypatch: pytest.MonkeyPatch) -> None:
    """Forget the secrets and the options for hints of earlier tests in this process."""
    monkeypatch.setattr(redactor, "__dict__", vars(Redactor()))
    monkeypatch.setattr(command_line, "__dict__", vars(CommandLines()))


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Restore signal handlers after a run."""
    names = [name for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)]
    handlers = {name: signal.getsignal(getattr(signal, name)) for name in names}
    yield
    for name, handler in handlers.items():
        if signal.getsignal(getattr(signal, name)) is not handler:
            signal.signal(getattr(signal, name), handler)


@pytest.hookimpl
def pytest_xdist_auto_num_workers() -> int:
    """Return more workers than processors, because most tests wait for other processes or time limits."""
    return 3 * (os.cpu_count() or 1) + 1
