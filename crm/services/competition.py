"""The verbs of a competition record 竞争记录: whom we met at an opportunity, with what and at which price, and how we compare."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from crm import audit, clock
from crm.errors import CrmError
from crm.models import CompetitionFactor, CompetitionRecord, CompetitionRecordFactor, Competitor, Opportunity, Product, User
from crm.scope import Actor
from crm.services import offers
from crm.services.input_types import Amount, OptionalLine, OptionalParagraph, Reference
from crm.services.inputs import Control, Faults, Input, field
from crm.services.reach import chosen, find, find_to
from crm.services.versions import check_as_opened
from crm.vocabulary import N_, CompetitionOutcome, CompetitionSide, Kind, OpportunityStatus, Permission


class BothSides(CrmError):
    """What decides a competition speaks for one side."""

    message = N_("“{factor}” can't be a strength and a weakness at once.")


class RecordCompetition(Input):
    """Whom we met, with what, and how we compare."""

    competitor_id: Annotated[Reference, field(N_("Competitor"), Control.CHOICE, offers="competitors")]
    their_product: Annotated[OptionalLine, field(N_("Their product"))] = ""
    their_unit_price: Annotated[Amount | None, field(N_("Their unit price"), Control.AMOUNT)] = None
    our_product_id: Annotated[Reference | None, field(N_("Against our product"), Control.CHOICE, offers="products")] = None
    strengths: Annotated[tuple[Reference, ...], field(N_("Our strengths"), Control.CHOICES, offers="factors")] = ()
    weaknesses: Annotated[tuple[Reference, ...], field(N_("Our weaknesses"), Control.CHOICES, offers="factors")] = ()
    note: Annotated[OptionalParagraph, field(N_("Note"), Control.AREA)] = ""


@dataclass(frozen=True, slots=True)
class Met:
    """A competition record in words, and what became of the competition."""

    id: int
    day: date
    by: str
    competitor: str
    their_product: str
    their_unit_price: Decimal | None
    our_product: str
    strengths: tuple[str, ...]
    weaknesses: tuple[str, ...]
    note: str
    outcome: CompetitionOutcome


def record(session: Session, actor: Actor, opportunity_id: int, values: RecordCompetition, *, today: date) -> CompetitionRecord:
    """Keep whom we met at an opportunity, open or closed; it counts from today on."""
    opportunity = find_to(session, actor, Permission.UPDATE, Kind.OPPORTUNITY, Opportunity, opportunity_id)
    _check(session, values, None)
    made = CompetitionRecord(
        opportunity_id=opportunity.id, by_id=actor.user_id, at=clock.now(), day=today, recorded_on=today, factors=[]
    )  # fmt: skip
    _write(made, values)
    session.add(made)
    audit.created(session, actor, made, "factors")
    return made


def edit(
    session: Session, actor: Actor, record_id: int, values: RecordCompetition, *, was: RecordCompetition
) -> CompetitionRecord:
    """Say it better than it `was` when the person opened it; the day on which the competitor was met stays."""
    found = find_to(
        session, actor, Permission.UPDATE, Kind.OPPORTUNITY, CompetitionRecord, record_id, selectinload(CompetitionRecord.factors)
    )
    check_as_opened(session, found, was.model_dump(), values_of(found).model_dump())
    _check(session, values, found)
    with audit.changing(session, actor, found, "factors"):
        _write(found, values)
    return found


def values_of(record: CompetitionRecord) -> RecordCompetition:
    """What the form shows of a record (with its factors) as it stands."""
    columns = ("competitor_id", "their_product", "their_unit_price", "our_product_id", "note")
    sides = {"strengths": CompetitionSide.STRENGTH, "weaknesses": CompetitionSide.WEAKNESS}
    stated = {name: getattr(record, name) for name in columns} | {name: factors_of(record, side) for name, side in sides.items()}
    return RecordCompetition(**stated)


def read_one(session: Session, actor: Actor, record_id: int) -> CompetitionRecord:
    """A record within reach, with its factors."""
    return find(session, actor, CompetitionRecord, record_id, selectinload(CompetitionRecord.factors))


def of_opportunity(session: Session, actor: Actor, opportunity_id: int) -> list[Met]:
    """Whom we met at an opportunity within reach, the newest first."""
    rows = actor.scope.narrow(select(CompetitionRecord), CompetitionRecord).where(CompetitionRecord.opportunity_id == opportunity_id)
    found = session.scalars(rows.order_by(CompetitionRecord.id.desc()).options(selectinload(CompetitionRecord.factors))).all()
    if not found:
        return []
    people, rivals, products, factors = (offers.names(session, model) for model in (User, Competitor, Product, CompetitionFactor))
    ended = session.execute(select(Opportunity.status, Opportunity.loss_competitor_id).where(Opportunity.id == opportunity_id)).one()
    return [_told(one, people, rivals, products, factors, outcome(*ended, one.competitor_id)) for one in found]


def competitors(session: Session, actor: Actor, opportunity_id: int) -> list[int]:
    """The competitors in use that were met at an opportunity within reach."""
    met = actor.scope.narrow(select(CompetitionRecord.competitor_id), CompetitionRecord).where(
        CompetitionRecord.opportunity_id == opportunity_id
    )
    return list(session.scalars(select(Competitor.id).where(Competitor.id.in_(met), Competitor.active)))


def outcome(status: OpportunityStatus, lost_to: int | None, competitor_id: int) -> CompetitionOutcome:
    """What became of the competition with one competitor: who loses to one has not lost to the others."""
    if status is OpportunityStatus.LOST and competitor_id != lost_to:
        return CompetitionOutcome.LOST_OTHERWISE
    return OUTCOMES[status]


OUTCOMES: Mapping[OpportunityStatus, CompetitionOutcome] = {
    OpportunityStatus.FOLLOWING: CompetitionOutcome.OPEN,
    OpportunityStatus.WON: CompetitionOutcome.WON,
    OpportunityStatus.LOST: CompetitionOutcome.LOST,
    OpportunityStatus.STOPPED: CompetitionOutcome.STOPPED,
}
"""What the opportunity's status says of the competition."""


def factors_of(record: CompetitionRecord, side: CompetitionSide) -> list[int]:
    """The ids of what speaks for us, or against."""
    return sorted(factor.factor_id for factor in record.factors if factor.side is side)


Names = Mapping[int, str]


def _told(record: CompetitionRecord, people: Names, rivals: Names, products: Names, factors: Names, ended: CompetitionOutcome) -> Met:
    strengths, weaknesses = (tuple(factors[id] for id in factors_of(record, side)) for side in CompetitionSide)
    return Met(
        record.id, record.day, people.get(record.by_id, ""), rivals.get(record.competitor_id, ""), record.their_product,
        record.their_unit_price, products.get(record.our_product_id or 0, ""), strengths, weaknesses, record.note,
        ended,
    )  # fmt: skip


def _check(session: Session, values: RecordCompetition, standing: CompetitionRecord | None) -> None:
    faults = Faults()
    chosen(session, Competitor, values.competitor_id, faults, "competitor_id", keep=standing.competitor_id if standing else None)
    chosen(session, Product, values.our_product_id, faults, "our_product_id", keep=standing.our_product_id if standing else None)
    kept = {factor.factor_id for factor in standing.factors} if standing else set()
    for key, ids in (("strengths", values.strengths), ("weaknesses", values.weaknesses)):
        for id in ids:
            factor = chosen(session, CompetitionFactor, id, faults, key, keep=id if id in kept else None)
            if factor and key == "weaknesses" and id in values.strengths:
                faults.add(key, BothSides(factor=factor.name))
    faults.raise_any()


def _write(record: CompetitionRecord, values: RecordCompetition) -> None:
    record.competitor_id, record.our_product_id = values.competitor_id, values.our_product_id
    record.their_product, record.their_unit_price, record.note = values.their_product, values.their_unit_price, values.note
    sides: Sequence[tuple[CompetitionSide, Sequence[int]]] = (
        (CompetitionSide.STRENGTH, values.strengths),
        (CompetitionSide.WEAKNESS, values.weaknesses),
    )
    standing = {(factor.factor_id, factor.side): factor for factor in record.factors}
    record.factors = [
        standing.get((id, side)) or CompetitionRecordFactor(factor_id=id, side=side) for side, ids in sides for id in dict.fromkeys(ids)
    ]


def begun(session: Session, actor: Actor, opportunity_id: int) -> Opportunity:
    """The opportunity at which a competitor was met, for who may change it."""
    return find_to(session, actor, Permission.UPDATE, Kind.OPPORTUNITY, Opportunity, opportunity_id)
