"""How long a report takes on the server: the whole callback, cold and warm, compared, and against its bare SQL in the same run."""

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import date
from io import BytesIO
from typing import Any
from unittest.mock import patch

from dash import Dash
from duckdb import DuckDBPyConnection
from flask.testing import FlaskClient
from werkzeug.test import EnvironBuilder

from crm.scope import Actor
from dashboard.queries import REPORTS
from dashboard.queries.answers import Answers
from dashboard.queries.filters import Filters, Preset
from dashboard.queries.report import Report
from dashboard.queries.warehouse import Row, Warehouse
from dashboard.security import CSRF_COOKIE
from scripts.bench import postgresql
from scripts.bench.bars import Bars, median
from scripts.bench.postgresql import Asked, Sent

RUNS = 9
PLAIN = {"period": "last_month", "compare": "none"}
"""A whole month, whatever the day on which is measured."""

LAST_MONTH = Filters(Preset.LAST_MONTH)


def measure(app: Dash, answers: Answers, client: FlaskClient, actor: Actor, today: date, bars: Bars) -> None:
    """All reports as the executive asks for them."""
    cold, warm, compared, ratios, everything = [], [], [], [], []
    for report in REPORTS:
        plain, beside = (_request(client, _body(app, report, PLAIN | more)) for more in ({}, {"compare": "previous"}))
        first = median([_timed(plain, answers) for _ in range(RUNS)])
        sent = _sent(answers, plain)
        with answers.warehouse.cursor() as cursor:
            bare = median([_bare(cursor, sent) for _ in range(RUNS)])
        cold.append(first)
        ratios.append(first / bare)
        everything.append(Asked(report.key, sent, first, bare))
        warm.append(median([_timed(plain) for _ in range(RUNS)]))
        compared.append(median([_timed(beside, answers) for _ in range(RUNS)]))
        bars.add(f"report cold: {report.key}", first, 100, "ms")
        bars.add(f"report cold / its bare SQL: {report.key}", ratios[-1], 1.5, "x")
        past = median([_past(answers, report, actor, today) for _ in range(3)])
        bars.add(f"twelve-period lines: {report.key}", past, 150, "ms")
    bars.add("report cold, median of the reports", median(cold), 40, "ms")
    bars.add("report cold / its bare SQL, median", median(ratios), 1.5, "x")
    bars.add("report with comparison, median", median(compared), 80, "ms")
    bars.add("report warm, median", median(warm), 5, "ms")
    with answers.warehouse.cursor() as cursor:
        postgresql.measure(cursor, everything, bars)


def _timed(act: Callable[[], Any], answers: Answers | None = None) -> float:
    """Milliseconds; with `answers`, after forgetting all that was computed before."""
    if answers is not None:
        answers.forget()
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def _body(app: Dash, report: Report, chosen: dict[str, Any]) -> dict[str, Any]:
    """What the browser sends when the filters of a report have changed."""
    key = next(key for key in app.callback_map if f"{report.key}-headline.children" in key and f"{report.key}-tables.children" in key)
    spec = app.callback_map[key]
    values = {f"{report.key}-filters": chosen, f"{report.key}-view": report.views[0].name}
    return {
        "output": key,
        "outputs": [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in key.strip(".").split("...")],
        "inputs": [item | {"value": values.get(item["id"])} for item in spec["inputs"]],
        "state": [item | {"value": None} for item in spec["state"]],
        "changedPropIds": [f"{report.key}-filters.data"],
    }


def _request(client: FlaskClient, body: dict[str, Any]) -> Callable[[], None]:
    """What asks the application that, as a browser would who is signed in as `client` is: nothing of the browser's own work is in it."""
    signed_in = client.application.config["SESSION_COOKIE_NAME"]
    cookies = {name: cookie.value for name in (signed_in, CSRF_COOKIE) if (cookie := client.get_cookie(name))}
    headers = {
        "Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items()),
        "Origin": "http://localhost",
        "X-CSRFToken": cookies[CSRF_COOKIE],
        "Accept-Encoding": "gzip, deflate, br, zstd",
    }
    sent = json.dumps(body).encode()
    builder = EnvironBuilder(path="/_dash-update-component", method="POST", headers=headers, data=sent, content_type="application/json")
    environ = builder.get_environ()

    def ask() -> None:
        said: list[str] = []
        answer = client.application.wsgi_app(environ | {"wsgi.input": BytesIO(sent)}, lambda line, *_headers: said.append(line))
        with closing(answer):
            b"".join(answer)
        assert said == ["200 OK"], said

    return ask


def _sent(answers: Answers, act: Callable[[], None]) -> Sent:
    """The statements that a callback sends when nothing is kept, each with the values that it names."""
    sent: Sent = []
    stream = Warehouse.stream

    def recorded(self: Warehouse, sql: str, values: Mapping[str, object] | None = None, size: int = 10_000) -> Iterator[list[Row]]:
        sent.append((sql, {name: value for name, value in (values or {}).items() if f"${name}" in sql}))
        return stream(self, sql, values, size)

    with patch.object(Warehouse, "stream", recorded):
        answers.forget()
        act()
    return sent


def _bare(cursor: DuckDBPyConnection, sent: Sent) -> float:
    """Milliseconds of these statements alone."""
    return _timed(lambda: [cursor.execute(sql, values).fetchall() for sql, values in sent])


def _past(answers: Answers, report: Report, actor: Actor, today: date) -> float:
    """Milliseconds of the small lines, which are asked for when the page has its headline."""
    answers.forget()
    answers.headline(report, actor.scope, LAST_MONTH, today)
    return _timed(lambda: answers.past(report, actor.scope, LAST_MONTH, today))
