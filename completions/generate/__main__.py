"""`python -m completions.generate` writes the scripts, the man page and the README's table of commands."""

from pathlib import Path

from cdpctl.completion.scripts import FILES
from completions.generate.manual import man_page
from completions.generate.scripts import script
from completions.generate.table import with_table
from completions.generate.tree import read_tree


def generated(top: Path) -> dict[Path, str]:
    """Return the text of every generated file by its path.

    Args:
        top: the project's root.
    """
    tree, readme = read_tree(), top / "README.md"
    files = {top / "completions" / name: script(shell, tree) for shell, name in FILES.items()}
    files[top / "completions" / "cdpctl.1"] = man_page(tree)
    files[readme] = with_table(readme.read_text(encoding="utf-8"), tree)
    return files


def main(top: Path) -> None:
    """Write the generated files below the project's root."""
    for path, text in generated(top).items():
        path.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(__file__).parents[2])
