"""Whose each customer was, and when: assignments in order of time, with what leavers hand over and movers take along."""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import FAR
from crm.demo.dice import Generator, Ints
from crm.demo.people import People

INITIAL, AT_ONCE, TO_TEAM, TO_REP, WITHIN_TEAM, OTHER_TEAM, TO_POOL, FROM_POOL, HANDED_OVER, MOVED_ALONG = range(10)
"""What kind of assignment it was."""


@dataclass(frozen=True)
class Events:
    """Assignments: customer (row), day, kind, and whose it is from then on; 0 is nobody."""

    customer: Ints
    day: Ints
    kind: Ints
    team: Ints
    owner: Ints

    def __len__(self) -> int:
        return len(self.customer)

    def __getitem__(self, rows: Ints) -> "Events":
        return Events(self.customer[rows], self.day[rows], self.kind[rows], self.team[rows], self.owner[rows])


def joined(parts: list[Events]) -> Events:
    """All the events, in order of customer and day; what was planned first comes first within a day."""
    customer, day, kind, team, owner = (
        np.concatenate([getattr(part, name) for part in parts]) for name in ("customer", "day", "kind", "team", "owner")
    )
    return Events(customer, day, kind, team, owner)[np.lexsort((day, customer))]


class Timeline:
    """The assignments of all customers, to be asked for a day."""

    def __init__(self, events: Events) -> None:
        self.events = events
        self._key = _key(events.customer, events.day)

    def at(self, customer: Ints, day: Ints) -> tuple[Ints, Ints]:
        """Team and owner of each customer at the end of a day; 0 for none."""
        place = np.searchsorted(self._key, _key(customer, day), side="right") - 1
        found = (place >= 0) & (self.events.customer[place.clip(0)] == customer)
        return np.where(found, self.events.team[place], 0), np.where(found, self.events.owner[place], 0)

    def between(self, customer: Ints, after: Ints, before: Ints) -> tuple[Ints, Ints]:
        """The range of events of each customer later than `after` and earlier than `before`."""
        return np.searchsorted(self._key, _key(customer, after), side="right"), np.searchsorted(
            self._key, _key(customer, before), side="left"
        )

    def first_owned(self, customers: int) -> Ints:
        """The day on which each customer first had an owner; `FAR` where that is still to come."""
        owned = np.flatnonzero(self.events.owner > 0)
        first = np.full(customers, FAR)
        first[self.events.customer[owned][::-1]] = self.events.day[owned][::-1]
        return first


def _key(customer: Ints, day: Ints) -> Ints:
    return customer * 65_536 + day


def lived(rng: Generator, people: People, planned: list[Events]) -> Timeline:
    """The planned assignments up to today, with what follows from people who leave or change team."""
    today = people.calendar.today
    events = joined(planned)
    events = _changes(events[np.flatnonzero(events.day <= today)])
    while len(more := _consequences(rng, people, events)):
        events = joined([events, more])
    return Timeline(_changes(events))


def _consequences(rng: Generator, people: People, events: Events) -> Events:
    """For each span of an owner who leaves or moves within it, the assignment that this makes necessary."""
    same = np.r_[events.customer[1:] == events.customer[:-1], False] if len(events) else np.zeros(0, dtype=np.bool_)
    until = np.where(same, np.r_[events.day[1:], 0], people.calendar.today + 1)
    leaves, moves = people.leaves[events.owner], people.moves[events.owner]
    moves = np.where(moves > events.day, moves, FAR)
    when = np.minimum(leaves, moves)
    rows = np.flatnonzero((events.owner > 0) & (when < until))
    left, moved = rows[leaves[rows] <= moves[rows]], rows[leaves[rows] > moves[rows]]
    team = people.team_at(events.owner[left], leaves[left])
    successor = people.roster.of_team(rng, team, leaves[left])
    handed = Events(events.customer[left], leaves[left], np.full(len(left), HANDED_OVER), team, successor)
    along = Events(
        events.customer[moved], moves[moved], np.full(len(moved), MOVED_ALONG), people.next_team[events.owner[moved]], events.owner[moved]
    )
    return joined([handed, along])


def _changes(events: Events) -> Events:
    """Without the assignments that change nothing."""
    before_team, before_owner = previous(events)
    changed = (events.team != before_team) | (events.owner != before_owner) | (events.kind == INITIAL)
    return events[np.flatnonzero(changed)]


def previous(events: Events) -> tuple[Ints, Ints]:
    """Team and owner before each event; 0 for none."""
    first = np.r_[True, events.customer[1:] != events.customer[:-1]][: len(events)]
    return np.where(first, 0, np.r_[0, events.team[:-1]][: len(events)]), np.where(first, 0, np.r_[0, events.owner[:-1]][: len(events)])
