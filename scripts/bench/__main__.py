"""`python -m scripts.bench --scale 0.1`: everything, in order, over one generated company that is kept for the next run."""

import resource
import shutil
import subprocess
import sys
import time
from pathlib import Path

import click
from flask.testing import FlaskClient
from sqlalchemy import select

from crm import clock
from crm.config import PROJECT, Settings
from crm.db import make_engine, reading
from crm.demo.accounts import PASSWORD
from crm.models import User
from crm.services.people import actor_of
from dashboard import session
from dashboard.app import close, create_app
from scripts.bench import first_page, freshness, imports, lists, load, reports
from scripts.bench.bars import Bars
from scripts.server import SALESLENS, environment

BUILD_LIMITS = {1.0: 60.0, 10.0: 600.0}
"""Seconds that a full build may take; smaller companies in proportion, but at least five."""


@click.command()
@click.option("--scale", type=float, default=0.1, show_default=True)
@click.option("--anew", is_flag=True, help="Generate the company again.")
def main(scale: float, anew: bool) -> None:
    """Measure the bars at one scale."""
    home = PROJECT / "data" / "var" / f"bench-{scale:g}"
    bars = Bars(scale)
    if anew and home.exists():
        shutil.rmtree(home)
    if not (home / "saleslens.db").exists():
        _run(home, "demo", "--scale", f"{scale:g}")
    _run(home, "db", "upgrade")  # a company that was kept may be older than the program
    _build(home, scale, bars)
    _in_process(Settings(home=home), bars)
    first_page.measure(home, bars)
    load.measure(Settings(home=home), bars)
    imports.measure(bars)


def _run(home: Path, *words: str) -> float:
    home.mkdir(parents=True, exist_ok=True)
    begun = time.perf_counter()
    subprocess.run([SALESLENS, *words], env=environment(home), check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - begun


def _build(home: Path, scale: float, bars: Bars) -> None:
    """A full build as a process of its own, so that its memory is known."""
    seconds = _run(home, "etl", "build")
    bars.add("full build of the warehouse", seconds, BUILD_LIMITS.get(scale, max(5.0, 60 * scale)), "s")
    bars.add("full build, memory of its largest process", resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024, 4096, "MB")


def _in_process(settings: Settings, bars: Bars) -> None:
    """The callbacks' server time and the way of a commit, in this process: nothing but the program is measured."""
    app = create_app(settings)
    try:
        application = app.server.extensions[session.KEY]
        today = clock.today("Asia/Shanghai")
        engine = make_engine(settings.url)
        with reading(engine) as opened:
            chen, fang, lin, wang = (
                actor_of(opened, opened.scalars(select(User.id).where(User.login == login)).one(), today)
                for login in ("chen", "fang", "lin", "wang")
            )
        reports.measure(app, application.answers, _signed_in(app.server.test_client()), chen, today, bars)
        lists.measure(engine, [chen, lin, wang], bars)
        freshness.measure(engine, application.live, chen, fang, bars)
        engine.dispose()
    finally:
        close(app)


def _signed_in(client: FlaskClient) -> FlaskClient:
    page = client.get("/sign-in").get_data(as_text=True)
    token = page.split('name="csrf_token" value="')[1].split('"')[0]
    client.post("/sign-in", data={"login": "chen", "password": PASSWORD, "csrf_token": token}, headers={"Origin": "http://localhost"})
    client.get("/", headers={"Accept": "text/html"})
    return client


if __name__ == "__main__":
    sys.exit(main())
