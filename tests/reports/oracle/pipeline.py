"""The pipeline told from the books: what stands open by stage, what nobody has spoken of for long, and how it got from start to end."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

from crm.vocabulary import Kind, OpportunityAct, OpportunityStatus
from tests.reports.oracle import facts, standing
from tests.reports.oracle.books import Books, Row
from tests.reports.oracle.coins import ZERO
from tests.reports.oracle.facts import ONE, Fact
from tests.reports.oracle.windows import Window

FOLLOWING = OpportunityStatus.FOLLOWING


# ── what stands open ─────────────────────────────────────────────────────────────────────────────────────────────────────────
def standing_open(books: Books, at: Window) -> Iterator[Fact]:
    """Opportunities followed at the end of the state day, at whose they are: by stage, and which of them were left alone too long."""
    for row in books.opportunities:
        act = standing.opportunity(books, row, at)
        if not act or act.status is not FOLLOWING:
            continue
        amount = act.amount or ZERO
        adds = {
            "open_count": ONE, "open_amount": amount,
            f"open_count_{act.stage_id}": ONE, f"open_amount_{act.stage_id}": amount,
        }  # fmt: skip
        if silent(books, row, at) > patience(books, at.state):
            adds |= {"neglected_count": ONE, "neglected_amount": amount}
        yield Fact(Kind.OPPORTUNITY, facts.opportunity_place(row, act), adds, facts.contained(books, row, at))


def silent(books: Books, row: Row, at: Window) -> int:
    """Days since anybody wrote a follow-up, it was assigned, or it was created."""
    spoken = [said.day for said in books.follow_ups[row.id] if at.sees(said.day, said.recorded_on)]
    given = [act.day for act in books.opportunity_acts[row.id] if act.act is OpportunityAct.ASSIGNED and at.sees(act.day, act.recorded_on)]
    return (at.state - max([row.created_on, *spoken, *given])).days


def patience(books: Books, day: date) -> int:
    """For how many days an opportunity may be left alone, as the setting was on that day."""
    versions = sorted(books.setting_versions, key=lambda version: version.valid_from)
    return int([version for version in versions if version.valid_from <= day][-1].opportunity_neglected_days)


def follow_ups(books: Books, at: Window) -> Iterator[Fact]:
    """Follow-ups written in the period, at their writers'."""
    for row in books.opportunities:
        for said in books.follow_ups[row.id]:
            if at.holds(said.day) and at.sees(said.day, said.recorded_on):
                place = {
                    "team": said.team_id, "rep": said.by_id, "source": row.source_id, "campaign": row.campaign_id,
                    "customer": row.customer_id,
                }  # fmt: skip
                products = facts.contained(books, row, at)
                yield Fact(Kind.FOLLOW_UP, place, {"followup_count": ONE}, products)


# ── the bridge ───────────────────────────────────────────────────────────────────────────────────────────────────────────────
def bridge(books: Books, at: Window) -> Iterator[Fact]:
    """Open before the first day, every event of the period, open at the end: each at whose it was."""
    yield from _standing(books, replace(at, state=at.first - timedelta(days=1)), "bridge_start", at)
    yield from _standing(books, replace(at, state=min(at.state, at.last)), "bridge_end", at)
    for row in books.opportunities:
        before: Row | None = None
        for act in lasting(books, row, at):
            if at.holds(act.day):
                for holder, key, amount in steps(before, act):
                    yield _fact(books, row, holder, {key: amount}, at)
                if moved := date_move(before, act):
                    yield _fact(books, row, act, {moved: ONE}, at)
            before = act


def _standing(books: Books, day: Window, key: str, at: Window) -> Iterator[Fact]:
    for row in books.opportunities:
        acts = [act for act in lasting(books, row, at) if act.day <= day.state]
        if acts and acts[-1].status is FOLLOWING:
            yield _fact(books, row, acts[-1], {key: acts[-1].amount or ZERO}, at)


def _fact(books: Books, row: Row, holder: Row, adds: dict[str, Decimal], at: Window) -> Fact:
    return Fact(Kind.OPPORTUNITY, facts.opportunity_place(row, holder), adds, facts.contained(books, row, at))


def lasting(books: Books, row: Row, at: Window) -> list[Row]:
    """The acts that are seen from the state day and not undone by a later one that takes effect on an earlier day."""
    seen = [act for act in books.opportunity_acts[row.id] if at.sees(act.day, act.recorded_on)]
    return [act for position, act in enumerate(seen) if all(later.day >= act.day for later in seen[position + 1 :])]


def date_move(before: Row | None, act: Row) -> str | None:
    """Whether an open one's expected date was moved, and which way."""
    if not before or before.status is not FOLLOWING or act.status is not FOLLOWING:
        return None
    was, now = before.expected_close_on, act.expected_close_on
    if not was or not now or was == now:
        return None
    return "pulled_in_count" if now < was else "pushed_out_count"


def steps(before: Row | None, act: Row) -> Iterator[tuple[Row, str, Decimal]]:
    """What one act did to what stands open: with whom, which step, how much."""
    was_open, is_open = before is not None and before.status is FOLLOWING, act.status is FOLLOWING
    if not was_open:
        if is_open:
            yield act, "bridge_new" if before is None else "bridge_reopened", act.amount or ZERO
        return
    assert before is not None
    amount = before.amount or ZERO
    if not is_open:
        yield before, f"bridge_{act.status.value}", amount
        return
    if (before.team_id, before.owner_id) != (act.team_id, act.owner_id):
        yield before, "bridge_given", amount
        yield act, "bridge_received", amount
    grown = (act.amount or ZERO) - amount
    if grown:
        yield act, "bridge_grown" if grown > 0 else "bridge_shrunk", abs(grown)
