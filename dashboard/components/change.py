"""How far a figure is from the compared window, in words: one rule for cards, cells and paper.

A headline figure has the difference itself, of rates in points, and its percentage of the base; a cell has room for one of them: rates
differ in points, all else in percent. Over no base there is a dash. Tables on the screen do the same (assets/grid.js).
"""

import re
from decimal import Decimal

from crm.vocabulary import Unit
from dashboard.i18n import NOTHING, _, percent, short, tabled

Figure = Decimal | int | None


def in_words(unit: Unit, value: Figure, before: Figure) -> str:
    """Where there is room: the direction as a word, and the difference itself beside its percentage."""
    if value is None or not before:
        return NOTHING
    by = Decimal(value) - Decimal(before)
    if not by:
        return _("unchanged")
    direction, difference = _("up") if by > 0 else _("down"), _far(unit, by, before) if unit is Unit.RATE else short(abs(by), unit)
    return f"{direction} {difference} ({percent(abs(by / Decimal(before)))})"


def signed(unit: Unit, value: Figure, before: Figure) -> str:
    """Under a cell: a sign and how far, days in days; rates and days need no base."""
    if value is None or before is None:
        return NOTHING
    by = Decimal(value) - Decimal(before)
    far = tabled(abs(by), unit) if unit is Unit.DAYS else _far(unit, by, before)
    return far if far == NOTHING else f"{'±' if not re.match('[^ ]*[1-9]', far) else '+' if by > 0 else '−'}{far}"


def _far(unit: Unit, by: Decimal, before: Decimal | int) -> str:
    if unit is Unit.RATE:
        return _("{points} points", points=percent(abs(by)).removesuffix("%"))
    return percent(abs(by / Decimal(before))) if before else NOTHING
