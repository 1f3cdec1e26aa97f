"""The demo company's people: teams, leads, reps who come, move and leave, and who is there to take something over on a day.

People are numbered as their ids; arrays by person have an unused place 0, which stands for nobody.
"""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np

from crm.demo.calendar import FAR, Calendar
from crm.demo.dice import Dice, Floats, Generator, Ints, Mask, draw, quota
from crm.demo.lists import words
from crm.demo.names import colleagues, places

CHEN, LIN, WANG, SUN, ZHAO, FANG, MEI, XIA, ADA = range(1, 10)
"""The people whom one can sign in as."""

EAST, WEST, FALLEN = 1, 2, 3
"""The teams of Lin and Sun, and the one that falls apart after its lead has left."""

TEAMS_AT_1, REPS_AT_1 = 60, 1000
LEAST_TEAMS, LEAST_REPS = 4, 12
COLLAPSE_AGO, VACANT = 430, 110
"""The lead of the fallen team left so many days before today, and for so many days nobody followed."""


VETERAN_LEFT_AGO = 160
"""A rep of Lin's team, with many contracts under way, left so many days before today."""


@dataclass(frozen=True)
class Sizes:
    """How large the company is at a scale."""

    scale: float

    @property
    def teams(self) -> int:
        return max(LEAST_TEAMS, round(TEAMS_AT_1 * self.scale))

    @property
    def reps(self) -> int:
        return max(LEAST_REPS, round(REPS_AT_1 * self.scale))

    @property
    def leads(self) -> int:
        return max(1200, round(2_000_000 * self.scale))

    @property
    def opportunities(self) -> int:
        return max(600, round(1_000_000 * self.scale))


@dataclass(frozen=True)
class People:
    """Who works here. `team`, `next_team`, `moves`: a rep's team, and the other one from a day on; `FAR` where that never comes."""

    calendar: Calendar
    team_names: list[str]
    team_regions: Ints
    names: list[str]
    is_rep: Ints
    skill: Floats
    team: Ints
    next_team: Ints
    moves: Ints
    joins: Ints
    leaves: Ints
    leader: Ints
    next_leader: Ints
    leader_until: Ints
    next_leader_from: Ints

    @property
    def reps(self) -> Ints:
        return np.flatnonzero(self.is_rep)

    def team_at(self, person: Ints, day: Ints) -> Ints:
        """Each person's team on a day; 0 for nobody."""
        return np.where(day >= self.moves[person], self.next_team[person], self.team[person])

    def leader_at(self, team: Ints, day: Ints) -> Ints:
        """Who leads each team on a day: the executive where nobody does, or where there is no team."""
        first = day < self.leader_until[team]
        later = day >= self.next_leader_from[team]
        found = np.where(first, self.leader[team], np.where(later, self.next_leader[team], CHEN))
        return np.where(team > 0, found, CHEN)

    def fallen(self, team: Ints, day: Ints) -> Mask:
        """Where the team is the one that fell apart, after the day on which its lead left."""
        return np.asarray((team == FALLEN) & (day >= self.calendar.today - COLLAPSE_AGO))

    @property
    def helper(self) -> int:
        """The second person of service, in another department than Xia."""
        return int(self.reps[2]) - 1

    @cached_property
    def roster(self) -> "Roster":
        return Roster(self)


class Roster:
    """For every month the reps who are there from its first to its last day, by team, with how much falls to each."""

    def __init__(self, people: People) -> None:
        self._calendar, starts = people.calendar, people.calendar.month_starts()
        self._months = [self._month(people, start, end) for start, end in pairwise(starts)]

    @staticmethod
    def _month(people: People, start: np.int64, end: np.int64) -> tuple[Ints, Ints, Floats]:
        """Reps in order of team, the place at which each team begins, and their heights."""
        reps = people.reps
        reps = reps[(people.joins[reps] <= start) & (people.leaves[reps] >= end)]
        team = people.team_at(reps, np.full(len(reps), start))
        order = np.argsort(team, kind="stable")
        reps, team = reps[order], team[order]
        practised = np.clip((start - people.joins[reps]) / 240, 0.35, 1.0)
        weight = np.sqrt(people.skill[reps]) * practised * np.where(people.fallen(team, np.full(len(reps), start)), 0.35, 1.0)
        return reps, np.searchsorted(team, np.arange(len(people.team_names) + 2)), np.r_[0.0, np.cumsum(weight)]

    def anybody(self, rng: Generator, days: Ints) -> Ints:
        """A rep of any team for each day."""
        return self.of_team(rng, np.zeros(len(days), dtype=np.int64), days)

    def of_team(self, rng: Generator, teams: Ints, days: Ints) -> Ints:
        """A rep of each team for each day (team 0: of any)."""
        chance, found = rng.random(len(days)), np.zeros(len(days), dtype=np.int64)
        month = self._calendar.month_of(days)
        order = np.argsort(month, kind="stable")
        edges = np.searchsorted(month[order], np.arange(len(self._months) + 1))
        for number, (reps, begins, heights) in enumerate(self._months):
            rows = order[edges[number] : edges[number + 1]]
            team = teams[rows]
            low = heights[begins[team]]
            high = np.where(team > 0, heights[begins[np.minimum(team + 1, len(begins) - 1)]], heights[-1])
            place = np.searchsorted(heights, low + chance[rows] * (high - low), side="right") - 1
            found[rows] = reps[place.clip(0, len(reps) - 1)]
        return found


def make(dice: Dice, sizes: Sizes, calendar: Calendar) -> People:
    """The people of a company of this size."""
    rng = dice.of("people")
    teams, count = sizes.teams, sizes.reps
    first_rep = ADA + 1 + (teams - 2) + 2
    size = first_rep + count - 2
    reps = np.r_[WANG, ZHAO, np.arange(first_rep, size)]
    team, anchors = _seats(rng, reps, teams, size)
    joins, leaves = _comings_and_goings(rng, calendar, reps, team, anchors, size)
    next_team, moves = _moves(rng, calendar, reps, team, joins, leaves, anchors, size)
    leaders = _leaders(calendar, teams, leaves)
    team[leaders[0]] = next_team[leaders[0]] = np.arange(teams + 1)
    team[leaders[1]] = next_team[leaders[1]] = np.arange(teams + 1)
    skill = np.zeros(size)
    skill[reps] = np.exp(rng.normal(0.0, 0.55, len(reps)))
    skill[[WANG, ZHAO]] = 1.5, 1.2
    is_rep = np.zeros(size, dtype=np.int64)
    is_rep[reps] = 1
    return People(
        calendar, *_teams(teams), _names(rng, size), is_rep, skill, team, next_team, moves, joins, leaves, *leaders,
    )  # fmt: skip


def _names(rng: Generator, size: int) -> list[str]:
    accounts = [name for name, _ in words("names")["accounts"].values()]
    return ["", *accounts, *colleagues(rng, size - ADA - 1, accounts)]


def _teams(count: int) -> tuple[list[str], Ints]:
    """The teams' names, and the region that each one works in: first one for each region, then one for each city, then more."""
    tables = places()
    named = [(region, number) for number, region in enumerate(tables.regions)]
    named = named[:4] if count <= 4 else named
    cities = np.argsort(-tables.weights, kind="stable")
    ordinals = [f"{n}部" for n in ("一", "二", "三", "四", "五", "六", "七", "八", "九", "十")]
    named += [(f"{tables.cities[city]}{ordinal}", int(tables.region_of[city])) for ordinal in ordinals for city in cities]
    return [name for name, _ in named[:count]], np.array([0, *(region for _, region in named[:count])])


def _seats(rng: Generator, reps: Ints, teams: int, size: int) -> tuple[Ints, Ints]:
    """Each rep's team, a few of them large; and one rep of every team who is always there."""
    weights = 1.0 / (np.arange(teams) + 1.5) ** 0.8
    seats = np.r_[np.arange(1, teams + 1), np.arange(1, teams + 1)]
    seats = np.r_[seats, draw(rng, weights, max(len(reps) - len(seats), 0)) + 1][: len(reps)]
    team = np.zeros(size, dtype=np.int64)
    team[reps] = seats
    return team, reps[:teams]


def _comings_and_goings(rng: Generator, calendar: Calendar, reps: Ints, team: Ints, anchors: Ints, size: int) -> tuple[Ints, Ints]:
    joins, leaves = np.full(size, calendar.first - 400), np.full(size, FAR)
    span = calendar.today - calendar.first
    late = rng.random(len(reps)) < 0.5
    joins[reps] = np.where(
        late,
        calendar.first + (span * np.sqrt(rng.random(len(reps))) * 0.94).astype(np.int64),
        calendar.first - rng.integers(40, 1800, len(reps)),
    )
    veteran = reps[len(anchors)]
    early = np.r_[anchors, veteran, reps[len(anchors) + FALLEN - 1]]
    joins[early] = calendar.first - rng.integers(200, 1500, len(early))
    stays = np.isin(reps, [*anchors, veteran])
    room = calendar.today - 40 - (joins[reps] + 240)
    left = joins[reps] + 240 + (rng.random(len(reps)) * np.maximum(room, 1)).astype(np.int64)
    leavers = quota(rng, ~stays & (room > 60) & (team[reps] != FALLEN), 0.14, 1)
    leaves[reps[leavers]] = left[leavers]
    collapse = calendar.today - COLLAPSE_AGO
    shaken = quota(rng, ~stays & (team[reps] == FALLEN) & (joins[reps] < collapse - 100), 0.55, 1)
    leaves[veteran] = calendar.today - VETERAN_LEFT_AGO
    leaves[reps[shaken]] = collapse + rng.integers(20, 160, int(shaken.sum()))
    return joins, leaves


def _moves(
    rng: Generator, calendar: Calendar, reps: Ints, team: Ints, joins: Ints, leaves: Ints, anchors: Ints, size: int
) -> tuple[Ints, Ints]:
    """The reps who change team, on the first of a month, with their customers."""
    next_team, moves = team.copy(), np.full(size, FAR)
    earliest = np.maximum(joins[reps], calendar.first) + 200
    able = ~np.isin(reps, anchors) & (leaves[reps] == FAR) & (earliest < calendar.today - 90)
    movers = quota(rng, able, 0.04, 1)
    chosen = reps[movers]
    wanted = rng.integers(earliest[movers], calendar.today - 60) if len(chosen) else np.zeros(0, dtype=np.int64)
    starts = calendar.month_starts()
    moves[chosen] = starts[np.searchsorted(starts, wanted, side="right") - 1]
    teams = int(team.max())
    next_team[chosen] = (team[chosen] - 1 + rng.integers(1, teams, len(chosen))) % teams + 1
    return next_team, moves


def _leaders(calendar: Calendar, teams: int, leaves: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Each team's lead; the fallen team's leaves, and after a while another follows."""
    leader = np.r_[0, LIN, SUN, np.arange(ADA + 1, ADA + 1 + teams - 2)]
    next_leader, until, later = leader.copy(), np.full(teams + 1, FAR), np.full(teams + 1, FAR)
    next_leader[FALLEN] = ADA + 1 + teams - 2
    until[FALLEN] = calendar.today - COLLAPSE_AGO
    later[FALLEN] = until[FALLEN] + VACANT
    leaves[leader[FALLEN]] = until[FALLEN]
    return leader, next_leader, until, later
