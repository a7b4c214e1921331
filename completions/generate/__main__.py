"""`python -m completions.generate` writes the completion scripts and the man page."""

from pathlib import Path

from cdpctl.cli import root
from cdpctl.completion.scripts import FILES
from completions.generate.manual import man_page
from completions.generate.scripts import script
from completions.generate.tree import read_tree


def generated() -> dict[str, str]:
    """Return the text of every generated file by its name in `completions/`."""
    tree = read_tree(root())
    scripts = {name: script(shell, tree) for shell, name in FILES.items()}
    return {**scripts, "cdpctl.1": man_page(tree)}


def main(folder: Path) -> None:
    """Write the files into a folder."""
    for name, text in generated().items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(__file__).parents[1])
