"""The application: everything begins in `create_app`, and nothing before.

The registry of reports drives their pages; nothing else lists them.
"""

from functools import partial
from importlib import import_module
from typing import Any

import dash
from dash import Dash, Input, Output
from dash.dependencies import ClientsideFunction
from flask import Flask, Response, request
from flask_compress import Compress
from flask_compress.flask_compress import DictCache
from flask_wtf.csrf import generate_csrf
from werkzeug.middleware.proxy_fix import ProxyFix

from crm import schema
from crm.config import Settings
from crm.db import Commits, make_engine
from dashboard import bundle, customer_pages, deal_pages, edge, frame, master_pages, security, session
from dashboard.callbacks import (
    approvals,
    contract,
    contract_entries,
    contracts,
    exports,
    files,
    follow_up_form,
    home,
    import_,
    opportunities,
    opportunity,
    opportunity_form,
    profile,
    quotes,
    report_views,
    search,
    undoing,
)
from dashboard.callbacks import frame as frame_callbacks
from dashboard.callbacks import live as live_callbacks
from dashboard.crowd import Crowd, Turns
from dashboard.i18n import N_, _, language
from dashboard.live import Live
from dashboard.pages import login, not_found, password
from dashboard.queries import REPORTS, Report
from dashboard.queries.answers import Answers, Kept
from dashboard.queries.warehouse import Warehouse
from dashboard.sealing import Sealer
from etl.sync import Follower

LISTS = (*customer_pages.LISTS, opportunities, approvals, contracts)
"""The lists of records, in the order of the menu: each module has its declaration `LIST`, `layout` and `register`."""

PEOPLE = 1024
"""How many signed-in people are kept between two commits."""

BOOTSTRAP = "vendor/bootstrap-5.3.6.min.css"


class Application(Dash):
    """Dash with a page of our own around it: its language, its theme, nothing from elsewhere."""

    def interpolate_index(self, **parts: Any) -> str:
        """The page that loads everything else."""
        person = session.person()
        theme = f' data-theme="{person.theme}"' if person and person.theme != "system" else ""
        lang = "zh-CN" if language() == "zh" else "en"
        entry = f'<div id="react-entry-point"><p class="starting" role="status">{_("Loading")}</p></div>'
        scripts = f'<script src="{bundle.address("js")}"></script>{bundle.needed(parts["scripts"])}{parts["renderer"]}'
        return (
            f'<!DOCTYPE html>\n<html lang="{lang}"{theme}>\n'
            f"<head>{parts['metas']}<title>Saleslens</title>{parts['favicon']}{parts['css']}"
            f'<link rel="stylesheet" href="{bundle.address("css")}">{bundle.early(request.path)}</head>\n'
            f'<body>{entry}<footer>{parts["config"]}{scripts}</footer></body>\n</html>'
        )


def create_app(settings: Settings) -> Dash:
    """The application on the database that `settings` name; `DatabaseOlder` or `DatabaseNewer` unless they fit each other."""
    engine = make_engine(settings.url)
    schema.check(engine)
    crowd = Crowd()
    follower, sealer = Follower(engine, settings, busy=lambda: crowd.waits), Sealer(engine)
    follower.start()
    sealer.start()
    answers = Answers(Warehouse(follower.cursor))
    server = Flask("dashboard", static_folder=None)
    server.extensions[session.KEY] = session.Application(
        settings, engine, Live(follower), answers, sealer, Commits(engine), Kept(PEOPLE), Turns(settings.reports_at_once)
    )
    server.wsgi_app = crowd.before(server.wsgi_app)  # type: ignore[method-assign]
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        server.wsgi_app = ProxyFix(server.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    _compress(server)
    session.install(server, security.secret_key(settings.secret_path))
    security.install(server)
    edge.install(server)
    _plain_routes(server)
    app = Application(
        "dashboard",
        server=server,
        use_pages=True,
        pages_folder="",
        suppress_callback_exceptions=True,
        assets_path_ignore=["vendor"],
        assets_ignore=r"\.(css|js)$",  # they come as one (bundle.py)
        external_stylesheets=[asset(BOOTSTRAP)],
        include_pages_meta=False,
        title="Saleslens",
        update_title="",
        on_error=edge.on_callback_error,
        add_log_handler=False,
        enable_mcp=False,
    )
    app.layout = frame.layout
    _pages(app)
    _callbacks(app, answers)
    with server.test_request_context("/healthz"):
        server.preprocess_request()  # Dash completes itself at the first request; better now than before a person
    security.allow_scripts(server, [*app._inline_scripts, app.renderer])
    server.config[bundle.SCRIPTS] = [bundle.address("js"), *bundle.sources(bundle.needed(app._generate_scripts_html()))]
    return app


def close(app: Dash) -> None:
    """End what the application began; its requests are over."""
    began = app.server.extensions[session.KEY]
    began.live.stop()
    began.sealer.stop()
    began.commits.close()
    began.engine.dispose()


def asset(name: str) -> str:
    """The address of one of our files, which changes with its content."""
    return f"/assets/{name}?m={(bundle.ASSETS / name).stat().st_mtime:.0f}"


def _compress(server: Flask) -> None:
    """Every answer compressed; files that are the same for everybody compressed once."""
    server.config.update(COMPRESS_BR_LEVEL=5, COMPRESS_ZSTD_LEVEL=3, COMPRESS_LEVEL=4, COMPRESS_STREAMS=False, COMPRESS_REGISTER=False)
    # An answer is compressed while somebody waits: zstd takes a seventh of Brotli's time for an eighth more bytes.
    server.config.update(COMPRESS_ALGORITHM=["zstd", "br", "gzip"])
    answers = Compress(server)
    server.config.update(COMPRESS_CACHE_BACKEND=DictCache, COMPRESS_CACHE_KEY=lambda request: request.full_path)
    server.config.update(COMPRESS_ALGORITHM=["br", "gzip"])
    files = Compress(server)

    @server.after_request
    def compress(response: Response) -> Response:
        if not security.is_static() or response.status_code != 200:
            return answers.after_request(response)
        response.direct_passthrough = False
        response.get_data()  # a whole file rather than a stream, so that it can be kept
        return files.after_request(response)


def _plain_routes(server: Flask) -> None:
    """What is no page of Dash: sign-in, password, health, what pages ask by themselves."""
    bundle.install(server)
    server.register_blueprint(login.pages)
    server.register_blueprint(password.pages)
    server.add_url_rule("/healthz", "health.healthz", _health)
    frame_callbacks.install(server)
    live_callbacks.install(server)
    import_.install(server)
    search.install(server)
    files.install(server)
    quotes.install(server)
    server.jinja_env.globals.update(_=_, asset=asset, csrf_token=generate_csrf)


def _health() -> Any:
    try:
        with session.application().engine.connect() as connection:
            connection.exec_driver_sql("select 1")
    except Exception:
        return "not ok", 503
    return "ok", 200


def _pages(app: Dash) -> None:
    dash.page_registry.clear()
    _register("home", "/", N_("Workbench"), home.layout)
    _register("profile", "/profile", N_("Profile"), profile.layout)
    _register("not_found_404", "/nothing-here", N_("Nothing here"), not_found.layout)
    for listed in LISTS:
        _register(listed.LIST.list.key, listed.LIST.address, listed.LIST.title, listed.layout)
    _register("customer_money", "/customers/0/money", frame.CONTRACTS, contract.account_layout, "/customers/<customer_id>/money")
    customer_pages.pages(_register)
    deal_pages.pages(_register)
    # the narrower address first: Dash takes the first that fits
    _register("follow_up", "/follow-ups/0", frame.OPPORTUNITIES, follow_up_form.mend_layout, "/follow-ups/<follow_up_id>/edit")
    _register("problem", "/problems/0", N_("A customer's problem"), follow_up_form.solve_layout, "/problems/<follow_up_id>")
    _register("opportunity_new", "/opportunities/new", frame.OPPORTUNITIES, opportunity_form.new_layout)
    for name, rest, layout in (
        ("edit", "edit", opportunity_form.edit_layout),
        ("close", "close/<kind>", opportunity_form.close_layout),
        ("reopen", "reopen", opportunity_form.reopen_layout),
    ):
        template = f"/opportunities/<opportunity_id>/{rest}"
        _register(f"opportunity_{name}", f"/opportunities/0/{name}", frame.OPPORTUNITIES, layout, template)
    for name, layout in (("quotes", quotes.revisions_layout), ("quote", quotes.write_layout)):
        template = f"/opportunities/<opportunity_id>/{name}"
        _register(f"opportunity_{name}", f"/opportunities/0/{name}", frame.OPPORTUNITIES, layout, template)
    _register("quote_sign", "/quotes/0/sign", frame.CONTRACTS, contract.sign_layout, "/quotes/<quote_id>/sign")
    contract_entries.pages(_register)
    _register("contract_act", "/contracts/0/act", frame.CONTRACTS, contract.act_layout, "/contracts/<contract_id>/<act>")
    _register("contract", "/contracts/0", frame.CONTRACTS, contract.layout, "/contracts/<contract_id>")
    _register("opportunity", "/opportunities/0", frame.OPPORTUNITIES, opportunity.layout, "/opportunities/<opportunity_id>")
    _register("import", "/import", frame.IMPORT, import_.layout)
    _register("import_file", "/import/0", frame.IMPORT, import_.file_layout, "/import/<upload>")
    master_pages.pages(_register)
    for report in REPORTS:
        _register(f"reports.{report.key}", f"/reports/{report.key}", report.title, partial(_report, report))


def _register(name: str, path: str, title: object, layout: Any, template: str | None = None) -> None:
    """A page at `path`; its errors become pages too, and the line at the top says where it stands."""

    def drawn(**address: str) -> Any:
        frame.trail(*frame.trail_of(path, session.actor()))
        return layout(**address)

    dash.register_page(
        name,
        path=path,
        path_template=template,
        order=len(dash.page_registry),
        layout=edge.page(drawn),
        title=lambda **_address: f"{title_of(title)} · Saleslens",
    )


def title_of(title: object) -> str:
    """A page's title in the reader's language."""
    return _(str(title))


def _report(report: Report, /, **address: str) -> Any:
    """A report for who may open it; for others there is none."""
    return report_views.layout(report, import_module(f"dashboard.pages.{report.key}").layout, address)


def _callbacks(app: Dash, answers: Answers) -> None:
    frame_callbacks.register(app)
    undoing.register(app)
    home.register(app)
    profile.register(app)
    for listed in LISTS:
        listed.register(app)
    customer_pages.register(app)
    opportunity.register(app)
    opportunity_form.register(app)
    follow_up_form.register(app)
    quotes.register(app)
    contract.register(app)
    contract_entries.register(app)
    import_.register(app)
    master_pages.register(app)
    deal_pages.register(app)
    for report in REPORTS:
        import_module(f"dashboard.callbacks.{report.key}").register(app, answers)
    exports.register(app.server, answers)
    app.clientside_callback(
        ClientsideFunction("saleslens", "reload"),
        Output("reload", "modified_timestamp"),
        Input("reload", "data"),
        prevent_initial_call=True,
    )
