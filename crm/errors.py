"""What may go wrong, each a class named by what happened, with a sentence and its values.

A sentence is a message id (English, `{name}` placeholders); the edge translates it once (`dashboard.i18n.explain`). Whatever is
not a `CrmError` is a fault of the program: the person gets a reference, the log the trace.
"""

from typing import Any, ClassVar

from crm.vocabulary import N_


class CrmError(Exception):
    """Something a person can understand and act on. `values` fill the placeholders of `message`."""

    message: ClassVar[str] = N_("Something went wrong.")

    def __init__(self, **values: Any) -> None:
        super().__init__()
        self.values = values

    def __str__(self) -> str:
        """The sentence in English, for logs and the command line's fallback."""
        return self.message.format(**self.values)


class NotFound(CrmError):
    """The record does not exist, or is outside of the person's scope: the two look alike."""

    message = N_("There is no such record within your reach.")


class NotAllowed(CrmError):
    """The record is within reach, but this act on it is not the person's (`act`, `kind`, and of one record `subject` and `subject_id`)."""

    message = N_("You may not do this here.")


class ChangedMeanwhile(CrmError):
    """Somebody saved the record after this person opened it (`by`, `changes`: field → (theirs now, as opened))."""

    message = N_("{by} changed this record while you were editing it. Look at the changes and choose.")


class AlreadySubmitted(CrmError):
    """The same form was sent before; `kind` and `record_id` name what it made."""

    message = N_("This form was already saved.")


class Invalid(CrmError):
    """Some fields can't be accepted: `faults` maps a field's key to a `CrmError` or a message id with values."""

    message = N_("Some fields need another look.")

    def __init__(self, faults: dict[str, "CrmError"]) -> None:
        super().__init__()
        self.faults = faults


class DatabaseNewer(CrmError):
    """The database was made by a later version of the program."""

    message = N_(
        "The database is at revision {found}, newer than this program knows ({known}). Install the newer program; nothing was changed."
    )


class DatabaseOlder(CrmError):
    """The database waits for migrations."""

    message = N_("The database is at revision {found} and this program needs {known}. Run `saleslens db upgrade` first.")


class DatabaseBusy(CrmError):
    """Another writer held the database for longer than a person should wait."""

    message = N_("The database is busy at the moment. Nothing was changed; please try again.")


class DatabaseGone(CrmError):
    """The database can't be reached, or its disk is full."""

    message = N_("The database can't be reached or written at the moment. Nothing was changed; please try again.")
