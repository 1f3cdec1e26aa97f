"""A table on paper: its head again on every page, no figure cut off, text in as many lines as it needs, the total at the end.

Where the columns do not fit beside each other even in small type, the table stands several times below itself: each part has the
columns that name the rows, and some of the figures.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from typing import Any, NamedTuple

from dashboard.exports import FIGURES, Column, written
from dashboard.i18n import _
from dashboard.papers.pages import MARGIN, WIDTH, Paper
from dashboard.papers.type import FONT, INK, QUIET, SHADE, width_of, wrapped, write, write_lines

Row = Mapping[str, Any]

SIZES = (8.0, 7.2, 6.4)
"""The type of a table, the largest first that lets all columns stand beside each other."""

BELOW = 0.85
"""The type of what stands below a figure, beside the figure's own."""

AIR = 9.0
"""Between two columns."""

WIDEST, NARROWEST = 190.0, 62.0
"""A column of text, when there is room for all, and when there is not."""

SAMPLE = 400
"""Rows whose widths are looked at: figures stand in their order, so that the first are the longest; a longer one is set smaller."""


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


def draw(paper: Paper, columns: Sequence[Shown], rows: Sequence[Row], total: Row | None) -> None:
    """The table from where the paper stands."""
    parts = parted(columns, rows[:SAMPLE], total)
    for number, part in enumerate(parts, 1):
        if len(parts) > 1:
            paper.room(60)
            write(paper.canvas, MARGIN, paper.y - 10, _("Part {number} of {all} of the columns", number=number, all=len(parts)), 8, QUIET)
            paper.y -= 18
        _draw(paper, part, rows, total)
        paper.y -= 8


def _draw(paper: Paper, part: Part, rows: Sequence[Row], total: Row | None) -> None:
    head = partial(_head, paper, part)
    paper.room(4 * part.size * 2)
    head()
    for row in rows:
        _row(paper, part, row, head)
    if total is not None:
        _row(paper, part, total, head, total=True)


def parted(columns: Sequence[Shown], sample: Sequence[Row], total: Row | None) -> list[Part]:
    """The columns in the largest type in which they fit; else in several parts."""
    for size in SIZES:
        least, most = (_widths(columns, sample, total, size, text) for text in (NARROWEST, WIDEST))
        if sum(least) <= WIDTH:
            return [Part(columns, _spread(columns, least, most), size)]
    names = [place for place, shown in enumerate(columns) if shown.column.kind not in FIGURES]
    figures = [place for place in range(len(columns)) if place not in names]
    room = WIDTH - sum(least[place] for place in names)
    return [_part(columns, [*names, *places], least, most) for places in _evenly(figures, least, room)]


def _evenly(places: Sequence[int], widths: Sequence[float], room: float) -> list[list[int]]:
    """Columns in as few parts as the room asks for, the widest part as narrow as it can be: none holds what was left over."""
    packed = _packed(places, widths, room)
    ends = [(start, end) for end in range(1, len(places) + 1) for start in range(end)]
    stretches = {sum(widths[place] for place in places[start:end]) for start, end in ends}
    narrower = (_packed(places, widths, width) for width in sorted(stretches) if width < room)
    return next((parts for parts in narrower if len(parts) == len(packed)), packed)


def _packed(places: Sequence[int], widths: Sequence[float], room: float) -> list[list[int]]:
    """Columns one after the other, a new part wherever one has no room; one that is wider than the room stands alone."""
    parts: list[list[int]] = []
    for place in places:
        if not parts or sum(widths[one] for one in (*parts[-1], place)) > room:
            parts.append([])
        parts[-1].append(place)
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


def _head(paper: Paper, part: Part) -> None:
    lines = [wrapped(shown.column.title, part.size, width - AIR) for shown, width in zip(part.columns, part.widths, strict=True)]
    high = max(len(line) for line in lines)
    for shown, x, width, words in zip(part.columns, part.starts, part.widths, lines, strict=True):
        right = shown.column.kind in FIGURES
        top = paper.y - part.size * (1.1 + 1.4 * (high - len(words)))
        write_lines(paper.canvas, x + width - AIR / 2 if right else x, top, words, part.size, QUIET, align="right" if right else "left")
    paper.y -= part.size * (1.4 * high + 0.7)
    paper.rule(paper.y)


def _row(paper: Paper, part: Part, row: Row, head: Callable[[], None], total: bool = False) -> None:
    size = part.size
    texts = [_text(shown.column, row, total, position) for position, shown in enumerate(part.columns)]
    lines = [
        [text] if shown.column.kind in FIGURES else wrapped(text, size, width - AIR)
        for shown, width, text in zip(part.columns, part.widths, texts, strict=True)
    ]
    compared = any(shown.change for shown in part.columns) and "before" in row
    high = max(max(len(words) for words in lines), 2 if compared else 1)
    paper.room(size * (1.4 * high + 0.8), head)
    if row.get("young"):
        _shade(paper, size * (1.4 * high + 0.8))
    _cells(paper, part, lines, total)
    if compared:
        _changes(paper, part, row)
    paper.y -= size * (1.4 * high + 0.8)
    paper.rule(paper.y)


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
    text.setFont(FONT, part.size)
    text.setTextRenderMode(2 if bold else 0)
    top = paper.y - part.size * 1.35
    for shown, x, width, words in zip(part.columns, part.starts, part.widths, lines, strict=True):
        for number, line in enumerate(words):
            start = x
            if shown.column.kind in FIGURES:
                size = _small_enough(line, part.size, width - AIR / 2)
                start = x + width - AIR / 2 - width_of(line, size)
                if size < part.size:
                    text.setFont(FONT, size)
            text.setTextOrigin(start, top - number * part.size * 1.4)
            text.textOut(line)
            if shown.column.kind in FIGURES and size < part.size:
                text.setFont(FONT, part.size)
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


def _text(column: Column, row: Row, total: bool, position: int) -> str:
    if total and column.kind not in FIGURES:
        return _("Total") if position == 0 else ""
    return written(column, column.of(row))


def _small_enough(text: str, size: float, width: float) -> float:
    """A figure is never cut: one that is too long is set in smaller type."""
    return min(size, size * width / (width_of(text, size) or 1))
