"""Finds the completion scripts that ship with the package."""

from pathlib import Path

#: The file name of each shell's script.
FILES = {"bash": "cdpctl.bash", "zsh": "_cdpctl", "fish": "cdpctl.fish"}
# A wheel has the scripts beside this module. An editable install uses the source tree.
_FOLDERS = (Path(__file__).parent / "scripts", Path(__file__).parents[2] / "completions")


def script(shell: str) -> str:
    """Return the completion script of a shell.

    Args:
        shell: one of `FILES`.
    """
    folder = next(each for each in _FOLDERS if (each / FILES[shell]).is_file())
    return (folder / FILES[shell]).read_text(encoding="utf-8")
