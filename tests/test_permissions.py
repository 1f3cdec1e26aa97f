"""The permission table as the business wrote it, letter by letter; the code's table is held against this transcription."""

import pytest

from crm.permissions import ROLES, permissions_of, reach_of
from crm.vocabulary import Kind, Permission, Reach, Role

LETTERS = {
    "R": Permission.READ, "C": Permission.CREATE, "U": Permission.UPDATE, "A": Permission.ASSIGN, "P": Permission.APPROVE,
    "X": Permission.EXPORT, "import": Permission.IMPORT, "reply": Permission.REPLY, "void": Permission.VOID,
    "cancel": Permission.CANCEL, "propose": Permission.PROPOSE,
}  # fmt: skip

FAR = {"own": Reach.OWN, "team": Reach.TEAMS, "all": Reach.COMPANY, "sum": Reach.AGGREGATE, "none": Reach.NOTHING}

COLUMNS = (Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE, Role.MARKETING, Role.FINANCE, Role.SERVICE, Role.ADMINISTRATOR)

RECORDS = """
    record       | rep             | team lead      | executive     | marketing            | finance          | service | administrator
    lead         | own R C U       | team R C U A X | all R C U A X | all R C U A X import | -                | -       | none import
    customer     | own R U         | team R U A X   | all R C U A X | -                    | all R            | -       | none import
    opportunity  | own R C U       | team R C U A X | all R C U A X | sum                  | -                | -       | none import
    follow_up    | own R C         | team R C       | all R C       | -                    | -                | -       | -
    comment      | own R reply     | team R C reply | all R C reply | -                    | -                | -       | -
    quote        | own R C U       | team R C U P   | all R P       | -                    | all R            | -       | -
    contract     | own R C         | team R C       | all R void X  | sum                  | all R X          | -       | none import
    payment_plan | own R C propose | team R C U     | all R         | -                    | all R C U X      | -       | -
    receipt      | own R           | team R         | all R X       | sum                  | all R C cancel X | -       | -
    cost         | own R           | team R C       | all R X       | -                    | all R C U X      | -       | -
    problem      | own R           | team R         | all R         | -                    | -                | all R U | -
    competitor   | all R C         | all R C U      | all R C U     | all R                | -                | -       | all R C U
    target       | own R           | team R C U     | all R C U     | -                    | all R            | -       | -
    source       | all R           | all R          | all R         | all R C U X          | -                | -       | all R C U
    master       | -               | -              | -             | -                    | -                | -       | all R C U import
    audit        | -               | -              | all R         | -                    | -                | -       | all R X
"""
"""Per record and role: how far, and which letters. A dash: nothing at all."""

ACTS = {
    (Kind.LEAD, Permission.CONVERT): {Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE, Role.MARKETING},
    (Kind.OPPORTUNITY, Permission.CLOSE): {Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE},
    (Kind.OPPORTUNITY, Permission.REOPEN): {Role.TEAM_LEAD, Role.EXECUTIVE},
    (Kind.OPPORTUNITY, Permission.GRANT): {Role.TEAM_LEAD, Role.EXECUTIVE},
    (Kind.OPPORTUNITY, Permission.PUBLISH): {Role.TEAM_LEAD, Role.EXECUTIVE},
    (Kind.OPPORTUNITY, Permission.DEPUTE): {Role.TEAM_LEAD, Role.EXECUTIVE},
    (Kind.CUSTOMER, Permission.MERGE): {Role.TEAM_LEAD, Role.EXECUTIVE},
    (Kind.CUSTOMER, Permission.ERASE): {Role.EXECUTIVE, Role.ADMINISTRATOR},
    (Kind.COMMENT, Permission.DECIDE): {Role.TEAM_LEAD, Role.EXECUTIVE},
    (Kind.QUOTE, Permission.SUBMIT): {Role.REP, Role.TEAM_LEAD},
    (Kind.CONTRACT, Permission.SIGN): {Role.REP, Role.TEAM_LEAD},
    (Kind.CONTRACT, Permission.COMPLETE): {Role.TEAM_LEAD, Role.FINANCE},
    (Kind.CONTRACT, Permission.AMEND): {Role.EXECUTIVE},
    (Kind.RECEIPT, Permission.CLOSE): {Role.FINANCE},
    (Kind.RECEIPT, Permission.REOPEN): {Role.EXECUTIVE},
}
"""The acts that are more than a letter, and who they are for. The last two are the closing of a month."""


def cells() -> list[tuple[Kind, Role, str]]:
    """The transcription, cell by cell."""
    lines = [[cell.strip() for cell in line.split("|")] for line in RECORDS.strip().splitlines()[1:]]
    return [(Kind(kind), role, cell) for kind, *row in lines for role, cell in zip(COLUMNS, row, strict=True)]


@pytest.mark.parametrize(("kind", "role", "cell"), cells())
def test_the_letters_of_each_role(kind: Kind, role: Role, cell: str) -> None:
    grant = ROLES[role].get(kind)
    if cell == "-":
        assert grant is None
        return
    assert grant is not None
    reach, *letters = cell.split()
    assert grant.reach is FAR[reach]
    assert grant.permissions & set(LETTERS.values()) == {LETTERS[letter] for letter in letters}


def test_every_kind_and_every_role_is_in_the_table() -> None:
    assert {kind for kind, *_ in cells()} == set(Kind)
    assert {role for _, role, _ in cells()} == set(Role) == set(ROLES)


@pytest.mark.parametrize("act", ACTS)
def test_acts_that_are_more_than_a_letter(act: tuple[Kind, Permission]) -> None:
    kind, permission = act
    assert {role for role in Role if permission in permissions_of([role]).get(kind, frozenset())} == ACTS[act]


def test_there_are_no_other_acts() -> None:
    granted = {(kind, permission) for grants in ROLES.values() for kind, grant in grants.items() for permission in grant.permissions}
    assert {(kind, permission) for kind, permission in granted if permission not in LETTERS.values()} == set(ACTS)


def test_roles_add_up() -> None:
    reach, aggregate = reach_of([Role.REP, Role.FINANCE, Role.MARKETING])
    assert (reach[Kind.OPPORTUNITY], reach[Kind.CONTRACT], reach[Kind.LEAD]) == (Reach.OWN, Reach.COMPANY, Reach.COMPANY)
    assert aggregate == {Kind.OPPORTUNITY, Kind.CONTRACT, Kind.RECEIPT}
    assert permissions_of([Role.REP, Role.FINANCE])[Kind.CONTRACT] == {
        Permission.READ, Permission.CREATE, Permission.SIGN, Permission.EXPORT, Permission.COMPLETE,
    }  # fmt: skip


def test_who_has_no_role_may_nothing() -> None:
    assert (permissions_of([]), reach_of([])) == ({}, ({}, frozenset()))
