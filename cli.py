"""The command line: `saleslens serve`, and what an administrator does beside it. The only module that prints.

What can't be done is one sentence on standard error, in the terminal's language, and an exit code that is not zero.
"""

import locale
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from sqlalchemy import Engine
from sqlalchemy.exc import OperationalError

from crm import schema
from crm.config import Settings
from crm.db import make_engine
from crm.errors import CrmError, DatabaseGone
from dashboard import cli_report
from dashboard.i18n import _, explain, use_language
from dashboard.queries.answers import Answers
from dashboard.queries.warehouse import Warehouse


class Sentences(click.Group):
    """A group whose errors are the sentences that everybody reads."""

    def invoke(self, context: click.Context) -> Any:
        """Run the command; what it can't do is told, not traced."""
        with use_language(language()):
            try:
                return super().invoke(context)
            except CrmError as error:
                click.echo(explain(error), err=True)
                sys.exit(1)


def language() -> str:
    """The terminal's language: Chinese where the locale is, else English."""
    named = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or locale.getlocale()[0] or ""
    return "zh" if named.startswith("zh") else "en"


@click.group(cls=Sentences)
@click.pass_context
def main(context: click.Context) -> None:
    """Saleslens: sales management with live reports."""
    context.obj = Settings()


@main.command()
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on (SALESLENS_PORT).")
@click.option("--debug", is_flag=True, help="The development server with debugger and reloading: never where others reach it.")
@click.pass_obj
def serve(settings: Settings, port: int | None, debug: bool) -> None:
    """Migrate, then serve until ended."""
    settings = settings.model_copy(update={"port": port} if port else {})
    settings.home.mkdir(parents=True, exist_ok=True)
    _migrated(settings).dispose()
    _debug(settings) if debug else _produce(settings)


@main.group()
def db() -> None:
    """The operational database."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Bring the database to this version of the program."""
    settings.home.mkdir(parents=True, exist_ok=True)
    _migrated(settings).dispose()
    click.echo(_("The database is at revision {revision}.", revision=schema.head()))


@contextmanager
def _reports(settings: Settings) -> Iterator[cli_report.Source]:
    """The warehouse, brought up to what is committed; beside a running server, which holds its own, a version for this one reading."""
    from etl.store import Versions
    from etl.sync import Follower

    engine = make_engine(settings.url)
    try:
        schema.check(engine)
    except OperationalError as error:
        raise DatabaseGone() from error
    follower = Follower(engine, settings)
    try:
        follower.open()
        follower.step()
        yield cli_report.Source(Answers(Warehouse(follower.cursor)), engine)
    finally:
        follower.stop()
        Versions(settings.warehouse_path).clean()
        engine.dispose()


main.add_command(cli_report.command(_reports))


def _migrated(settings: Settings) -> Engine:
    engine = make_engine(settings.url)
    schema.upgrade(engine)
    return engine


def _produce(settings: Settings) -> None:
    """The production server, in this process until it ends."""
    from dashboard.server import Server

    def make() -> Any:
        from dashboard.app import close, create_app

        app = create_app(settings)
        return app.server, lambda: close(app)

    Server(settings, make, lambda: _welcome(settings)).run()


def _debug(settings: Settings) -> None:
    from dashboard.app import create_app

    _welcome(settings)
    create_app(settings).run(host=settings.host, port=settings.port, debug=True)


def _welcome(settings: Settings) -> None:
    click.echo(f"Saleslens  http://{settings.host}:{settings.port}")


if __name__ == "__main__":
    main()
