"""`cdpctl completion`: the script of a shell, printed or put in its place."""

from typing import Annotated

import typer

from cdpctl.commands.options import command
from cdpctl.commands.runtime import Runtime
from cdpctl.errors import ExitCode
from cdpctl.output.document import Document

EXAMPLES = {
    "bash": ("cdpctl completion bash > ~/.local/share/bash-completion/completions/cdpctl",),
    "zsh": ("cdpctl completion zsh > ~/.zfunc/_cdpctl",),
    "fish": ("cdpctl completion fish > ~/.config/fish/completions/cdpctl.fish",),
    "install": ("cdpctl completion install", "cdpctl completion install --shell zsh"),
}


@command(calls=False)
def bash(runtime: Runtime) -> ExitCode:
    """Print the script for bash.

    The package bash-completion loads it from ~/.local/share/bash-completion/completions; without that
    package, source it in ~/.bashrc. TAB starts no process and asks no CDP: peers come from the list
    that the last command to read them left behind.
    """
    return _print(runtime, "bash")


@command(calls=False)
def zsh(runtime: Runtime) -> ExitCode:
    """Print the script for zsh.

    A folder of your fpath is its place, under the name _cdpctl; it can be sourced as well. TAB starts
    no process and asks no CDP: peers come from the list that the last command to read them left behind.
    """
    return _print(runtime, "zsh")


@command(calls=False)
def fish(runtime: Runtime) -> ExitCode:
    """Print the script for fish.

    Its place is ~/.config/fish/completions. TAB starts no process and asks no CDP: peers come from the
    list that the last command to read them left behind.
    """
    return _print(runtime, "fish")


@command(calls=False)
def install(
    runtime: Runtime,
    shell: Annotated[
        str | None, typer.Option("--shell", metavar="bash|zsh|fish", help="Instead of the one in $SHELL.")
    ] = None,
) -> ExitCode:
    """Put the script where your shell finds it.

    It tells what it wrote and how to undo that; a second run changes nothing. For zsh two lines go
    into .zshrc.
    """
    from cdpctl.completion.install import choose_shell, put
    from cdpctl.completion.scripts import script

    chosen = choose_shell(shell, runtime.environ)
    result = put(chosen, script(chosen), runtime.environ)
    for each in result.written:
        runtime.output.note(f"wrote {each}")
    if not result.written:
        runtime.output.note("it was in place already; nothing was changed")
    if result.advice:
        runtime.output.note(result.advice)
    runtime.output.note("a new shell completes cdpctl; to undo it: " + result.undo)
    runtime.output.document(
        Document(
            schema="cdpctl.completion/1",
            head={},
            key=None,
            records=[
                {
                    "shell": result.shell,
                    "script": str(result.script),
                    "written": [str(each) for each in result.written],
                    "undo": result.undo,
                }
            ],
            columns=("shell", "script"),
        )
    )
    return ExitCode.OK


def _print(runtime: Runtime, shell: str) -> ExitCode:
    from cdpctl.completion.scripts import script

    runtime.output.raw(script(shell).encode())
    return ExitCode.OK
