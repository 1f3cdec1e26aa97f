"""Who may do what: the role table, as data. How far each letter reaches is said beside it; roles add up (`crm.scope`).

One policy for forms, reports, exports, files, search and the command line. What is not in the table is not allowed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from crm.vocabulary import Kind, Permission, Reach, Role

P = Permission


@dataclass(frozen=True, slots=True)
class Grant:
    """What one role may do with one kind of record, and with which of its rows."""

    reach: Reach
    permissions: frozenset[Permission]


def _may(reach: Reach, *permissions: Permission) -> Grant:
    return Grant(reach, frozenset(permissions))


OWN, TEAMS, COMPANY, AGGREGATE = Reach.OWN, Reach.TEAMS, Reach.COMPANY, Reach.AGGREGATE

ROLES: Mapping[Role, Mapping[Kind, Grant]] = {
    Role.REP: {
        Kind.LEAD: _may(OWN, P.READ, P.CREATE, P.UPDATE, P.CONVERT),
        Kind.CUSTOMER: _may(OWN, P.READ, P.UPDATE),
        Kind.OPPORTUNITY: _may(OWN, P.READ, P.CREATE, P.UPDATE, P.CLOSE),
        Kind.FOLLOW_UP: _may(OWN, P.READ, P.CREATE),
        Kind.COMMENT: _may(OWN, P.READ, P.REPLY),
        Kind.QUOTE: _may(OWN, P.READ, P.CREATE, P.UPDATE, P.SUBMIT),
        Kind.CONTRACT: _may(OWN, P.READ, P.CREATE, P.SIGN),
        Kind.PAYMENT_PLAN: _may(OWN, P.READ, P.CREATE, P.PROPOSE),
        Kind.RECEIPT: _may(OWN, P.READ),
        Kind.COST: _may(OWN, P.READ),
        Kind.COMPETITOR: _may(COMPANY, P.READ, P.CREATE),
        Kind.TARGET: _may(OWN, P.READ),
        Kind.SOURCE: _may(COMPANY, P.READ),
        Kind.PROBLEM: _may(OWN, P.READ),
    },
    Role.TEAM_LEAD: {
        Kind.LEAD: _may(TEAMS, P.READ, P.CREATE, P.UPDATE, P.ASSIGN, P.EXPORT, P.CONVERT),
        Kind.CUSTOMER: _may(TEAMS, P.READ, P.UPDATE, P.ASSIGN, P.EXPORT, P.MERGE),
        Kind.OPPORTUNITY: _may(
            TEAMS, P.READ, P.CREATE, P.UPDATE, P.ASSIGN, P.EXPORT, P.CLOSE, P.REOPEN, P.GRANT, P.PUBLISH, P.DEPUTE
        ),
        Kind.FOLLOW_UP: _may(TEAMS, P.READ, P.CREATE),
        Kind.COMMENT: _may(TEAMS, P.READ, P.CREATE, P.REPLY, P.DECIDE),
        Kind.QUOTE: _may(TEAMS, P.READ, P.CREATE, P.UPDATE, P.APPROVE, P.SUBMIT),
        Kind.CONTRACT: _may(TEAMS, P.READ, P.CREATE, P.SIGN, P.COMPLETE),
        Kind.PAYMENT_PLAN: _may(TEAMS, P.READ, P.CREATE, P.UPDATE),
        Kind.RECEIPT: _may(TEAMS, P.READ),
        Kind.COST: _may(TEAMS, P.READ, P.CREATE),
        Kind.COMPETITOR: _may(COMPANY, P.READ, P.CREATE, P.UPDATE),
        Kind.TARGET: _may(TEAMS, P.READ, P.CREATE, P.UPDATE),
        Kind.SOURCE: _may(COMPANY, P.READ),
        Kind.PROBLEM: _may(TEAMS, P.READ),
    },
    Role.EXECUTIVE: {
        Kind.LEAD: _may(COMPANY, P.READ, P.CREATE, P.UPDATE, P.ASSIGN, P.EXPORT, P.CONVERT),
        Kind.CUSTOMER: _may(COMPANY, P.READ, P.CREATE, P.UPDATE, P.ASSIGN, P.EXPORT, P.MERGE, P.ERASE),
        Kind.OPPORTUNITY: _may(
            COMPANY, P.READ, P.CREATE, P.UPDATE, P.ASSIGN, P.EXPORT, P.CLOSE, P.REOPEN, P.GRANT, P.PUBLISH, P.DEPUTE
        ),
        Kind.FOLLOW_UP: _may(COMPANY, P.READ, P.CREATE),
        Kind.COMMENT: _may(COMPANY, P.READ, P.CREATE, P.REPLY, P.DECIDE),
        Kind.QUOTE: _may(COMPANY, P.READ, P.APPROVE),
        Kind.CONTRACT: _may(COMPANY, P.READ, P.VOID, P.AMEND, P.EXPORT),
        Kind.PAYMENT_PLAN: _may(COMPANY, P.READ),
        Kind.RECEIPT: _may(COMPANY, P.READ, P.EXPORT, P.REOPEN),
        Kind.COST: _may(COMPANY, P.READ, P.EXPORT),
        Kind.COMPETITOR: _may(COMPANY, P.READ, P.CREATE, P.UPDATE),
        Kind.TARGET: _may(COMPANY, P.READ, P.CREATE, P.UPDATE),
        Kind.SOURCE: _may(COMPANY, P.READ),
        Kind.PROBLEM: _may(COMPANY, P.READ),
        Kind.AUDIT: _may(COMPANY, P.READ),
    },
    Role.MARKETING: {
        Kind.LEAD: _may(COMPANY, P.READ, P.CREATE, P.UPDATE, P.ASSIGN, P.EXPORT, P.CONVERT, P.IMPORT),
        Kind.OPPORTUNITY: _may(AGGREGATE),
        Kind.CONTRACT: _may(AGGREGATE),
        Kind.RECEIPT: _may(AGGREGATE),
        Kind.COMPETITOR: _may(COMPANY, P.READ),
        Kind.SOURCE: _may(COMPANY, P.READ, P.CREATE, P.UPDATE, P.EXPORT),
    },
    Role.FINANCE: {
        Kind.CUSTOMER: _may(COMPANY, P.READ),
        Kind.QUOTE: _may(COMPANY, P.READ),
        Kind.CONTRACT: _may(COMPANY, P.READ, P.EXPORT, P.COMPLETE),
        Kind.PAYMENT_PLAN: _may(COMPANY, P.READ, P.CREATE, P.UPDATE, P.EXPORT),
        Kind.RECEIPT: _may(COMPANY, P.READ, P.CREATE, P.CANCEL, P.EXPORT, P.CLOSE),
        Kind.COST: _may(COMPANY, P.READ, P.CREATE, P.UPDATE, P.EXPORT),
        Kind.TARGET: _may(COMPANY, P.READ),
    },
    Role.SERVICE: {
        Kind.PROBLEM: _may(COMPANY, P.READ, P.UPDATE),
    },
    Role.ADMINISTRATOR: {
        Kind.LEAD: _may(Reach.NOTHING, P.IMPORT),
        Kind.OPPORTUNITY: _may(Reach.NOTHING, P.IMPORT),
        Kind.CUSTOMER: _may(Reach.NOTHING, P.IMPORT, P.ERASE),
        Kind.CONTRACT: _may(Reach.NOTHING, P.IMPORT),
        Kind.COMPETITOR: _may(COMPANY, P.READ, P.CREATE, P.UPDATE),
        Kind.SOURCE: _may(COMPANY, P.READ, P.CREATE, P.UPDATE),
        Kind.MASTER: _may(COMPANY, P.READ, P.CREATE, P.UPDATE, P.IMPORT),
        Kind.AUDIT: _may(COMPANY, P.READ, P.EXPORT),
    },
}
"""The table of records × roles. A team lead who also sells holds both roles; a person's grants are the union.

The service department's problems are narrowed to those addressed to it (`crm.scope`), which is why its reach says company.
Marketing may import leads ("leads also by who may"): it is who receives the lists of fairs and campaigns. Closing and reopening
speak of a month's receipts and of all else that is dated in it; naming a deputy stands with opportunities and speaks of all that one leads.
"""


def permissions_of(roles: Iterable[Role]) -> Mapping[Kind, frozenset[Permission]]:
    """What people with these roles may do, per kind of record."""
    merged: dict[Kind, frozenset[Permission]] = {}
    for role in roles:
        for kind, grant in ROLES[role].items():
            merged[kind] = merged.get(kind, frozenset()) | grant.permissions
    return merged


WIDTH = (Reach.NOTHING, Reach.OWN, Reach.TEAMS, Reach.COMPANY)
"""Reaches over rows, from narrow to wide."""


def reach_of(roles: Iterable[Role]) -> tuple[Mapping[Kind, Reach], frozenset[Kind]]:
    """How far people with these roles see rows of each kind, and the kinds of which they see the company's counts and sums."""
    rows: dict[Kind, Reach] = {}
    aggregate: set[Kind] = set()
    for role in roles:
        for kind, grant in ROLES[role].items():
            if grant.reach is Reach.AGGREGATE:
                aggregate.add(kind)
            else:
                rows[kind] = max(rows.get(kind, Reach.NOTHING), grant.reach, key=WIDTH.index)
    return rows, frozenset(aggregate)
