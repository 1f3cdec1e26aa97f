"""How opportunities ended: won, lost or stopped, at what rate, and after how many days."""

from crm.money import ratio
from crm.vocabulary import Unit
from dashboard.i18n import Lazy, _l
from dashboard.queries.measure import Derived, Measure, count, money, of_both


def _closing(status: str, title: Lazy, amount_title: Lazy, definition: Lazy, over: str = "closed") -> tuple[Measure, Measure]:
    where = f"status = '{status}'"
    return count(f"{status}_count", title, definition, over, where), money(f"{status}_amount", amount_title, definition, over, where)


WON_COUNT, WON_AMOUNT = _closing(
    "won",
    _l("Won opportunities"),
    _l("Won amount"),
    _l("Opportunities won in the period: the date and amount of their valid contract."),
    "won",
)
LOST_COUNT, LOST_AMOUNT = _closing(
    "lost",
    _l("Lost opportunities"),
    _l("Lost amount"),
    _l("Opportunities lost in the period and not reopened by the state day; expected amount at closing."),
)
STOPPED_COUNT, STOPPED_AMOUNT = _closing(
    "stopped",
    _l("Stopped opportunities"),
    _l("Stopped amount"),
    _l("Opportunities stopped in the period and not reopened by the state day; expected amount at closing."),
)
NOT_WON = "status in ('lost', 'stopped')"
NOT_WON_COUNT = count(
    "not_won_count",
    _l("Lost and stopped"),
    _l("Opportunities lost or stopped in the period and not reopened by the state day."),
    "closed",
    NOT_WON,
)
NOT_WON_AMOUNT = money(
    "not_won_amount",
    _l("Lost and stopped amount"),
    _l("Expected amount at closing of the opportunities lost or stopped in the period."),
    "closed",
    NOT_WON,
)
LOSS_WITHOUT_AMOUNT = count(
    "not_won_without_amount",
    _l("Lost and stopped without an amount"),
    _l("Lost or stopped opportunities whose expected amount is unknown: they count as 0 in amounts."),
    "closed",
    f"{NOT_WON} and not amount_known",
)
LOST_LINE_AMOUNT = money(
    "lost_amount", _l("Lost amount"), _l("Lost amount, split by the products of the opportunity."), "closed_line", "status = 'lost'"
)
STOPPED_LINE_AMOUNT = money(
    "stopped_amount",
    _l("Stopped amount"),
    _l("Stopped amount, split by the products of the opportunity."),
    "closed_line",
    "status = 'stopped'",
)
NOT_WON_LINE_COUNT = count(
    "not_won_count",
    _l("Lost and stopped"),
    _l("Opportunities lost or stopped with this product; one with several products counts in each row."),
    "closed_line",
    NOT_WON,
)
NOT_WON_LINE_AMOUNT = money(
    "not_won_amount",
    _l("Lost and stopped amount"),
    _l("Lost and stopped amount, split by the products of the opportunity."),
    "closed_line",
    NOT_WON,
)
WIN_RATE = of_both("win_rate", _l("Win rate"), _l("Won / (won + lost), by number."), WON_COUNT, LOST_COUNT)
WIN_RATE_BY_AMOUNT = of_both("win_rate_by_amount", _l("Win rate by amount"), _l("Won / (won + lost), by amount."), WON_AMOUNT, LOST_AMOUNT)
CYCLE_MEDIAN = Measure(
    "cycle_median_days",
    _l("Median sales cycle"),
    Unit.DAYS,
    _l("Median of the days from creation to the contract's date, of the opportunities won in the period."),
    "won",
    value="cycle_days",
    fold="median",
)
CYCLE_DAYS = count(
    "cycle_days",
    _l("Days of all sales cycles"),
    _l("Days from creation to the contract's date, summed over the opportunities won in the period."),
    "won",
    value="cycle_days",
)
CYCLE_MEAN = Derived(
    "cycle_mean_days",
    _l("Mean sales cycle"),
    Unit.DAYS,
    _l("Mean of the days from creation to the contract's date, of the opportunities won in the period."),
    (CYCLE_DAYS, WON_COUNT),
    ratio,
)
