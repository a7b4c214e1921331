"""Completion for shells: scripts made from the tree of commands, which start no process on TAB."""

from pathlib import Path

from cdpctl.completion.tree import Command

#: The shells, and what their script is called in a folder of such scripts.
FILES = {"bash": "cdpctl.bash", "zsh": "_cdpctl", "fish": "cdpctl.fish"}


def script(shell: str, tree: Command) -> str:
    """Return the completion script of a shell.

    Args:
        shell: one of `FILES`.
        tree: of the commands.
    """
    from cdpctl.completion import bash, fish, zsh

    known = {"bash": (bash.generated, "bash.sh"), "zsh": (zsh.generated, "zsh.zsh")}
    known["fish"] = (fish.generated, "fish.fish")
    generated, template = known[shell]
    text = (Path(__file__).parent / template).read_text(encoding="utf-8")
    return text.replace("@GENERATED@\n", generated(tree))
