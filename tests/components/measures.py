"""A few measures and rows for the kit's tests: three teams, of which East is ahead and West behind."""

from dataclasses import dataclass
from decimal import Decimal

from crm.vocabulary import Unit


@dataclass(frozen=True)
class AMeasure:
    key: str
    title: str
    unit: Unit
    definition: str = "What it is."


TARGET = AMeasure("target_amount", "Target amount", Unit.MONEY)
SIGNED = AMeasure("signed_amount", "Signed", Unit.MONEY)
PROJECTED = AMeasure("projected_amount", "Projected amount", Unit.MONEY)
COMPLETED = AMeasure("projected_completion", "Projected completion", Unit.RATE)
RATE = AMeasure("conversion_rate", "Lead conversion rate", Unit.RATE)
LEADS = AMeasure("leads", "Leads", Unit.COUNT)
CONVERTED = AMeasure("converted", "Converted", Unit.COUNT)
LOST = AMeasure("lost_count", "Lost", Unit.COUNT)
STOPPED = AMeasure("stopped_count", "Stopped", Unit.COUNT)
CYCLE = AMeasure("cycle_median_days", "Sales cycle", Unit.DAYS)


def team(id: int, name: str, target: int, signed: int, projected: int) -> dict:
    return {
        "team": id,
        "team_label": name,
        "target_amount": Decimal(target),
        "signed_amount": Decimal(signed),
        "projected_amount": Decimal(projected),
        "projected_completion": Decimal(projected) / target,
    }


TEAMS = [
    team(2, "华西", 8_000_000, 3_000_000, 4_000_000),
    team(1, "华东", 10_000_000, 9_000_000, 12_000_000),
    team(3, "华南", 5_000_000, 5_000_000, 5_000_000),
]
