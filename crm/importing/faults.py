"""Why a cell or a row can't be taken: each a class named by what is wrong, with a sentence.

A `Fault` says where: the column as the file calls it, the value as it stands there, and the reason. `WHERE` is the sentence
around it.
"""

from dataclasses import dataclass

from crm.errors import CrmError
from crm.vocabulary import N_

WHERE = N_("Row {row}, column “{column}”, value “{value}”: {reason}")
SHOWN = 80
"""Characters of a value that a sentence quotes."""


class ValueFault(CrmError):
    """A cell whose value can't be taken. `value` is the text of the cell."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one row. `column` is empty where the fault lies in no single column of the file."""

    field: str
    column: str
    value: str
    reason: CrmError


class ErrorInCell(ValueFault):
    """#N/A, #DIV/0! and the like."""

    message = N_("The cell shows the error {code}.")


class FormulaNotCalculated(ValueFault):
    """A formula that the file holds no result of."""

    message = N_("The cell holds a formula without a result. Open the file in a spreadsheet program and save it again.")


class TextTooLong(ValueFault):
    """More characters than the field holds."""

    message = N_("The text has {length} characters; at most {limit} fit.")


class ControlCharacter(ValueFault):
    """Characters that no text should hold, such as NUL."""

    message = N_("The text contains a control character ({code}).")


class NotANumber(ValueFault):
    """Not a number in the layout's style."""

    message = N_("This is not a number.")


class NotWhole(ValueFault):
    """A fraction where a count belongs."""

    message = N_("This must be a whole number.")


class TooLarge(ValueFault):
    """Beyond every sensible value."""

    message = N_("This number is too large; the limit is {limit}.")


class BelowZero(ValueFault):
    """Negative where that means nothing."""

    message = N_("This must not be negative.")


class PercentUnclear(ValueFault):
    """1 may be 1 % or 100 %."""

    message = N_("It is unclear whether this means 1 % or 100 %. Write the percent sign.")


class PercentOutOfRange(ValueFault):
    """Not between 0 and 100 %."""

    message = N_("A percentage lies between 0 % and 100 %.")


class NotADate(ValueFault):
    """Not a date in any known form."""

    message = N_("This is not a date. Write it like 2026-03-05.")


class NoSuchDay(ValueFault):
    """30 February and the like."""

    message = N_("This day does not exist in the calendar.")


class DayOutOfRange(ValueFault):
    """Long before or after any business."""

    message = N_("This date lies outside of {first} to {last}.")


class YearOfTwoDigits(ValueFault):
    """26/3/5: the century is a guess."""

    message = N_("The year needs four digits.")


class DateOrderUnknown(ValueFault):
    """3/5/2026 without a stated order."""

    message = N_("It is unclear whether this is day before month or month before day.")


class NotYesOrNo(ValueFault):
    """Neither yes nor no."""

    message = N_("This is neither yes nor no.")


class NotAPhone(ValueFault):
    """Not a telephone number."""

    message = N_("This is not a telephone number.")


class NotAnEmail(ValueFault):
    """Not an e-mail address."""

    message = N_("This is not an e-mail address.")


class NotAChoice(ValueFault):
    """A word outside of the closed set."""

    message = N_("This is none of: {choices}.")


class CellsBeyondHeader(ValueFault):
    """More cells in the row than the header has columns."""

    message = N_("The row has values beyond the last column of the header. A separator or a quotation mark is probably missing.")


class RequiredValueMissing(CrmError):
    """A required field without a value."""

    message = N_("“{field}” is required.")


class OneOfMissing(CrmError):
    """None of several fields, of which at least one is required."""

    message = N_("At least one of {fields} is required.")


class NeededHere(CrmError):
    """A field that the value of another makes required."""

    message = N_("“{field}” is required when “{because}” is {value}.")


class DaysOutOfOrder(CrmError):
    """A day before the day it must follow."""

    message = N_("“{later}” ({later_day}) lies before “{earlier}” ({earlier_day}).")
