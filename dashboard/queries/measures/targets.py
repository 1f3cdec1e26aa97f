"""What was planned, and how far it was reached."""

from crm.money import ratio
from crm.vocabulary import Unit
from dashboard.i18n import _l
from dashboard.queries.measure import Derived, money, rate
from dashboard.queries.measures.pipeline import WEIGHTED_INSIDE
from dashboard.queries.measures.signings import SIGNED_AMOUNT

TARGET = money(
    "target_amount",
    _l("Target"),
    _l("Target of the months in the period, each by its share of days, half-up to the cent."),
    "target",
    value="part",
)
GAP = Derived("gap_amount", _l("Gap"), Unit.MONEY, _l("Target − signed."), (TARGET, SIGNED_AMOUNT), lambda target, signed: target - signed)
COMPLETION = rate("completion_rate", _l("Completion"), _l("Signed / target."), SIGNED_AMOUNT, TARGET)
PROJECTED_AMOUNT = Derived(
    "projected_amount",
    _l("Projected amount"),
    Unit.MONEY,
    _l("Signed + weighted amounts closing after the state day and inside the period."),
    (SIGNED_AMOUNT, WEIGHTED_INSIDE),
    lambda signed, weighted: signed + weighted,
)
PROJECTED = Derived(
    "projected_completion",
    _l("Projected completion"),
    Unit.RATE,
    _l("(Signed + weighted amounts closing after the state day and inside the period) / target."),
    (SIGNED_AMOUNT, WEIGHTED_INSIDE, TARGET),
    lambda signed, weighted, target: ratio(signed + weighted, target),
)
