"""The whole program in the test's own process: `main`, with streams and variables of the test's."""

import io
import json
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

from cdpctl.cli import main


class Done(NamedTuple):
    """What a run left.

    Attributes:
        data: standard output as bytes.
    """

    code: int
    data: bytes
    err: str

    @property
    def out(self) -> str:
        return self.data.decode()

    @property
    def document(self) -> Any:
        return json.loads(self.data)


class InProcess:
    """Runs `main` as the program would be run, without a terminal.

    Args:
        home: of the user.
        environ: the variables, `HOME` excepted.
    """

    def __init__(self, home: Path, environ: Mapping[str, str]) -> None:
        self.env = {**environ, "HOME": str(home)}

    def __call__(self, *words: str, stdin: bytes = b"", code: int | None = None) -> Done:
        out, err = io.BytesIO(), io.BytesIO()
        streams: dict[str, Any] = {
            "stdin": io.TextIOWrapper(io.BytesIO(stdin), encoding="utf-8"),
            "stdout": io.TextIOWrapper(out, encoding="utf-8", write_through=True),
            "stderr": io.TextIOWrapper(err, encoding="utf-8", write_through=True),
        }
        handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            with mock.patch.multiple(sys, **streams), mock.patch.dict(os.environ, self.env, clear=True):
                result = main(list(words))
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        done = Done(result, out.getvalue(), err.getvalue().decode())
        assert "Traceback" not in done.err
        if code is not None:
            assert done.code == code, done.out + done.err
        return done

    def json(self, *words: str, stdin: bytes = b"", code: int) -> Any:
        document = self(*words, "-o", "json", stdin=stdin, code=code).document
        assert document["exit_code"] == code
        return document


def in_grid(home: Path, url: str, **more: str) -> InProcess:
    """Return a program whose variables lead to the grid at `url`."""
    return InProcess(
        home,
        {
            "CDPCTL_URL": url,
            "CDPCTL_USERNAME": "operator",
            "CDPCTL_PASSWORD": "a-password-for-tests",
            "CDPCTL_NO_KEYRING": "1",
            **more,
        },
    )
