"""Runs real shells that load a completion script and complete lines."""

import os
import pty
import select
import shutil
import subprocess
import time
from collections.abc import Iterable, Mapping
from pathlib import Path

from tests.support.program import measured

COMPLETIONS = Path(__file__).parents[2] / "completions"
_SECONDS = 20.0

_BASH = r"""
COMP_WORDBREAKS=$' \t\n"\'@><=;|&(:'
source "$1"
while IFS= read -r COMP_LINE; do
    COMP_POINT=${#COMP_LINE}
    _cdpctl
    ((${#COMPREPLY[@]})) && printf '%s\n' "${COMPREPLY[@]}"
    echo END
done
"""

_FISH = r"""
source $argv[1]
while read -l line
    complete -C $line | string split -f1 \t
    echo END
end
"""

# All matches pass through compadd. With -A it returns them.
_ZSH = r"""
PROMPT= RPROMPT=
setopt no_beep
bindkey -e
fpath=($SCRIPTS $fpath)
autoload -Uz compinit && compinit -D -u
compadd() {
    local -a hits
    if [[ -z ${(M)@:#-[OAD]} ]]; then
        builtin compadd -A hits "$@"
        (($#hits)) && print -rl -- $hits >>$RESULTS
    fi
    builtin compadd "$@"
}
finish() {
    print -r -- END >>$RESULTS
    compstate[insert]='' compstate[list]=''
    # Each completion empties the list.
    comppostfuncs=(finish)
}
comppostfuncs=(finish)
print -r -- END >>$RESULTS
"""


def environment(home: Path, **more: str) -> dict[str, str]:
    """Return an environment with all user files below `home`."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "XDG_CONFIG_HOME": str(home / "config"),
        "XDG_CACHE_HOME": str(home / "cache"),
        "LC_ALL": "C.UTF-8",
        "TERM": "xterm",
        **measured(),
        **more,
    }


def _blocks(text: str, count: int) -> list[list[str]]:
    blocks = [block.split("\n") for block in text.split("END\n")[:-1]]
    assert len(blocks) == count, text
    return [[each for each in block if each] for block in blocks]


def complete_in_bash(lines: list[str], env: Mapping[str, str], *options: str) -> list[list[str]]:
    """Return the completions of bash for each line, with shell `options`."""
    words = ["bash", "--norc", *options, "-c", _BASH, "bash", str(COMPLETIONS / "cdpctl.bash")]
    return _through(words, lines, env)


def complete_in_fish(
    lines: list[str], env: Mapping[str, str], feature: str = "qmark-noglob"
) -> list[list[str]]:
    """Return what fish offers for each line, without the descriptions, with a feature set or not."""
    words = ["fish", "--no-config", "--features", feature, "-c", _FISH, str(COMPLETIONS / "cdpctl.fish")]
    return _through(words, lines, env)


def _through(words: list[str], lines: list[str], env: Mapping[str, str]) -> list[list[str]]:
    done = subprocess.run(
        words,
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        env=env,
        timeout=60,
    )
    assert done.stderr == ""
    return _blocks(done.stdout, len(lines))


def complete_in_zsh(lines: list[str], env: Mapping[str, str], folder: Path) -> list[list[str]]:
    """Return the completions of zsh for each line. It needs a terminal and a folder."""
    results = folder / "results"
    (folder / ".zshrc").write_text(_ZSH)
    scripts = folder / "scripts"
    scripts.mkdir()
    shutil.copy(COMPLETIONS / "_cdpctl", scripts)
    more = {"ZDOTDIR": str(folder), "RESULTS": str(results), "SCRIPTS": str(scripts)}
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe("zsh", ["zsh", "-d", "-i"], {**env, **more})
    seen = bytearray()
    try:
        _wait(results, 1, terminal, seen)
        for count, line in enumerate(lines, 2):
            # Ctrl-U clears the line.
            os.write(terminal, b"\x15" + line.encode() + b"\t")
            _wait(results, count, terminal, seen)
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    assert b"command not found" not in seen
    assert b"parse error" not in seen
    return _blocks(results.read_text(), len(lines) + 1)[1:]


def type_at_a_terminal(words: list[str], lines: Iterable[str], env: Mapping[str, str]) -> str:
    """Type lines at an interactive shell, each after the output of the previous one.

    Returns:
        The output on the terminal.

    Raises:
        AssertionError: the shell ended, or did not print the expected output.
    """
    child, terminal = pty.fork()
    if child == 0:
        os.execvpe(words[0], words, dict(env))
    seen = bytearray()
    try:
        for number, line in enumerate(lines):
            mark = f"<{number}>".encode()
            # Ctrl-U clears what completion left on the line. The shell prints text that is not on the line.
            os.write(terminal, line.encode() + f"\x15printf '<%s>\\n' {number}\r".encode())
            end = time.monotonic() + _SECONDS
            while mark not in seen:
                assert time.monotonic() < end, seen.decode(errors="replace")
                if select.select([terminal], [], [], 0.05)[0]:
                    try:
                        seen += os.read(terminal, 65536)
                    except OSError:  # Linux raises this when the shell has ended.
                        raise AssertionError(seen.decode(errors="replace")) from None
    finally:
        os.close(terminal)
        os.waitpid(child, 0)
    return seen.decode(errors="replace")


def _wait(results: Path, count: int, terminal: int, seen: bytearray) -> None:
    end = time.monotonic() + _SECONDS
    while not results.exists() or results.read_text().count("END\n") < count:
        assert time.monotonic() < end, seen.decode(errors="replace")
        if select.select([terminal], [], [], 0.01)[0]:
            seen += os.read(terminal, 65536)
