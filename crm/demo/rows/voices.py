"""Rows of what people wrote: follow-ups, comments, competition records, and what some were told."""

import json
from collections.abc import Iterator

import numpy as np

from crm.bulk import chosen, days, given, moments, same, whole
from crm.demo.calendar import NEVER, hours, instants
from crm.demo.company import Company
from crm.demo.dice import Ints
from crm.demo.lists import words
from crm.demo.people import CHEN, WANG, ZHAO
from crm.demo.rows import Rows, reference, row_reference, table
from crm.demo.rows.sales import titles
from crm.models import Comment, CompetitionRecord, CompetitionRecordFactor, FollowUp, FollowUpVersion, Notification
from crm.vocabulary import CommentKind, CompetitionSide

TWO_HOURS = 7200


def rows(company: Company) -> Iterator[Rows]:
    """Follow-ups, comments on them, and whom they met."""
    yield _follow_ups(company)
    yield _versions(company)
    yield _comments(company)
    yield from _encounters(company)
    yield _notifications(company)


def _contents() -> list[str]:
    talk = words("talk")
    openings = [opening.replace("{who}", who) for opening in talk["opening"] for who in talk["who"]]
    return [opening + continuation for opening in openings for continuation in talk["continuation"]]


def _written_at(company: Company) -> Ints:
    return hours(company.dice.of("follow-up hours"), company.follow_ups.recorded)


def _content_codes(company: Company) -> Ints:
    return company.dice.of("contents").integers(0, len(_contents()), len(company.follow_ups))


def _follow_ups(company: Company) -> Rows:
    said, talk, rng = company.follow_ups, words("talk"), company.dice.of("follow-up rows")
    at = _written_at(company)
    return table(
        FollowUp, len(said), opportunity_id=reference(said.opportunity + 1), by_id=reference(said.by), team_id=reference(said.team),
        at=moments(at), day=days(said.day), recorded_on=days(said.recorded), method_id=whole(said.method),
        content=chosen(_contents(), _content_codes(company)), feedback=chosen(talk["feedback"], said.feedback),
        problem=chosen(["", *talk["problem"]], said.problem + 1), department_id=reference(said.department),
        problem_answer=chosen(["", *talk["answer"]], np.where(said.solved > 0, said.problem, NEVER) + 1),
        problem_solved_at=moments(hours(rng, said.solved)), problem_solved_by_id=reference(said.solved_by),
        next_step=chosen(["", *talk["next_step"]], said.next_step + 1), next_step_on=days(said.next_on),
        edited_at=moments(np.where(said.edited, at + TWO_HOURS, NEVER)),
    )  # fmt: skip


def _versions(company: Company) -> Rows:
    """What stood in a follow-up before its writer mended it."""
    rows = np.flatnonzero(company.follow_ups.edited)
    codes = (_content_codes(company)[rows] + 1) % len(_contents())
    return table(
        FollowUpVersion, len(rows), follow_up_id=reference(rows + 1), content=chosen(_contents(), codes),
        feedback=same(""), problem=same(""),
        replaced_at=moments(_written_at(company)[rows] + TWO_HOURS),
    )  # fmt: skip


def _comments(company: Company) -> Rows:
    comments, talk, rng = company.comments, words("talk"), company.dice.of("comment rows")
    kinds = ("advice", "question", "decision", "reply")
    texts = [text for kind in kinds for text in talk[kind]]
    lengths = np.array([len(talk[kind]) for kind in kinds])
    begins = np.cumsum(lengths) - lengths
    code = begins[comments.kind] + (rng.random(len(comments)) * lengths[comments.kind]).astype(np.int64)
    rank = np.where(comments.answers >= 0, 20, 6)
    return table(
        Comment, len(comments), opportunity_id=reference(comments.opportunity + 1), follow_up_id=row_reference(comments.follow_up),
        reply_to_id=row_reference(comments.answers), by_id=reference(comments.by),
        at=moments(instants(comments.day, rank, comments.opportunity)), kind=chosen(list(CommentKind), comments.kind),
        content=chosen(texts, code), discount_bp=whole(comments.discount, missing=NEVER),
    )  # fmt: skip


def _encounters(company: Company) -> Iterator[Rows]:
    met, rng = company.encounters, company.dice.of("encounter rows")
    count = len(met)
    products = [rival["products"].split("、") for rival in company.catalogue.competitors]
    names = [name for of in products for name in of]
    lengths = np.array([0, *(len(of) for of in products)])
    begins = (np.cumsum(lengths) - lengths)[met.competitor]
    code = begins + (rng.random(count) * lengths[met.competitor]).astype(np.int64)
    notes = ["", "", "", "对方承诺两周交货", "对方与客户高层关系好", "对方报价含三年质保", "客户对其售后不满意"]
    yield table(
        CompetitionRecord, count, opportunity_id=reference(met.opportunity + 1), competitor_id=reference(met.competitor),
        by_id=reference(met.by), at=moments(hours(rng, met.day)), day=days(met.day), recorded_on=days(met.day),
        their_product=chosen(names, code), their_unit_price=whole(met.price, missing=NEVER), our_product_id=reference(met.product),
        note=chosen(notes, rng.integers(0, len(notes), count)),
    )  # fmt: skip
    factors = len(words("master")["factors"]["list"])
    strong = rng.integers(0, factors, count)
    weak = (strong + rng.integers(1, factors, count)) % factors
    also = (strong + rng.integers(1, factors, count)) % factors
    more = np.flatnonzero(rng.random(count) < 0.4)
    record = np.r_[np.arange(count), np.arange(count), more]
    factor = np.r_[strong, weak, also[more]]
    side = np.r_[np.zeros(count, dtype=np.int64), np.ones(count, dtype=np.int64), np.zeros(len(more), dtype=np.int64)]
    order = np.lexsort((side, factor, record))
    yield table(
        CompetitionRecordFactor, len(record), record_id=reference(record[order] + 1), factor_id=reference(factor[order] + 1),
        side=chosen(list(CompetitionSide), side[order]),
    )  # fmt: skip


def _notifications(company: Company) -> Rows:
    """What Wang and Zhao have been told lately: new customers, and questions of their leads."""
    people, rng = company.people, company.dice.of("notifications")
    events, comments = company.customers.timeline.events, company.comments
    found: list[tuple[int, int, str, str, str, int]] = []
    for person in (WANG, ZHAO):
        mine = np.flatnonzero(events.owner == person)
        for row in mine[np.argsort(events.day[mine], kind="stable")][-3:].tolist():
            customer = int(events.customer[row])
            told = json.dumps(
                {"by": people.names[CHEN], "name": company.customers.company[customer : customer + 1].names()[0]}, ensure_ascii=False
            )
            found.append((int(events.day[row]), person, "{by} assigned the customer “{name}” to you.", told, "customers", customer + 1))
        asked = np.flatnonzero((comments.kind == 1) & (company.follow_ups.by[comments.follow_up] == person))[-2:]
        for row in asked.tolist():
            title = titles(company, comments.opportunity[row : row + 1])[0]
            told = json.dumps({"by": people.names[int(comments.by[row])], "title": title}, ensure_ascii=False)
            target = int(comments.opportunity[row]) + 1
            found.append((int(comments.day[row]), person, "{by} has a question on “{title}”.", told, "opportunities", target))
    found.sort()
    on = np.array([line[0] for line in found], dtype=np.int64)
    at = hours(rng, on)
    read = np.where(on < company.calendar.today - 20, at + TWO_HOURS, NEVER)
    columns = list(zip(*found, strict=True)) if found else [()] * 6
    return table(
        Notification, len(found), user_id=given(columns[1]), at=moments(at), message=given(columns[2]), values=given(columns[3]),
        subject=given(columns[4]), subject_id=given(columns[5]), read_at=moments(read),
    )  # fmt: skip
