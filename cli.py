"""The command line: `saleslens serve`, and what an administrator does beside it. The only module that prints.

What can't be done is one sentence on standard error, in the terminal's language, and an exit code that is not zero.
"""

# ruff: noqa: E402
import gc

gc.disable()  # what is imported stays: to look through it again and again as it grows would take a fifth of the time

import locale
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from sqlalchemy import Engine, func, select
from sqlalchemy.exc import OperationalError

from crm import clock, schema
from crm.config import Settings
from crm.db import make_engine, reading
from crm.demo import accounts as demo_accounts
from crm.errors import CrmError, DatabaseGone
from crm.models import User
from dashboard import cli_backup, cli_import, cli_report, cli_user
from dashboard.i18n import _, explain, use_language, word
from dashboard.queries.answers import Answers
from dashboard.queries.warehouse import Warehouse

if TYPE_CHECKING:
    from etl.sync import Follower

gc.enable()

LEAST_DEMO = 0.001
DEMO_ZONE = "Asia/Shanghai"
"""The demo company's time zone: its last day is today there."""


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
@click.option("--demo", is_flag=True, help="Fill a small demo company first, when there is nobody yet.")
@click.option("--port", type=click.IntRange(1, 65535), help="The port to listen on (SALESLENS_PORT).")
@click.option("--debug", is_flag=True, help="The development server with debugger and reloading: never where others reach it.")
@click.pass_obj
def serve(settings: Settings, demo: bool, port: int | None, debug: bool) -> None:
    """Migrate, then serve until ended."""
    settings = settings.model_copy(update={"port": port} if port else {})
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = _migrated(settings)
    if demo and not _anybody(engine):
        _invent(engine, settings, scale=LEAST_DEMO, seed=1)
    engine.dispose()
    _debug(settings) if debug else _produce(settings)


@main.command()
@click.option("--scale", type=float, default=LEAST_DEMO, show_default=True, help="1 is 1,000 reps with a million opportunities.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same company.")
@click.pass_obj
def demo(settings: Settings, scale: float, seed: int) -> None:
    """Fill an empty database with an invented company."""
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = _migrated(settings)
    for table, rows in _invent(engine, settings, scale=scale, seed=seed).items():
        click.echo(f"{rows:>12,}  {table}")
    engine.dispose()


@main.group()
def etl() -> None:
    """The warehouse that the reports read."""


@etl.command("build")
@click.pass_obj
def build_warehouse(settings: Settings) -> None:
    """Build it anew from everything committed; a running server goes over to it by itself."""
    from etl.build import build

    with _database(settings) as engine:
        built = build(engine, settings, lambda what: click.echo(what, err=True))
    for relation, rows in built.rows.items():
        click.echo(f"{rows:>12,}  {relation}")
    click.echo(_("Built in {seconds} s.", seconds=f"{built.seconds:.1f}"))


@etl.command("check")
@click.pass_obj
def check_warehouse(settings: Settings) -> None:
    """Hold it against itself, the books and (a demo company) its kept past days; what does not hold is listed, and the exit code is 1."""
    from etl import snapshots
    from etl.checks import check

    with _followed(settings) as (follower, engine):
        faults = [*check(engine, follower.store), *snapshots.differences(follower.store, settings.snapshots_path)]
    for fault in faults:
        click.echo(str(fault), err=True)
    if faults:
        sys.exit(1)
    click.echo(_("The warehouse agrees with the books."))


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
def _followed(settings: Settings) -> Iterator[tuple["Follower", Engine]]:
    """The warehouse, brought up to what is committed; beside a running server, which holds its own, a version for this one reading."""
    from etl.store import Versions
    from etl.sync import Follower

    with _database(settings) as engine:
        follower = Follower(engine, settings)
        try:
            follower.open()
            follower.step()
            yield follower, engine
        finally:
            follower.stop()
            Versions(settings.warehouse_path).clean()


@contextmanager
def _reports(settings: Settings) -> Iterator[cli_report.Source]:
    """What the reports are asked of."""
    with _followed(settings) as (follower, engine):
        yield cli_report.Source(Answers(Warehouse(follower.cursor)), engine)


@contextmanager
def _database(settings: Settings) -> Iterator[Engine]:
    """The operational database, at this program's revision."""
    engine = make_engine(settings.url)
    try:
        schema.check(engine)
        yield engine
    except OperationalError as error:
        raise DatabaseGone() from error
    finally:
        engine.dispose()


main.add_command(cli_report.command(_reports))
main.add_command(cli_import.command(_database))
main.add_command(cli_user.command(_database))
for copying in (cli_backup.make, cli_backup.bring_back, cli_backup.prove):
    main.add_command(copying)


@main.command()
@click.argument("folder", type=click.Path(file_okay=False))
@click.pass_context
def real(context: click.Context, folder: str) -> None:
    """Import every table in FOLDER that a layout knows into a company of its own, and build the warehouse."""
    from dashboard import cli_real
    from etl.build import build

    settings: Settings = context.obj
    settings.home.mkdir(parents=True, exist_ok=True)
    engine = _migrated(settings)
    taken = cli_real.run(engine, Path(folder), lambda: sum(build(engine, settings).rows.values()))
    engine.dispose()
    context.exit(0 if taken else 1)


def _migrated(settings: Settings) -> Engine:
    engine = make_engine(settings.url)
    schema.upgrade(engine)
    return engine


def _anybody(engine: Engine) -> bool:
    """Whether anybody can sign in yet."""
    with reading(engine) as session:
        return bool(session.scalar(select(func.count()).select_from(User)))


def _invent(engine: Engine, settings: Settings, *, scale: float, seed: int) -> dict[str, int]:
    """The demo company, with its progress on the terminal; how it stood on some past days is kept beside it."""
    from crm.demo.generator import generate

    shown = ""

    def progress(stage: str, done: int, total: int) -> None:
        nonlocal shown
        share = f"{_(stage)} {100 * done // max(total, 1)} %"
        if share != shown and sys.stderr.isatty():
            click.echo(f"\r{share:<60}", nl=False, err=True)
        shown = share

    today, kept = clock.today(DEMO_ZONE), settings.snapshots_path
    rows = generate(engine, scale=scale, seed=seed, today=today, progress=progress, keep_snapshots=kept)
    if sys.stderr.isatty():
        click.echo("\r" + " " * 60 + "\r", nl=False, err=True)
    return rows


def _produce(settings: Settings) -> None:
    """The production server, in this process until it ends."""
    from dashboard.server import Server

    def make() -> Any:
        gc.disable()
        from dashboard import logs
        from dashboard.app import close, create_app

        logs.write_to(settings.home / "logs")
        app = create_app(settings)
        gc.freeze()  # all that is there now is there for good: no request waits while it is looked through
        gc.enable()
        return app.server, lambda: close(app)

    Server(settings, make, lambda: _welcome(settings)).run()


def _debug(settings: Settings) -> None:
    from dashboard.app import create_app

    _welcome(settings)
    create_app(settings).run(host=settings.host, port=settings.port, debug=True)


def _welcome(settings: Settings) -> None:
    """Where to go, and in a demo company as whom."""
    click.echo(f"\nSaleslens  http://{settings.host}:{settings.port}\n")
    engine = make_engine(settings.url)
    with reading(engine) as session:
        accounts = demo_accounts.accounts(session)
    engine.dispose()
    if accounts:
        click.echo(_("A demo company. Sign in as one of these; the password of all is “{password}”:", password=demo_accounts.PASSWORD))
        for account in accounts:
            click.echo(f"  {account.login:<8}{account.name}  {word(account.role)}")
        click.echo("")


if __name__ == "__main__":
    main()
