"""Competition 竞争分析: whom we meet, how that ends, at which price, and what we are chosen or left for.

Grain of `main`: one row per competitor; an opportunity counts in the row of each competitor that it met for the first time in the period,
and once in the total. `products`: per competitor and product of ours, with the mean price difference; `strengths`, `weaknesses`: how often
the records of the period name each factor; `records`: the competition records themselves.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries import measures as m
from dashboard.queries.report import Listing, Report, View

ENDED = (m.ENCOUNTERS_WON, m.ENCOUNTERS_LOST, m.ENCOUNTERS_STOPPED, m.ENCOUNTERS_OPEN)
PRICES = (m.COMPETITION_RECORDS, m.PRICED_RECORDS, m.PRICE_DIFFERENCE)

REPORT = Report(
    key="competition",
    title=_l("Competition"),
    question=_l("Whom do we meet, how does it end, at which price, and what are we chosen or left for?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE}),
    headline=(m.ENCOUNTERS, m.ENCOUNTERS_WON, m.ENCOUNTERS_LOST, m.ENCOUNTERS_WIN_RATE, m.ENCOUNTERS_OPEN, m.AT_STAKE),
    views=(
        View(
            "main", _l("By competitor"), ("competitor",), (m.ENCOUNTERS, *ENDED, m.ENCOUNTERS_WIN_RATE, m.AT_STAKE),
            order="encounters", overlapping=True,
        ),
        View("products", _l("By competitor and product"), ("competitor", "product"), PRICES, order="competition_records"),
        View("strengths", _l("Our strengths"), ("factor",), (m.STRENGTHS,), order="strength_count"),
        View("weaknesses", _l("Our weaknesses"), ("factor",), (m.WEAKNESSES,), order="weakness_count"),
        Listing("records", _l("Competition records"), m.COMPETITION_RECORDS, order="day"),
    ),
    filters=("team", "rep", "product", "source", "campaign", "customer", "competitor"),
    opens={"main": "products"},
)  # fmt: skip
