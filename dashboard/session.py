"""Who is signed in, and the one application that serves them.

The session is a signed cookie that names a person, the epoch of their account and when it began; everything else is read from the
database once in each request: whether they still work here, what they may do, what they see, their language and theme. Nothing
that the browser sends besides is believed.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from time import time
from typing import Any, cast

from flask import Flask, Request, current_app, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from itsdangerous import BadSignature
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm import audit, clock
from crm.config import Settings
from crm.db import Commits, reading, transaction
from crm.errors import NotAllowed
from crm.models import CompanySettings, User
from crm.scope import Actor
from crm.services import people
from dashboard.crowd import Turns
from dashboard.live import Live
from dashboard.queries.answers import Answers, Kept
from dashboard.sealing import Sealer

KEY = "saleslens"
BEGUN, SEEN = "begun", "seen"
COOKIES = 1024
"""How many cookies are kept with what they say."""

SEEN_EVERY = 60.0
"""How often (seconds) the cookie is renewed while a person works: the idle limit need not be exact to the second."""


@dataclass(frozen=True, slots=True)
class Application:
    """What lasts as long as the server: its settings, the operational database, how it hears of changes, what answers its reports.

    `people` keeps who is signed in, each as of one committed state of the database (`commits`). Reports are reckoned in `turns`.
    """

    settings: Settings
    engine: Engine
    live: Live
    answers: Answers
    sealer: Sealer
    commits: Commits
    people: Kept
    turns: Turns


class Sessions(SecureCookieSessionInterface):
    """Sessions in signed cookies; the signature of one is verified once for as long as the cookie is the same."""

    def __init__(self) -> None:
        self._verified = Kept(COOKIES)

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession:
        """What the cookie says; nothing where it is too old, or was not signed here."""
        signed = request.cookies.get(self.get_cookie_name(app))
        said = self._verified.once(signed, lambda: self._loaded(app, signed)) if signed else None
        if said is None or not 0 <= int(time()) - int(said[1]) <= app.permanent_session_lifetime.total_seconds():
            return self.session_class()
        return self.session_class(said[0])

    def _loaded(self, app: Flask, signed: str) -> tuple[dict[str, Any], float] | None:
        """The content of a cookie and when it was signed; None, which is not kept, for one of somebody else's."""
        serializer = self.get_signing_serializer(app)
        assert serializer is not None
        try:
            content, at = serializer.loads(signed, return_timestamp=True)
        except BadSignature:
            return None
        return content, at.timestamp()


class SignedIn(UserMixin):
    """The signed-in person in this request, as the database has them now: `day` is the business day that it is."""

    def __init__(self, user: User, actor: Actor, company: CompanySettings, day: date) -> None:
        self.id = identity(user)
        self.actor = actor
        self.day = day
        self.theme = user.theme
        self.must_change_password = user.must_change_password
        self.company = company


def application() -> Application:
    """The application that serves this request."""
    return cast(Application, current_app.extensions[KEY])


def person() -> SignedIn | None:
    """Who is signed in, None if nobody is."""
    found = current_user._get_current_object()
    return found if found.is_authenticated else None


def actor() -> Actor:
    """The signed-in person as the one who acts. Only behind the gate, where there always is one."""
    signed_in = person()
    assert signed_in is not None, "the gate lets nobody come here unknown"
    return signed_in.actor


def company() -> CompanySettings:
    """What the company decided about itself, as of this request."""
    signed_in = person()
    return signed_in.company if signed_in else company_of(application().engine)


def today() -> date:
    """The business day in the company's zone, the same throughout the request."""
    if "today" not in g:
        g.today = clock.today(company().zone)
    return cast(date, g.today)


@contextmanager
def acting() -> Iterator[Session]:
    """One whole act of the person, committed at its end or not at all; the reports hear of it at once. A refusal is kept."""
    try:
        with transaction(application().engine) as opened:
            yield opened
    except NotAllowed as refusal:
        with transaction(application().engine) as opened:
            audit.refused(opened, actor(), refusal, request.remote_addr or "")
        raise
    signed_in = person()
    application().live.committed(signed_in.actor.user_id if signed_in else None)


def catch_up() -> None:
    """What the person committed a moment ago is in the reports when they ask for one, however busy the server is."""
    application().live.catches_up(actor().user_id)


@contextmanager
def looking() -> Iterator[Session]:
    """A session that only reads, over one consistent snapshot."""
    with reading(application().engine) as opened:
        yield opened


def company_of(engine: Engine) -> CompanySettings:
    """The company's settings; their defaults where nothing was set up yet."""
    with reading(engine) as opened:
        return company_in(opened)


def company_in(opened: Session) -> CompanySettings:
    """The same, as an open session sees them."""
    found = opened.scalar(select(CompanySettings))
    return found or CompanySettings(company_name="", zone="Asia/Shanghai", currency="CNY", is_demo=False)


def begin(user: User) -> None:
    """Begin a session for this person; whatever the browser brought along ends here."""
    session.clear()
    session.permanent = True
    now = clock.now()
    session[BEGUN] = session[SEEN] = now.timestamp()
    login_user(_identified(user))


def end() -> None:
    """End the session of this browser."""
    logout_user()
    session.clear()


def is_over() -> bool:
    """Whether this browser's session has lasted too long, or nobody has used it for too long."""
    return not lasts(application().settings, session.get(BEGUN, 0), session.get(SEEN, 0))


def lasts(settings: Settings, begun: float, seen: float) -> bool:
    """Whether a session that began then (a timestamp) and was last used then still stands."""
    now = clock.now().timestamp()
    return now - begun <= settings.session_hours * 3600 and now - seen <= settings.idle_minutes * 60


def keep_alive() -> None:
    """Note that the person did something. What the browser asks by itself (`/live`) does not count."""
    now = clock.now().timestamp()
    if now - session.get(SEEN, 0) > SEEN_EVERY:
        session[SEEN] = now


def install(server: Flask, secret_key: str) -> None:
    """Sessions on `server`: signed, out of reach of scripts and of other sites."""
    settings = cast(Application, server.extensions[KEY]).settings
    server.secret_key = secret_key
    server.session_interface = Sessions()
    server.config.update(
        SESSION_COOKIE_NAME="saleslens",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=timedelta(hours=settings.session_hours),
    )
    manager = LoginManager()
    manager.session_protection = None  # a phone changes its address on the way; the cookie is signed and short-lived
    manager.user_loader(_load)
    manager.init_app(server, add_context_processor=False)


def identity(user: User) -> str:
    """What the session calls a person: a new epoch makes all their sessions strangers."""
    return f"{user.id}.{user.session_epoch}"


def _load(identity: str) -> SignedIn | None:
    """The person of the session, None once it is over."""
    if is_over():
        return None
    here = application()
    kept = here.people.once((identity, here.commits.mark(), clock.now().date()), lambda: _read(identity))
    return kept if kept is None or kept.day == clock.today(kept.company.zone) else _read(identity)


def _read(identity: str) -> SignedIn | None:
    user_id, _, epoch = identity.partition(".")
    with looking() as opened:
        user = people.signed_in(opened, int(user_id), int(epoch))
        return None if user is None else _described(opened, user)


def _identified(user: User) -> SignedIn:
    with looking() as opened:
        return _described(opened, user)


def _described(opened: Session, user: User) -> SignedIn:
    settings = company_in(opened)
    today = clock.today(settings.zone)
    return SignedIn(user, people.actor_of(opened, user.id, today), settings, today)
