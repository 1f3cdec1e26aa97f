"""All operational rows that the reports speak of, as plain lists, with the few look-ups that everybody needs."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from typing import Any

from sqlalchemy import Engine, select

from crm import models
from crm.db import reading

Row = Any
"""A row of a table, its columns by name."""


class Books:
    """The company's records as they stand in the operational database now."""

    def __init__(self, engine: Engine) -> None:
        with reading(engine) as session:

            def rows(model: type[models.Base]) -> list[Row]:
                return list(session.execute(select(*model.__table__.columns)))

            self.opportunities = rows(models.Opportunity)
            self.contracts = rows(models.Contract)
            self.leads = rows(models.Lead)
            self.campaigns = rows(models.Campaign)
            self.targets = rows(models.SalesTarget)
            self.gone = {row.id for row in rows(models.User) if not row.active}
            self.costs = _by(rows(models.Cost), lambda row: row.contract_id)
            self.receipts = _by(rows(models.Receipt), lambda row: row.contract_id)
            self.named = _by(rows(models.ReceiptInstalment), lambda row: row.receipt_id)
            self.plans = _by(rows(models.PaymentPlan), lambda row: row.contract_id)
            self.instalments = _by(rows(models.Instalment), lambda row: row.plan_id)
            self.opportunity_acts = _by(sorted(rows(models.OpportunityHistory), key=_seq), lambda row: row.opportunity_id)
            self.contract_acts = _by(sorted(rows(models.ContractHistory), key=_seq), lambda row: row.contract_id)
            self.follow_ups = _by(rows(models.FollowUp), lambda row: row.opportunity_id)
            self.competition = _by(rows(models.CompetitionRecord), lambda row: row.opportunity_id)
            self.factors = _by(rows(models.CompetitionRecordFactor), lambda row: row.record_id)
            self.quotes = _by(rows(models.Quote), lambda row: row.opportunity_id)
            self.quote_lines = _by(rows(models.QuoteLine), lambda row: row.quote_id)
            self.setting_versions = rows(models.SettingVersion)
            self.stage_versions = _by(rows(models.StageVersion), lambda row: row.stage_id)
            self.contract_lines = _by(rows(models.ContractLine), lambda row: row.contract_id)
            self.opportunity_lines = _by(rows(models.OpportunityLine), lambda row: row.opportunity_id)
            self.former_contract_lines = _by(rows(models.FormerContractLine), lambda row: row.contract_id)
            self.former_opportunity_lines = _by(rows(models.FormerOpportunityLine), lambda row: row.opportunity_id)
        self.contracts_of = _by(self.contracts, lambda row: row.opportunity_id)
        self.created_by_lead = _by((row for row in self.opportunities if row.lead_id), lambda row: row.lead_id)


def _seq(row: Row) -> int:
    return int(row.seq)


def _by(rows: Iterable[Row], key: Callable[[Row], Hashable]) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found
