"""Rows of the master data: settings, sources, campaigns, products, stages with their past, reasons, competitors, targets."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from crm.bulk import chosen, days, given, moments, same, whole
from crm.demo.calendar import day, hours, number
from crm.demo.catalogue import STAGE_RENAMED_AGO
from crm.demo.company import Company
from crm.demo.lists import words
from crm.demo.offers import FLOOR
from crm.demo.people import FANG
from crm.demo.rows import Rows, listed, reference, table
from crm.models import (
    Campaign,
    ClosedMonth,
    CompanySettings,
    CompetitionFactor,
    Competitor,
    CompetitorAlias,
    CostCategory,
    FollowUpMethod,
    LeadSource,
    LossReason,
    Product,
    SalesTarget,
    SettingVersion,
    Stage,
    StageVersion,
)
from crm.vocabulary import LossKind, TargetUnit

NEGLECTED_DAYS = ((None, 21), (800, 14))
"""Days after which an opportunity counts as neglected: so many days before today it was changed to so many."""


def rows(company: Company) -> Iterator[Rows]:
    """What records choose from."""
    lists = words("master")
    yield listed(CompanySettings, [{"company_name": words("companies")["company"], "is_demo": True}])
    yield _setting_versions(company)
    yield _sources(company)
    yield _products(company)
    yield _campaigns(company)
    yield from _stages(company)
    yield listed(FollowUpMethod, [{"name": name, "active": active} for name, _, active in lists["methods"]["list"]])
    yield _reasons()
    yield listed(
        Competitor,
        [{"name": c["name"], "products": c["products"], "price_level": c["level"], "note": c["note"]} for c in lists["competitors"]],
    )
    aliases = [(id_, alias) for id_, rival in enumerate(lists["competitors"], 1) for alias in rival["aliases"]]
    yield listed(CompetitorAlias, [{"competitor_id": id_, "name": alias} for id_, alias in aliases])
    yield listed(CompetitionFactor, [{"name": name} for name in lists["factors"]["list"]])
    yield listed(CostCategory, [{"name": name} for name, _ in lists["cost_categories"]["list"]])
    yield _targets(company)
    yield _closed_months(company)


def _setting_versions(company: Company) -> Rows:
    today, first = company.calendar.today, company.calendar.first - 400
    return listed(
        SettingVersion,
        [
            {"valid_from": day(first if ago is None else today - ago).isoformat(), "opportunity_neglected_days": count}
            for ago, count in NEGLECTED_DAYS
        ],
    )


def _sources(company: Company) -> Rows:
    return listed(
        LeadSource,
        [
            {"name": source["name"], "name_key": source["name"], "channel": source["channel"], "active": "retired" not in source}
            for source in company.catalogue.sources
        ],
    )


def _products(company: Company) -> Rows:
    prices = zip(company.catalogue.products, company.catalogue.price[1:].tolist(), strict=True)
    return listed(
        Product,
        [
            {
                "code": product["code"], "name": product["name"], "category": product["category"], "unit": product["unit"],
                "list_price": price, "floor_price": price * FLOOR // 10_000,
                "tax_rate_bp": 600 if product["category"] == "技术服务" else 1300,
                "active": "withdrawn" not in product and "retired" not in product,
            }
            for product, price in prices
        ],
    )  # fmt: skip


def _campaigns(company: Company) -> Rows:
    """What a campaign cost goes with the leads that it brought, more or less."""
    campaigns, rng = company.catalogue.campaigns, company.dice.of("costs of campaigns")
    count = len(campaigns.names)
    leads = np.bincount(company.leads.campaign, minlength=count + 1)[1:]
    cost = 300_000 + leads * rng.integers(12_000, 90_000, count)
    cost = np.where(rng.random(count) < 0.7, cost // 100_000 * 100_000 + 100_000, cost)
    return table(
        Campaign, count, name=given(campaigns.names), source_id=reference(campaigns.source), product_id=reference(campaigns.product),
        from_on=days(campaigns.start), until_on=days(campaigns.end), cost=whole(cost),
    )  # fmt: skip


def _stages(company: Company) -> Iterator[Rows]:
    """The stages as they are, and as they were: one was renamed, one retired."""
    first, today = company.calendar.first - 400, company.calendar.today
    stages, versions = [], []
    order = {0: 1, 4: 2, 1: 3, 2: 4, 3: 5}
    for place, stage in enumerate(words("master")["stages"]):
        retired = "retired" in stage
        now = {"name": stage["name"], "position": order[place], "probability_bp": stage["probability"]}
        stages.append({**now, "meaning": stage.get("meaning"), "active": not retired})
        then = {**now, "name": stage.get("was", stage["name"]), "probability_bp": stage.get("was_probability", stage["probability"])}
        versions.append({"stage_id": place + 1, "valid_from": day(first).isoformat(), **then})
        if "was" in stage:
            versions.append({"stage_id": place + 1, "valid_from": day(today - STAGE_RENAMED_AGO).isoformat(), **now})
    yield listed(Stage, stages)
    yield listed(StageVersion, versions)


def _reasons() -> Rows:
    lists = words("master")
    found: list[dict[str, Any]] = [
        {"name": name, "kind": LossKind.LOST.value, "names_competitor": names} for name, _, names in lists["lost_reasons"]["list"]
    ]
    found += [{"name": name, "kind": LossKind.STOPPED.value, "names_competitor": False} for name, _ in lists["stop_reasons"]["list"]]
    return listed(LossReason, found)


def _targets(company: Company) -> Rows:
    targets = company.targets
    return table(
        SalesTarget, len(targets), month=days(targets.month), unit=chosen(list(TargetUnit), targets.unit), team_id=reference(targets.team),
        user_id=reference(targets.rep), amount=whole(targets.amount), valid_from=days(targets.since), valid_to=days(targets.until),
    )  # fmt: skip


def _closed_months(company: Company) -> Rows:
    """Finance has closed the years before the last one, month by month, six weeks after each."""
    starts = company.calendar.month_starts()
    last = day(company.calendar.today).year - 1
    closed = starts[starts < number(day(company.calendar.today).replace(year=last, month=1, day=1))]
    at = hours(company.dice.of("closed months"), closed + 75)
    return table(ClosedMonth, len(closed), month=days(closed), closed_at=moments(at), closed_by_id=same(FANG))
