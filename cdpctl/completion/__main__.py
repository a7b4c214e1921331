"""`python -m cdpctl.completion FOLDER` writes the scripts of all shells into a folder."""

import sys
from pathlib import Path

from cdpctl.completion import FILES, script
from cdpctl.completion.tree import read_tree


def main(folder: Path) -> None:
    """Write the scripts."""
    tree = read_tree()
    for shell, name in FILES.items():
        (folder / name).write_text(script(shell, tree), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "completions"))
