"""`python -m cdpctl.completion` writes what is made from the tree of commands: scripts and man page."""

from pathlib import Path

from cdpctl.cli import root
from cdpctl.completion.manual import man_page
from cdpctl.completion.scripts import FILES, script
from cdpctl.completion.tree import read_tree


def generated() -> dict[Path, str]:
    """Return every file that is made, from its path below the project's folder to its text."""
    tree = read_tree(root())
    scripts = {Path("completions", name): script(shell, tree) for shell, name in FILES.items()}
    return {**scripts, Path("completions", "cdpctl.1"): man_page(tree)}


def main(top: Path) -> None:
    """Write the files below the project's folder."""
    for path, text in generated().items():
        (top / path).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(__file__).parents[2])
