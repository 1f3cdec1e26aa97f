"""How the customers that wait look: in the company's pool 团队分配 and in the teams' pools 人员分配; beside them the desk."""

from collections.abc import Sequence
from typing import Any

from dash import html
from sqlalchemy.orm import Session

from crm.scope import Actor
from crm.services import offers
from crm.services.customer_list import COMPANY_POOL, TEAM_POOL
from crm.services.customers import AssignCustomer
from crm.services.desk import Candidate
from crm.services.reach import reaches_company
from crm.vocabulary import Kind, Permission
from dashboard.components import form, states
from dashboard.components.candidates import cards
from dashboard.components.record_list import Choices, Field, ListPage, choices_of
from dashboard.i18n import N_, _


def assigns_teams(actor: Actor) -> bool:
    """Who gives customers to teams."""
    return reaches_company(actor, Permission.ASSIGN, Kind.CUSTOMER)


def assigns_reps(actor: Actor) -> bool:
    """Who gives customers to reps."""
    return actor.may(Permission.ASSIGN, Kind.CUSTOMER)


def _no_offers(_opened: Session, _actor: Actor) -> Choices:
    return {}


def _team_offers(opened: Session, actor: Actor) -> Choices:
    return choices_of({"team": offers.teams(opened, actor, Kind.CUSTOMER)})


def _days(row: Any) -> str:
    return _("{days} days", days=row.days)


WAITING = Field("waiting", N_("Waiting"), of=_days, width=84)
TOO_LONG = Field("too_long", N_("Neglected"), "mark", of=lambda row: _("Waits too long") if row.too_long else None, width=112)
NAME = Field("name", N_("Customer"), opens=True, width=168, flex=2)
BRINGS = (
    Field("title", N_("Opportunity"), otherwise=N_("None open"), width=152, flex=2),
    Field("products", N_("Products"), width=120, flex=1),
    Field("expected_amount", N_("Expected amount"), "money", width=120),
)
WHO = (Field("industry", N_("Industry"), width=88, flex=1), Field("region", N_("Region"), width=80, flex=1))

TEAMS = ListPage(
    COMPANY_POOL,
    title=N_("Team assignment"),
    kind=Kind.CUSTOMER,
    fields=(TOO_LONG, NAME, WAITING, *BRINGS, *WHO, Field("pooled_on", N_("Waiting since"), "day", width=112)),
    filters={},
    offers=_no_offers,
    counted=N_("{count} customers wait for a team"),
    many=N_("More than {most} customers wait for a team"),
    seek=N_("Search customer"),
    opens=lambda row: f"/customers/{row.id}",
    open_to=assigns_teams,
    path="/assign/teams",
    selectable=True,
)

REPS = ListPage(
    TEAM_POOL,
    title=N_("Rep assignment"),
    kind=Kind.CUSTOMER,
    fields=(
        TOO_LONG,
        NAME,
        WAITING,
        Field("team", N_("Team"), width=80, flex=1),
        *BRINGS,
        *WHO,
        Field("pooled_on", N_("Waiting since"), "day", width=112),
    ),
    filters={"team": N_("Team")},
    offers=_team_offers,
    counted=N_("{count} customers wait for a rep"),
    many=N_("More than {most} customers wait for a rep"),
    seek=N_("Search customer"),
    opens=lambda row: f"/customers/{row.id}",
    open_to=assigns_reps,
    path="/assign/reps",
    selectable=True,
)


def place(declared: ListPage) -> list[Any]:
    """Where the desk stands; what it shows follows the ticked rows."""
    return [
        html.Div(desk(declared, 0, []), id=declared.ids.named("desk"), className="desk", **{"aria-live": "polite"}),
        *form.fields(declared.ids.named("desk-form"), AssignCustomer, left_out=("team_id", "owner_id")),
    ]


def desk(declared: ListPage, chosen: int, candidates: Sequence[Candidate], *, back: bool = False, mixed: bool = False) -> list[Any]:
    """Who could take the `chosen` customers. `mixed`: they are of several teams. `back`: they can go back to the company's pool."""
    if not chosen:
        return [states.empty(_("Tick one customer or several to see who could take them."))]
    head: list[Any] = [html.H2(_("{count} chosen", count=chosen))]
    if mixed:
        return [*head, states.empty(_("Choose customers of one team: their rep is one of its people."))]
    if not candidates:
        head.append(states.empty(_("There is nobody to give them to.")))
    give = declared.ids.named("give")
    away = html.Button(_("Back to the company's pool"), id={"type": give, "to": 0}, className="button", n_clicks=0)
    return [*head, cards(candidates, give, _("Assign"), more=[html.Li(away)] if back else [])]
