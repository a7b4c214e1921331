"""`sandbox serve` as a process, for other clients."""

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.program import SCRIPT, Program


@contextmanager
def serving(program: Program, *words: str) -> Iterator[tuple[dict[str, Any], "subprocess.Popen[str]"]]:
    """Run `sandbox serve -o json` during a block, and yield its document and its process."""
    with subprocess.Popen(
        [SCRIPT, "sandbox", "serve", *words, "-o", "json"],
        env=program.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stdout is not None
        text = ""
        while not text.endswith("}\n"):
            line = child.stdout.readline()
            assert line, child.stderr.read() if child.stderr else ""
            text += line
        try:
            yield json.loads(text), child
        finally:
            child.terminate()
