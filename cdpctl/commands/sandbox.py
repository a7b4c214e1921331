"""`cdpctl sandbox`: the embedded grid, served or put around one command."""

import os
import subprocess
import sys
import threading
from typing import Annotated

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.deadline import parse_duration
from cdpctl.errors import ExitCode, UsageError
from cdpctl.registry import TREE

EXAMPLES = {
    "serve": ("cdpctl sandbox serve --port 38080 --peers 50",),
    "run": ("cdpctl sandbox run -- peer stop AP1 AP2 --wait", "cdpctl sandbox run -- bash my-script.sh"),
}

Peers = Annotated[int | None, typer.Option("--peers", metavar="N", help="So many activity peers AP1…")]
StopAfter = Annotated[
    str, typer.Option("--stop-after", metavar="D", help="How long a peer takes to stop or start.")
]


@command
def serve(
    runtime: Runtime,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")
    ] = 0,
    peers: Peers = None,
    stop_after: StopAfter = "2s",
) -> ExitCode:
    """Serve an embedded grid until interrupted.

    It listens on 127.0.0.1 only and keeps everything in memory. The lines it prints can be pasted into
    a shell, or evaluated by one.
    """
    from cdpctl.sandbox.grid import Grid, default_peers
    from cdpctl.sandbox.server import Sandbox

    seconds = parse_duration(stop_after, "--stop-after")
    with Sandbox(Grid(default_peers(peers), seconds, seconds), port=port) as sandbox:
        lines = "".join(f"export {name}='{value}'\n" for name, value in sandbox.environment().items())
        runtime.output.raw(lines.encode())
        runtime.output.close()
        runtime.output.note(f"serving {sandbox.url}; Ctrl-C ends it")
        threading.Event().wait()
    return ExitCode.OK


@command
def run(
    runtime: Runtime,  # noqa: ARG001 - every command has one
    words: Annotated[list[str], typer.Argument(metavar="-- COMMAND...", help="Of cdpctl, or any program.")],
    peers: Peers = None,
    stop_after: StopAfter = "2s",
) -> ExitCode:
    """Run one command against an embedded grid.

    The command is one of cdpctl's own, or a program that calls cdpctl; it finds the grid through its
    environment, and no configuration of yours plays a part. Its exit code is returned.
    """
    import tempfile

    from cdpctl.sandbox.grid import Grid, default_peers
    from cdpctl.sandbox.server import Sandbox

    own = words[0] in TREE.commands
    seconds = parse_duration(stop_after, "--stop-after")
    with (
        tempfile.TemporaryDirectory(prefix="cdpctl-") as folder,
        Sandbox(Grid(default_peers(peers), seconds, seconds)) as sandbox,
    ):
        environ = {name: value for name, value in os.environ.items() if not name.startswith("CDPCTL_")}
        environ |= {
            **sandbox.environment(),
            "CDPCTL_CONFIG": f"{folder}/config.toml",
            "NO_PROXY": "127.0.0.1",
        }
        try:
            child = subprocess.Popen(  # noqa: S603 - the command the user typed
                [sys.executable, "-m", "cdpctl", *words] if own else words, env=environ
            )
        except OSError as error:
            raise UsageError(
                f"{words[0]}: {error.strerror or 'it cannot be run'}",
                hint="name a command of cdpctl, such as peer stop AP1, or a program on PATH",
            ) from None
        try:
            code = child.wait()
        finally:
            if child.poll() is None:
                child.terminate()
                child.wait(5)
    raise typer.Exit(128 - code if code < 0 else code)
