"""A table on paper: its head again on every page, no figure cut off, text in as many lines as it needs, the total at the end.

Where the columns do not fit beside each other even in small type, the table stands several times below itself: each part has the
columns that name the rows, and some of the figures, those of one group together. Its last rows stand on one page with the total and what
is said below, so that no page has but a line or two.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, groupby
from typing import Any, NamedTuple

from dashboard.exports import FIGURES, Column, totalled, written
from dashboard.i18n import _
from dashboard.papers.pages import BOTTOM, MARGIN, TOP, WIDTH, Paper
from dashboard.papers.type import FONT, INK, QUIET, SHADE, in_fonts, width_of, wrapped, write, write_lines

Row = Mapping[str, Any]

SIZES = (8.0, 7.2, 6.4)
"""The type of a table, the largest first that lets all columns stand beside each other."""

BELOW = 0.85
"""The type of what stands below a figure, beside the figure's own."""

AIR = 9.0
"""Between two columns."""

HAIR = 0.001
"""Widths that are summed in another order differ by less."""

WIDEST, NARROWEST = 190.0, 62.0
"""A column of text, when there is room for all, and when there is not."""

SAMPLE = 400
"""Rows whose widths are looked at: figures stand in their order, so that the first are the longest; a longer one is set smaller."""


LAST = 8
"""So many of the last rows stay together."""

FIRST = 6
"""So many of a long table's rows begin with it on a page."""


class Opening(NamedTuple):
    """What stands above a table, and how high that is."""

    high: float
    draw: Callable[[], None]


class Shown(NamedTuple):
    """A column, and what it said in the compared window in words (None: nothing is compared)."""

    column: Column
    change: Callable[[Row], str] | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """Columns that stand beside each other, how wide each is, and in which type."""

    columns: Sequence[Shown]
    widths: Sequence[float]
    size: float

    @property
    def starts(self) -> list[float]:
        """Where each column begins: figures end at the right, so text behind one keeps its distance."""
        begun = [MARGIN + width for width in accumulate(self.widths, initial=0.0)]
        behind = [False, *(shown.column.kind in FIGURES for shown in self.columns)]
        return [
            x + (AIR / 2 if after and shown.column.kind not in FIGURES else 0.0)
            for x, after, shown in zip(begun, behind, self.columns, strict=False)
        ]


def draw(paper: Paper, opening: Opening, columns: Sequence[Shown], rows: Sequence[Row], total: Row | None, below: float = 0.0) -> None:
    """The table from where the paper stands, under what opens it; `below` is how high what follows it will be."""
    parts = parted(columns, rows[:SAMPLE], total)
    for number, part in enumerate(parts, 1):
        said = _("Part {number} of {all} of the columns", number=number, all=len(parts)) if len(parts) > 1 else ""
        opened = partial(_opened, paper, opening.draw if number == 1 else None, said)
        high = (opening.high if number == 1 else 0.0) + (18.0 if said else 0.0)
        _draw(paper, Opening(high, opened), part, rows, total, below if number == len(parts) else 0.0)
        paper.y -= 8


def _opened(paper: Paper, opening: Callable[[], None] | None, said: str) -> None:
    if opening:
        opening()
    if said:
        write(paper.canvas, MARGIN, paper.y - 10, said, 8, QUIET)
        paper.y -= 18


def _draw(paper: Paper, opening: Opening, part: Part, rows: Sequence[Row], total: Row | None, below: float) -> None:
    head, above = partial(_head, paper, part), opening.high + _head_height(part)
    end = _ending(part, rows, total, TOP - BOTTOM - above, below)
    paper.room(above + (end if len(rows) <= LAST else FIRST * part.size * 2.2))
    opening.draw()
    head()
    for place, row in enumerate(rows):
        if place and place == len(rows) - LAST:
            paper.room(end, head)
        _row(paper, part, row, head)
    if total is not None:
        _row(paper, part, total, head, total=True)


def _ending(part: Part, rows: Sequence[Row], total: Row | None, room: float, below: float) -> float:
    """How high the last rows are with the total, and with what follows where a page has room for all of it."""
    own = sum(_height(part, row, _lines(part, row, False)) for row in rows[-LAST:])
    own += _height(part, total, _lines(part, total, True)) if total is not None else 0.0
    return own + below if own + below <= room else own


def parted(columns: Sequence[Shown], sample: Sequence[Row], total: Row | None) -> list[Part]:
    """The columns in the largest type in which they fit; else in several parts."""
    for size in SIZES:
        least, most = (_widths(columns, sample, total, size, text) for text in (NARROWEST, WIDEST))
        if sum(least) <= WIDTH:
            return [Part(columns, _spread(columns, least, most), size)]
    names = [place for place, shown in enumerate(columns) if shown.column.kind not in FIGURES]
    room = WIDTH - sum(least[place] for place in names)
    groups = _grouped(columns, [place for place in range(len(columns)) if place not in names], least, room)
    return [_part(columns, [*names, *places], least, most) for places in _evenly(groups, least, room)]


def _grouped(columns: Sequence[Shown], places: Sequence[int], widths: Sequence[float], room: float) -> list[list[int]]:
    """Columns with those that are read together; what has no room as one stands column by column."""
    groups = [list(found) for _key, found in groupby(places, lambda place: columns[place].column.group or place)]
    return [part for group in groups for part in ([group] if _wide(group, widths) <= room else [[place] for place in group])]


def _wide(places: Sequence[int], widths: Sequence[float]) -> float:
    return sum(widths[place] for place in places)


def _evenly(groups: Sequence[Sequence[int]], widths: Sequence[float], room: float) -> list[list[int]]:
    """Groups of columns in as few parts as the room asks for, the widest part as narrow as it can be: none holds what was left over."""
    packed = _packed(groups, widths, room)
    wide = [0.0, *accumulate(_wide(group, widths) for group in groups)]
    stretches = {after - before for place, after in enumerate(wide) for before in wide[:place]}
    narrower = (_packed(groups, widths, width) for width in sorted(stretches) if width < room)
    return next((parts for parts in narrower if len(parts) == len(packed)), packed)


def _packed(groups: Sequence[Sequence[int]], widths: Sequence[float], room: float) -> list[list[int]]:
    """Groups one after the other, a new part wherever one has no room; one that is wider than the room stands alone."""
    parts: list[list[int]] = []
    for group in groups:
        if not parts or _wide((*parts[-1], *group), widths) > room + HAIR:
            parts.append([])
        parts[-1] += group
    return parts


def _part(columns: Sequence[Shown], places: Sequence[int], least: Sequence[float], most: Sequence[float]) -> Part:
    chosen = [columns[place] for place in places]
    return Part(chosen, _spread(chosen, [least[place] for place in places], [most[place] for place in places]), SIZES[-1])


def _widths(columns: Sequence[Shown], sample: Sequence[Row], total: Row | None, size: float, most: float) -> list[float]:
    """How wide each column wants to be: of text at most so wide, of figures as wide as the longest, or what stands below it."""
    widths = []
    for shown in columns:
        column, figure = shown.column, shown.column.kind in FIGURES
        looked_at = [*sample, total] if figure and total else sample
        cells = max((width_of(written(column, column.of(row)), size) for row in looked_at), default=0)
        if shown.change:
            cells = max(cells, *(width_of(shown.change(row), size * BELOW) for row in looked_at), 0)
        word = max((width_of(word, size) for word in wrapped(column.title, size, 70)), default=0)
        widths.append((max(cells, word) if figure or column.kind in ("day", "month") else min(max(cells, word), most)) + AIR)
    return widths


def _spread(columns: Sequence[Shown], least: Sequence[float], most: Sequence[float]) -> list[float]:
    """The columns over the whole width: text first gets what it wants, then all the same share of what is left."""
    room, wish = WIDTH - sum(least), sum(most) - sum(least)
    share = min(1.0, room / wish) if wish > 0 else 0.0
    widths = [low + (high - low) * share for low, high in zip(least, most, strict=True)]
    return [width + max(0.0, WIDTH - sum(widths)) / len(columns) for width in widths]


def _head_lines(part: Part) -> list[list[str]]:
    return [wrapped(shown.column.title, part.size, width - AIR) for shown, width in zip(part.columns, part.widths, strict=True)]


def _head_height(part: Part) -> float:
    return part.size * (1.4 * max(len(line) for line in _head_lines(part)) + 0.7)


def _head(paper: Paper, part: Part) -> None:
    lines = _head_lines(part)
    high = max(len(line) for line in lines)
    for shown, x, width, words in zip(part.columns, part.starts, part.widths, lines, strict=True):
        right = shown.column.kind in FIGURES
        top = paper.y - part.size * (1.1 + 1.4 * (high - len(words)))
        write_lines(paper.canvas, x + width - AIR / 2 if right else x, top, words, part.size, QUIET, align="right" if right else "left")
    paper.y -= part.size * (1.4 * high + 0.7)
    paper.rule(paper.y)


def _row(paper: Paper, part: Part, row: Row, head: Callable[[], None], total: bool = False) -> None:
    lines = _lines(part, row, total)
    high = _height(part, row, lines)
    paper.room(high, head)
    if row.get("young"):
        _shade(paper, high)
    _cells(paper, part, lines, total)
    if _compared(part, row):
        _changes(paper, part, row)
    paper.y -= high
    paper.rule(paper.y)


def _lines(part: Part, row: Row, total: bool) -> list[list[str]]:
    """What stands in each cell of a row, line by line."""
    texts = [
        totalled(shown.column, row, position) if total else written(shown.column, shown.column.of(row))
        for position, shown in enumerate(part.columns)
    ]
    return [
        [text] if shown.column.kind in FIGURES else wrapped(text, part.size, width - AIR)
        for shown, width, text in zip(part.columns, part.widths, texts, strict=True)
    ]


def _height(part: Part, row: Row, lines: Sequence[Sequence[str]]) -> float:
    return part.size * (1.4 * max(max(len(words) for words in lines), 2 if _compared(part, row) else 1) + 0.8)


def _compared(part: Part, row: Row) -> bool:
    return "before" in row and any(shown.change for shown in part.columns)


def _shade(paper: Paper, high: float) -> None:
    """A ground behind a row that is marked."""
    paper.canvas.setFillColor(SHADE)
    paper.canvas.rect(MARGIN, paper.y - high, WIDTH, high, stroke=0, fill=1)


def _cells(paper: Paper, part: Part, lines: Sequence[Sequence[str]], bold: bool) -> None:
    """What stands in a row, as one piece of text: it is the bulk of a paper."""
    paper.canvas.setStrokeColor(INK)
    paper.canvas.setLineWidth(part.size * 0.03)
    text = paper.canvas.beginText()
    text.setFillColor(INK)
    now = FONT, part.size
    text.setFont(*now)
    text.setTextRenderMode(2 if bold else 0)
    top = paper.y - part.size * 1.35
    for shown, x, width, words in zip(part.columns, part.starts, part.widths, lines, strict=True):
        for number, line in enumerate(words):
            start, size = x, part.size
            if shown.column.kind in FIGURES:
                size = _small_enough(line, part.size, width - AIR / 2)
                start = x + width - AIR / 2 - width_of(line, size)
            text.setTextOrigin(start, top - number * part.size * 1.4)
            for name, piece in in_fonts(line):
                if (name, size) != now:
                    text.setFont(name, size)
                    now = name, size
                text.textOut(piece)
    text.setTextRenderMode(0)
    paper.canvas.drawText(text)


def _changes(paper: Paper, part: Part, row: Row) -> None:
    """Below each figure, how far it is from the compared window."""
    x, y = MARGIN, paper.y - part.size * 2.55
    for shown, width in zip(part.columns, part.widths, strict=True):
        x += width
        if shown.change:
            change = shown.change(row)
            write(paper.canvas, x - AIR / 2, y, change, _small_enough(change, part.size * BELOW, width - AIR / 2), QUIET, align="right")


def _small_enough(text: str, size: float, width: float) -> float:
    """A figure is never cut: one that is too long is set in smaller type."""
    return min(size, size * width / (width_of(text, size) or 1))
