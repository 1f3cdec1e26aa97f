"""What happens on the workbench: it is read within reach; what was told can be marked as read."""

from typing import Any
from zoneinfo import ZoneInfo

from dash import Dash, Input, Output, State
from dash.exceptions import PreventUpdate

from crm.scope import Actor
from crm.services import follow_ups, notices, saved_views, workbench
from crm.vocabulary import Kind, Permission
from dashboard import frame, session
from dashboard.callbacks import home_figures, home_lists
from dashboard.callbacks.search import SOUGHT
from dashboard.i18n import _
from dashboard.pages import home as page
from dashboard.queries import REPORTS


def layout(**_address: str) -> Any:
    """The workbench of the signed-in person."""
    actor, today = session.actor(), session.today()
    session.catch_up()
    with session.looking() as opened:
        told = page.news(*workbench.told(opened, actor), ZoneInfo(session.company().zone))
        waiting: list[Any] = []
        if actor.may(Permission.UPDATE, Kind.PROBLEM) and actor.scope.department_id is not None:
            waiting.append(page.problems(follow_ups.open_problems(opened, actor)))
        if actor.may(Permission.SUBMIT, Kind.QUOTE):
            waiting.append(page.returned(workbench.returned(opened, actor)))
        if actor.may(Permission.CREATE, Kind.FOLLOW_UP):
            waiting.append(page.next_steps(*workbench.next_steps(opened, actor, today)))
        waiting += [home_lists.neglected(actor, today), *home_lists.instalments(actor, today), home_lists.stages(actor, today)]
        guided = None if saved_views.tour_is_over(opened, actor) else _guided(actor)
        top = [guided, page.tiles(home_figures.waiting(opened, actor)), page.figures(home_figures.figures(actor, today))]
        waiting += [home_figures.sources(actor, today), page.health(home_figures.health(opened, actor))]
    return page.layout(actor.name, top, [part for part in waiting if part is not None], told, frame.menu(actor))


def _guided(actor: Actor) -> Any:
    finds = [_(declared.title) for declared, _said in SOUGHT if declared.is_open_to(actor)]
    return page.guided(menu=bool(frame.menu(actor)), finds=finds, reports=any(report.open_to(actor.roles) for report in REPORTS))


MORE = 50
"""So many older notifications are shown at a time."""


def register(app: Dash) -> None:
    """All that was told is read; what is older is shown."""

    @app.callback(Output(page.IDS.named("news"), "children"), Input(page.READ, "n_clicks"), prevent_initial_call=True)
    def read(clicks: int) -> Any:
        if not clicks:
            raise PreventUpdate
        with session.acting() as opened:
            notices.mark_read(opened, session.actor())
        return page.news(0, [], ZoneInfo(session.company().zone)).children

    @app.callback(
        Output(page.IDS.named("news"), "children", allow_duplicate=True),
        Input(page.OLDER, "n_clicks"),
        State(page.SHOWN, "data"),
        prevent_initial_call=True,
    )
    def older(clicks: int, shown: Any) -> Any:
        if not clicks:
            raise PreventUpdate
        so_far = shown if isinstance(shown, int) and 0 <= shown < MORE * MORE else 0
        with session.looking() as opened:
            told = workbench.told(opened, session.actor(), so_far + MORE)
        return page.news(*told, ZoneInfo(session.company().zone)).children
