"""The table of commands in the README."""

from completions.generate.tree import Command

BEGIN, END = "<!-- commands: begin -->", "<!-- commands: end -->"


def with_table(readme: str, tree: Command) -> str:
    """Return the README with the table of commands between its markers renewed.

    Args:
        readme: the text of the README.
        tree: the root command.

    Raises:
        ValueError: the markers are missing.
    """
    before, begin, rest = readme.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the README has lost the lines {BEGIN} and {END}")
    lines = ["| command | what it does |", "| --- | --- |", *(_row(each) for each in tree.commands)]
    return "\n".join([f"{before}{BEGIN}", *lines, f"{END}{after}"])


def _row(command: Command) -> str:
    verbs = ", ".join(f"`{_words(each)}`" for each in command.commands)
    first = f"`cdpctl {command.path[-1]}` {verbs}" if verbs else f"`cdpctl {_words(command)}`"
    return f"| {first} | {command.summary.rstrip('.')} |"


def _words(command: Command) -> str:
    words = " ".join([command.path[-1], *(each.metavar for each in command.arguments)])
    return words.replace("|", "\\|")
