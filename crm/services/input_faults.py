"""What can be wrong with a value that a person typed, each a sentence with its values."""

from crm.errors import CrmError
from crm.vocabulary import N_


class Missing(CrmError):
    """A field that must be filled was left empty."""

    message = N_("Please fill this in.")


class TooLong(CrmError):
    """More characters than the field keeps."""

    message = N_("This text has {length} characters; at most {limit} fit.")


class Unreadable(CrmError):
    """NUL and other characters that no text holds."""

    message = N_("This text contains characters that can't be kept (such as {character}). Please type it again.")


class NotNegative(CrmError):
    """A negative amount where it has no meaning."""

    message = N_("This amount can't be negative.")


class NotPositive(CrmError):
    """An amount of zero where money must be meant."""

    message = N_("This amount must be above zero.")


class DayAhead(CrmError):
    """What has happened has a date up to today."""

    message = N_("{day} is in the future.")


class NotADay(CrmError):
    """Text that is no date of the calendar."""

    message = N_("“{value}” is not a date.")


class DayOutOfRange(CrmError):
    """A date that nobody means."""

    message = N_("{day} is not between {first} and {last}.")


class DayIsPast(CrmError):
    """What is arranged lies ahead."""

    message = N_("{day} is past.")


class DatesReversed(CrmError):
    """Something that ends before it begins."""

    message = N_("The last day is before the first.")


class NotANumber(CrmError):
    """Text that is no whole number."""

    message = N_("“{value}” is not a whole number.")


class NumberOutOfRange(CrmError):
    """A whole number beyond its field's bounds."""

    message = N_("This must be between {least} and {most}.")


class TooMany(CrmError):
    """More files, lines or choices than one act takes."""

    message = N_("These are {count}; at most {most} go into one.")


class NotAQuantity(CrmError):
    """Text that is no quantity: zero or less, finer than a thousandth, or beyond what anybody sells."""

    message = N_("“{value}” is not a quantity; up to three decimals, above zero.")


class NotAChoice(CrmError):
    """A value that the field does not offer."""

    message = N_("Please choose one of the values offered.")


class NotAPhone(CrmError):
    """Text that nobody can dial."""

    message = N_("“{value}” is not a phone number.")


class NotAnEmail(CrmError):
    """Text that is no e-mail address."""

    message = N_("“{value}” is not an e-mail address.")


class UnknownField(CrmError):
    """A field that the form does not have."""

    message = N_("This form has no such field.")
