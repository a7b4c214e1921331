"""Fills the templates of the completion scripts from the tree of commands."""

from collections.abc import Callable
from pathlib import Path

from completions.generate import bash, fish, zsh
from completions.generate.tree import Command

_MAKERS: dict[str, tuple[Callable[[Command], str], str]] = {
    "bash": (bash.generated, "bash.sh"),
    "zsh": (zsh.generated, "zsh.zsh"),
    "fish": (fish.generated, "fish.fish"),
}


def script(shell: str, tree: Command) -> str:
    """Return the completion script of a shell.

    Args:
        shell: bash, zsh or fish.
        tree: the root command.
    """
    generated, template = _MAKERS[shell]
    text = (Path(__file__).parent / template).read_text(encoding="utf-8")
    return text.replace("@GENERATED@\n", generated(tree))
