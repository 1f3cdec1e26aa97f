"""A value as a person would type it into a control; what they typed wrongly stays as it was."""

from decimal import Decimal
from typing import Any


def typed(value: Any, control: str) -> str:
    """The text of a control: amounts with separators, percentages (kept in hundredths of a percent) as percentages."""
    if value is None:
        return ""
    if control == "amount" and isinstance(value, Decimal):
        return f"{value:,.2f}"
    if control == "percent" and isinstance(value, int):
        return f"{(Decimal(value) / 100).normalize():f}"
    if control == "count" and isinstance(value, Decimal):
        return f"{value.normalize():f}"
    return str(value)
