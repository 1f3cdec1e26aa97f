"""Competition 竞争分析: whom we meet, how that ends, at which price, and what we are chosen or left for.

Grain of `main`: one row per competitor; an opportunity counts in the row of each competitor that it met for the first time in the period,
and once in the total. `products`: per competitor and product of ours, with the mean price difference; `strengths`, `weaknesses`: how often
the records of the period name each factor; `records`: the competition records themselves.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries.measures.competing import (
    AT_STAKE,
    COMPETITION_RECORDS,
    ENCOUNTERS,
    ENCOUNTERS_LOST,
    ENCOUNTERS_OPEN,
    ENCOUNTERS_STOPPED,
    ENCOUNTERS_WIN_RATE,
    ENCOUNTERS_WON,
    PRICE_DIFFERENCE,
    PRICED_RECORDS,
    STRENGTHS,
    WEAKNESSES,
)
from dashboard.queries.report import Listing, Report, View

ENDED = (ENCOUNTERS_WON, ENCOUNTERS_LOST, ENCOUNTERS_STOPPED, ENCOUNTERS_OPEN)
PRICES = (COMPETITION_RECORDS, PRICED_RECORDS, PRICE_DIFFERENCE)

REPORT = Report(
    key="competition",
    title=_l("Competition"),
    question=_l("Which competitors do we meet, how does it end, at what price, and what are we chosen or passed over for?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}),
    headline=(ENCOUNTERS, ENCOUNTERS_WON, ENCOUNTERS_LOST, ENCOUNTERS_WIN_RATE, ENCOUNTERS_OPEN, AT_STAKE),
    views=(
        View(
            "main", _l("By competitor"), ("competitor",), (ENCOUNTERS, *ENDED, ENCOUNTERS_WIN_RATE, AT_STAKE),
            order="encounters", overlapping=True,
        ),
        View("products", _l("By competitor and product"), ("competitor", "product"), PRICES, order="competition_records"),
        View("strengths", _l("Our strengths"), ("factor",), (STRENGTHS,), order="strength_count"),
        View("weaknesses", _l("Our weaknesses"), ("factor",), (WEAKNESSES,), order="weakness_count"),
        Listing("records", _l("Competition records"), COMPETITION_RECORDS, order="day"),
    ),
    filters=("team", "rep", "product", "source", "campaign", "customer", "competitor"),
    opens={"main": "products"},
)  # fmt: skip
