"""Installs completion scripts."""

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from cdpctl.completion.scripts import FILES
from cdpctl.errors import ConfigError, UsageError
from cdpctl.files import file_mode, replace_file
from cdpctl.text import quoted, reason_of

_MARK = "# completion of cdpctl"
# Where packages install bash-completion, which loads scripts from the user's folder on demand.
_LOADERS = (
    "/usr/share/bash-completion/bash_completion",
    "/etc/bash_completion",
    "/usr/local/etc/profile.d/bash_completion.sh",
    "/opt/homebrew/etc/profile.d/bash_completion.sh",
)


class Installed(NamedTuple):
    """The result of an installation.

    Attributes:
        shell: bash, zsh or fish.
        script: the path of the script.
        written: the files that were written or changed.
        undo: how to undo it.
        advice: what the user has to do as well, or None.
    """

    shell: str
    script: Path
    written: list[Path]
    undo: str
    advice: str | None = None


def choose_shell(asked: str | None, environ: Mapping[str, str]) -> str:
    """Return the shell to install for.

    Args:
        asked: the value of --shell; without one, $SHELL decides.
        environ: the environment.

    Raises:
        UsageError: there is no script for that shell.
    """
    name = asked or environ.get("SHELL", "").rpartition("/")[2]
    if name in FILES:
        return name
    what = f"no completion script for {quoted(name)}" if name else "cannot tell your shell: SHELL is not set"
    raise UsageError(f"{what}; use bash, zsh or fish", hint="cdpctl completion install --shell bash")


def put(shell: str, text: str, environ: Mapping[str, str]) -> Installed:
    """Write the script of a shell, and for zsh the lines in .zshrc that load it.

    Args:
        shell: bash, zsh or fish.
        text: the script.
        environ: the environment.

    Raises:
        ConfigError: there is no home folder, or a file cannot be written.
    """
    home = environ.get("HOME") or ""
    if not home:
        raise ConfigError("no home folder: HOME is not set", hint=_by_hand(shell))
    data = _folder(environ, "XDG_DATA_HOME", Path(home, ".local", "share"))
    advice = None
    written: list[Path] = []
    if shell == "fish":
        configuration = _folder(environ, "XDG_CONFIG_HOME", Path(home, ".config"))
        place = configuration / "fish" / "completions" / FILES[shell]
    elif shell == "zsh":
        place = data / "zsh" / "site-functions" / FILES[shell]
    else:
        own = environ.get("BASH_COMPLETION_USER_DIR")
        place = (Path(own) if own else data / "bash-completion") / "completions" / "cdpctl"
        if not any(Path(each).exists() for each in _LOADERS):
            line = f"source {shlex.quote(str(place))}"
            advice = f"bash-completion is not installed; add this line to ~/.bashrc: {line}"
    undo = f"rm {shlex.quote(str(place))}"
    try:
        # A shell runs it, so only this user may change it or its folders, whatever the umask.
        _write(place, text.encode(), written)
        if shell == "zsh":
            settings = Path(environ.get("ZDOTDIR") or home, ".zshrc")
            _add_lines(settings, f"{_MARK}\nsource {shlex.quote(str(place))}\n".encode(), written)
            undo += f", and remove `{_MARK}` and the line after it from {settings}"
    except OSError as error:
        raise ConfigError(f"{error.filename or place}: {reason_of(error)}", hint=_by_hand(shell)) from None
    return Installed(shell, place, written, undo, advice)


def _by_hand(shell: str) -> str:
    return f"cdpctl completion {shell} > {FILES[shell]}"


def _folder(environ: Mapping[str, str], variable: str, otherwise: Path) -> Path:
    # The XDG rules: a relative path counts as not set.
    value = environ.get(variable, "")
    return Path(value) if value.startswith("/") else otherwise


def _write(path: Path, data: bytes, written: list[Path], *, private: bool = True) -> None:
    if file_mode(path) is None or path.read_bytes() != data:
        replace_file(path, data, private=private)
        written.append(path)


def _add_lines(path: Path, lines: bytes, written: list[Path]) -> None:
    new = file_mode(path) is None
    found = b"" if new else path.read_bytes()
    if lines not in found:
        separator = b"" if not found or found.endswith(b"\n") else b"\n"
        _write(path, found + separator + lines, written, private=new)
