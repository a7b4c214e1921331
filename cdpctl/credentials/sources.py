"""Secrets that somebody else provides: variables, mounted files, a command."""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from cdpctl.errors import AuthError
from cdpctl.redact import redactor
from cdpctl.text import reason_of

_MOST_BYTES = 64 * 1024
_COMMAND_SECONDS = 30.0


def read_secret_file(path: str | Path, what: str, note: Callable[[str], None] | None = None) -> str:
    """Read a secret from a file of somebody else's: a mounted one, a pipe of the shell's.

    Its mode is its owner's business, so that anybody may read it is only said; one line end is cut off.

    Args:
        path: of the file; `~` is expanded.
        what: the option or variable that names it, for messages.
        note: takes a piece of information.

    Raises:
        AuthError: it cannot be read, or holds nothing.
    """
    try:
        with Path(path).expanduser().open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            data = file.read(_MOST_BYTES)
    except (OSError, RuntimeError) as error:
        reason = reason_of(error)
        raise AuthError(f"{what}: {path}: {reason}", hint="name a file this user can read") from None
    secret = data.decode("utf-8", "surrogateescape").removesuffix("\n").removesuffix("\r")
    redactor.add(secret)
    if not secret:
        raise AuthError(f"{what}: {path}: it is empty", hint="put the secret into it, on one line")
    if note is not None and os.name == "posix" and stat.S_ISREG(mode) and mode & stat.S_IROTH:
        note(f"{what}: {path}: everybody on this machine may read it; chmod 600 {path}")
    return secret


def run_password_command(command: str, seconds: float) -> str:
    """Run the profile's `password_command`, without a shell, and return its first line.

    Args:
        command: as a shell would split it.
        seconds: it may take at most.

    Raises:
        AuthError: it cannot be run, fails, takes too long or prints nothing.
    """
    import shlex
    import subprocess

    hint = "the command must print the password: try it by hand"
    try:
        words = shlex.split(command)
        done = subprocess.run(  # noqa: S603 - the user's own command, from the user's own configuration
            words,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            timeout=min(seconds, _COMMAND_SECONDS),
            check=False,
        )
    except (OSError, ValueError, IndexError) as error:
        reason = getattr(error, "strerror", None) or "it is no command"
        raise AuthError(f"password_command: {reason}", hint=hint) from None
    except subprocess.TimeoutExpired:
        raise AuthError("password_command: it did not end in time", hint=hint) from None
    secret = done.stdout.decode("utf-8", "surrogateescape").partition("\n")[0].removesuffix("\r")
    redactor.add(secret)
    if done.returncode != 0 or not secret:
        raise AuthError(
            f"password_command: it ended with {done.returncode} and no usable password", hint=hint
        )
    return secret


def variable(environ: Mapping[str, str], name: str) -> str | None:
    """Return a variable's value; an empty one counts as not set."""
    value = environ.get(name)
    if name.endswith(("PASSWORD", "TOKEN")):
        redactor.add(value)
    return value or None


def secret_path(environ: Mapping[str, str], name: str) -> str | None:
    """Return the path in a variable, with a `$CREDENTIALS_DIRECTORY` at its start filled in.

    systemd sets that variable for a service and does not expand it in the service's other variables.
    """
    path = variable(environ, name)
    folder = environ.get("CREDENTIALS_DIRECTORY")
    if path is not None and folder:
        for spelling in ("$CREDENTIALS_DIRECTORY/", "${CREDENTIALS_DIRECTORY}/"):
            if path.startswith(spelling):
                return f"{folder}/{path.removeprefix(spelling)}"
    return path


def file_name(profile: str) -> str:
    """Return the name of a profile's token file."""
    return f"{profile}.json".replace(os.sep, "_")
