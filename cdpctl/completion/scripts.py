"""The completion scripts as they ship."""

from pathlib import Path

#: The name of each shell's script in a folder of such scripts.
FILES = {"bash": "cdpctl.bash", "zsh": "_cdpctl", "fish": "cdpctl.fish"}
# A wheel holds the scripts beside this module; an editable install runs in the source tree.
_FOLDERS = (Path(__file__).parent / "scripts", Path(__file__).parents[2] / "completions")


def script(shell: str) -> str:
    """Return the completion script of a shell.

    Args:
        shell: one of `FILES`.
    """
    folder = next(each for each in _FOLDERS if (each / FILES[shell]).is_file())
    return (folder / FILES[shell]).read_text(encoding="utf-8")
