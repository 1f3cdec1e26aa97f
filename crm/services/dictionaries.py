"""Dictionaries 基础资料: the lists of values that records choose from, each a declaration; the verbs are the same for all.

A `Dictionary` says which table it is, what its form asks, what must be unique, and what more is checked. A value is added, edited,
retired and brought back; never deleted, so that old records keep what they chose.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from crm import audit
from crm.errors import CrmError, NotFound
from crm.models import (
    Campaign,
    CompetitionFactor,
    Competitor,
    CompetitorAlias,
    CostCategory,
    Customer,
    Department,
    FollowUpMethod,
    LeadSource,
    LossReason,
    Opportunity,
    Product,
    Team,
    User,
    UserRole,
)
from crm.rules.duplicates import name_key
from crm.scope import Actor
from crm.services.input_faults import DatesReversed
from crm.services.input_types import Amount, Day, Line, OptionalLine, OptionalParagraph, Percentage, Reference
from crm.services.inputs import Control, Faults, Input, field, separated
from crm.services.master import NameTaken
from crm.services.reach import chosen, require
from crm.services.versions import check_unchanged, grow
from crm.vocabulary import N_, ChannelKind, Kind, LossKind, OpportunityStatus, Permission, PriceLevel, Role


class LastOne(CrmError):
    """Forms would have nothing left to offer."""

    message = N_("“{name}” is the last one that can be chosen; add another first.")


class FloorAboveList(CrmError):
    """A product whose lowest price is above its price."""

    message = N_("The floor price is above the list price.")


class NotALead(CrmError):
    """A team is led by somebody with the role for it."""

    message = N_("{person} does not have the role of a team lead.")


class TeamInUse(CrmError):
    """A team is dissolved once its people and open records have gone elsewhere."""

    message = N_("“{team}” still has {people} people and {records} open records; move them first.")


class TooManyAliases(CrmError):
    """More other names than anybody uses."""

    message = N_("At most {most} other names fit.")


class DescribeName(Input):
    """A value that is nothing but its name."""

    name: Annotated[Line, field(N_("Name"))]


class DescribeSource(DescribeName):
    """Where leads come from."""

    channel: Annotated[ChannelKind, field(N_("Channel"), Control.CHOICE)] = ChannelKind.OTHER


class DescribeCampaign(DescribeName):
    """What marketing does, when, and what it costs."""

    source_id: Annotated[Reference, field(N_("Lead source"), Control.CHOICE, offers="sources")]
    from_on: Annotated[Day, field(N_("First day"), Control.DAY)]
    until_on: Annotated[Day, field(N_("Last day"), Control.DAY)]
    cost: Annotated[Amount, field(N_("Cost"), Control.AMOUNT)]
    product_id: Annotated[Reference | None, field(N_("Product"), Control.CHOICE, offers="products")] = None


class DescribeReason(DescribeName):
    """Why an opportunity is lost or stopped."""

    kind: Annotated[LossKind, field(N_("Kind"), Control.CHOICE)]
    names_competitor: Annotated[bool, field(N_("Names a competitor"), Control.CHECK)] = False


class DescribeProduct(Input):
    """What is sold; prices include the tax."""

    code: Annotated[Line, field(N_("Code"))]
    name: Annotated[Line, field(N_("Name"))]
    category: Annotated[OptionalLine, field(N_("Category"))] = ""
    unit: Annotated[OptionalLine, field(N_("Unit"))] = ""
    list_price: Annotated[Amount, field(N_("List price"), Control.AMOUNT)]
    floor_price: Annotated[Amount, field(N_("Floor price"), Control.AMOUNT, hint=N_("Below it the executive approves the quote."))]
    tax_rate_bp: Annotated[Percentage, field(N_("Tax rate %"), Control.PERCENT)] = 1300


class DescribeCompetitor(DescribeName):
    """Who else offers."""

    aliases: Annotated[OptionalParagraph, field(N_("Other names"), Control.AREA, hint=N_("One per line."))] = ""
    products: Annotated[OptionalLine, field(N_("Products"))] = ""
    price_level: Annotated[PriceLevel, field(N_("Price level"), Control.CHOICE)] = PriceLevel.SIMILAR
    note: Annotated[OptionalParagraph, field(N_("Note"), Control.AREA)] = ""


class DescribeTeam(DescribeName):
    """A sales team and who leads it."""

    leader_id: Annotated[Reference | None, field(N_("Team lead"), Control.CHOICE, offers="leaders")] = None


Check = Callable[[Session, Any, Any, Faults], None]
"""What a form's values must fulfil: session, values, the record as it stands (None: a new one), where faults are held."""


def _nothing_more(_session: Session, _values: Any, _standing: Any, _faults: Faults) -> None:
    """No further rule."""


def _columns(record: Any, values: Input) -> None:
    """Each field is a column of the same name."""
    for name, value in values.model_dump().items():
        setattr(record, name, value)


def _may_always_go(_session: Session, _record: Any) -> None:
    """Nothing keeps it."""


@dataclass(frozen=True, slots=True)
class Dictionary:
    """One list of values: its address, what it is called, whose permissions hold, its table and its form."""

    key: str
    title: str
    kind: Kind
    model: type[Any]
    form: type[Input]
    unique: str = "name"
    check: Check = _nothing_more
    write: Callable[[Any, Any], None] = _columns
    may_go: Callable[[Session, Any], None] = _may_always_go
    parts: tuple[str, ...] = ()
    """Relationships that belong to the record."""


def values_of(dictionary: Dictionary, record: Any) -> dict[str, Any]:
    """What the form shows of a record as it stands."""
    values = {name: getattr(record, name) for name in dictionary.form.model_fields}
    if dictionary.model is Competitor:
        values["aliases"] = "\n".join(sorted(alias.name for alias in record.aliases))
    return values


# ── the verbs ────────────────────────────────────────────────────────────────────────────────────────────────────────────────
def find(session: Session, actor: Actor, dictionary: Dictionary, record_id: int) -> Any:
    """A value of the dictionary, for who may read it."""
    if not actor.may(Permission.READ, dictionary.kind):
        raise NotFound()
    loaded = [selectinload(getattr(dictionary.model, part)) for part in dictionary.parts]
    record = session.scalar(select(dictionary.model).where(dictionary.model.id == record_id).options(*loaded))
    if record is None:
        raise NotFound()
    return record


def add(session: Session, actor: Actor, dictionary: Dictionary, values: Input) -> Any:
    """A new value."""
    require(actor, Permission.CREATE, dictionary.kind)
    _check(session, dictionary, values, None)
    record = dictionary.model(**{part: [] for part in dictionary.parts})
    dictionary.write(record, values)
    session.add(record)
    audit.created(session, actor, record, *dictionary.parts)
    return record


def edit(session: Session, actor: Actor, dictionary: Dictionary, record_id: int, values: Input, *, version: int) -> Any:
    """Describe a value anew; records that chose it show the new name."""
    require(actor, Permission.UPDATE, dictionary.kind)
    record = find(session, actor, dictionary, record_id)
    check_unchanged(session, record, version, *dictionary.parts)
    _check(session, dictionary, values, record)
    with audit.changing(session, actor, record, *dictionary.parts):
        dictionary.write(record, values)
        if dictionary.parts:
            grow(record, *dictionary.parts)
    return record


def retire(session: Session, actor: Actor, dictionary: Dictionary, record_id: int, *, version: int) -> Any:
    """Offer a value no longer; records that chose it keep it."""
    require(actor, Permission.UPDATE, dictionary.kind)
    record = find(session, actor, dictionary, record_id)
    check_unchanged(session, record, version, *dictionary.parts)
    if record.active:
        dictionary.may_go(session, record)
    with audit.changing(session, actor, record, *dictionary.parts):
        record.active = False
    return record


def bring_back(session: Session, actor: Actor, dictionary: Dictionary, record_id: int) -> Any:
    """Offer a retired value again."""
    require(actor, Permission.UPDATE, dictionary.kind)
    record = find(session, actor, dictionary, record_id)
    with audit.changing(session, actor, record, *dictionary.parts):
        record.active = True
    return record


def _check(session: Session, dictionary: Dictionary, values: Any, standing: Any) -> None:
    faults = Faults()
    model, unique = dictionary.model, dictionary.unique
    wanted = getattr(values, unique)
    same = select(model.id).where(func.lower(getattr(model, unique)) == wanted.lower())
    if dictionary.model is LossReason:
        same = same.where(LossReason.kind == values.kind)
    taken = session.scalar(same.where(model.id != standing.id) if standing is not None else same)
    if taken is not None:
        faults.add(unique, NameTaken(name=wanted))
    dictionary.check(session, values, standing, faults)
    faults.raise_any()


# ── what is special about some of them ───────────────────────────────────────────────────────────────────────────────────────
def _check_source(session: Session, values: DescribeSource, standing: LeadSource | None, faults: Faults) -> None:
    """Two spellings of one name are one source."""
    taken = session.scalar(select(LeadSource.id).where(LeadSource.name_key == name_key(values.name)))
    if taken not in (None, standing.id if standing else None):
        faults.add("name", NameTaken(name=values.name))


def _write_source(record: LeadSource, values: DescribeSource) -> None:
    _columns(record, values)
    record.name_key = name_key(values.name)


def _check_campaign(session: Session, values: DescribeCampaign, standing: Campaign | None, faults: Faults) -> None:
    chosen(session, LeadSource, values.source_id, faults, "source_id", keep=standing.source_id if standing else None)
    chosen(session, Product, values.product_id, faults, "product_id", keep=standing.product_id if standing else None)
    if values.until_on < values.from_on:
        faults.add("until_on", DatesReversed())


def _check_product(_session: Session, values: DescribeProduct, _standing: Product | None, faults: Faults) -> None:
    if values.floor_price > values.list_price:
        faults.add("floor_price", FloorAboveList())


MOST_ALIASES = 50


def _check_competitor(session: Session, values: DescribeCompetitor, standing: Competitor | None, faults: Faults) -> None:
    """No name means two competitors, whether it is the name or another one."""
    own, names = standing.id if standing else None, separated(values.aliases)
    if len(names) > MOST_ALIASES:
        faults.add("aliases", TooManyAliases(most=MOST_ALIASES))
    for name in names[:MOST_ALIASES]:
        if len(name) > 200 or _means_another(session, name, own):
            faults.add("aliases", NameTaken(name=name[:200]))
    if session.scalar(_other_alias(values.name, own)) is not None:
        faults.add("name", NameTaken(name=values.name))


def _means_another(session: Session, name: str, own: int | None) -> bool:
    named = select(Competitor.id).where(func.lower(Competitor.name) == name.lower())
    found = session.scalar(named.where(Competitor.id != own) if own else named)
    return found is not None or session.scalar(_other_alias(name, own)) is not None


def _other_alias(name: str, own: int | None) -> Any:
    aliased = select(CompetitorAlias.id).where(func.lower(CompetitorAlias.name) == name.lower())
    return aliased.where(CompetitorAlias.competitor_id != own) if own else aliased


def _write_competitor(record: Competitor, values: DescribeCompetitor) -> None:
    record.name, record.products, record.price_level, record.note = values.name, values.products, values.price_level, values.note
    wanted = [name for name in separated(values.aliases) if name.lower() != values.name.lower()]
    kept = [alias for alias in record.aliases if alias.name in wanted]
    standing = {alias.name for alias in kept}
    record.aliases = kept + [CompetitorAlias(name=name) for name in wanted if name not in standing]


def _check_team(session: Session, values: DescribeTeam, standing: Team | None, faults: Faults) -> None:
    leader = chosen(session, User, values.leader_id, faults, "leader_id", keep=standing.leader_id if standing else None)
    if leader and session.get(UserRole, (leader.id, Role.TEAM_LEAD)) is None:
        faults.add("leader_id", NotALead(person=leader.name))


def _team_may_go(session: Session, team: Team) -> None:
    people = session.scalar(select(func.count()).select_from(User).where(User.team_id == team.id, User.active)) or 0
    customers = session.scalar(select(func.count()).select_from(Customer).where(Customer.team_id == team.id)) or 0
    following = (Opportunity.team_id == team.id) & (Opportunity.status == OpportunityStatus.FOLLOWING)
    opportunities = session.scalar(select(func.count()).select_from(Opportunity).where(following)) or 0
    if people or customers or opportunities:
        raise TeamInUse(team=team.name, people=people, records=customers + opportunities)


def _one_stays(session: Session, record: Any) -> None:
    """Forms always have one to offer."""
    model = type(record)
    others = select(func.count()).select_from(model).where(model.active, model.id != record.id)
    if isinstance(record, LossReason):
        others = others.where(LossReason.kind == record.kind)
    if not session.scalar(others):
        raise LastOne(name=record.name)


SOURCES = Dictionary(
    "lead-sources", N_("Lead sources"), Kind.SOURCE, LeadSource, DescribeSource, check=_check_source, write=_write_source, may_go=_one_stays
)
CAMPAIGNS = Dictionary("campaigns", N_("Campaigns"), Kind.SOURCE, Campaign, DescribeCampaign, check=_check_campaign)
METHODS = Dictionary("follow-up-methods", N_("Follow-up methods"), Kind.MASTER, FollowUpMethod, DescribeName, may_go=_one_stays)
REASONS = Dictionary("loss-reasons", N_("Loss reasons"), Kind.MASTER, LossReason, DescribeReason, may_go=_one_stays)
CATEGORIES = Dictionary("cost-categories", N_("Cost categories"), Kind.MASTER, CostCategory, DescribeName, may_go=_one_stays)
FACTORS = Dictionary("competition-factors", N_("Strengths and weaknesses"), Kind.MASTER, CompetitionFactor, DescribeName)
PRODUCTS = Dictionary("products", N_("Products"), Kind.MASTER, Product, DescribeProduct, "code", check=_check_product)
COMPETITORS = Dictionary(
    "competitors", N_("Competitors"), Kind.COMPETITOR, Competitor, DescribeCompetitor, check=_check_competitor, write=_write_competitor,
    parts=("aliases",),
)  # fmt: skip
DEPARTMENTS = Dictionary("departments", N_("Departments"), Kind.MASTER, Department, DescribeName)
TEAMS = Dictionary("teams", N_("Sales teams"), Kind.MASTER, Team, DescribeTeam, check=_check_team, may_go=_team_may_go)

DICTIONARIES: Mapping[str, Dictionary] = {
    dictionary.key: dictionary
    for dictionary in (SOURCES, CAMPAIGNS, METHODS, REASONS, CATEGORIES, FACTORS, PRODUCTS, COMPETITORS, DEPARTMENTS, TEAMS)
}
"""All dictionaries by their addresses, in the order in which the pages offer them."""


def by_key(actor: Actor, key: str) -> Dictionary:
    """The dictionary with this address, if the person may read it; else there is none."""
    dictionary = DICTIONARIES.get(key)
    if dictionary is None or not actor.may(Permission.READ, dictionary.kind):
        raise NotFound()
    return dictionary
