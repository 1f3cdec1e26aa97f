"""What `saleslens report` writes: JSON for programs, aligned text for a terminal, CSV and XLSX as the page exports them.

JSON is exact and the same in every language: amounts as decimal strings with two places, rates with six, counts whole, medians with
one place; teams and the like by name, products by code, people by login, what is missing null.
"""

from collections.abc import Mapping, Sequence
from typing import IO, Any

import orjson

from dashboard import exports, sheets
from dashboard.cli_table import text_table
from dashboard.exports import Sheet, machine
from dashboard.i18n import full
from dashboard.queries.few import instead
from dashboard.queries.filters import Question
from dashboard.queries.measure import Measure
from dashboard.queries.report import Listing, View
from dashboard.sheets import Asked
from dashboard.windows import between

Chosen = Mapping[str, Sequence[str]]
"""The values that were typed, by filter."""


def tables(asked: Asked, views: Sequence[View | Listing], chosen: Chosen, format: str, file: IO[bytes]) -> None:
    """The headline and these tables; of CSV the first table alone."""
    match format:
        case "json":
            file.write(_dumped(_json(asked, chosen, views)))
        case "csv":
            exports.delimited(file, _sheets(asked, views[0])[0])
        case "xlsx":
            written = [sheet for view in views for sheet in _sheets(asked, view)]
            shown = [figure for view in views for figure in sheets.figures(view)]
            about = sheets.about(asked, ", ".join(str(view.title) for view in views), views)
            exports.workbook(file, about, written, sheets.computed(asked, shown))
        case _:
            file.write(_text(asked, views).encode())


def records(asked: Asked, measure: Measure, cell: Mapping[str, Any], question: Question, format: str, file: IO[bytes]) -> None:
    """The records behind a number; what they add sums to it."""
    sheet = sheets.behind(asked, measure, cell, question)
    value = sheets.value(asked, measure, cell, question)
    match format:
        case "json":
            file.write(_dumped({"measure": measure.key, "value": machine(measure.unit.value, value), "records": _rows(sheet)}))
        case "csv":
            exports.delimited(file, sheet)
        case "xlsx":
            exports.workbook(file, sheets.about(asked, sheet.title), [sheet], sheets.computed(asked, (measure,), cell, question))
        case _:
            file.write(f"{measure.title}: {full(value, measure.unit)}\n\n{text_table(sheet)}\n".encode())


def _dumped(found: Any) -> bytes:
    return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def _sheet(asked: Asked, view: View | Listing, question: Question) -> Sheet:
    if isinstance(view, Listing):
        return sheets.behind(asked, view.measure, {}, question, str(view.title), view.order)
    return sheets.table(asked, view, question)


def _sheets(asked: Asked, view: View | Listing) -> list[Sheet]:
    """What a file has of a table, as the page exports it."""
    return [_sheet(asked, view, asked.question)] if isinstance(view, Listing) else sheets.exported(asked, view)


def _rows(sheet: Sheet) -> list[dict[str, Any]]:
    """The rows as programs read them: dimensions by what names them, figures exactly, missing ones null."""
    return [{column.key: machine(column.kind, column.of(row)) for column in sheet.columns} for row in sheet.rows]


def _json(asked: Asked, chosen: Chosen, views: Sequence[View | Listing]) -> dict[str, Any]:
    found = _window(asked, chosen, views, asked.question)
    return found | {"compare": _window(asked, chosen, views, asked.before) if asked.before else None}


def _window(asked: Asked, chosen: Chosen, views: Sequence[View | Listing], question: Question) -> dict[str, Any]:
    """One window's answer."""
    (headline,) = _rows(sheets.table(asked, asked.report.top, question))
    filters: dict[str, Any] = {
        "period": asked.filters.preset.value,
        "from": question.period.start.isoformat(),
        "to": question.period.last.isoformat(),
        "as_of": question.state.isoformat() if question.past else None,
        "compare": asked.filters.compare.value if asked.filters.compare else None,
    }
    return {
        "report": asked.report.key,
        "filters": filters | {name: list(words) for name, words in chosen.items()},
        "state_day": question.state.isoformat(),
        "version": asked.version,
        "headline": headline,
        "tables": {view.name: _rows(_sheet(asked, view, question)) for view in views},
    }


def _text(asked: Asked, views: Sequence[View | Listing]) -> str:
    """All of it for a terminal."""
    parts = [f"{asked.report.title} · {asked.report.question}", sheets.scope_in_words(asked)]
    for question in (asked.question, *([asked.before] if asked.before else [])):
        (row,) = sheets.table(asked, asked.report.top, question).rows
        figures = [f"{figure.title}: {instead(row, figure.key) or full(row[figure.key], figure.unit)}" for figure in asked.report.headline]
        parts += ["", " · ".join(part for part in (between(question), sheets.filters_in_words(asked)) if part), *figures]
        for view in views:
            sheet = _sheet(asked, view, question)
            parts += ["", f"{sheet.title} ({view.name})", text_table(sheet)]
    return "\n".join(parts) + "\n"
