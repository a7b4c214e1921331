"""`cdpctl completion`: prints or installs the completion script of a shell."""

from cdpctl.commands.options import Text, command, option
from cdpctl.commands.runtime import Runtime
from cdpctl.output.document import Document


@command(calls=False)
def bash(runtime: Runtime) -> None:
    """Print the completion script for bash.

    `cdpctl completion install` installs it for good. TAB starts no process and calls no CDP. It offers the
    peers that were last read from the grid.

    Examples:
        eval "$(cdpctl completion bash)"
    """
    _print(runtime, "bash")


@command(calls=False)
def zsh(runtime: Runtime) -> None:
    """Print the completion script for zsh.

    `cdpctl completion install` installs it for good. You can also save it as _cdpctl in a folder of your
    fpath. TAB starts no process and calls no CDP. It offers the peers that were last read from the grid.

    Examples:
        source <(cdpctl completion zsh)
    """
    _print(runtime, "zsh")


@command(calls=False)
def fish(runtime: Runtime) -> None:
    """Print the completion script for fish.

    `cdpctl completion install` installs it for good. TAB starts no process and calls no CDP. It offers the
    peers that were last read from the grid.

    Examples:
        cdpctl completion fish | source
    """
    _print(runtime, "fish")


@command(calls=False)
def install(
    runtime: Runtime,
    shell: Text = option("--shell bash|zsh|fish", "Shell to install for (default: the one in $SHELL)."),
) -> None:
    """Install the completion script for your shell.

    It shows which files it wrote and how to undo that. A second run changes nothing. For zsh it adds two
    lines to .zshrc.

    Examples:
        cdpctl completion install
        cdpctl completion install --shell zsh
    """
    from cdpctl.completion.install import choose_shell, put
    from cdpctl.completion.scripts import script

    chosen = choose_shell(shell, runtime.environ)
    result = put(chosen, script(chosen), runtime.environ)
    for each in result.written:
        runtime.output.say(f"wrote {each}")
    if not result.written:
        runtime.output.say("already installed; nothing was changed")
    if result.advice:
        runtime.output.say(result.advice)
    runtime.output.say("open a new shell to use it; to undo: " + result.undo)
    record = {
        "shell": result.shell,
        "script": str(result.script),
        "written": [str(each) for each in result.written],
        "undo": result.undo,
    }
    runtime.output.document(Document("cdpctl.completion/1", {}, None, [record], columns=("shell", "script")))


def _print(runtime: Runtime, shell: str) -> None:
    from cdpctl.completion.scripts import script

    runtime.output.text(script(shell).encode())
