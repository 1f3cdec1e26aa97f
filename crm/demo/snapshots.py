"""What stood open on a past day, as the company was invented: a proof for the as-of view that does not read the history.

It asks the assignments, the lives and the amounts that were drawn, not the acts that are written to the database.
"""

import json
from pathlib import Path

import numpy as np

from crm.demo.calendar import FAR, day
from crm.demo.catalogue import FIRST, PROPOSAL, QUOTED, SURVEY
from crm.demo.company import Company
from crm.demo.dice import Ints, Mask
from crm.demo.estimates import UNKNOWN
from crm.demo.lives import OPEN, WON

AGO = (45, 400, 1100)
"""So many days before today."""

Snapshot = dict[str, list[int | None]]
"""Columns of the open opportunities, in order of id: id, stage_id, owner_id, team_id, amount (cents)."""


def snapshots(company: Company) -> dict[str, Snapshot]:
    """For each of three past days (ISO dates) the opportunities that were open at its end, as far as was recorded by then."""
    today = company.calendar.today
    return {day(today - ago).isoformat(): _snapshot(company, today - ago) for ago in AGO}


def keep(company: Company, path: Path) -> None:
    """Write the snapshots to a JSON file."""
    path.write_text(json.dumps(snapshots(company)), encoding="utf-8")


def _snapshot(company: Company, on: int) -> Snapshot:
    opened = company.openings
    rows = np.flatnonzero((opened.created <= on) & _is_open(company, on))
    team, owner = opened.customers.timeline.at(opened.customer[rows], np.full(len(rows), on))
    return {
        "id": (rows + 1).tolist(),
        "stage_id": _stages(company, rows, on).tolist(),
        "owner_id": [person or None for person in owner.tolist()],
        "team_id": [number or None for number in team.tolist()],
        "amount": [None if amount == UNKNOWN else amount for amount in _amounts(company, rows, on).tolist()],
    }


def _is_open(company: Company, on: int) -> Mask:
    lives = company.lives
    closed = np.where(lives.close > 0, np.maximum(lives.close, lives.known), FAR)
    back = np.where((lives.back > 0) & (lives.back_to == OPEN), lives.back, FAR)
    again = np.where(lives.close_again > 0, lives.close_again, FAR)
    return np.asarray((on < closed) | ((on >= back) & (on < again)))


def _stages(company: Company, rows: Ints, on: int) -> Ints:
    lives = company.lives
    stage = np.full(len(rows), FIRST)
    for reached, number in ((lives.surveyed, SURVEY), (lives.proposed, PROPOSAL), (lives.quoted, QUOTED), (lives.quoted_again, QUOTED)):
        stage[(reached[rows] > 0) & (reached[rows] <= on)] = number
    return np.where(_voided(company, rows, on), QUOTED, stage)


def _amounts(company: Company, rows: Ints, on: int) -> Ints:
    """The first guess, the revised one, or after a void what had been signed."""
    guessed, offers = company.estimates, company.offers
    revised = (guessed.revised_on[rows] > 0) & (guessed.revised_on[rows] <= on)
    amount = np.where(revised, guessed.revised[rows], guessed.first[rows])
    return np.where(_voided(company, rows, on), offers.totals(offers.revisions)[rows], amount)


def _voided(company: Company, rows: Ints, on: int) -> Mask:
    """Which of these had a contract that was void by then."""
    lives = company.lives
    return np.asarray((lives.back[rows] > 0) & (lives.back[rows] <= on) & (lives.outcome[rows] == WON))
