"""What stands open with whom, how much of it is probable, and how the work with customers goes on."""

from dashboard.i18n import _l
from dashboard.queries.measure import count, money

NEW_COUNT = count("new_count", _l("New opportunities"), _l("Opportunities created in the period."), "created")
NEW_AMOUNT = money(
    "new_amount", _l("New amount"), _l("Expected amount, when created, of the opportunities created in the period."), "created"
)
OPEN_COUNT = count(
    "open_count", _l("Open opportunities"), _l("Opportunities that stand “following” at the end of the state day."), "open_then"
)
OPEN_AMOUNT = money(
    "open_amount",
    _l("Open amount"),
    _l("Expected amount of the opportunities that stand “following” at the end of the state day."),
    "open_then",
)
PROBABLE_PART = "round(amount * probability, 2)"
WEIGHTED = money(
    "weighted_amount",
    _l("Weighted pipeline"),
    _l("Open amounts × the probability of their stage, each rounded half-up to the cent."),
    "open_then",
    value=PROBABLE_PART,
)
WEIGHTED_INSIDE = money(
    "weighted_inside_amount",
    _l("Weighted, closing in the period"),
    _l("Weighted amounts with an expected close after the state day and inside the period."),
    "open_then",
    where="expected_close_on > $state and expected_close_on >= $start and expected_close_on < $end",
    value=PROBABLE_PART,
)
SLIPPED = "expected_close_on < $state"
SLIPPED_COUNT = count(
    "slipped_count",
    _l("Slipped opportunities"),
    _l("Still open at the end of the state day, expected to close before it."),
    "open_then",
    where=SLIPPED,
)
SLIPPED_AMOUNT = money(
    "slipped_amount",
    _l("Slipped amount"),
    _l("Open amount of opportunities that were expected to close before the state day."),
    "open_then",
    where=SLIPPED,
)
OPEN_WITHOUT_AMOUNT = count(
    "open_without_amount",
    _l("Open without an amount"),
    _l("Open opportunities whose expected amount is unknown: they count as 0 in amounts."),
    "open_then",
    where="not amount_known",
)
NEGLECTED = _l("Open, its latest of follow-up, assignment and creation more than the company's limit of days before the state day.")
NEGLECTED_COUNT = count("neglected_count", _l("Neglected"), NEGLECTED, "neglected")
NEGLECTED_AMOUNT = money("neglected_amount", _l("Neglected amount"), NEGLECTED, "neglected")
FOLLOW_UPS = count("followup_count", _l("Follow-ups"), _l("Follow-ups written in the period."), "follow_up")
