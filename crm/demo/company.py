"""The whole demo company, drawn before a row is written: every part follows from the seed, the scale and today."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from crm.demo import (
    catalogue,
    contracts,
    customers,
    estimates,
    interests,
    leads,
    lives,
    offers,
    openings,
    payments,
    people,
    plans,
    quotes,
    story,
    talk,
    targets,
)
from crm.demo.calendar import Calendar
from crm.demo.contracts import Carers, Contracts, ContractStory
from crm.demo.customers import Conversions, Customers
from crm.demo.dice import Dice, Ints, Mask
from crm.demo.estimates import Estimates
from crm.demo.lists import words


@dataclass(frozen=True)
class Company:
    """All that the rows are made of."""

    dice: Dice
    calendar: Calendar
    people: people.People
    catalogue: catalogue.Catalogue
    leads: leads.Leads
    customers: Customers
    conversions: Conversions
    openings: openings.Openings
    offers: offers.Offers
    lives: lives.Lives
    estimates: Estimates
    story: story.Story
    quotes: quotes.Quotes
    interests: interests.Interests
    decisions: Ints
    contracts: Contracts
    carers: Carers
    contract_story: ContractStory
    completed: Ints
    plans: plans.Plans
    planned: Mask
    receipts: payments.Receipts
    costs: payments.Costs
    follow_ups: talk.FollowUps
    comments: talk.Comments
    encounters: talk.Encounters
    targets: targets.Targets


STEPS = 10


def invent(scale: float, seed: int, today: date, told: Callable[[int, int], None]) -> Company:
    """The company of this scale, seed and day; `told` hears how many of the steps are done."""
    dice, sizes, calendar = Dice(seed), people.Sizes(scale), Calendar.until(today)
    staff = people.make(dice, sizes, calendar)
    offered = catalogue.make(dice, sizes, calendar)
    told(1, STEPS)
    asked = leads.make(dice, sizes, calendar, staff, offered)
    told(2, STEPS)
    clients, conversions = customers.make(dice, calendar, staff, asked)
    told(3, STEPS)
    opened = openings.make(dice, sizes, calendar, offered, asked, clients, conversions)
    about = offers.make(dice, calendar, offered, asked, opened)
    told(4, STEPS)
    fates = lives.make(dice, calendar, staff, offered, opened, about)
    told(5, STEPS)
    guessed = estimates.make(dice, calendar, opened, about, fates)
    told_of = story.make(dice, calendar, staff, opened, about, fates, guessed)
    told(6, STEPS)
    offered_at = quotes.make(dice, calendar, staff, about, fates, told_of)
    wanted = interests.make(dice, about, guessed, offered_at)
    told(7, STEPS)
    signed = contracts.make(dice, calendar, opened, about, fates, told_of, offered_at)
    agreed, schedule, planned = plans.make(dice, calendar, signed)
    received = payments.receive(dice, calendar, opened, signed, schedule, planned)
    completed, by = payments.complete(dice, staff, signed, received)
    told(8, STEPS)
    taken_over = contracts.hand_over(dice.of("carers"), staff, opened, signed)
    acts = contracts.tell(signed, taken_over, completed, by)
    spent = payments.spend(dice, calendar, signed, len(words("master")["cost_categories"]["list"]))
    aims = targets.make(dice, calendar, staff, signed)
    told(9, STEPS)
    spoken = talk.follow_up(dice, calendar, staff, opened, fates, told_of)
    comments, decisions = talk.comment(dice, staff, spoken, offered_at, about, told_of)
    met = talk.meet(dice, calendar, offered, opened, about, fates, told_of)
    told(10, STEPS)
    return Company(
        dice, calendar, staff, offered, asked, clients, conversions, opened, about, fates, guessed, told_of,
        offered_at, wanted, decisions, signed, taken_over, acts,
        completed, agreed, planned, received, spent, spoken, comments, met, aims,
    )  # fmt: skip
