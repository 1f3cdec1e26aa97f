"""Rows of opportunities with lines, history and readers, and of quotes."""

from collections.abc import Iterator

import numpy as np

from crm.bulk import chosen, days, made, moments, whole
from crm.demo.calendar import NEVER, hours, instants
from crm.demo.company import Company
from crm.demo.dice import Ints, quota, sums
from crm.demo.estimates import UNKNOWN
from crm.demo.lists import words
from crm.demo.lives import LOST, OPEN, STOPPED, WON
from crm.demo.names import Words
from crm.demo.people import WANG, ZHAO
from crm.demo.quotes import lines_of
from crm.demo.rows import Rows, reference, row_reference, table
from crm.demo.story import ACT_LOST, ACT_STOPPED, ACT_WON, AMOUNT, VOIDED
from crm.models import FormerOpportunityLine, Opportunity, OpportunityHistory, OpportunityLine, OpportunityReader, Quote, QuoteLine
from crm.vocabulary import OpportunityAct, OpportunityStatus, QuoteStatus

LOSS_NOTES = ("", "", "", "客户最终选择了低价方案", "预算被砍一半，明年再议", "决策人变动，前期工作白费", "已约定半年后回访")


def rows(company: Company) -> Iterator[Rows]:
    """Opportunities and what belongs to them; quotes come later, behind the comments that they may name."""
    yield _opportunities(company)
    yield _lines(company)
    yield _former_lines(company)
    yield _history(company)
    yield _readers(company)


def quote_rows(company: Company) -> Iterator[Rows]:
    """Quotes and their lines."""
    yield _quotes(company)
    yield _quote_lines(company)


def titles(company: Company, opportunities: Ints) -> Words:
    """The customer and what it is about: 杭州永康制药 视觉检测项目."""
    categories = np.array(["", *(product["category"] for product in company.catalogue.products)], dtype=object)
    about = categories[company.offers.main[opportunities]]
    kind = np.where(company.openings.again[opportunities], "增购", "项目")
    return np.asarray(company.customers.company[company.openings.customer[opportunities]].keys() + " " + about + kind)


def _opportunities(company: Company) -> Rows:
    opened, story, offered = company.openings, company.story, company.follow_ups
    count, rng = len(opened), company.dice.of("opportunity rows")
    last, everybody = story.last, np.arange(len(opened))
    status = story.status[last]
    spoken, latest = offered.latest(count)
    planned = (latest >= 0) & (status == OPEN)
    step = np.where(planned, offered.next_step[latest], NEVER)
    published = quota(rng, status == WON, 0.003, 2)
    closed = _closed(company)
    published_on = np.where(published, np.minimum(closed + 10, company.calendar.today), NEVER)
    leader = company.people.leader_at(story.team[last], published_on)
    begun = last - story.seq[last] + 1
    return table(
        Opportunity, count, title=made(lambda part: titles(company, everybody[part])), customer_id=reference(opened.customer + 1),
        contact_id=reference(opened.customer + 1), lead_id=row_reference(opened.lead), source_id=reference(opened.source),
        campaign_id=reference(opened.campaign), stage_id=whole(story.stage[last]), status=chosen(list(OpportunityStatus), status),
        expected_amount=whole(story.amount[last], missing=UNKNOWN), expected_close_on=days(story.expected[last]),
        owner_id=reference(story.owner[last]), team_id=reference(story.team[last]), first_owner_id=reference(story.first_set(story.owner)),
        first_team_id=reference(story.first_set(story.team)), created_on=days(opened.created),
        created_at=moments(_instants(company, begun)), created_by_id=reference(opened.created_by),
        converted_by_id=reference(np.where(opened.lead >= 0, opened.created_by, 0)), closed_on=days(closed),
        loss_reason_id=reference(story.reason[last]), loss_competitor_id=reference(story.competitor[last]),
        loss_note=chosen(LOSS_NOTES, np.where((status == LOST) | (status == STOPPED), rng.integers(0, len(LOSS_NOTES), count), 0)),
        last_followed_up_on=days(spoken), next_step=chosen(["", *words("talk")["next_step"]], step + 1),
        next_step_on=days(np.where(step >= 0, offered.next_on[latest], NEVER)), published_at=moments(hours(rng, published_on)),
        published_by_id=reference(np.where(published, leader, 0)), version=whole(story.seq[last]),
    )  # fmt: skip


def _closed(company: Company) -> Ints:
    """The business date of the closing that stands; `NEVER` while an opportunity is followed."""
    story = company.story
    closing = np.isin(story.act, [ACT_WON, ACT_LOST, ACT_STOPPED]) | ((story.act == VOIDED) & (story.status == STOPPED))
    found = np.full(len(company.openings), NEVER)
    found[story.opportunity[closing]] = story.day[closing]
    return np.where(story.status[story.last] == OPEN, NEVER, found)


def _instants(company: Company, acts: Ints) -> Ints:
    """When these acts were done, later ones of a day later."""
    story = company.story
    return instants(story.recorded[acts], np.minimum(story.seq[acts], 29), story.opportunity[acts])


def _lines(company: Company) -> Rows:
    """What an opportunity's expected amount is made of; a few that were never quoted have no lines."""
    offers, story = company.offers, company.story
    kept = np.flatnonzero(~company.interests.bare[offers.opportunity])
    opportunity = offers.opportunity[kept]
    amount = story.amount[story.last][opportunity]
    won = (story.status[story.last] == WON)[opportunity]
    final = offers.amounts(kept, offers.revisions[opportunity])
    part = split(offers.opportunity, offers.milli * offers.unit, story.amount[story.last])[kept]
    return table(
        OpportunityLine, len(kept), opportunity_id=reference(opportunity + 1), product_id=whole(offers.product[kept]),
        amount=whole(np.where(amount == UNKNOWN, UNKNOWN, np.where(won, final, part)), missing=UNKNOWN),
        since_seq=whole(_since(company)[opportunity]),
    )  # fmt: skip


def _former_lines(company: Company) -> Rows:
    """The main product with the whole of the first guess, until the others came to it."""
    grown = company.interests.grown()
    return table(
        FormerOpportunityLine, len(grown), opportunity_id=reference(grown + 1), product_id=whole(company.offers.main[grown]),
        amount=whole(company.estimates.first[grown], missing=UNKNOWN), until_seq=whole(_since(company)[grown]),
    )  # fmt: skip


def _since(company: Company) -> Ints:
    """For each opportunity the act since which its lines stand as they do."""
    story, grown_on = company.story, company.interests.grown_on
    since = np.ones(len(grown_on), dtype=np.int64)
    acts = np.flatnonzero((story.act == AMOUNT) & (grown_on > 0)[story.opportunity])
    since[story.opportunity[acts]] = story.seq[acts]
    return since


def split(group: Ints, weight: Ints, total: Ints) -> Ints:
    """Each group's total in parts by weight, to the cent; what rounding leaves goes to the first. Groups stand together."""
    heights = np.zeros(len(total))
    np.add.at(heights, group, weight.astype(np.float64))
    part = np.floor(total[group] * (weight / heights[group])).astype(np.int64)
    first = np.r_[True, group[1:] != group[:-1]]
    part[first] += (total - sums(group, part, len(total)))[group[first]]
    return part


def _history(company: Company) -> Rows:
    story = company.story
    return table(
        OpportunityHistory, len(story), opportunity_id=reference(story.opportunity + 1), seq=whole(story.seq),
        act=chosen(list(OpportunityAct), story.act), at=moments(_instants(company, np.arange(len(story)))), day=days(story.day),
        recorded_on=days(story.recorded), by_id=reference(story.by), status=chosen(list(OpportunityStatus), story.status),
        stage_id=whole(story.stage), owner_id=reference(story.owner), team_id=reference(story.team),
        amount=whole(story.amount, missing=UNKNOWN),
        expected_close_on=days(story.expected), loss_reason_id=reference(story.reason), loss_competitor_id=reference(story.competitor),
    )  # fmt: skip


def _readers(company: Company) -> Rows:
    """Wang and Zhao may each read some of the other's; one permission was withdrawn."""
    story, rng, today = company.story, company.dice.of("readers"), company.calendar.today
    last = story.last
    of_wang = np.flatnonzero((story.owner[last] == WANG) & (story.status[last] == OPEN))[-2:]
    of_zhao = np.flatnonzero((story.owner[last] == ZHAO) & (story.status[last] == OPEN))[-2:]
    opportunity = np.r_[of_wang, of_zhao]
    since = np.maximum(story.recorded[last[opportunity]], today - 9)
    withdrawn = np.where(np.arange(len(opportunity)) == len(opportunity) - 1, today, NEVER)
    return table(
        OpportunityReader, len(opportunity), opportunity_id=reference(opportunity + 1),
        user_id=reference(np.r_[of_wang * 0 + ZHAO, of_zhao * 0 + WANG]),
        granted_by_id=reference(company.people.leader_at(story.team[last[opportunity]], since)), granted_at=moments(hours(rng, since)),
        withdrawn_at=moments(np.where(withdrawn > 0, withdrawn * 86_400 + 35_000, NEVER)),
    )  # fmt: skip


def _quotes(company: Company) -> Rows:
    quotes, rng = company.quotes, company.dice.of("quote rows")
    count = len(quotes)
    terms = words("master")["notes"]["terms"]
    salt = quotes.opportunity
    notes = ["", "同意", "折扣过大，请说明理由并调整后重报"]
    note = np.where(quotes.decided < 0, 0, np.where(quotes.returned, 2, (rng.random(count) < 0.2).astype(np.int64)))
    none = np.zeros(count, dtype=np.int64)
    return table(
        Quote, count, opportunity_id=reference(quotes.opportunity + 1), revision=whole(quotes.revision),
        status=chosen(list(QuoteStatus), quotes.status), total=whole(quotes.total), valid_until=days(quotes.valid_until),
        terms=chosen(terms, rng.integers(0, len(terms), count)), decision_id=row_reference(company.decisions),
        created_at=moments(instants(quotes.created, none + 8, salt)), created_on=days(quotes.created),
        created_by_id=reference(_writers(company)), submitted_at=moments(instants(quotes.submitted, none + 9, salt)),
        submitted_on=days(quotes.submitted), submitted_by_id=reference(quotes.submitted_by),
        decided_at=moments(instants(quotes.decided, none + 12, salt)), decided_on=days(quotes.decided),
        decided_by_id=reference(quotes.decided_by), decision_note=chosen(notes, note),
        version=whole(1 + (quotes.submitted > 0) + (quotes.decided > 0)),
    )  # fmt: skip


def _writers(company: Company) -> Ints:
    """Who wrote each quote: who submitted it, or of a draft the owner."""
    quotes, story = company.quotes, company.story
    owner = story.owner[story.at(quotes.opportunity, quotes.created)]
    first = story.first_set(story.owner)[quotes.opportunity]
    return np.where(quotes.submitted_by > 0, quotes.submitted_by, np.where(owner > 0, owner, first))


def _quote_lines(company: Company) -> Rows:
    quotes, offers = company.quotes, company.offers
    quote, line = lines_of(offers, quotes.opportunity)
    opportunity, priced = quotes.opportunity[quote], quotes.priced[quote]
    tax = np.array([0, *(600 if product["category"] == "技术服务" else 1300 for product in company.catalogue.products)])
    return table(
        QuoteLine, len(quote), quote_id=reference(quote + 1), position=whole(offers.position[line] + 1),
        product_id=whole(offers.product[line]),
        quantity_milli=whole(offers.milli[line]), unit_price=whole(offers.unit_of(opportunity, priced, offers.unit[line])),
        discount_bp=whole(offers.discount_of(opportunity, priced)), tax_rate_bp=whole(tax[offers.product[line]]),
        amount=whole(offers.amounts(line, priced)),
    )  # fmt: skip
