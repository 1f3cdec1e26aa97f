"""What names mean: the records that a file's rows refer to, found in bulk, and those that are created on the way.

A name is compared without regard to case, width and spaces; a customer's also without its legal form. The old system's ids come
first, then logins and codes, then names. A name that two records share means neither. A customer that went into another one means
that one.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm.errors import CrmError
from crm.importing.batch import New, Ref, earliest, lots
from crm.importing.fields import Field, Named
from crm.importing.layouts import Layout
from crm.models import (
    Campaign,
    Competitor,
    CompetitorAlias,
    Contract,
    CostCategory,
    Customer,
    Department,
    FollowUpMethod,
    LeadSource,
    LossReason,
    Opportunity,
    Product,
    Stage,
    Team,
    User,
)
from crm.rules.duplicates import company_key, name_key
from crm.vocabulary import N_, LossKind, Message, Role

ASKED = 900
"""Names that one question to the database asks for."""

NAMED_LABELS: Mapping[Named, str] = {
    Named.PERSON: N_("Person"),
    Named.TEAM: N_("Team"),
    Named.DEPARTMENT: N_("Department"),
    Named.SOURCE: N_("Lead source"),
    Named.CAMPAIGN: N_("Campaign"),
    Named.PRODUCT: N_("Product"),
    Named.CUSTOMER: N_("Customer"),
    Named.OPPORTUNITY: N_("Opportunity"),
    Named.CONTRACT: N_("Contract"),
    Named.STAGE: N_("Stage"),
    Named.LOSS_REASON: N_("Loss reason"),
    Named.COMPETITOR: N_("Competitor"),
    Named.METHOD: N_("Follow-up method"),
    Named.COST_CATEGORY: N_("Cost category"),
}

STANDING = func.coalesce(Customer.merged_into_id, Customer.id)
"""The customer itself, or the one that it went into when they were merged."""

NEVER_CREATED = frozenset({Named.OPPORTUNITY, Named.CONTRACT})
"""What only a file of its own brings."""


class NameUnknown(CrmError):
    """Nobody and nothing is called so."""

    message = N_("Nothing is known of the {what} “{name}”.")


class NameOfSeveral(CrmError):
    """Two records have the name."""

    message = N_("There are several records of the kind {what} called “{name}”; use the id or the login.")


class Besides(New):
    """A record that the file names and nobody knows: it is created on the way. `learned` is what the rows tell of it."""

    __slots__ = ("count", "learned", "name", "named", "spellings")

    def __init__(self, named: Named, name: str) -> None:
        super().__init__()
        self.named = named
        self.name = name
        self.forget()

    def forget(self) -> None:
        """Begin to learn anew, from other rows."""
        self.count = 0
        self.learned = Learned()
        self.spellings: Counter[str] = Counter()

    @property
    def spelled(self) -> str:
        """The name as most rows write it, the first of equals."""
        return self.spellings.most_common(1)[0][0] if self.spellings else self.name


@dataclass
class Learned:
    """What rows tell of a record that they name."""

    since: date | None = None
    until: date | None = None
    roles: set[Role] = field(default_factory=set)
    team: Ref | None = None
    source: Ref | None = None
    holders: set[tuple[Ref | None, Ref | None]] = field(default_factory=set)
    closing: LossKind | None = None
    supplied: bool = True
    """Whether no row writes the name itself: the layout supplied it."""

    def see(self, day: date | None) -> None:
        """A row of this day speaks of the record."""
        self.since = earliest(self.since, day)
        self.until = max((known for known in (self.until, day) if known), default=None)


Keys = dict[str, Ref | None]
"""Name → record; None where several have it."""


def put(keys: Keys, key: str, record: Ref) -> None:
    """Note that `record` is called so."""
    if key:
        keys[key] = record if keys.get(key, record) == record else None


class Directory:
    """The records that the names of one file mean. `may_create`: whether the person may create records of that kind on the way."""

    def __init__(self, layout: Layout, may_create: Callable[[Named], bool]) -> None:
        self._layout = layout
        self._may_create = may_create
        self._keys: dict[Named, list[Keys]] = {}
        self._besides: dict[tuple[Named, str], Besides] = {}
        self.team_of: dict[int, int | None] = {}
        self.inactive: set[int] = set()
        self.sellers: set[int] = set()
        self.logins: set[str] = set()
        self.leaders: dict[int, int | None] = {}

    @property
    def besides(self) -> list[Besides]:
        """What is created on the way, in the order in which the file names it."""
        return [one for one in self._besides.values() if one.count]

    def forget(self) -> None:
        """Begin to learn anew what is created on the way."""
        for one in self._besides.values():
            one.forget()

    def load(self, session: Session, names: Mapping[Named, Iterable[str]]) -> None:
        """Find everything that these names may mean."""
        for named, asked in names.items():
            self._keys[named] = LOADERS[named](self, session, asked) if named in LOADERS else _by_name(session, MASTER[named])

    def find(self, f: Field, name: str, besides: str = "") -> Ref:
        """The record that `name` means in field `f`. Raises `NameUnknown` or `NameOfSeveral`.

        `besides` tells names apart that are the same word in two meanings (a reason for losing, one for stopping).
        """
        assert f.names is not None
        known = self._known(f.names, name, besides)
        if known is not None:
            return known
        action, other = self._layout.on_unknown(f.key)
        if action == "map":
            mapped = self._known(f.names, other, besides)
            if mapped is None:
                raise NameUnknown(what=Message(NAMED_LABELS[f.names]), name=other)
            return mapped
        if action != "create" or f.names in NEVER_CREATED or not self._may_create(f.names):
            raise NameUnknown(what=Message(NAMED_LABELS[f.names]), name=name)
        return self._create(f.names, name, besides)

    def enter(self, named: Named, name: str, record: New) -> None:
        """A record that the file itself brings, and that other rows may name."""
        for keys in self._keys.setdefault(named, [{}]):
            if name_key(name) in keys:
                return
        put(self._keys[named][-1], name_key(name), record)

    def _known(self, named: Named, name: str, besides: str) -> Ref | None:
        for keys, key in zip(self._keys[named], _asked(named, name, besides, len(self._keys[named])), strict=True):
            if key in keys:
                found = keys[key]
                if found is None:
                    raise NameOfSeveral(what=Message(NAMED_LABELS[named]), name=name)
                return found
        return None

    def _create(self, named: Named, name: str, besides: str) -> Besides:
        key = company_key(name) or name_key(name) if named is Named.CUSTOMER else besides + name_key(name)
        return self._besides.setdefault((named, key), Besides(named, name))

    # ---- what each kind is found by: a list of keys in the order of precedence

    def people(self, session: Session, _names: Iterable[str]) -> list[Keys]:
        """By id in the old system, login, name."""
        external, logins, names = Keys(), Keys(), Keys()
        rows = select(User.id, User.login, User.name, User.external_system, User.external_id, User.team_id, User.active)
        for id, login, name, system, outside, team, active in session.execute(rows):
            self.team_of[id] = team
            self.logins.add(login)
            if not active:
                self.inactive.add(id)
            if system == self._layout.system and outside:
                put(external, outside, id)
            put(logins, name_key(login), id)
            put(names, name_key(name), id)
        return [external, logins, names]

    def teams(self, session: Session, _names: Iterable[str]) -> list[Keys]:
        """By name."""
        keys = Keys()
        for id, name, leader in session.execute(select(Team.id, Team.name, Team.leader_id)):
            self.leaders[id] = leader
            put(keys, name_key(name), id)
        return [keys]

    def products(self, session: Session, _names: Iterable[str]) -> list[Keys]:
        """By id in the old system, code, name."""
        external, codes, names = Keys(), Keys(), Keys()
        for id, code, name, system, outside in session.execute(
            select(Product.id, Product.code, Product.name, Product.external_system, Product.external_id)
        ):
            if system == self._layout.system and outside:
                put(external, outside, id)
            put(codes, name_key(code), id)
            put(names, name_key(name), id)
        return [external, codes, names]

    def competitors(self, session: Session, _names: Iterable[str]) -> list[Keys]:
        """By name, then by another name."""
        aliases = Keys()
        for id, name in session.execute(select(CompetitorAlias.competitor_id, CompetitorAlias.name)):
            put(aliases, name_key(name), id)
        return [*_by_name(session, Competitor), aliases]

    def reasons(self, session: Session, _names: Iterable[str]) -> list[Keys]:
        """By the closing that they explain and the name."""
        keys = Keys()
        for id, name, kind in session.execute(select(LossReason.id, LossReason.name, LossReason.kind)):
            put(keys, kind.value + name_key(name), id)
        return [keys]

    def customers(self, session: Session, names: Iterable[str]) -> list[Keys]:
        """By id in the old system, full name, name without its legal form."""
        asked = list(dict.fromkeys(names))
        external, full, short = self._outside(session, Customer, asked), Keys(), Keys()
        rows = select(STANDING, Customer.name, Customer.name_key)
        for id, name, key in in_lots(session, rows, Customer.name_key, {company_key(name) for name in asked} - {""}):
            put(full, name_key(name), id)
            put(short, key, id)
        return [external, full, short]

    def opportunities(self, session: Session, names: Iterable[str]) -> list[Keys]:
        """By id in the old system, then by title."""
        asked = list(dict.fromkeys(names))
        titles = Keys()
        rows = select(Opportunity.id, Opportunity.title)
        for id, title in in_lots(session, rows, Opportunity.title, asked):
            put(titles, name_key(title), id)
        return [self._outside(session, Opportunity, asked), titles]

    def contracts(self, session: Session, names: Iterable[str]) -> list[Keys]:
        """By number, then by id in the old system."""
        asked = list(dict.fromkeys(names))
        numbers = Keys()
        for id, number in in_lots(session, select(Contract.id, Contract.number), Contract.number, asked):
            put(numbers, number, id)
        return [numbers, self._outside(session, Contract, asked)]

    def _outside(self, session: Session, model: Any, names: Iterable[str]) -> Keys:
        """Records by their ids in the old system."""
        keys = Keys()
        if self._layout.system:
            standing = STANDING if model is Customer else model.id
            rows = select(standing, model.external_id).where(model.external_system == self._layout.system)
            for id, outside in in_lots(session, rows, model.external_id, names):
                put(keys, outside, id)
        return keys


MASTER: Mapping[Named, Any] = {
    Named.DEPARTMENT: Department,
    Named.SOURCE: LeadSource,
    Named.CAMPAIGN: Campaign,
    Named.STAGE: Stage,
    Named.METHOD: FollowUpMethod,
    Named.COST_CATEGORY: CostCategory,
}
"""What is found by its name alone."""

LOADERS: Mapping[Named, Callable[[Directory, Session, Iterable[str]], list[Keys]]] = {
    Named.PERSON: Directory.people,
    Named.TEAM: Directory.teams,
    Named.PRODUCT: Directory.products,
    Named.COMPETITOR: Directory.competitors,
    Named.LOSS_REASON: Directory.reasons,
    Named.CUSTOMER: Directory.customers,
    Named.OPPORTUNITY: Directory.opportunities,
    Named.CONTRACT: Directory.contracts,
}


def _asked(named: Named, name: str, besides: str, count: int) -> tuple[str, ...]:
    """What to look for in each of a kind's keys."""
    key = besides + name_key(name)
    match named:
        case Named.CUSTOMER:
            return name, key, company_key(name)
        case Named.CONTRACT:
            return name, name
        case Named.PERSON | Named.PRODUCT:
            return name, key, key
        case Named.OPPORTUNITY:
            return name, key
        case _:
            return (key,) * count


def _by_name(session: Session, model: Any) -> list[Keys]:
    keys = Keys()
    for id, name in session.execute(select(model.id, model.name)):
        put(keys, name_key(name), id)
    return [keys]


def in_lots(session: Session, rows: Any, column: Any, values: Iterable[Any]) -> Iterable[Any]:
    """What the statement `rows` finds with one of many values in `column`."""
    for lot in lots(values, ASKED):
        yield from session.execute(rows.where(column.in_(lot)))
