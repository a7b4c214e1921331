"""`cdpctl sandbox`: serves an embedded grid, or runs one command against it."""

import os
import re
import time
from collections.abc import Callable, Mapping
from functools import partial
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cdpctl.commands.inputs import read_input
from cdpctl.commands.options import Text, Texts, argument, command, duration, flag, option, whole_number
from cdpctl.commands.runtime import Runtime
from cdpctl.commands.tree import TREE
from cdpctl.deadline import sleep
from cdpctl.errors import Interruption, UsageError
from cdpctl.output.document import Document
from cdpctl.settings.table import OUTPUT, SHARED
from cdpctl.text import printable, unknown_value

if TYPE_CHECKING:
    from cdpctl.sandbox.cdp import Call
    from cdpctl.sandbox.server import Sandbox


class GridOptions(NamedTuple):
    """The options of the embedded grid."""

    peers: Text = option("--peers N|FILE", "Number of APs, or a file of NAME [TYPE [STATUS]] lines.")
    tls: bool = flag("--tls", "Serve https with a new certificate.")
    standby: bool = flag("--standby", "Also serve the grid through a second CDP, on the next port.")
    stop_after: float = duration("--stop-after D", "Time a peer takes to stop (default 2s).", default=2.0)
    start_after: float | None = duration(
        "--start-after D", "Time a peer takes to start (default: same as --stop-after)."
    )
    change_after: float | None = duration(
        "--change-after D",
        "Time an update or deletion takes (default: same as --stop-after, at most 500ms).",
    )
    fault: Texts = option(
        "--fault CALL:WHAT[:P]",
        "Make a call fail: stop:500:0.1, stop:lost, login:401, list:503, any:slow=2s.",
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

    def open(self, folder: Path, record: Callable[["Call"], object], port: int = 0) -> "Sandbox":
        """Return the sandbox, not yet serving.

        Raises:
            UsageError: an option's value or a file of peers is not valid.
        """
        from cdpctl.sandbox.cdp import Conduct
        from cdpctl.sandbox.faults import parse_fault
        from cdpctl.sandbox.grid import Grid
        from cdpctl.sandbox.peers import default_peers, peers_from_text
        from cdpctl.sandbox.routes import READS
        from cdpctl.sandbox.server import Sandbox

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
        conduct = Conduct(
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
    port: int = whole_number("--port N", "Port to listen on (default: a free one).", most=65535),
) -> int:
    """Serve an embedded grid until interrupted.

    It listens on 127.0.0.1 only, and keeps everything in memory. It prints export lines for a shell, or
    a document with -o json. Each request is logged on standard error, unless --quiet is given. The user
    `viewer`, with the same password, may only read.

    In --fault CALL:WHAT[:P], CALL is login, logout, list, show, stop, start, update, delete or any. WHAT is
    a status from 400 to 599, lost (carried out, but not answered), drop (neither carried out nor answered),
    failure (status 200, but not a success), html, redirect or slow=D. P is the probability (default 1).
    With --reads part, /info/peer lists only the CDPs, as in some versions.

    Examples:
        cdpctl sandbox serve --port 38080 --peers 50
        cdpctl sandbox serve --tls --fault stop:500:0.1 --fault any:slow=1s:0.05
        cdpctl sandbox serve --standby --port 38080
    """
    from cdpctl.sandbox.clients import variables
    from cdpctl.sandbox.keeper import kept_folder

    with kept_folder() as (folder, _), grid.open(folder, partial(_log, runtime), port) as sandbox:
        try:
            _announce(runtime, sandbox, variables(sandbox, folder, os.environ))
            sleep(inf)
        except Interruption as interruption:
            runtime.output.say("the embedded grid has ended")
            code = interruption.exit_code
    return code


def _announce(runtime: Runtime, sandbox: "Sandbox", exports: Mapping[str, str]) -> None:
    output = runtime.output
    head = {name: getattr(sandbox, name) for name in ("url", "standby_url", "username", "viewer")}
    text = "".join(f"export {name}={_shell(value)}\n" for name, value in exports.items()).encode()
    # Not the end of the run: a signal during this must end it.
    output.document_or(text, Document("cdpctl.sandbox/1", head, None, [{"environment": exports}]), last=False)
    output.close()
    second = f" and {sandbox.standby_url}" if sandbox.standby_url else ""
    output.note(f"serving {sandbox.url}{second}; press Ctrl-C to end")


def _log(runtime: Runtime, call: "Call") -> None:
    status = str(call.status) if call.status else "no answer"
    line = f"{time.strftime('%H:%M:%S')} {call.method} {call.path} {status} {call.seconds * 1000:.0f} ms"
    runtime.output.note(printable(line, 300))


def _shell(value: str) -> str:
    return "'" + value.replace("'", "'\"'\"'") + "'"


@command(calls=False)
def run(
    runtime: Runtime,
    grid: GridOptions,
    words: list[str] = argument("-- COMMAND...", "A command of cdpctl, or any program."),
) -> int:
    """Run one command against an embedded grid.

    The command is a cdpctl command, or a program that calls cdpctl. It finds the grid through environment
    variables and does not use your configuration. Its exit code is returned. Options for output that come
    before -- are passed on to a cdpctl command. A program gets --output and --no-color as variables.
    `cdpctl help sandbox serve` describes --fault and --reads.

    Examples:
        cdpctl sandbox run -- peer stop AP1 AP2 --wait
        cdpctl sandbox run --fault stop:lost -- peer stop AP1
        cdpctl sandbox run -- bash my-script.sh
    """
    from cdpctl.sandbox.clients import child_environ, itself, run_child
    from cdpctl.sandbox.keeper import kept_folder

    with kept_folder() as (folder, keeper), grid.open(folder, lambda _call: None) as sandbox:
        environ = child_environ(sandbox, folder, os.environ)
        if words[0] in TREE.commands or words[0].startswith("-"):
            words = [*itself(), *_output_options(runtime), *words]
        else:
            environ |= _output_variables(runtime)
        return run_child(words, environ, keeper)


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
