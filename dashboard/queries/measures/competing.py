"""Against whom we compete, with what result, at which prices, and what speaks for and against us."""

from crm.vocabulary import Unit
from dashboard.i18n import Lazy, _l
from dashboard.queries.measure import Derived, Measure, count, money, of_both, per

ENCOUNTERS = count(
    "encounters",
    _l("Encounters"),
    _l("Opportunities whose first record against that competitor lies in the period; in a total each counts once."),
    "encounter",
)


def _encounters(status: str, key: str, title: Lazy) -> Measure:
    definition = _l("Of these encounters: by the status of the opportunity at the end of the state day.")
    return count(f"encounters_{key}", title, definition, "encounter", f"status = '{status}'")


ENCOUNTERS_WON = _encounters("won", "won", _l("Encounters won"))
ENCOUNTERS_LOST = _encounters("lost", "lost", _l("Encounters lost"))
ENCOUNTERS_STOPPED = _encounters("stopped", "stopped", _l("Encounters stopped"))
ENCOUNTERS_OPEN = _encounters("following", "open", _l("Encounters still open"))
AT_STAKE = money(
    "at_stake_amount",
    _l("At stake"),
    _l("Expected amount of the encounters that are still open at the end of the state day."),
    "encounter",
    "status = 'following'",
)
ENCOUNTERS_WIN_RATE = of_both(
    "encounters_win_rate", _l("Win rate against them"), _l("Encounters won / (won + lost)."), ENCOUNTERS_WON, ENCOUNTERS_LOST
)
COMPETITION_RECORDS = count(
    "competition_records", _l("Competition records"), _l("Competition records whose day lies in the period."), "competition"
)
PRICED = "their_unit_price is not null and our_unit_price is not null"
PRICED_RECORDS = count(
    "priced_records", _l("Records with both prices"), _l("Competition records with their unit price and ours."), "competition", PRICED
)
PRICE_DIFFERENCES = money(
    "price_differences",
    _l("Sum of price differences"),
    _l("Their unit price − ours, after discount, in the latest quote by the end of the state day."),
    "competition",
    PRICED,
    "their_unit_price - our_unit_price",
)
STRENGTHS = count(
    "strength_count",
    _l("Named as our strength"),
    _l("How often competition records of the period name it as our strength."),
    "competition_factor",
    "side = 'strength'",
)
WEAKNESSES = count(
    "weakness_count",
    _l("Named as our weakness"),
    _l("How often competition records of the period name it as our weakness."),
    "competition_factor",
    "side = 'weakness'",
)
PRICE_DIFFERENCE = Derived(
    "price_difference",
    _l("Mean price difference"),
    Unit.MONEY,
    _l("Mean of their unit price − ours, after discount, in the latest quote; below zero: they are cheaper."),
    (PRICE_DIFFERENCES, PRICED_RECORDS),
    per,
)
