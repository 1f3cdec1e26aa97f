"""The application with every form of it filled in a company: who is signed in, whether anybody wrote, and everything as it was again."""

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dash import Dash
from sqlalchemy import Engine, update

from crm.config import Settings
from crm.db import Commits, make_engine, transaction
from crm.models import User
from crm.services.contacts_taken import LOOKS
from crm.services.inputs import Input
from dashboard.app import close, create_app
from tests.killing import contents
from tests.pages.every_form import registered, stage
from tests.pages.visitor import Visitor


class Product:
    """The application on its stage: who is signed in, and whether anybody wrote."""

    def __init__(self, settings: Settings, app: Dash, engine: Engine, forms: dict[str, type[Input]]) -> None:
        self.app, self.engine, self.forms = app, engine, forms
        self._path, self._visitors = settings.home / "saleslens.db", dict[str, Visitor]()
        self._commits = Commits(engine)
        self._kept = sqlite3.connect(":memory:")
        with sqlite3.connect(self._path) as live:
            live.backup(self._kept)
        self._held: dict[str, list[str]] = {}

    def visitor(self, login: str) -> Visitor:
        """Somebody, signed in once."""
        if login not in self._visitors:
            self._visitors[login] = Visitor(self.app).sign_in(login)
            self._held = self.rows()
        return self._visitors[login]

    def writes(self, act: Callable[[], Any]) -> bool:
        """Whether anything was committed meanwhile, but for a seal of the audit log, which the server sets by itself."""
        before = self._commits.mark()
        act()
        return self._commits.mark() != before and self.rows() != self._held

    def rows(self) -> dict[str, list[str]]:
        """All that is written, but for what is kept of each look for a contact, and the seals of the audit log."""
        kept = contents(self.engine)
        del kept["audit_seals"]
        return kept | {"audit_entries": [row for row in kept["audit_entries"] if f"'{LOOKS}'" not in row]}

    def speak(self, language: str) -> None:
        """Let everybody read this language."""
        with transaction(self.engine) as session:
            session.execute(update(User).values(language=language))

    def again(self) -> None:
        """Everything as it was at the beginning."""
        with sqlite3.connect(self._path) as live:
            self._kept.backup(live)
        self._held = self.rows()

    def holds(self, text: str) -> bool:
        """Whether this stands in some row, as it was typed."""
        return any(text in row or repr(text)[1:-1] in row for rows in contents(self.engine).values() for row in rows)

    def close(self) -> None:
        self._commits.close()
        self.engine.dispose()
        close(self.app)


def a_product(built_home: Path, folder: Path) -> Product:
    """One on a copy of this home."""
    settings = Settings(home=Path(shutil.copytree(built_home, folder / "home")))
    engine = make_engine(settings.url)
    with transaction(engine) as session:
        stage(session)
    with registered() as forms:
        app = create_app(settings)
    return Product(settings, app, engine, forms)
