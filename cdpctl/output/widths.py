"""How many columns text takes on a terminal, and text cut to them."""


def width_of(text: str) -> int:
    """Return how many columns a terminal takes for sanitised text."""
    if text.isascii():
        return len(text)
    # Only what is not ASCII pays for rich and its tables of characters.
    from rich.cells import cell_len

    return cell_len(text)


def fit(text: str, columns: int, mark: str = "…") -> str:
    """Cut text to a number of columns, with a mark in the place of what is gone.

    Args:
        text: sanitised.
        columns: at most; a wide character that would cross the end is left out.
        mark: `...` where the stream's encoding has no ellipsis.
    """
    if width_of(text) <= columns:
        return text
    if columns <= len(mark):
        return mark[: max(0, columns)]
    if text.isascii():
        return text[: columns - len(mark)] + mark
    from rich.cells import set_cell_size

    # Half a wide character comes back as a blank.
    return set_cell_size(text, columns - len(mark)).rstrip() + mark
