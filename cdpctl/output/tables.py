"""Aligned tables that are never wider than the terminal."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from cdpctl.output.colors import Colors
from cdpctl.output.document import Document
from cdpctl.output.formats import cell, select_fields
from cdpctl.output.widths import fit, width_of

_GAP = "  "
#: Never cut and never dropped, so that a status can always be read.
WHOLE = frozenset({"type", "status", "outcome"})
# Cut last and never dropped.
_KEYS = frozenset({"grid", "name"})
# Dropped first, in this order, unless the user chose the fields. ANSWERS mostly repeats the URL.
_LEAST = ("answers", "os", "host")
# The least widths of keys and of text, with and without room, and of a key when nothing else can be cut.
_KEY, _TEXT, _LONG, _TINY = 16, 8, 20, 4
# A status or an outcome that is longer is laid out in its own row.
_MOST_USUAL = 16
_PAINTED = frozenset({"status", "outcome"})


class Style(NamedTuple):
    """The style of a table.

    Attributes:
        room: the width of the terminal. None off a terminal, where a table is as wide as it needs to be.
        headers: whether to write a header row.
        mark: written in place of the text that was cut.
        shown: returns text that the stream's encoding can show.
    """

    colors: Colors
    room: int | None = None
    headers: bool = True
    mark: str = "…"
    shown: Callable[[str], str] = str


def aligned(
    columns: Sequence[str],
    records: Sequence[Mapping[str, Any]],
    style: Style,
    *,
    asked: bool = False,
) -> Iterator[str]:
    """Write records as lines of a table.

    Args:
        columns: the keys of the records.
        records: the rows.
        style: the style of the table.
        asked: the user chose the columns, so cut text before a column is dropped.
    """
    titles = [style.shown(cell(column)).upper() for column in columns]
    rows = [[style.shown(cell(record.get(column))) for column in columns] for record in records]
    if style.headers:
        rows.insert(0, titles)
    if not rows:
        return
    sizes = [[width_of(text) for text in column] for column in zip(*rows, strict=True)]
    natural = [max(column) for column in sizes]
    if style.room is not None and _total(dict(enumerate(natural))) > style.room:
        natural = [
            _usual(column) if title in WHOLE else max(column)
            for title, column in zip(columns, sizes, strict=True)
        ]
    widths = layout(columns, natural, style.room, asked=asked)
    for row in rows:
        own = _own_widths(row, columns, widths, style.room)
        yield _line(row, columns, own, style, header=row is titles).rstrip() + "\n"


def _usual(sizes: Sequence[int]) -> int:
    """Return the width of a column that is never cut: that of its cells, but not of a few very long ones."""
    usual = [size for size in sizes if size <= _MOST_USUAL]
    return max(usual) if 2 * len(usual) > len(sizes) else max(sizes)


def _own_widths(
    row: Sequence[str], columns: Sequence[str], widths: Mapping[int, int], room: int | None
) -> Mapping[int, int]:
    """Return the widths for one row. A very long status takes room from its own row only."""
    own = {
        index: max(width, width_of(row[index])) if columns[index] in WHOLE else width
        for index, width in widths.items()
    }
    if room is not None and own != widths:
        others = [index for index in own if columns[index] not in WHOLE]
        _shrink(own, sorted(others, key=lambda each: columns[each] in _KEYS), room)
    return own


def _shrink(widths: dict[int, int], group: Iterable[int], room: int) -> None:
    """Narrow a group of columns, one after the other, until the others have room."""
    over = _total(widths) - room
    for index in group:
        given = max(0, min(over, widths[index] - _TINY))
        widths[index] -= given
        over -= given


def _line(
    row: Sequence[str], columns: Sequence[str], widths: Mapping[int, int], style: Style, *, header: bool
) -> str:
    parts = []
    for index, width in widths.items():
        text = row[index]
        used = width_of(text)
        if used > width:
            text = fit(text, width, style.mark)
            used = width_of(text)
        blanks = " " * (width - used)
        if header:
            text = style.colors.paint(text, "bold")
        elif columns[index] in _PAINTED:
            text = style.colors.paint(text)
        parts.append(text + blanks)
    return _GAP.join(parts)


def layout(
    columns: Sequence[str], natural: Sequence[int], room: int | None, *, asked: bool = False
) -> dict[int, int]:
    """Choose the columns to show and their widths.

    ANSWERS, OS and HOST are dropped first, then long text is cut, then columns are dropped from the right,
    and names are cut last. TYPE, STATUS and OUTCOME stay whole.

    Args:
        columns: the keys of the records.
        natural: the full width of each column.
        room: the width of the terminal, or None for no limit.
        asked: the user chose the columns, so cut text before a column is dropped.

    Returns:
        The width of each column that is shown, by its index.
    """
    kept = dict(enumerate(natural))
    if room is None or _total(kept) <= room:
        return kept

    def least(long: int, key: int) -> dict[int, int]:
        return {
            index: width
            if columns[index] in WHOLE
            else min(width, key if columns[index] in _KEYS else max(long, len(columns[index])))
            for index, width in kept.items()
        }

    def drop(names: Sequence[str], long: int, key: int) -> None:
        for name in names:
            if _total(least(long, key)) > room and name in columns:
                kept.pop(columns.index(name), None)

    others = [name for name in reversed(columns) if name not in WHOLE | _KEYS]
    if not asked:
        drop(_LEAST, _LONG, room // 2)
    drop([*_LEAST, *others], _TEXT, _KEY)
    widths = least(_TEXT, _KEY)
    keys = [index for index in widths if columns[index] in _KEYS]
    _shrink(widths, reversed(keys), room)
    texts = [index for index in widths if columns[index] not in WHOLE | _KEYS]
    for group, most in ((keys, room // 2), (texts, room), (keys, room)):
        _grow(widths, kept, group, most, room)
    return widths


def _grow(
    widths: dict[int, int], natural: Mapping[int, int], group: Sequence[int], most: int, room: int
) -> None:
    """Widen a group of columns, the narrowest first, until there is no room left."""
    left = room - _total(widths)
    while left > 0:
        short = [index for index in group if widths[index] < min(natural[index], most)]
        if not short:
            return
        widths[min(short, key=widths.__getitem__)] += 1
        left -= 1


def natural_width(columns: Sequence[str], records: Sequence[Mapping[str, Any]]) -> int:
    """Return how wide a table has to be so that nothing in it is cut."""
    cells = [[column, *(cell(record.get(column)) for record in records)] for column in columns]
    return _total({index: max(map(width_of, column)) for index, column in enumerate(cells)})


def _total(widths: Mapping[int, int]) -> int:
    return sum(widths.values()) + len(_GAP) * (len(widths) - 1)


def key_values(document: Document, fields: Sequence[str], style: Style) -> Iterator[str]:
    """Write the one record of a document, one field per line."""
    fields = fields or document.columns
    for record in document.records:
        shown = select_fields({**document.head, **record}, fields)
        width = max((len(key) for key in shown), default=0)
        for key, value in shown.items():
            text = style.shown(cell(value))
            if key in _PAINTED:
                text = style.colors.paint(text)
            yield f"{key.ljust(width)}  {text}".rstrip() + "\n"


def sections(document: Document, style: Style) -> Iterator[str]:
    """Write the small tables below a single record."""
    inner = style._replace(room=None if style.room is None else style.room - len(_GAP))
    for section in document.sections:
        yield f"\n{cell(section.title)}:\n"
        for line in aligned(section.columns, section.rows, inner):
            yield _GAP + line
