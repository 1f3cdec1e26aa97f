"""The demo company's contracts: signed from quotes, amended, voided, handed to other carers, completed when paid."""

from dataclasses import dataclass

import numpy as np

from crm.demo.calendar import FAR, NEVER, Calendar, workday
from crm.demo.dice import Dice, Generator, Ints, Mask, quota, within
from crm.demo.lives import WON, Lives
from crm.demo.offers import Offers
from crm.demo.openings import Openings
from crm.demo.people import CHEN, People
from crm.demo.quotes import Quotes
from crm.demo.story import ACT_WON, Story

IN_PROGRESS, COMPLETED, VOIDED = range(3)
"""Codes of the states, in the order of `ContractStatus`."""
ACT_SIGNED, ACT_AMENDED, ACT_COMPLETED, ACT_VOIDED, ACT_CARER = range(5)
"""Codes of the acts, in the order of `ContractAct`."""


@dataclass(frozen=True)
class Contracts:
    """One row per contract, in order of recording; the id is the row + 1. Days are `NEVER` where something did not happen.

    `amount`: as signed; `amended_to`: the amount since `amended`, equal to it where nothing was amended. `imported`: taken over
    from an older system, without product lines.
    """

    opportunity: Ints
    quote: Ints
    signed: Ints
    recorded: Ints
    signer: Ints
    signer_team: Ints
    amount: Ints
    amended: Ints
    amended_to: Ints
    voided: Ints
    imported: Mask
    loyal: Mask

    def __len__(self) -> int:
        return len(self.opportunity)


def make(dice: Dice, calendar: Calendar, openings: Openings, offers: Offers, lives: Lives, story: Story, quotes: Quotes) -> Contracts:
    """Every contract up to today."""
    rng, today = dice.of("contracts"), calendar.today
    won = np.flatnonzero(story.act == ACT_WON)
    won = won[np.argsort(story.recorded[won], kind="stable")]
    opportunity = story.opportunity[won]
    order = np.lexsort((np.arange(len(won)), opportunity))
    repeated = np.zeros(len(won), dtype=np.bool_)
    repeated[order] = within(opportunity[order]) > 0
    first_quote, last_quote = quotes.signed_for(len(openings))
    voided = (lives.outcome[opportunity] == WON) & (lives.back[opportunity] > 0) & ~repeated
    signed, recorded, amount = story.day[won], story.recorded[won], story.amount[won]
    dated_back = recorded > signed
    imported = quota(rng, ~voided & ~repeated & ~dated_back & (signed < today - 400), 0.004, 3)
    loyal = np.isin(openings.customer[opportunity], openings.customer[openings.loyal])
    when = workday(signed + rng.integers(20, 150, len(won)))
    amended = quota(rng, ~voided & ~imported & ~loyal & (when <= today), 0.012, 5)
    factor = rng.uniform(0.9, 1.3, len(won))
    changed = np.rint(amount * factor / 100).astype(np.int64) * 100
    return Contracts(
        opportunity, np.where(repeated, last_quote[opportunity], first_quote[opportunity]), signed, recorded, story.owner[won],
        story.team[won], amount, np.where(amended, when, NEVER), np.where(amended, changed, amount),
        np.where(voided, lives.back[opportunity], NEVER), imported, loyal,
    )  # fmt: skip


@dataclass(frozen=True)
class ContractStory:
    """One row per act on a contract, in order of contract and `seq`; how it stood after it."""

    contract: Ints
    seq: Ints
    act: Ints
    day: Ints
    recorded: Ints
    by: Ints
    status: Ints
    amount: Ints
    owner: Ints
    team: Ints

    def __len__(self) -> int:
        return len(self.contract)

    @property
    def last(self) -> Ints:
        """The row of each contract's last act."""
        return np.flatnonzero(np.r_[self.contract[1:] != self.contract[:-1], True])


@dataclass(frozen=True)
class Carers:
    """Who took a contract over, and when: one row per hand-over, those of one contract in order of time."""

    contract: Ints
    since: Ints
    owner: Ints
    team: Ints

    def at(self, contracts: Contracts, day: int) -> tuple[Ints, Ints]:
        """Holder and team of every contract at the end of a day, the signer's where nobody has taken it over yet."""
        owner, team = contracts.signer.copy(), contracts.signer_team.copy()
        for row in np.flatnonzero(self.since <= day):
            owner[self.contract[row]], team[self.contract[row]] = self.owner[row], self.team[row]
        return owner, team


def tell(contracts: Contracts, carers: Carers, completed: Ints, by_completed: Ints) -> ContractStory:
    """The acts on every contract: signing, amendment, new carers, completion, void."""
    rows = np.arange(len(contracts))
    carer, since, owner, team = carers.contract, carers.since, carers.owner, carers.team
    amended, done, voided = (np.flatnonzero(day > 0) for day in (contracts.amended, completed, contracts.voided))
    contract = np.r_[rows, amended, carer, done, voided]
    kinds = np.repeat(
        [ACT_SIGNED, ACT_AMENDED, ACT_CARER, ACT_COMPLETED, ACT_VOIDED], [len(rows), len(amended), len(carer), len(done), len(voided)]
    )
    day = np.r_[contracts.signed, contracts.amended[amended], since, completed[done], contracts.voided[voided]]
    recorded = np.maximum(np.r_[contracts.recorded, day[len(rows) :]], contracts.recorded[contract])
    blank_after, blank_before = np.full(len(done) + len(voided), NEVER), np.full(len(amended), NEVER)
    holder = np.r_[contracts.signer, blank_before, owner, blank_after]
    holding = np.r_[contracts.signer_team, blank_before, team, blank_after]
    by = np.r_[contracts.signer, np.full(len(amended) + len(carer), CHEN), by_completed[done], np.full(len(voided), CHEN)]
    order = np.lexsort((kinds == ACT_CARER, recorded, contract))
    contract, kinds, day, recorded, by = contract[order], kinds[order], day[order], recorded[order], by[order]
    status = np.where(kinds == ACT_COMPLETED, COMPLETED, np.where(kinds == ACT_VOIDED, VOIDED, NEVER))
    status = _filled(np.where(kinds == ACT_SIGNED, IN_PROGRESS, status))
    amount = np.where(
        kinds == ACT_SIGNED, contracts.amount[contract], np.where(kinds == ACT_AMENDED, contracts.amended_to[contract], NEVER)
    )
    return ContractStory(
        contract, within(contract) + 1, kinds, day, recorded, by, status, _filled(amount), _filled(holder[order]), _filled(holding[order])
    )


def _filled(values: Ints) -> Ints:
    """Each `NEVER` replaced by the value before it; a contract's first act has them all."""
    return values[np.maximum.accumulate(np.where(values == NEVER, 0, np.arange(len(values))))]


def hand_over(rng: Generator, people: People, openings: Openings, contracts: Contracts) -> Carers:
    """Who cares for a contract after its signer or carer has left or changed team.

    A leaver's contracts go to whom their customers went, or, if those wait in a pool, to somebody of the team.
    """
    today = people.calendar.today
    contract, since, holder = np.arange(len(contracts)), contracts.recorded.copy(), contracts.signer.copy()
    found: list[tuple[Ints, Ints, Ints, Ints]] = []
    while len(contract):
        moves = np.where(people.moves[holder] > since, people.moves[holder], FAR)
        when = np.minimum(np.maximum(people.leaves[holder], since), moves)
        gone = contracts.voided[contract]
        going = np.flatnonzero((when <= today) & ((gone < 0) | (when < gone)))
        contract, when, holder = contract[going], when[going], holder[going]
        left = people.leaves[holder] <= when
        customer = openings.customer[contracts.opportunity[contract]]
        _, heir = openings.customers.timeline.at(customer, when)
        team = people.team_at(holder, when)
        active = (heir > 0) & (people.leaves[heir] > when)
        colleague = people.roster.of_team(rng, team, when)
        holder = np.where(left, np.where(active, heir, colleague), holder)
        team = people.team_at(holder, when)
        since = when
        found.append((contract, when, holder, team))
    parts = list(zip(*found, strict=True)) if found else [(np.zeros(0, dtype=np.int64),)] * 4
    return Carers(*(np.concatenate(part) for part in parts))
