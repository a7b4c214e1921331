"""`cdpctl sandbox`: serves an embedded grid, or runs one command against it."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import typer

from cdpctl.commands.inputs import read_input
from cdpctl.commands.options import Text, Texts, argument, command, duration, flag, option, whole_number
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.tree import TREE
from cdpctl.errors import ExitCode, Interruption, UsageError
from cdpctl.output.document import Document, Format
from cdpctl.settings.table import OUTPUT, SHARED
from cdpctl.text import printable, quoted, reason_of, unknown_value

if TYPE_CHECKING:
    from collections.abc import Callable

    from cdpctl.sandbox.cdp import Call, Conduct
    from cdpctl.sandbox.keeper import Keeper
    from cdpctl.sandbox.server import Sandbox

EXAMPLES = {
    "serve": (
        "cdpctl sandbox serve --port 38080 --peers 50",
        "cdpctl sandbox serve --tls --fault stop:500:0.1 --fault any:slow=1s:0.05",
        "cdpctl sandbox serve --standby --port 38080",
    ),
    "run": (
        "cdpctl sandbox run -- peer stop AP1 AP2 --wait",
        "cdpctl sandbox run --fault stop:lost -- peer stop AP1",
        "cdpctl sandbox run -- bash my-script.sh",
    ),
}
# How long a child may take to end after a signal.
_END_SECONDS = 15.0
_LOOPBACK = ("127.0.0.1", "localhost")


class GridOptions(NamedTuple):
    """The options of the embedded grid."""

    peers: Text = option("--peers N|FILE", "Number of APs, or a file of NAME [TYPE [STATUS]] lines.")
    tls: bool = flag("--tls", "Serve https with a new certificate.")
    standby: bool = flag("--standby", "Serve the grid by a second CDP too, on the next port.")
    stop_after: float = duration("--stop-after D", "Time a peer takes to stop (default 2s).", default=2.0)
    start_after: float | None = duration(
        "--start-after D", "Time a peer takes to start (default: as to stop)."
    )
    change_after: float | None = duration(
        "--change-after D", "Time an update or a removal takes (default: as to stop, at most 500ms)."
    )
    fault: Texts = option(
        "--fault CALL:WHAT[:P]", "Let a call fail: stop:500:0.1, stop:lost, login:401, list:503, any:slow=2s."
    )
    latency: float = duration("--latency D", "Time before each answer (default 0s).", default=0.0, zero=True)
    accepted: int = whole_number(
        "--accepted N", "Status of an accepted change: 200, 202 or 204 (default 204).", default=204
    )
    reads: str = option(
        "--reads R", "Reads to serve: both, info, peer, part or none (default both).", default="both"
    )
    chunked: bool = flag("--chunked", "Send the bodies of answers in chunks.")
    idle: float = duration("--idle D", "Time an unused session lasts (default 30m).", default=1800.0)
    max_session: float = duration("--max-session D", "Time any session lasts (default 24h).", default=86400.0)
    operator: str = option(
        "--operator U", "User with all permissions (default operator).", default="operator"
    )

    def conduct(self) -> "Conduct":
        """Return how the grid behaves.

        Raises:
            UsageError: an option's value is not valid.
        """
        from cdpctl.sandbox.cdp import Conduct
        from cdpctl.sandbox.faults import parse_fault
        from cdpctl.sandbox.routes import READS

        if self.accepted not in (200, 202, 204):
            raise UsageError(
                f"--accepted: {self.accepted} is not a status of an accepted request", hint="200, 202 or 204"
            )
        if self.reads not in READS:
            raise unknown_value("--reads", self.reads, READS)
        if self.operator in ("", "viewer"):
            raise UsageError(
                "--operator: the name is empty or the viewer's", hint="use another name: --operator ann"
            )
        return Conduct(
            operator=self.operator,
            idle=self.idle,
            longest=self.max_session,
            latency=self.latency,
            accepted=self.accepted,
            reads=self.reads,
            faults=tuple(parse_fault(each) for each in self.fault or ()),
            tls=self.tls,
            standby=self.standby,
            chunked=self.chunked,
        )

    def open(self, folder: Path, record: "Callable[[Call], object]", port: int = 0) -> "Sandbox":
        """Return the sandbox, not yet serving.

        Raises:
            UsageError: an option's value or a file of peers is not valid.
        """
        from cdpctl.sandbox.grid import Grid
        from cdpctl.sandbox.peers import default_peers, peers_from_text
        from cdpctl.sandbox.server import Sandbox

        conduct = self.conduct()
        if self.peers is None or re.fullmatch(r"-?[0-9]{1,9}", self.peers):
            count = None if self.peers is None else int(self.peers)
            peers = default_peers(count, standby=self.standby)
        else:
            peers = peers_from_text(read_input(self.peers, option="--peers"), f"--peers: {self.peers}")
        grid = Grid(
            peers, self.stop_after, self.start_after or self.stop_after, change_after=self.change_after
        )
        return Sandbox(grid, port=port, conduct=conduct, record=record, folder=folder)


@command(calls=False)
def serve(
    runtime: Runtime,
    grid: GridOptions,
    port: int = whole_number("--port N", "Port to listen on (default: a free one)."),
) -> ExitCode:
    """Serve an embedded grid until interrupted.

    It listens on 127.0.0.1 only, and keeps everything in memory. It prints export lines for a shell, or
    a document with -o json. Each request is logged on standard error, unless --quiet is given. The user
    `viewer`, with the same password, may only read.
    """
    if not 0 <= port <= 65535:
        raise UsageError(f"--port: '{port}' is not valid: use a number from 0 to 65535")
    with _kept_folder() as (folder, _), grid.open(folder, partial(_log, runtime), port) as sandbox:
        try:
            _announce(runtime, sandbox, _exports(sandbox, folder, os.environ))
            threading.Event().wait()
        except Interruption as interruption:
            runtime.output.say("the embedded grid has ended")
            code = interruption.exit_code
    raise typer.Exit(int(code))


def _announce(runtime: Runtime, sandbox: "Sandbox", exports: Mapping[str, str]) -> None:
    output = runtime.output
    if output.format in (Format.JSON, Format.JSONL):
        head = {
            "url": sandbox.url,
            "standby_url": sandbox.standby_url,
            "username": sandbox.username,
            "viewer": sandbox.viewer,
        }
        document = Document("cdpctl.sandbox/1", head, None, [{"environment": exports}])
        # Not the end of the run: a signal during this must end it.
        output.document(document, last=False)
    else:
        output.text("".join(f"export {name}={_shell(value)}\n" for name, value in exports.items()).encode())
    output.close()
    second = f" and {sandbox.standby_url}" if sandbox.standby_url else ""
    output.note(f"serving {sandbox.url}{second}; press Ctrl-C to end")


def _log(runtime: Runtime, call: "Call") -> None:
    status = str(call.status) if call.status else "no answer"
    line = f"{time.strftime('%H:%M:%S')} {call.method} {call.path} {status} {call.seconds * 1000:.0f} ms"
    runtime.output.note(printable(line, 300))


def _shell(value: str) -> str:
    return "'" + value.replace("'", "'\"'\"'") + "'"


def _exports(sandbox: "Sandbox", folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return the variables for clients: a separate configuration, and no proxy for loopback."""
    config = folder / "config.toml"
    if sandbox.standby_url:
        lines = [f'url = "{sandbox.url}"', f'standby_url = "{sandbox.standby_url}"', "insecure_http = true"]
        lines.append(f'username = "{sandbox.username}"')
        if sandbox.ca_bundle is not None:
            lines.append(f"ca_bundle = '{sandbox.ca_bundle}'")
        config.write_text("\n".join(["[profiles.default]", *lines, ""]), encoding="utf-8")
    past = [each for name in ("no_proxy", "NO_PROXY") for each in environ.get(name, "").split(",") if each]
    direct = ",".join(dict.fromkeys([*_LOOPBACK, *past]))
    # A separate configuration, so that no profile is used and no stored token is replaced.
    own = {"CDPCTL_CONFIG": str(config), "NO_PROXY": direct, "no_proxy": direct}
    return {**sandbox.environment(), **own}


@contextlib.contextmanager
def _kept_folder() -> "Iterator[tuple[Path, Keeper]]":
    """Make a folder, and a keeper that cleans up even if this process is killed."""
    from cdpctl.sandbox.cdp import cannot_start
    from cdpctl.sandbox.keeper import Keeper

    with tempfile.TemporaryDirectory(prefix="cdpctl-sandbox-") as folder:
        try:
            keeper = Keeper(Path(folder))
        except OSError as error:
            raise cannot_start(reason_of(error)) from None
        try:
            yield Path(folder), keeper
        finally:
            keeper.dismiss()


@command(calls=False)
def run(
    runtime: Runtime,
    grid: GridOptions,
    words: list[str] = argument("-- COMMAND...", "A command of cdpctl, or any program."),
) -> ExitCode:
    """Run one command against an embedded grid.

    The command is a cdpctl command, or a program that calls cdpctl. It finds the grid through environment
    variables and does not use your configuration. Its exit code is returned. Options for output that come
    before -- are passed on to a cdpctl command. A program gets --output and --no-color as variables.
    """
    with _kept_folder() as (folder, keeper), grid.open(folder, lambda _call: None) as sandbox:
        environ = {name: value for name, value in os.environ.items() if not name.startswith("CDPCTL_")}
        environ |= {
            **_exports(sandbox, folder, environ),
            "PATH": os.pathsep.join(_with_own_scripts(environ.get("PATH", os.defpath))),
        }
        if words[0] in TREE.commands or words[0].startswith("-"):
            line = [*_itself(), *_output_options(runtime), *words]
        else:
            line = list(words)
            environ |= _output_variables(runtime)
        # Search the PATH of the child, not that of this process.
        program = shutil.which(line[0], path=environ["PATH"])
        try:
            child = subprocess.Popen([program or line[0], *line[1:]], env=environ)  # noqa: S603 - what the user typed
        except (OSError, ValueError) as error:
            reason = reason_of(error) if isinstance(error, OSError) else "it cannot be run"
            raise UsageError(
                f"cannot run {quoted(words[0])}: {reason}",
                hint="name a command of cdpctl, such as peer stop AP1, or a program on PATH",
            ) from None
        try:
            keeper.watch(child.pid)
            code = child.wait()
        except Interruption as interruption:
            code = _end(child, interruption.exit_code)
    raise typer.Exit(128 - code if code < 0 else code)


def _output_options(runtime: Runtime) -> list[str]:
    """Return the options for output as typed. Those of the command itself come later, and replace them."""
    words: list[str] = []
    for setting in SHARED:
        value = getattr(runtime.shared, setting.parameter)
        if value and (setting.group == OUTPUT or setting.name == "no_input"):
            name = setting.option[0]
            words += [name, value] if setting.takes_value else [name] * int(value)
    return words


def _output_variables(runtime: Runtime) -> dict[str, str]:
    """Return the variables for the options for output that have one."""
    shared = runtime.shared
    given = {"CDPCTL_OUTPUT": shared.output or "", "NO_COLOR": "1" if shared.no_color else ""}
    return {name: value for name, value in given.items() if value}


def _itself() -> list[str]:
    """Return the words that run this program again, from a zip file or as a module."""
    if zipfile.is_zipfile(sys.argv[0]):
        return [sys.executable, sys.argv[0]]
    return [sys.executable, "-P", "-m", "cdpctl"]


def _with_own_scripts(path: str) -> list[str]:
    """Return PATH with the folder of this cdpctl first, so that a script calls the same one."""
    own = Path(sys.argv[0]).absolute().parent
    return [str(own), path] if (own / "cdpctl").exists() and Path(sys.argv[0]).name == "cdpctl" else [path]


def _end(child: "subprocess.Popen[bytes]", code: ExitCode) -> int:
    """Pass a signal on to the child, and wait for it to end."""
    number = int(code) - 128
    # On a terminal, Ctrl-C reaches the child directly. A second one would kill it.
    if code is not ExitCode.INTERRUPTED or not sys.stdin or not sys.stdin.isatty():
        child.send_signal(number)
    try:
        return child.wait(_END_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()
        return int(code)
