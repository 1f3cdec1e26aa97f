"""The verbs of master data whose past matters: follow-up stages 跟进阶段, and the settings 参数.

A stage's name, place and probability hold from a day on; reports as of earlier days keep what held then.
"""

from collections.abc import Sequence
from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo, available_timezones

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm import audit
from crm.errors import CrmError, NotFound
from crm.models import CompanySettings, SettingVersion, Stage, StageVersion
from crm.scope import Actor
from crm.services.input_faults import NotAChoice
from crm.services.input_types import Days, Line, Megabytes, OptionalLine, Percentage, Position, Rows
from crm.services.inputs import Control, Faults, Input, field
from crm.services.reach import require
from crm.services.versions import check_unchanged
from crm.vocabulary import N_, Kind, Permission


class NameTaken(CrmError):
    """Two stages of one name can't be told apart."""

    message = N_("“{name}” exists already.")


class StageIsNeeded(CrmError):
    """The two stages that the system sets, and the last one that people set, stay."""

    message = N_("The stage “{stage}” is needed and can't be retired.")


class UnknownZone(CrmError):
    """A time zone that no clock knows."""

    message = N_("“{zone}” is not a time zone. An example: Asia/Shanghai.")


class UnknownCurrency(CrmError):
    """A currency is named by three letters."""

    message = N_("“{currency}” is not a currency code. An example: CNY.")


class DescribeStage(Input):
    """How a stage is called and weighed."""

    name: Annotated[Line, field(N_("Name"))]
    probability_bp: Annotated[Percentage, field(N_("Probability %"), Control.PERCENT)]


class EditSettings(Input):
    """What the company decides about itself."""

    company_name: Annotated[OptionalLine, field(N_("Company's name"))] = ""
    zone: Annotated[Line, field(N_("Time zone"))] = "Asia/Shanghai"
    currency: Annotated[Line, field(N_("Currency"))] = "CNY"
    fiscal_year_first_month: Annotated[Position, field(N_("First month of the fiscal year"), Control.COUNT)] = 1
    lead_neglected_days: Annotated[Days, field(N_("Days until a lead counts as neglected"), Control.COUNT)] = 3
    pool_neglected_days: Annotated[Days, field(N_("Days until a customer in the pool counts as neglected"), Control.COUNT)] = 3
    opportunity_neglected_days: Annotated[Days, field(N_("Days until an opportunity counts as neglected"), Control.COUNT)] = 14
    approval_discount_bp: Annotated[Percentage, field(N_("Discount above which the executive approves, %"), Control.PERCENT)] = 1000
    ranking_visible: Annotated[bool, field(N_("Ranking visible to all reps"), Control.CHECK)] = True
    upload_max_mb: Annotated[Megabytes, field(N_("Largest file that is uploaded, MB"), Control.COUNT)] = 20
    upload_max_rows: Annotated[Rows, field(N_("Most rows of an imported table"), Control.COUNT)] = 1_000_000


def add_stage(session: Session, actor: Actor, values: DescribeStage, *, today: date) -> Stage:
    """A new stage, before the ones that the system sets."""
    require(actor, Permission.CREATE, Kind.MASTER)
    _check_name(session, values.name)
    by_hand = select(func.count()).select_from(Stage).where(Stage.meaning.is_(None))
    stage = Stage(
        name=values.name, probability_bp=values.probability_bp, position=1 + (session.scalar(select(func.max(Stage.position))) or 0)
    )
    session.add(stage)
    audit.created(session, actor, stage)
    order = list(session.scalars(select(Stage.id).where(Stage.id != stage.id).order_by(Stage.position, Stage.id)))
    place = (session.scalar(by_hand) or 1) - 1
    _place(session, actor, [*order[:place], stage.id, *order[place:]], today)
    return stage


def edit_stage(session: Session, actor: Actor, stage_id: int, values: DescribeStage, *, version: int, today: date) -> Stage:
    """Rename or weigh a stage from today on."""
    stage = _stage(session, actor, stage_id)
    check_unchanged(session, stage, version)
    _check_name(session, values.name, stage.id)
    with audit.changing(session, actor, stage):
        stage.name, stage.probability_bp = values.name, values.probability_bp
    _keep(session, stage, today)
    return stage


def reorder_stages(session: Session, actor: Actor, order: Sequence[int], *, today: date) -> list[Stage]:
    """Put all stages into this order from today on."""
    require(actor, Permission.UPDATE, Kind.MASTER)
    if sorted(order) != sorted(session.scalars(select(Stage.id))):
        raise NotAChoice()
    return _place(session, actor, order, today)


def retire_stage(session: Session, actor: Actor, stage_id: int, *, version: int) -> Stage:
    """Offer a stage no longer; opportunities that stand in it keep it."""
    stage = _stage(session, actor, stage_id)
    check_unchanged(session, stage, version)
    others = select(func.count()).select_from(Stage).where(Stage.active, Stage.meaning.is_(None), Stage.id != stage.id)
    if stage.meaning or not session.scalar(others):
        raise StageIsNeeded(stage=stage.name)
    with audit.changing(session, actor, stage):
        stage.active = False
    return stage


def bring_back_stage(session: Session, actor: Actor, stage_id: int) -> Stage:
    """Offer a retired stage again."""
    stage = _stage(session, actor, stage_id)
    with audit.changing(session, actor, stage):
        stage.active = True
    return stage


def stages(session: Session) -> Sequence[Stage]:
    """All stages in their order, the retired ones among them."""
    return session.scalars(select(Stage).order_by(Stage.position, Stage.id)).all()


def stage(session: Session, actor: Actor, stage_id: int) -> Stage:
    """A stage, for who administers."""
    return _stage(session, actor, stage_id)


def settings(session: Session) -> CompanySettings:
    """What the company has decided."""
    return session.get_one(CompanySettings, 1)


def change_settings(session: Session, actor: Actor, values: EditSettings, *, version: int, today: date) -> CompanySettings:
    """Decide anew; how long an opportunity may be silent is kept by day, since reports of the past read it."""
    require(actor, Permission.UPDATE, Kind.MASTER)
    standing = settings(session)
    check_unchanged(session, standing, version)
    _check_settings(values)
    silent = standing.opportunity_neglected_days
    with audit.changing(session, actor, standing):
        for name, value in values.model_dump().items():
            setattr(standing, name, value)
    if values.opportunity_neglected_days != silent:
        kept = session.scalar(select(SettingVersion).where(SettingVersion.valid_from == today)) or SettingVersion(valid_from=today)
        kept.opportunity_neglected_days = values.opportunity_neglected_days
        session.add(kept)
        session.flush()
    return standing


def _check_settings(values: EditSettings) -> None:
    faults = Faults()
    if values.zone not in available_timezones() or ZoneInfo(values.zone).key != values.zone:
        faults.add("zone", UnknownZone(zone=values.zone))
    if not (len(values.currency) == 3 and values.currency.isascii() and values.currency.isupper()):
        faults.add("currency", UnknownCurrency(currency=values.currency))
    if values.fiscal_year_first_month > 12:
        faults.add("fiscal_year_first_month", NotAChoice())
    faults.raise_any()


def _stage(session: Session, actor: Actor, stage_id: int) -> Stage:
    require(actor, Permission.UPDATE, Kind.MASTER)
    stage = session.get(Stage, stage_id)
    if stage is None:
        raise NotFound()
    return stage


def _check_name(session: Session, name: str, own: int | None = None) -> None:
    taken = session.scalar(select(Stage.id).where(func.lower(Stage.name) == name.lower()))
    if taken not in (None, own):
        faults = Faults()
        faults.add("name", NameTaken(name=name))
        faults.raise_any()


def _place(session: Session, actor: Actor, order: Sequence[int], today: date) -> list[Stage]:
    """Number the stages in this order, and keep who moved."""
    placed = []
    for position, stage_id in enumerate(order, start=1):
        stage = session.get_one(Stage, stage_id)
        with audit.changing(session, actor, stage):
            stage.position = position
        _keep(session, stage, today)
        placed.append(stage)
    return placed


def _keep(session: Session, stage: Stage, today: date) -> None:
    """Keep how the stage stands as what holds from today on, if that is news."""
    last = select(StageVersion).where(StageVersion.stage_id == stage.id).order_by(StageVersion.valid_from.desc()).limit(1)
    version = session.scalar(last)
    stands = (stage.name, stage.position, stage.probability_bp)
    if version and (version.name, version.position, version.probability_bp) == stands:
        return
    if version is None or version.valid_from != today:
        version = StageVersion(stage_id=stage.id, valid_from=today)
    version.name, version.position, version.probability_bp = stands
    session.add(version)
    session.flush()
