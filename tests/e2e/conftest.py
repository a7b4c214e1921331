"""Fixtures for tests of the whole program: an embedded grid, and the program that uses it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from cdpctl.sandbox.cdp import Conduct
from cdpctl.sandbox.faults import parse_fault
from cdpctl.sandbox.grid import Grid
from cdpctl.sandbox.peers import default_peers
from cdpctl.sandbox.server import Sandbox
from tests.support.program import InProcess, Program

Serve = Callable[..., Sandbox]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start grids: `serve("stop:500", accepted=202, peers=50)`."""
    with ExitStack() as stack:

        def start(*faults: str, peers: int | None = None, seconds: float = 0.2, **conduct: Any) -> Sandbox:
            chosen = Conduct(faults=tuple(parse_fault(each) for each in faults), **conduct)
            return stack.enter_context(Sandbox(Grid(default_peers(peers), seconds, seconds), conduct=chosen))

        yield start


@pytest.fixture
def sandbox(serve: Serve) -> Sandbox:
    return serve()


@pytest.fixture
def cdpctl(tmp_path: Path, sandbox: Sandbox) -> Program:
    """Return the program, for runs in this process."""
    return InProcess(tmp_path, sandbox)


@pytest.fixture
def installed(cdpctl: Program) -> Program:
    """Return the installed program, for runs in processes of their own."""
    return cdpctl.as_process()
