"""What the demo company's people write: follow-ups with problems, comments with decisions, and whom they met as competitors."""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import NEVER, Calendar, workday
from crm.demo.catalogue import Catalogue
from crm.demo.dice import Dice, Floats, Generator, Ints, Mask, draw, quota, spread_out, tailed
from crm.demo.lists import words
from crm.demo.lives import OPEN, Lives
from crm.demo.offers import Offers
from crm.demo.openings import Openings
from crm.demo.people import LIN, SUN, WANG, XIA, ZHAO, People
from crm.demo.quotes import Quotes
from crm.demo.story import Story

ADVICE, QUESTION, DECISION, REPLY = range(4)
"""Codes of the kinds of comment, in the order of `CommentKind`."""

ATTENTION = 80
"""Days after which an opportunity that leads nowhere is mostly forgotten."""

UNSOLVED = 120
"""Days for which a customer's problem stays unsolved at most."""

OVERDUE = 6
"""Days by which a next step of an open opportunity is late at most."""


@dataclass(frozen=True)
class FollowUps:
    """One row per follow-up, in order of writing; the id is the row + 1. `problem`: code of its text, `NEVER` for none."""

    opportunity: Ints
    by: Ints
    team: Ints
    day: Ints
    recorded: Ints
    method: Ints
    feedback: Ints
    next_step: Ints
    next_on: Ints
    problem: Ints
    department: Ints
    solved: Ints
    solved_by: Ints
    edited: Mask

    def __len__(self) -> int:
        return len(self.opportunity)

    def latest(self, opportunities: int) -> tuple[Ints, Ints]:
        """For each opportunity the latest day of a follow-up, and the row of the one written last; `NEVER` without."""
        day, row = np.full(opportunities, NEVER), np.full(opportunities, NEVER)
        np.maximum.at(day, self.opportunity, self.day)
        row[self.opportunity] = np.arange(len(self))
        return day, row


@dataclass(frozen=True)
class Comments:
    """One row per comment, in order of time; the id is the row + 1. `follow_up`, `answers`: rows, `NEVER` for none."""

    opportunity: Ints
    follow_up: Ints
    answers: Ints
    by: Ints
    day: Ints
    kind: Ints
    discount: Ints

    def __len__(self) -> int:
        return len(self.opportunity)


@dataclass(frozen=True)
class Encounters:
    """One row per competition record, in order of time; the id is the row + 1."""

    opportunity: Ints
    competitor: Ints
    by: Ints
    day: Ints
    price: Ints
    product: Ints

    def __len__(self) -> int:
        return len(self.opportunity)


def follow_up(dice: Dice, calendar: Calendar, people: People, openings: Openings, lives: Lives, story: Story) -> FollowUps:
    """Every follow-up up to today."""
    rng, today = dice.of("follow-ups"), calendar.today
    opportunity, day = _days(rng, people, openings, lives, today)
    late = np.where(rng.random(len(day)) < 0.04, rng.integers(1, 4, len(day)), 0)
    recorded = np.minimum(day + late, today)
    place = story.at(opportunity, day)
    kept = np.flatnonzero(story.owner[place] > 0)
    kept = kept[np.lexsort((day[kept], opportunity[kept], recorded[kept]))]
    opportunity, day, recorded, place = opportunity[kept], day[kept], recorded[kept], place[kept]
    size, talk = len(kept), words("talk")
    troubled = quota(rng, recorded < today, 0.012, 10)
    department = np.where(troubled, draw(rng, (40, 30, 20, 10), size) + 1, 0)
    solved = recorded + 1 + tailed(rng, 4.0, 0.9, size).astype(np.int64)
    fresh = recorded >= max(int(np.quantile(recorded[troubled], 0.85)), today - UNSOLVED)
    solved = np.where(troubled & (solved <= today) & ~(fresh & (rng.random(size) < 0.65)), solved, NEVER)
    helper = np.where(department == 1, XIA, np.where(department == 2, people.helper, story.owner[place]))
    plans = rng.random(size) < 0.7
    retired = recorded > today - 900
    methods = [weight for _, weight, _ in words("master")["methods"]["list"]]
    method = np.where(retired, draw(rng, methods[:-1], size), draw(rng, methods, size)) + 1
    feedback, step = rng.integers(0, len(talk["feedback"]), size), np.where(plans, rng.integers(0, len(talk["next_step"]), size), NEVER)
    step, step_on = _steps(dice, today, story, opportunity, day, step, np.where(plans, workday(day + rng.integers(2, 20, size)), NEVER))
    return FollowUps(
        opportunity, story.owner[place], story.team[place], day, recorded, method, feedback, step, step_on,
        np.where(troubled, rng.integers(0, len(talk["problem"]), size), NEVER), department, solved, np.where(solved > 0, helper, 0),
        quota(rng, recorded < today, 0.001, 3),
    )  # fmt: skip


def _steps(dice: Dice, today: int, story: Story, opportunity: Ints, day: Ints, step: Ints, step_on: Ints) -> tuple[Ints, Ints]:
    """The next steps as they are once we look at what is open today: nobody plans on what was forgotten, and where somebody can sign in
    and look, what was spoken of lately has a next step of these days."""
    rng, latest = dice.of("next steps"), np.full(len(story.last), NEVER)
    latest[opportunity] = np.arange(len(opportunity))
    rows = latest[(latest >= 0) & (story.status[story.last] == OPEN)]
    step, step_on = step.copy(), step_on.copy()
    forgotten = rows[step_on[rows] < today - OVERDUE]
    step[forgotten] = step_on[forgotten] = NEVER
    looked_at = rows[np.isin(story.owner[story.last][opportunity[rows]], (LIN, WANG, SUN, ZHAO)) & (day[rows] >= today - ATTENTION)]
    step[looked_at] = np.where(step[looked_at] < 0, rng.integers(0, len(words("talk")["next_step"]), len(looked_at)), step[looked_at])
    step_on[looked_at] = workday(np.maximum(today + rng.integers(-OVERDUE, 12, len(looked_at)), day[looked_at] + 1))
    return step, step_on


def _days(rng: Generator, people: People, openings: Openings, lives: Lives, today: int) -> tuple[Ints, Ints]:
    """Which opportunity is followed up when: the longer it takes the more often, less in a team that has fallen apart."""
    begun = np.flatnonzero(openings.starts <= today)
    start = openings.starts[begun]
    forgotten = start + (ATTENTION * rng.uniform(0.3, 1.3, len(begun))).astype(np.int64)
    until = np.where(
        lives.close[begun] > 0, lives.close[begun], np.minimum(np.where(rng.random(len(begun)) < 0.9, forgotten, today), today)
    )
    low = people.fallen(openings.customers.timeline.at(openings.customer[begun], start)[0], start)
    count: Floats = (1.0 + np.sqrt(until - start) * 0.3) * np.where(low, 0.5, 1.0)
    first, first_day = _between(rng, begun, start, until, rng.poisson(count))
    again = np.flatnonzero((lives.back > 0) & (lives.back_to == OPEN))
    end = np.where(lives.close_again[again] > 0, lives.close_again[again], today)
    second, second_day = _between(rng, again, lives.back[again], end, rng.integers(1, 4, len(again)))
    return np.r_[first, second], np.r_[first_day, second_day]


def _between(rng: Generator, rows: Ints, start: Ints, until: Ints, count: Ints) -> tuple[Ints, Ints]:
    """So many working days of each span."""
    row, _ = spread_out(np.zeros(len(rows), dtype=np.int64), count)
    day = workday(start[row] + (rng.random(len(row)) * (until - start)[row]).astype(np.int64))
    return rows[row], np.clip(day, start[row], until[row])


def comment(dice: Dice, people: People, follow_ups: FollowUps, quotes: Quotes, offers: Offers, story: Story) -> tuple[Comments, Ints]:
    """Comments by leads with answers, and for each quote the row of the decision that it follows (`NEVER` without)."""
    rng, today = dice.of("comments"), people.calendar.today
    said = np.flatnonzero(quota(rng, follow_ups.recorded < today - 2, 0.02, 30))
    opportunity, day = follow_ups.opportunity[said], np.minimum(follow_ups.recorded[said] + rng.integers(0, 3, len(said)), today)
    lead = people.leader_at(follow_ups.team[said], day)
    kind = np.where(rng.random(len(said)) < 0.6, ADVICE, QUESTION)
    answered = np.flatnonzero((rng.random(len(said)) < 0.55) & (lead != follow_ups.by[said]))
    reply_day = np.minimum(day[answered] + rng.integers(0, 3, len(answered)), today)
    based = np.flatnonzero(quotes.by_decision)
    of, decided = quotes.opportunity[based], np.maximum(quotes.created[based] - 1, 0)
    decider = people.leader_at(story.team[story.at(of, decided)], decided)
    none = np.full(len(answered), NEVER)
    columns = [
        np.r_[opportunity, opportunity[answered], of], np.r_[said, said[answered], np.full(len(of), NEVER)],
        np.r_[np.full(len(said), NEVER), answered, np.full(len(of), NEVER)], np.r_[lead, follow_ups.by[said][answered], decider],
        np.r_[day, reply_day, decided], np.r_[kind, none * 0 + REPLY, np.full(len(of), DECISION)],
        np.r_[np.full(len(said), NEVER), none, offers.more_off[of]],
    ]  # fmt: skip
    order = np.lexsort((columns[5] == REPLY, columns[0], columns[4]))
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    columns[2] = np.where(columns[2] >= 0, place[columns[2]], NEVER)
    decision = np.full(len(quotes), NEVER)
    decision[based] = place[len(said) + len(answered) :]
    return Comments(*(column[order] for column in columns)), decision


def meet(
    dice: Dice, calendar: Calendar, catalogue: Catalogue, openings: Openings, offers: Offers, lives: Lives, story: Story
) -> Encounters:
    """Whom our people met on which opportunity, and at what price."""
    rng, today = dice.of("encounters"), calendar.today
    met = np.flatnonzero(lives.rival > 0)
    until = np.where(lives.close[met] > 0, lives.close[met], today)
    day = openings.starts[met] + ((until - openings.starts[met]) * rng.uniform(0.0, 0.7, len(met))).astype(np.int64)
    second = np.flatnonzero(rng.random(len(met)) < 0.14)
    others = (lives.rival[met[second]] - 1 + rng.integers(1, len(catalogue.competitors), len(second))) % len(catalogue.competitors) + 1
    opportunity = np.r_[met, met[second]]
    competitor = np.r_[lives.rival[met], others]
    day = np.r_[day, np.minimum(day[second] + rng.integers(0, 12, len(second)), until[second])]
    level = np.array([0.0, *({"lower": 0.86, "similar": 1.0, "higher": 1.14}[rival["level"]] for rival in catalogue.competitors)])[
        competitor
    ]
    level = level * np.where(catalogue.at_war(competitor, day), 0.66, 1.0) * rng.normal(1.0, 0.05, len(day))
    product = offers.main[opportunity]
    price = np.rint(catalogue.price[product] * level / 1000).astype(np.int64) * 1000
    price = np.where(rng.random(len(day)) < 0.15, NEVER, np.maximum(price, 1000))
    by = story.owner[story.at(opportunity, day)]
    order = np.lexsort((opportunity, day))
    order = order[by[order] > 0]
    return Encounters(*(column[order] for column in (opportunity, competitor, by, day, price, product)))
