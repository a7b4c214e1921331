"""The number of stack frames between the arguments and the socket."""

import inspect
import threading
from pathlib import Path
from types import FrameType
from typing import Any

import pytest

import cdpctl
from cdpctl.transport.client import Transport
from tests.e2e.conftest import Serve
from tests.support.program import InProcess

pytestmark = pytest.mark.loopback

_OURS = str(Path(cdpctl.__file__).parent)
_MOST = 12


def _ours(frame: FrameType | None) -> list[str]:
    found = []
    while frame is not None:
        if frame.f_code.co_filename.startswith(_OURS):
            found.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_code.co_name}")
        frame = frame.f_back
    return found[::-1]


def test_stop_is_a_few_frames_from_the_command_line_to_the_transport(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    depths: list[list[str]] = []
    send = Transport.send

    def counted(transport: Transport, method: str, path: str, **options: Any) -> Any:
        if path.endswith("/stop") and threading.current_thread() is threading.main_thread():
            frame = inspect.currentframe()
            depths.append(_ours(frame.f_back if frame else None))
        return send(transport, method, path, **options)

    monkeypatch.setattr(Transport, "send", counted)
    sandbox = serve()
    InProcess(tmp_path, sandbox)("peer", "stop", "AP1", code=0)
    [frames] = depths
    assert len(frames) <= _MOST, frames
