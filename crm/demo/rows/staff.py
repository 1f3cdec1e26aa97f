"""Rows of the people: departments, teams, users with roles, strengths and memberships, deputies."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from argon2.low_level import Type, hash_secret
from pypinyin import lazy_pinyin

from crm.bulk import days, flags, given
from crm.demo.accounts import PASSWORD
from crm.demo.calendar import FAR, day
from crm.demo.company import Company
from crm.demo.dice import Ints
from crm.demo.lists import words
from crm.demo.names import places
from crm.demo.people import ADA, CHEN, LIN, MEI, SUN, XIA, People
from crm.demo.rows import Rows, listed, reference, table
from crm.models import Department, Deputy, Team, TeamMembership, User, UserRole, UserStrength
from crm.vocabulary import Role, StrengthKind

SALT = b"saleslens demo company"
"""Fixed, so that the same company has the same bytes; these accounts' password is public anyway."""

ENGLISH = (ADA,)


def rows(company: Company) -> Iterator[Rows]:
    """The people and where they belong. Teams come without their leads, which `leaders` adds."""
    people = company.people
    yield listed(Department, [{"name": name} for name in words("master")["departments"]["list"]])
    yield table(Team, len(people.team_names), name=given(people.team_names))
    yield _users(people)
    yield listed(UserRole, [{"user_id": person, "role": role.value} for person, role in _roles(people)])
    yield _memberships(people)
    yield listed(Deputy, [{"principal_id": LIN, "deputy_id": SUN, "from_on": _iso(people, -6), "until_on": _iso(people, 8)}])


def leaders(people: People) -> list[tuple[int, int]]:
    """Who leads which team today: the person and the team."""
    today = np.full(len(people.team_names), people.calendar.today)
    teams = np.arange(1, len(people.team_names) + 1)
    return list(zip(people.leader_at(teams, today).tolist(), teams.tolist(), strict=True))


def _iso(people: People, offset: int) -> str:
    return day(people.calendar.today + offset).isoformat()


def _users(people: People) -> Rows:
    count = len(people.names) - 1
    persons = np.arange(1, count + 1)
    today = np.full(count, people.calendar.today)
    demo = persons <= ADA
    secret = hash_secret(PASSWORD.encode(), SALT, time_cost=3, memory_cost=65_536, parallelism=4, hash_len=32, type=Type.ID).decode()
    department = np.where(persons == XIA, 1, np.where(persons == people.helper, 2, 0))
    return table(
        User, count, login=given(_logins(people)), name=given(people.names[1:]), active=flags(people.leaves[persons] > today),
        password_hash=given([secret if one else None for one in demo]), must_change_password=flags(~demo), is_demo=flags(demo),
        team_id=reference(people.team_at(persons, today)), department_id=reference(department),
        language=given(["en" if person in ENGLISH else "zh" for person in persons.tolist()]),
        customer_limit=given([300 if person % 9 == 0 and people.is_rep[person] else None for person in persons.tolist()]),
    )  # fmt: skip


def _logins(people: People) -> list[str]:
    """The demo accounts' short names; for the others given name and surname, with a number where two have the same."""
    accounts = list(words("names")["accounts"])
    taken: dict[str, int] = dict.fromkeys(accounts, 1)
    logins = accounts[:]
    for name in people.names[ADA + 1 :]:
        surname = 2 if name[:2] in ("欧阳", "上官") else 1
        login = f"{''.join(lazy_pinyin(name[surname:]))}.{''.join(lazy_pinyin(name[:surname]))}"
        taken[login] = taken.get(login, 0) + 1
        logins.append(login if taken[login] == 1 else f"{login}{taken[login]}")
    return logins


def _roles(people: People) -> list[tuple[int, Role]]:
    special = {CHEN: Role.EXECUTIVE, MEI - 1: Role.FINANCE, MEI: Role.MARKETING, XIA: Role.SERVICE, ADA: Role.ADMINISTRATOR}
    special[people.helper] = Role.SERVICE
    leads = {*people.leader[1:].tolist(), *people.next_leader[1:].tolist()}
    roles = special | dict.fromkeys(leads, Role.TEAM_LEAD) | dict.fromkeys(people.reps.tolist(), Role.REP)
    return sorted(roles.items())


def strengths(company: Company) -> Rows:
    """A product, an industry and the team's region of every rep; behind the products."""
    people, rng = company.people, company.dice.of("strengths")
    products, industries = company.catalogue.products, sorted(set(places().industries.tolist()))
    found: list[dict[str, Any]] = []
    for rep in people.reps.tolist():
        product, industry = int(rng.integers(len(products))), int(rng.integers(len(industries)))
        region = places().regions[int(people.team_regions[people.team[rep]])]
        found.append({"user_id": rep, "kind": StrengthKind.PRODUCT.value, "value": products[product]["name"], "product_id": product + 1})
        found.append({"user_id": rep, "kind": StrengthKind.INDUSTRY.value, "value": industries[industry], "product_id": None})
        found.append({"user_id": rep, "kind": StrengthKind.REGION.value, "value": region, "product_id": None})
    return listed(UserStrength, found)


def _memberships(people: People) -> Rows:
    """Who belonged to which team from when until when."""
    persons = np.flatnonzero(people.team > 0)
    until = np.minimum(people.leaves[persons], people.moves[persons])
    movers = persons[people.moves[persons] < FAR]
    person = np.r_[persons, movers]
    team = np.r_[people.team[persons], people.next_team[movers]]
    since = np.r_[people.joins[persons], people.moves[movers]]
    until = np.r_[until, people.leaves[movers]]
    order = np.lexsort((since, person))
    return table(
        TeamMembership, len(person), user_id=reference(person[order]), team_id=reference(team[order]), from_on=days(since[order]),
        until_on=days(_ended(until[order])),
    )  # fmt: skip


def _ended(until: Ints) -> Ints:
    return np.where(until == FAR, -1, until)
