"""What an open page asks once a second: is there anything new for me? Answered before Flask, since every open page asks all the time.

Whose session a cookie is does not change for as long as the cookie is the same; who works here and what waits for them is read once for
each committed state of the database, for all people together. So a question without news asks nobody anything, and a session that
ends anywhere ends here with the next question.
"""

import sqlite3
from collections.abc import Callable, Hashable, Iterable, Mapping
from datetime import date
from http import HTTPStatus
from threading import Lock
from typing import Any, NamedTuple
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

import orjson
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.http import parse_cookie

from crm import clock
from crm.db import reading as looking
from crm.errors import CrmError
from crm.services import people
from dashboard import security, session, watching
from dashboard.i18n import time_of_day
from dashboard.queries import REPORTS
from dashboard.queries.answers import Kept
from dashboard.queries.reading import reading, standpoint
from dashboard.queries.report import Report
from dashboard.queries.touched import Reading

PATH = "/live"
COOKIES, STAMPS, LOOKS = 1024, 4096, 4096
"""How many sessions, open records and open reports are kept."""

STANDING = text(
    "select id, session_epoch, (select count(*) from notifications where user_id = users.id and read_at is null) as unread"
    " from users where active"
)

READS = {report.key: report for report in REPORTS}
"""The reports by key: to a page only a change of what its report reads for this person is news."""

Environ = dict[str, Any]
Start = Callable[..., Any]


class Cookie(NamedTuple):
    """A session as its cookie tells: `identity` is empty where it is nobody's."""

    identity: str
    begun: float
    seen: float


NOBODY = Cookie("", 0, 0)


class Standing(NamedTuple):
    """A person who works here: what their sessions must be called, and how many notifications wait for them."""

    identity: str
    unread: int


class Look(NamedTuple):
    """How a person looks at a report: what they read of it, and from where."""

    reading: Reading
    here: str


class News:
    """`/live?reads=…&watch=…`: {"position", "here", "mine", "behind", "unread", "stamp"}. 401 once the session is over,
    503 while the database is away.

    `mine`: the change up to which the person's own commits go, so that a page knows news of theirs from news of others.
    """

    def __init__(self, server: Flask, within: Callable[[Environ, Start], Iterable[bytes]]) -> None:
        self._server, self._within = server, within
        self._here: session.Application = server.extensions[session.KEY]
        self._name = server.config["SESSION_COOKIE_NAME"]
        self._headers = [*security.always(self._here.settings).items(), ("Cache-Control", "no-store")]
        self._cookies, self._stamps, self._versions = Kept(COOKIES), Kept(STAMPS), Kept(2)
        self._reading = Lock()
        self._mark: Hashable = None
        self._people: Mapping[int, Standing] = {}
        self._zone: str | None = None
        self._reaches: tuple[date, Any] = (date.min, None)
        self._looks = Kept(LOOKS)

    def __call__(self, environ: Environ, start: Start) -> Iterable[bytes]:
        """Answer what is ours, and hand everything else on."""
        if environ.get("PATH_INFO") != PATH:
            return self._within(environ, start)
        if environ["REQUEST_METHOD"] != "GET":
            return self._said(start, HTTPStatus.METHOD_NOT_ALLOWED)
        try:
            news = self._news(environ)
        except (CrmError, SQLAlchemyError, sqlite3.Error):
            return self._said(start, HTTPStatus.SERVICE_UNAVAILABLE)  # asked again in a second; whoever acts meanwhile is told why
        return self._said(start, HTTPStatus.OK, news) if news else self._said(start, HTTPStatus.UNAUTHORIZED)

    def _said(self, start: Start, status: HTTPStatus, news: Mapping[str, Any] | None = None) -> list[bytes]:
        body = orjson.dumps(news) if news else b""
        start(f"{status.value} {status.phrase}", [*self._headers, ("Content-Type", "application/json"), ("Content-Length", str(len(body)))])
        return [body]

    def _news(self, environ: Environ) -> dict[str, Any] | None:
        """What is new for whose session it is; None if it is over, or nobody's."""
        cookie = self._cookie(environ)
        if not session.lasts(self._here.settings, cookie.begun, cookie.seen):
            return None
        mark = self._here.commits.mark()
        user_id = int(cookie.identity.partition(".")[0])
        standing = self._standing(mark).get(user_id)
        if standing is None or standing.identity != cookie.identity:
            return None
        asked = parse_qs(environ.get("QUERY_STRING", ""))
        behind = self._here.live.behind_since
        report = READS.get(asked.get("reads", [""])[0])
        return {
            **(self._shown(report, user_id) if report else {"position": self._here.live.position, "here": None}),
            "mine": self._here.live.wrote(user_id),
            "behind": time_of_day(behind, ZoneInfo(session.company_of(self._here.engine).zone)) if behind else None,
            "unread": standing.unread,
            "stamp": self._stamp(mark, asked.get("watch", [""])[0], user_id),
        }

    def _cookie(self, environ: Environ) -> Cookie:
        """What the session's cookie says, verified once."""

        def verified() -> Cookie:
            found = self._server.session_interface.open_session(self._server, self._server.request_class(environ)) or {}
            return Cookie(str(found.get("_user_id", "")), float(found.get(session.BEGUN, 0)), float(found.get(session.SEEN, 0)))

        signed = parse_cookie(environ).get(self._name, "")
        return self._cookies.once(signed, verified) if signed else NOBODY

    def _standing(self, mark: Hashable) -> Mapping[int, Standing]:
        """Everybody who works here, as of `mark` or later: one who asks reads it, the others wait for that."""
        with self._reading:
            today = clock.today(self._zone) if self._zone else None
            if not today or (mark, today) != self._mark:
                with looking(self._here.engine) as opened:
                    self._people = {row.id: Standing(f"{row.id}.{row.session_epoch}", row.unread) for row in opened.execute(STANDING)}
                    self._zone = session.company_in(opened).zone
                    today = clock.today(self._zone)
                    if (reaches := (today, people.reaches(opened, today))) != self._reaches:
                        self._reaches, self._looks = reaches, Kept(LOOKS)
                self._mark = (mark, today)
            return self._people

    def _shown(self, report: Report, user_id: int) -> dict[str, Any]:
        """At which change what the report shows this person is other than before, and from where they look at it."""
        look = self._look(report, user_id)
        position = self._here.live.position
        found = self._versions.once(position, self._here.answers.warehouse.versions)
        return {"position": found.touched.latest(look.reading), "here": look.here}

    def _look(self, report: Report, user_id: int) -> Look:
        """What the report reads for this person, as long as nobody's reach changes."""
        with self._reading:
            (today, _), looks = self._reaches, self._looks

        def read() -> Look:
            with looking(self._here.engine) as opened:
                scope = people.actor_of(opened, user_id, today).scope
            return Look(reading(report, scope), standpoint(scope, today))

        return looks.once((report.key, user_id), read)

    def _stamp(self, mark: Hashable, shown: str, user_id: int) -> str | None:
        """How the record stands that the page shows, None without one."""
        if not shown:
            return None

        def read() -> str | None:
            with self._server.app_context(), self._here.engine.connect() as connection:
                return watching.stamp(connection, shown, user_id)

        return self._stamps.once((mark, shown, user_id), read)


def install(server: Flask) -> None:
    """Put `/live` before everything that `server` does."""
    server.wsgi_app = News(server, server.wsgi_app)  # type: ignore[method-assign]
