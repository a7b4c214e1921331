"""`cdpctl sandbox`: the embedded grid, served or put around one command."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.tree import TREE
from cdpctl.deadline import parse_duration
from cdpctl.errors import ExitCode, Interruption, UsageError
from cdpctl.output.document import Document, Format

if TYPE_CHECKING:
    from cdpctl.sandbox.server import Conduct, Sandbox

EXAMPLES = {
    "serve": (
        "cdpctl sandbox serve --port 38080 --peers 50",
        "cdpctl sandbox serve --tls --fault stop:500:0.1 --fault any:slow=1s:0.05",
    ),
    "run": (
        "cdpctl sandbox run -- peer stop AP1 AP2 --wait",
        "cdpctl sandbox run --fault stop:lost -- peer stop AP1",
        "cdpctl sandbox run -- bash my-script.sh",
    ),
}
# So long a child may take to say what it has to say after Ctrl-C.
_LAST_WORDS_SECONDS = 15.0


class GridOptions(NamedTuple):
    """What the embedded grid is like, as typed."""

    peers: Annotated[
        str | None,
        typer.Option(
            "--peers", metavar="N|FILE", help="So many APs; or a file of NAME [TYPE [STATUS]] lines."
        ),
    ] = None
    tls: Annotated[bool, typer.Option("--tls", help="Serve https, with a certificate made for it.")] = False
    stop_after: Annotated[
        str, typer.Option("--stop-after", metavar="D", help="How long a peer takes to stop.")
    ] = "2s"
    start_after: Annotated[
        str | None,
        typer.Option("--start-after", metavar="D", help="How long it takes to start (as to stop)."),
    ] = None
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="CALL:WHAT[:P]",
            help="Let a call go wrong: stop:500:0.1, stop:lost, login:401, list:503, any:slow=2s.",
        ),
    ] = None
    latency: Annotated[str | None, typer.Option("--latency", metavar="D", help="Before each answer.")] = None
    accepted: Annotated[
        int, typer.Option("--accepted", metavar="N", help="Answer to a stop or start: 200, 202 or 204.")
    ] = 204
    reads: Annotated[
        str,
        typer.Option("--reads", metavar="R", help="Reads of the peers served: both, info, peer, part, none."),
    ] = "both"
    idle: Annotated[str, typer.Option("--idle", metavar="D", help="How long an unused session lasts.")] = (
        "30m"
    )
    max_session: Annotated[
        str, typer.Option("--max-session", metavar="D", help="How long any session lasts.")
    ] = "24h"
    operator: Annotated[
        str, typer.Option("--operator", metavar="U", help="The user who may do everything.")
    ] = "operator"

    def conduct(self) -> "Conduct":
        """Return how the grid behaves.

        Raises:
            UsageError: a value that is none for its option.
        """
        from cdpctl.sandbox.faults import parse_fault
        from cdpctl.sandbox.routes import READS
        from cdpctl.sandbox.server import Conduct

        if self.accepted not in (200, 202, 204):
            raise UsageError(
                f"--accepted: {self.accepted} is not a status of an accepted request", hint="200, 202 or 204"
            )
        if self.reads not in READS:
            raise UsageError(f"--reads: {self.reads[:40]!r} is none", hint=f"one of {', '.join(READS)}")
        if self.operator in ("", "viewer"):
            raise UsageError("--operator: this name is empty or the viewer's", hint="give another")
        return Conduct(
            operator=self.operator,
            idle=parse_duration(self.idle, "--idle"),
            longest=parse_duration(self.max_session, "--max-session"),
            latency=parse_duration(self.latency, "--latency") if self.latency else 0.0,
            accepted=self.accepted,
            reads=self.reads,
            faults=tuple(parse_fault(each) for each in self.fault or ()),
            tls=self.tls,
        )

    def open(self, runtime: Runtime, port: int = 0) -> "Sandbox":
        """Return the sandbox, not yet serving.

        Raises:
            UsageError: a value that is none for its option, or a file of peers that is none.
        """
        from cdpctl.sandbox.grid import Grid, default_peers, peers_from_text
        from cdpctl.sandbox.server import Sandbox

        conduct = self.conduct()
        stop_after = parse_duration(self.stop_after, "--stop-after")
        start_after = parse_duration(self.start_after, "--start-after") if self.start_after else stop_after
        if self.peers is None or (self.peers.isascii() and self.peers.isdigit()):
            peers = default_peers(None if self.peers is None else int(self.peers))
        else:
            peers = peers_from_text(runtime.read_input(self.peers), f"--peers: {self.peers}")
        return Sandbox(Grid(peers, stop_after, start_after), port=port, conduct=conduct)


@command(calls=False)
def serve(
    runtime: Runtime,
    grid: GridOptions,
    port: Annotated[
        int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")
    ] = 0,
) -> ExitCode:
    """Serve an embedded grid until interrupted.

    It listens on 127.0.0.1 only and keeps everything in memory. The lines it prints can be pasted into
    a shell, or evaluated by one; with -o json they are one document. The user `viewer`, with the same
    password, may only read.
    """
    with grid.open(runtime, port) as sandbox:
        try:
            _announce(runtime, sandbox)
            threading.Event().wait()
        except Interruption as interruption:
            runtime.output.note("the embedded grid has ended")
            raise typer.Exit(int(interruption.exit_code)) from None
    return ExitCode.OK


def _announce(runtime: Runtime, sandbox: "Sandbox") -> None:
    output, exports = runtime.output, sandbox.environment()
    if output.format in (Format.JSON, Format.JSONL):
        head = {"url": sandbox.url, "username": sandbox.username, "viewer": sandbox.viewer}
        output.document(Document("cdpctl.sandbox/1", head, None, [{"environment": exports}]), last=False)
    else:
        output.raw("".join(f"export {name}='{value}'\n" for name, value in exports.items()).encode())
    output.close()
    output.note(f"serving {sandbox.url}; Ctrl-C ends it")


@command(calls=False)
def run(
    runtime: Runtime,
    grid: GridOptions,
    words: Annotated[list[str], typer.Argument(metavar="-- COMMAND...", help="Of cdpctl, or any program.")],
) -> ExitCode:
    """Run one command against an embedded grid.

    The command is one of cdpctl's own, or a program that calls cdpctl; it finds the grid through its
    environment, and no configuration of yours plays a part. Its exit code is returned.
    """
    import tempfile

    with tempfile.TemporaryDirectory(prefix="cdpctl-") as folder, grid.open(runtime) as sandbox:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("CDPCTL_")}
        environ |= {
            **sandbox.environment(),
            "CDPCTL_CONFIG": f"{folder}/config.toml",
            "NO_PROXY": "127.0.0.1",
            "PATH": os.pathsep.join(_with_own_scripts(environ.get("PATH", os.defpath))),
        }
        line = [*_itself(), *words] if words[0] in TREE.commands else list(words)
        # Found by the PATH that the child will have: this process may have another.
        program = shutil.which(line[0], path=environ["PATH"])
        try:
            child = subprocess.Popen([program or line[0], *line[1:]], env=environ)  # noqa: S603 - what the user typed
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or "it cannot be run"
            raise UsageError(
                f"{words[0][:60]!a}: {reason}",
                hint="name a command of cdpctl, such as peer stop AP1, or a program on PATH",
            ) from None
        try:
            code = child.wait()
        except Interruption as interruption:
            code = _end(child, interruption.exit_code)
    raise typer.Exit(128 - code if code < 0 else code)


def _itself() -> list[str]:
    """Return the words that run this program again: out of a zip file, or as the module it is."""
    if zipfile.is_zipfile(sys.argv[0]):
        return [sys.executable, sys.argv[0]]
    return [sys.executable, "-P", "-m", "cdpctl"]


def _with_own_scripts(path: str) -> list[str]:
    """Return PATH with the folder of this cdpctl before it, so that a script calls the same one."""
    own = Path(sys.argv[0]).absolute().parent
    return [str(own), path] if (own / "cdpctl").exists() and Path(sys.argv[0]).name == "cdpctl" else [path]


def _end(child: "subprocess.Popen[bytes]", code: ExitCode) -> int:
    """Pass an interruption on to the child, and wait for its own account of it."""
    if code is ExitCode.TERMINATED:
        child.terminate()
    elif not sys.stdin or not sys.stdin.isatty():
        # On a terminal Ctrl-C has reached the child as well, and a second one would cut it short.
        child.send_signal(signal.SIGINT)
    try:
        return child.wait(_LAST_WORDS_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return int(code)
