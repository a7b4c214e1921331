"""Measures and cuts text by its width on a terminal."""


def width_of(text: str) -> int:
    """Return the width of sanitised text in terminal columns."""
    if text.isascii():
        return len(text)
    # Import rich and its character tables only if they are needed.
    from rich.cells import cell_len

    return cell_len(text)


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
