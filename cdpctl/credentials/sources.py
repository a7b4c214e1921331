"""Reads secrets from variables, mounted files, standard input and commands."""

import os
import stat
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import IO

from cdpctl.background import BackgroundCall
from cdpctl.credentials.token import Token, checked
from cdpctl.errors import AuthError
from cdpctl.files import absolute_path, file_mode, read_to_end
from cdpctl.redact import redactor
from cdpctl.settings.model import Settings
from cdpctl.text import printable, reason_of

_MOST_BYTES = 64 * 1024
_SECONDS = 30.0
_BOM = "\ufeff"
_OTHER_MARKS = (b"\xff\xfe", b"\xfe\xff")
_TRY_COMMAND = "run the command by hand: it must print the password on its first line"


def given_token(
    settings: Settings, environ: Mapping[str, str], note: Callable[[str], None], seconds: float
) -> Token | None:
    """Return a token from a variable or a file, or None.

    Args:
        settings: the settings of the run.
        environ: the environment variables.
        note: shows a note.
        seconds: the time limit for reading.

    Raises:
        AuthError: it cannot be read, or is not a valid token.
    """
    value = variable(environ, "CDPCTL_TOKEN")
    if value:
        return checked(value, "CDPCTL_TOKEN")
    path: str | Path | None = secret_path(environ, "CDPCTL_TOKEN_FILE")
    what = "CDPCTL_TOKEN_FILE"
    if path is None and settings.trust_profile_secrets:
        path, what = settings.token_file, "token_file"
    return None if path is None else checked(read_secret_file(path, what, note, seconds), what)


def given_password(
    settings: Settings, environ: Mapping[str, str], note: Callable[[str], None], seconds: float
) -> str | None:
    """Return the password from a variable, a file or the profile's command, or None.

    Args:
        settings: the settings of the run.
        environ: the environment variables.
        note: shows a note.
        seconds: the time limit for reading.

    Raises:
        AuthError: it cannot be read.
    """
    value = variable(environ, "CDPCTL_PASSWORD")
    if value:
        return value
    path = secret_path(environ, "CDPCTL_PASSWORD_FILE")
    if path:
        return read_secret_file(path, "CDPCTL_PASSWORD_FILE", note, seconds)
    if settings.password_command and settings.trust_profile_secrets:
        return run_password_command(settings.password_command, seconds, own_group=not settings.interactive)
    return None


def password_source(settings: Settings, environ: Mapping[str, str]) -> str | None:
    """Return what `given_password` would take the password from, without reading it."""
    for name in ("CDPCTL_PASSWORD", "CDPCTL_PASSWORD_FILE"):
        if environ.get(name):
            return name
    return "password_command" if settings.password_command and settings.trust_profile_secrets else None


def read_secret_file(
    path: str | Path, what: str, note: Callable[[str], None] | None = None, seconds: float = _SECONDS
) -> str:
    """Read a secret from a file, such as a mounted one or a pipe of the shell.

    If other users can read it, there is only a note, because its owner decides the mode. One newline at the
    end is removed.

    Args:
        path: the path of the file. `~` is expanded.
        what: the option or variable, for messages.
        note: shows a note.
        seconds: the time limit for reading, because a pipe may have no writer.

    Raises:
        AuthError: it cannot be read in time, is too long, is not UTF-8 text, or is empty.
        UsageError: the path cannot be expanded.
    """
    label = f"{what}: {printable(str(path))}"
    place = absolute_path(path, what)

    def read() -> bytes:
        with place.open("rb") as file:
            return read_to_end(file, _MOST_BYTES)

    secret = _read_secret(read, seconds, label)
    mode = file_mode(place) or 0
    if note is not None and os.name == "posix" and stat.S_ISREG(mode) and mode & stat.S_IROTH:
        note(f"{label}: it is readable by every user on this machine; chmod 600 {path}")
    return secret


def read_secret_stream(stream: IO[bytes] | None, what: str, seconds: float = _SECONDS) -> str:
    """Read a secret from standard input.

    Args:
        stream: standard input, or None if it is closed.
        what: the option, for messages.
        seconds: the time limit for reading.

    Raises:
        AuthError: as `read_secret_file` says.
    """
    label = f"{what}: standard input"
    if stream is None:
        raise AuthError(f"{label} is closed")
    return _read_secret(partial(read_to_end, stream, _MOST_BYTES), seconds, label)


def _read_secret(read: Callable[[], bytes], seconds: float, label: str) -> str:
    try:
        data = _in_time(read, seconds, label)
    except (OSError, ValueError) as error:
        raise AuthError(f"{label}: {reason_of(error)}", hint="use a file that this user can read") from None
    secret = decode_secret(data, label)
    if not secret:
        raise AuthError(f"{label} is empty", hint="write the secret to it, on one line")
    return secret


def _in_time(read: Callable[[], bytes], seconds: float, label: str, hint: str | None = None) -> bytes:
    """Return the result of a read that may never end, such as of a pipe without a writer."""
    try:
        return BackgroundCall(read, "secret").result(min(seconds, _SECONDS))
    except TimeoutError:
        raise AuthError(f"{label}: it did not end in time", hint=hint) from None


def decode_secret(data: bytes, label: str) -> str:
    """Return a secret from bytes, without a byte order mark and without one newline at the end.

    Args:
        data: the bytes, at most 64 KiB.
        label: their source, for messages.

    Raises:
        AuthError: they are too long, or not UTF-8 text.
    """
    if len(data) > _MOST_BYTES:
        raise AuthError(f"{label}: longer than 64 KiB")
    if data.startswith(_OTHER_MARKS) or b"\0" in data:
        raise AuthError(f"{label}: not UTF-8 text (UTF-16 or binary)", hint="save it as UTF-8")
    try:
        secret = data.decode("utf-8").removeprefix(_BOM).removesuffix("\n").removesuffix("\r")
    except UnicodeDecodeError as error:
        raise AuthError(f"{label}: not UTF-8 text (byte {error.start})", hint="save it as UTF-8") from None
    redactor.add(secret)
    return secret


def run_password_command(command: str, seconds: float, *, own_group: bool = True) -> str:
    """Run the profile's `password_command`, without a shell, and return its first line.

    Args:
        command: the command line, with shell quoting.
        seconds: the time limit.
        own_group: run it in its own process group, so that everything it starts can be ended. On a terminal
            the command may ask questions, which only the foreground group can do.

    Raises:
        AuthError: it cannot be run, fails, takes too long, or prints too much, nothing or no text.
    """
    import shlex
    import signal
    import subprocess

    own_group = own_group and os.name == "posix"
    end = time.monotonic() + min(seconds, _SECONDS)
    try:
        words = shlex.split(command)
        process = subprocess.Popen(  # noqa: S603 - the user's own command, from the user's own configuration
            words,
            stdout=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            process_group=0 if own_group else None,
        )
    except (OSError, ValueError, IndexError) as error:
        reason = reason_of(error, "not a valid command")
        raise AuthError(f"password_command: {reason}", hint=_TRY_COMMAND) from None

    def read() -> bytes:
        assert process.stdout is not None  # noqa: S101 - a pipe was asked for
        with process.stdout as output:
            return read_to_end(output, _MOST_BYTES)

    try:
        data = _in_time(read, seconds, "password_command", _TRY_COMMAND)
        if len(data) > _MOST_BYTES:
            raise AuthError("password_command: longer than 64 KiB", hint=_TRY_COMMAND)
        status = process.wait(max(0.0, end - time.monotonic()))
    except subprocess.TimeoutExpired:
        raise AuthError("password_command: it did not end in time", hint=_TRY_COMMAND) from None
    finally:
        # It may have ended already.
        with suppress(OSError):
            if own_group:
                os.killpg(process.pid, signal.SIGKILL)
            else:
                process.kill()
        process.wait()
    secret = decode_secret(data.partition(b"\n")[0], "password_command")
    if status != 0:
        raise AuthError(f"password_command: it ended with exit code {status}", hint=_TRY_COMMAND)
    if not secret:
        raise AuthError("password_command: it printed no password", hint=_TRY_COMMAND)
    return secret


def variable(environ: Mapping[str, str], name: str) -> str | None:
    """Return the secret in a variable, or None. An empty one counts as not set.

    Raises:
        AuthError: it is not UTF-8 text.
    """
    value = environ.get(name, "").removeprefix(_BOM)
    redactor.add(value)
    if any("\ud800" <= char <= "\udfff" for char in value):
        raise AuthError(f"{name}: not UTF-8 text", hint=f"set {name} to UTF-8 text")
    return value or None


def secret_path(environ: Mapping[str, str], name: str) -> str | None:
    """Return the path in a variable, with `$CREDENTIALS_DIRECTORY` at its start expanded.

    systemd sets this variable for a service, but does not expand it in other variables.
    """
    path, folder = environ.get(name), environ.get("CREDENTIALS_DIRECTORY")
    if path and folder:
        for spelling in ("$CREDENTIALS_DIRECTORY/", "${CREDENTIALS_DIRECTORY}/"):
            if path.startswith(spelling):
                path = f"{folder}/{path.removeprefix(spelling)}"
    return path or None
