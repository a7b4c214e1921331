"""Suggestions for names that the grid does not have."""

from cdpctl.text import NearMisses, did_you_mean, has_wildcard, printable, shell_words


def separate_names(name: str) -> list[str]:
    """Return the names in a comma list that was typed as one name. Empty if it is not a list."""
    names = [part.strip() for part in name.split(",") if part.strip()]
    return names if "," in name else []


def what_was_meant(name: str, known: NearMisses, *, selects: bool = True) -> str:
    """Return the end of a message about a name that the grid does not have; empty if nothing is similar.

    Args:
        name: the missing name.
        known: the names that the grid has.
        selects: whether the command takes --match.
    """
    names = separate_names(name)
    if names:
        return f"; separate names with spaces: {printable(shell_words(names), 120)}"
    if has_wildcard(name) and not selects:
        return "; this command takes names, not patterns"
    if has_wildcard(name):
        return f"; to select by pattern, use --match {printable(shell_words([name]))}"
    return did_you_mean(known.of(name))
