"""A report's page as PDF: what it is and for whom, headline figures, pictures, the open table: the same answers as on the page.

It is drawn in one go and bounded: so many rows are on paper at most, and if there are more the paper says so (docs/decisions/0042).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from typing import Any, NamedTuple

from crm.scope import Actor
from crm.vocabulary import Unit
from dashboard import sheets
from dashboard.components import change, doubt, report_body
from dashboard.components.report_body import AGAINST
from dashboard.components.report_page import Figures
from dashboard.exports import Column, Sheet, readable
from dashboard.i18n import NOTHING, _, full, short
from dashboard.papers import picture, table
from dashboard.papers.pages import MARGIN, WIDTH, Paper
from dashboard.papers.table import Opening, Shown
from dashboard.papers.type import INK, QUIET, font, wrapped, write, write_lines
from dashboard.queries.answers import Answer
from dashboard.queries.carrying import may_export
from dashboard.queries.compared import beside
from dashboard.queries.compose import Page
from dashboard.queries.few import instead
from dashboard.queries.measure import Derived, Figure
from dashboard.queries.report import Listing, View
from dashboard.queries.seen import seen
from dashboard.queries.warehouse import Row
from dashboard.sheets import Asked
from dashboard.windows import window

MOST_ROWS = 10_000
"""So many rows of a table are on paper: some three hundred pages, two seconds of the server and 50 MB."""

SCREENFUL = 100
"""So many rows of a long list has the paper of who sees them, but may not carry them away: what the page shows before it is scrolled."""

PIXELS = 680
"""How wide a picture is on the page, about: its text is as large beside its bars as there."""

GAP = 22.0

NAMES = 96.0
"""How wide the names stand before what is said of each."""

HEADING = 28.0
"""How high the heading stands over how the figures are computed."""


@dataclass(frozen=True, slots=True)
class Printed:
    """For whom the paper is, and when it was made, in words."""

    actor: Actor
    company: str
    at: str


def written(asked: Asked, view: View | Listing, figures: Figures, printed: Printed) -> tuple[bytes, int]:
    """The paper, and how many rows are on it."""
    font()
    title = str(asked.report.title)
    foot = " · ".join(part for part in (printed.company, title, window(asked.filters, asked.question), printed.at) if part)
    paper = Paper(title, printed.company, foot)
    _head(paper, asked, printed)
    read = seen(asked.answers, asked.report, report_body.draws(figures), view.name, asked.scope, asked.filters, asked.today)
    _cards(paper, asked, read.headline)
    _pictures(paper, asked, figures, read.pictures, printed.actor)
    notes, computed = _notes(asked, view), _computed(asked, view)
    below = 8 + sum(_high(note) for note in notes) + HEADING + sum(_high(*pair) for pair in computed)
    rows = _table(paper, asked, view, printed.actor, below)
    _say(paper, notes)
    _explain(paper, computed)
    return paper.finished(), rows


# ── what it is ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _head(paper: Paper, asked: Asked, printed: Printed) -> None:
    write(paper.canvas, MARGIN, paper.y - 18, str(asked.report.title), 19, INK, bold=True)
    paper.y = write_lines(paper.canvas, MARGIN, paper.y - 32, wrapped(str(asked.report.question), 8.5, WIDTH), 8.5, QUIET)
    facts = [(name, readable(value)) for name, value in sheets.standing(asked) if value != NOTHING]
    facts.append((_("Printed by"), " · ".join([printed.actor.name, printed.at])))
    half = (len(facts) + 1) // 2
    columns = [_facts(paper, MARGIN + place * (WIDTH + GAP) / 2, part) for place, part in enumerate((facts[:half], facts[half:]))]
    paper.y = min(columns) - 2
    paper.rule(paper.y)


def _facts(paper: Paper, left: float, facts: Sequence[tuple[str, str]]) -> float:
    """Names and values, one under the other; where they end."""
    y = paper.y - 4
    for name, value in facts:
        write(paper.canvas, left, y, name, 8, QUIET)
        y = write_lines(paper.canvas, left + 72, y, wrapped(value, 8, (WIDTH - GAP) / 2 - 72), 8, INK)
    return y


# ── headline ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _cards(paper: Paper, asked: Asked, answer: Answer) -> None:
    """The headline figures beside each other, each short and in full."""
    past = asked.answers.past(asked.report, asked.scope, asked.filters, asked.today)
    wide = WIDTH / len(asked.report.headline)
    ends = []
    for place, figure in enumerate(asked.report.headline):
        ends.append(_card(paper, MARGIN + place * wide, wide - 10, figure, answer, [row[figure.key] for row in past]))
    paper.y = min(ends)
    paper.rule(paper.y)
    _against(paper, asked, answer)


def _card(paper: Paper, left: float, width: float, figure: Figure, answer: Answer, past: Sequence[Any]) -> float:
    value, canvas = answer.table.total[figure.key], paper.canvas
    y = write_lines(canvas, left, paper.y - 13, wrapped(str(figure.title), 8, width), 8, QUIET)
    write(canvas, left, y - 9, instead(answer.table.total, figure.key) or short(value, figure.unit), 15, INK, bold=True)
    y -= 22
    if full(value, figure.unit) != short(value, figure.unit):
        write(canvas, left, y, full(value, figure.unit), 7.5, INK)
    y -= 11
    interval = figure.interval(answer.table.total) if isinstance(figure, Derived) else None
    if interval:
        y = write_lines(canvas, left, y, wrapped(doubt.on_card(interval), 7.5, width), 7.5, QUIET)
    reason = report_body.reason(figure, answer.table, answer.table.total)
    if reason or answer.before:
        before = answer.table_before.total[figure.key] if answer.table_before else None
        words = reason or change.in_words(figure.unit, value, before)
        y = write_lines(canvas, left, y, wrapped(words, 7.5, width), 7.5, QUIET)
    _line(paper, left, y - 16, min(width, 90), past)
    return y - 22


def _line(paper: Paper, left: float, low: float, width: float, past: Sequence[Any]) -> None:
    """The last periods as a thin line, the latest as a dot."""
    known = [float(value) for value in past if value is not None]
    if len(known) < 2 or any(not isinstance(value, Decimal | int | float | None) for value in past):
        return
    least, most = min(0.0, *known), max(known)
    places = [
        (left + width * n / (len(past) - 1), low + 18 * (float(value) - least) / ((most - least) or 1))
        for n, value in enumerate(past) if value is not None
    ]  # fmt: skip
    paper.canvas.setStrokeColor(QUIET)
    paper.canvas.setLineWidth(0.8)
    path = paper.canvas.beginPath()
    path.moveTo(*places[0])
    for place in places[1:]:
        path.lineTo(*place)
    paper.canvas.drawPath(path)
    paper.canvas.setFillColor(INK)
    paper.canvas.circle(*places[-1], 1.4, stroke=0, fill=1)


def _against(paper: Paper, asked: Asked, answer: Answer) -> None:
    if answer.before and asked.filters.compare:
        write(
            paper.canvas,
            MARGIN,
            paper.y - 11,
            f"{report_body.windows(asked.filters, answer)} · {_(AGAINST[asked.filters.compare])}",
            7.5,
            QUIET,
        )
        paper.y -= 12


# ── pictures ─────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _pictures(paper: Paper, asked: Asked, figures: Figures, answers: Mapping[str, Answer], actor: Actor) -> None:
    """Two beside each other, each under its title and the sentence that says what it shows."""
    drawn, sentences = report_body.pictures(figures, answers, window(asked.filters, asked.question), actor.user_id)
    width = (WIDTH - GAP) / 2
    shown = list(zip(figures.values(), drawn, sentences, strict=True))
    for first in range(0, len(shown), 2):
        pair = shown[first : first + 2]
        words = [wrapped(sentence, 8, width) for _chart, _figure, sentence in pair]
        high = max(
            22 + 11.2 * len(lines) + figure["layout"]["height"] * width / PIXELS
            for lines, (_c, figure, _s) in zip(words, pair, strict=True)
        )
        paper.room(high + 8)
        for place, (lines, (chart, figure, _sentence)) in enumerate(zip(words, pair, strict=True)):
            left = MARGIN + place * (width + GAP)
            write(paper.canvas, left, paper.y - 16, str(chart.title), 10, INK, bold=True)
            y = write_lines(paper.canvas, left, paper.y - 29, lines, 8, QUIET)
            picture.draw(paper.canvas, figure, left, y + 6, width, PIXELS)
        paper.y -= high + 6


# ── the table ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def _table(paper: Paper, asked: Asked, view: View | Listing, actor: Actor, below: float) -> int:
    """The table that is open, whole as far as it may be, above what is so high; how many rows are on paper."""
    listed = isinstance(view, Listing) or view.paged
    most = SCREENFUL if listed and not may_export(view, actor) else MOST_ROWS
    sheet, more = _sheet(asked, view, most)
    rows = list(sheet.rows)
    opening = _opening(paper, sheet.title, most if more else None)
    if not rows:
        paper.room(opening.high + 16)
        opening.draw()
        write(paper.canvas, MARGIN, paper.y - 10, _("No records fall into this table."), 8.5, QUIET)
        paper.y -= 16
        return 0
    columns = {column.key: column for column in sheet.columns if f"{column.key}_name" not in {other.key for other in sheet.columns}}
    compared = any("before" in row for row in rows)
    table.draw(
        paper,
        opening,
        [
            Shown(column, partial(_change, column) if compared and column.then else None)
            for column in columns.values()
            if _says(column, rows)
        ],
        rows,
        sheet.total,
        below,
    )
    return len(rows)


def _opening(paper: Paper, title: str, most: int | None) -> Opening:
    """The table's title, and that there are only so many of its rows here."""
    told = _("Only the first {count} rows are on this paper; the total is that of all. Narrow the filters to see the others.", count=most)
    lines = wrapped(told, 8.5, WIDTH) if most is not None else []

    def draw() -> None:
        write(paper.canvas, MARGIN, paper.y - 18, title, 11, INK, bold=True)
        paper.y -= 26
        if lines:
            paper.y = write_lines(paper.canvas, MARGIN, paper.y - 6, lines, 8.5, INK) - 2

    return Opening(26 + (8 + 11.9 * len(lines) if lines else 0.0), draw)


def _says(column: Column, rows: Sequence[Row]) -> bool:
    """Whether a column says anything: the ends of intervals stand on paper where a rate is over few cases, and take no room elsewhere."""
    return not column.key.endswith(sheets.ENDS) or any(column.of(row) is not None for row in rows)


def _sheet(asked: Asked, view: View | Listing, most: int) -> tuple[Sheet, bool]:
    """The rows, and whether there are more than so many."""
    if isinstance(view, Listing):
        found = asked.answers.records(view.measure, {}, asked.scope, asked.filters, asked.today, Page(0, most, view.order))
        sheet = sheets.behind(asked, view.measure, {}, asked.question, str(view.title), view.order)
        return replace(sheet, rows=found.rows), found.count > most
    if view.paged:  # so many rows are not kept with the answers
        answer = Answer(asked.question, asked.before, *next(asked.beside(view, most)), asked.version)
    else:
        answer = asked.answers.table(asked.report, view, asked.scope, asked.filters, asked.today)
    rows = beside(answer.table, answer.table_before, answer.question, answer.before)
    sheet = replace(sheets.table(asked, view, asked.question), rows=rows[:most], total=report_body.totals(answer))
    return sheet, answer.table.more or len(rows) > most


def _change(column: Any, row: Row) -> str:
    """How far a cell is from the compared window; what is not told ("<3") is no figure."""
    if "before" not in row:
        return ""
    now, then = (value if isinstance(value, Decimal | int | float) else None for value in (column.of(row), column.then(row)))
    return change.signed(Unit(column.kind), now, then)


class Said(NamedTuple):
    """What is said below the table, in lines: under its name or, of a figure, beside it."""

    lines: Sequence[str]
    names: Sequence[str] = ()


def _high(*said: Said) -> float:
    """How high a note stands, or two explanations beside each other."""
    return max(10.5 * max(len(one.names), len(one.lines)) + 3 if one.names else 11.2 * len(one.lines) + 3 for one in said)


def _notes(asked: Asked, view: View | Listing) -> list[Said]:
    """What must be known to read the figures."""
    return [Said(wrapped(f"{name}: {said}", 8, WIDTH)) for name, said in dict(sheets.notes(asked, view)).items()]


def _say(paper: Paper, notes: Sequence[Said]) -> None:
    for note in notes:
        paper.room(_high(note))
        write_lines(paper.canvas, MARGIN, paper.y - 8, note.lines, 8, QUIET)
        paper.y -= _high(note)


def _computed(asked: Asked, view: View | Listing) -> list[list[Said]]:
    """How each figure of the headline and the table is computed, two beside each other."""
    room = (WIDTH - GAP) / 2 - NAMES
    said = [
        Said(wrapped(text, 7.5, room), wrapped(name, 7.5, NAMES - 8))
        for name, text in sheets.computed(asked, (*asked.report.headline, *sheets.figures(view)))
    ]
    return [said[place : place + 2] for place in range(0, len(said), 2)]


def _explain(paper: Paper, computed: Sequence[Sequence[Said]]) -> None:
    paper.room(HEADING + sum(_high(*pair) for pair in computed[:2]))
    write(paper.canvas, MARGIN, paper.y - 22, _("How the figures are computed"), 10, INK, bold=True)
    paper.y -= HEADING
    for pair in computed:
        paper.room(_high(*pair))
        for place, said in enumerate(pair):
            left = MARGIN + place * (WIDTH + GAP) / 2
            write_lines(paper.canvas, left, paper.y - 8, said.names, 7.5, INK)
            write_lines(paper.canvas, left + NAMES, paper.y - 8, said.lines, 7.5, QUIET)
        paper.y -= _high(*pair)
