"""What was signed, and whose place in the ranking that is."""

from crm.vocabulary import Unit
from dashboard.i18n import _l
from dashboard.queries.measure import count, money, place

SIGNED_COUNT = count("signed_count", _l("Signings"), _l("Valid contracts signed in the period."), "signed")
SIGNED_AMOUNT = money(
    "signed_amount",
    _l("Signed amount"),
    _l("Amount, as amended up to the state day, of the valid contracts signed in the period."),
    "signed",
)
RANKED_AMOUNT = money(
    "ranked_amount", _l("Signed amount in the ranking"), _l("Signed amount of everybody, as the ranking lists show it."), "ranking"
)


RANK_IN_TEAM = place(
    "rank_in_team", _l("Rank in the team"), _l("By signed amount in the team; equal amounts share a rank."), SIGNED_AMOUNT
)
RANK_IN_COMPANY = place(
    "rank_in_company", _l("Rank in the company"), _l("By signed amount in the company; equal amounts share a rank."), SIGNED_AMOUNT
)
RANK_MOVEMENT = place(
    "rank_movement",
    _l("Movement"),
    _l("Ranks in the company that were gained (below zero: lost) since the compared period."),
    SIGNED_AMOUNT,
    Unit.MOVE,
)
SOLD_AMOUNT = money(
    "sold_amount", _l("Sold amount"), _l("Lines, after discount, of the valid contracts signed in the period."), "signed_line"
)
RANK_BY_SOLD = place(
    "rank_by_sold", _l("Rank"), _l("By sold amount, among the products sold within your reach; equal amounts share a rank."), SOLD_AMOUNT
)
