"""How far a figure is from the compared window, in words: one rule for cards, cells and paper.

Rates differ in points, all else in percent of the base; over no base there is a dash. Tables on the screen do the same (assets/grid.js).
"""

from decimal import Decimal

from crm.vocabulary import Unit
from dashboard.i18n import NOTHING, _, percent, short

Figure = Decimal | int | None


def in_words(unit: Unit, value: Figure, before: Figure) -> str:
    """Where there is room: the direction as a word, and but for rates the difference itself beside its percentage."""
    if value is None or not before:
        return NOTHING
    by = Decimal(value) - Decimal(before)
    if not by:
        return _("unchanged")
    direction, far = _("up") if by > 0 else _("down"), _far(unit, by, before)
    return f"{direction} {far}" if unit is Unit.RATE else f"{direction} {short(abs(by), unit)} ({far})"


def signed(unit: Unit, value: Figure, before: Figure) -> str:
    """Under a cell: a sign and how far, days in days; rates and days need no base."""
    if value is None or before is None:
        return NOTHING
    by = Decimal(value) - Decimal(before)
    far = f"{abs(by):.1f}" if unit is Unit.DAYS else _far(unit, by, before)
    return far if far == NOTHING else f"{'+' if by > 0 else '−' if by < 0 else '±'}{far}"


def _far(unit: Unit, by: Decimal, before: Decimal | int) -> str:
    if unit is Unit.RATE:
        return _("{points} points", points=percent(abs(by)).removesuffix("%"))
    return percent(abs(by / Decimal(before))) if before else NOTHING
