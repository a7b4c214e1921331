"""What clients of an embedded grid need: their variables, and a process for one command."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from cdpctl.errors import ExitCode, Interruption, UsageError
from cdpctl.sandbox.keeper import Keeper
from cdpctl.sandbox.server import Sandbox
from cdpctl.text import quoted, reason_of

# How long a child may take to end after a signal.
_END_SECONDS = 15.0
_LOOPBACK = ("127.0.0.1", "localhost")


def variables(sandbox: Sandbox, folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
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


def child_environ(sandbox: Sandbox, folder: Path, environ: Mapping[str, str]) -> dict[str, str]:
    """Return all variables of a child. A script in it finds this cdpctl first."""
    kept = {name: value for name, value in environ.items() if not name.startswith("CDPCTL_")}
    path = kept.get("PATH", os.defpath)
    own = Path(sys.argv[0]).absolute().parent
    if Path(sys.argv[0]).name == "cdpctl" and (own / "cdpctl").exists():
        path = os.pathsep.join((str(own), path))
    return {**kept, **variables(sandbox, folder, kept), "PATH": path}


def itself() -> list[str]:
    """Return the words that run this program again, from a zip file or as a module."""
    if zipfile.is_zipfile(sys.argv[0]):
        return [sys.executable, sys.argv[0]]
    return [sys.executable, "-P", "-m", "cdpctl"]


def run_child(line: Sequence[str], environ: Mapping[str, str], keeper: Keeper) -> int:
    """Run a command to its end, and return its exit code as a shell does.

    Raises:
        UsageError: it cannot be run.
    """
    # Search the PATH of the child, not that of this process.
    program = shutil.which(line[0], path=environ["PATH"])
    try:
        child = subprocess.Popen([program or line[0], *line[1:]], env=environ)  # noqa: S603 - what the user typed
    except (OSError, ValueError) as error:
        raise UsageError(
            f"cannot run {quoted(line[0])}: {reason_of(error, 'it cannot be run')}",
            hint="use a cdpctl command, such as peer stop AP1, or a program on PATH",
        ) from None
    try:
        keeper.watch(child.pid)
        code = child.wait()
    except Interruption as interruption:
        code = _end(child, interruption.exit_code)
    return 128 - code if code < 0 else code


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
