"""Measures and cuts text by its width on a terminal."""

# Where a command begins in a hint. It ends the text.
_COMMAND = ": cdpctl "


def width_of(text: str) -> int:
    """Return the width of sanitised text in terminal columns."""
    if text.isascii():
        return len(text)
    # Import rich and its character tables only if they are needed.
    from rich.cells import cell_len

    return cell_len(text)


def wrapped(text: str, columns: int | None, indent: int, first: int = 0) -> str:
    """Wrap sanitised text, with an indent from the second line on. A command in it stays whole, to be pasted.

    Args:
        text: one line.
        columns: the width of the terminal. None does not wrap.
        indent: the indent.
        first: the columns that something else takes on the first line.
    """
    if columns is None:
        return text
    from textwrap import wrap

    # A text may also begin with the command.
    start = f": {text}".find(_COMMAND)
    prose, command = (text, "") if start < 0 else (text[:start], text[start:])
    lines = wrap(
        prose,
        max(columns, indent + 1),
        initial_indent=" " * first,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
    if not lines:
        return command
    if command and width_of(f"{lines[-1]} {command}") <= columns:
        lines[-1] += f" {command}"
    elif command:
        lines.append(" " * indent + command)
    return "\n".join(lines)[first:]


def fit(text: str, columns: int, mark: str = "…") -> str:
    """Cut text to a number of columns, with a mark at the end.

    Args:
        text: sanitised text.
        columns: the most columns. A wide character that does not fit is left out.
        mark: `...` if the stream's encoding has no ellipsis.
    """
    if width_of(text) <= columns:
        return text
    if columns <= len(mark):
        return mark[: max(0, columns)]
    if text.isascii():
        return text[: columns - len(mark)] + mark
    from rich.cells import set_cell_size

    # rich returns half a wide character as a blank.
    return set_cell_size(text, columns - len(mark)).rstrip() + mark
