"""The command reference in the README, from the tree of commands: `python -m tests.reference` writes it."""

from pathlib import Path

from cdpctl.cli import root
from completions.generate.tree import Command, Option, read_tree

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- commands: begin -->", "<!-- commands: end -->"


def reference(tree: Command) -> str:
    """Return the reference as Markdown.

    Args:
        tree: the root command.
    """
    leaves = [each for each in tree.walk() if not each.commands]
    shared = _common(leaves)
    calling = [each for each in leaves if any("--url" in option.names for option in each.options)]
    connection = [option for option in _common(calling) if option not in shared]
    lines = []
    for command in leaves:
        words = " ".join(["cdpctl", *command.path, *(each.metavar for each in command.arguments)])
        own = [option for option in command.options if option not in [*shared, *connection]]
        lines += ["", f"**`{words}`**: {_text(command.summary)}", *_options(own)]
    lines += ["", "**Every command** takes, after its own words:", *_options(shared)]
    lines += ["", "**Commands that call a CDP** also take:", *_options(connection)]
    return "\n".join(lines).strip()


def _common(commands: list[Command]) -> list[Option]:
    return [option for option in commands[0].options if all(option in each.options for each in commands)]


def _options(options: list[Option]) -> list[str]:
    if not options:
        return []
    return ["", *(f"- {_names(option)}: {_text(option.help)}" for option in options)]


def _names(option: Option) -> str:
    value = f" {option.metavar}" if option.values is not None and option.metavar else ""
    return f"`{', '.join(option.names)}{value}`"


def _text(text: str) -> str:
    return text.replace("<", "&lt;").replace("*", "\\*")


def current(text: str) -> str:
    """Return the README's text with the reference between its markers made anew.

    Args:
        text: of the README.

    Raises:
        ValueError: the markers are not there.
    """
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError("the README has lost its markers")
    return f"{before}{BEGIN}\n{reference(read_tree(root()))}\n{END}{after}"


if __name__ == "__main__":
    README.write_text(current(README.read_text(encoding="utf-8")), encoding="utf-8")
