"""Why a whole file or a layout can't be taken, or what was noticed about it: each a class named by what happened.

A `FileProblem` stops the import before anything is written. A `Notice` stops nothing; it is shown beside the result.
`file` is the name the person knows the file by; rows and columns are numbered as a spreadsheet program shows them.
"""

from crm.errors import CrmError
from crm.vocabulary import N_


class FileProblem(CrmError):
    """The file can't be read."""


class EmptyFile(FileProblem):
    """No bytes, or no cell with a value."""

    message = N_("“{file}” is empty.")


class HeaderOnly(FileProblem):
    """A header without a row below it."""

    message = N_("“{file}” has a header in row {row} and nothing below it.")


class FileTooLarge(FileProblem):
    """More bytes than the upload limit."""

    message = N_("“{file}” is larger than the limit of {limit} MB. Split the file, or have the limit raised in the settings.")


class TooManyRows(FileProblem):
    """More rows than the row limit."""

    message = N_("“{file}” has more than {limit} rows. Split the file, or have the limit raised in the settings.")


class TooManyColumns(FileProblem):
    """More columns than any sensible table has."""

    message = N_("“{file}” has {columns} columns; at most {limit} can be read. Remove what is not part of the table.")


class SheetTooWide(FileProblem):
    """The used area, rows × columns, is larger than can be held."""

    message = N_("The sheet “{sheet}” spans {rows} rows and {columns} columns: too many. Delete stray cells far away from the table.")


class UnpacksTooLarge(FileProblem):
    """A small package that unpacks to a giant: by accident or on purpose."""

    message = N_("“{file}” unpacks to more than {limit} MB and was not opened.")


class DamagedFile(FileProblem):
    """The file says it is a spreadsheet but can't be read as one."""

    message = N_("“{file}” is damaged and can't be read. Open it in a spreadsheet program and save it again.")


class PasswordProtected(FileProblem):
    """An encrypted workbook."""

    message = N_("“{file}” is protected by a password. Save it without one and try again.")


class HtmlFile(FileProblem):
    """A web page, often named .xls by the system that exported it."""

    message = N_("“{file}” is a web page, whatever its name says. Open it in a spreadsheet program and save it as XLSX.")


class OldXmlSpreadsheet(FileProblem):
    """The XML format of 2003, or the binary XLSB."""

    message = N_("“{file}” is in a spreadsheet format that can't be read here. Save it as XLSX.")


class WrongFileType(FileProblem):
    """Something else altogether: a picture, a PDF, an archive ..."""

    message = N_("“{file}” is not a table: its content is {found}. Use XLSX, XLS, ODS or CSV.")


class BinaryContent(FileProblem):
    """A text file with NUL bytes."""

    message = N_("“{file}” contains NUL bytes (the first in line {line}) and is not a proper text file. Export it again as CSV in UTF-8.")


class UnknownEncoding(FileProblem):
    """Bytes that no known encoding explains."""

    message = N_("The characters of “{file}” can't be read: line {line} fits no known encoding. Save it as CSV in UTF-8.")


class BrokenQuotes(FileProblem):
    """Quotation marks that do not pair up."""

    message = N_("The quotation marks of “{file}” do not pair up in row {row}. Correct that row, or export the file again.")


class SeveralSheets(FileProblem):
    """More than one sheet holds data and none was chosen."""

    message = N_("“{file}” has several sheets with data: {sheets}. Choose one.")

    @property
    def choices(self) -> tuple[str, ...]:
        """The sheets to choose from."""
        return tuple(self.values["names"])


class NoSuchSheet(FileProblem):
    """The chosen sheet is not in the file."""

    message = N_("“{file}” has no sheet “{sheet}”. It has: {sheets}.")


class Notice(CrmError):
    """Something worth knowing about a file that was read."""


class TitleSkipped(Notice):
    """Lines above the header."""

    message = N_("The header is in row {row}; what stands above it was skipped.")


class ColumnsHidden(Notice):
    """Hidden columns are data too."""

    message = N_("Hidden columns were read too: {columns}.")


class CellsMerged(Notice):
    """A merged area has one value for all the rows it covers."""

    message = N_("{count} merged areas (the first is {first}): the value was taken for each row of the area, in its first column.")


class SheetsHidden(Notice):
    """Hidden sheets are not offered."""

    message = N_("Hidden sheets were not read: {sheets}.")


class EncodingGuessed(Notice):
    """Neither UTF nor GB18030: a guess that a person should look at."""

    message = N_("The encoding was guessed as {encoding}. Look at the names before you import.")


class ColumnsIgnored(Notice):
    """Columns that the layout neither maps nor names as ignored."""

    message = N_("These columns are not part of the layout and were left out: {columns}.")


class LayoutProblem(CrmError):
    """The layout can't be used."""


class LayoutUnreadable(LayoutProblem):
    """Not the text of a layout at all."""

    message = N_("The layout can't be read: {detail}. Names with other signs than Latin letters and digits stand in quotation marks.")


class LayoutEntryWrong(LayoutProblem):
    """An entry that a layout does not have, or of the wrong form."""

    message = N_("The layout's entry “{entry}” can't be used: {detail}.")


class FieldUnknown(LayoutProblem):
    """A field that this kind of record does not have."""

    message = N_("The layout “{layout}” names the field “{field}”, which {kind} do not have.")


class FieldFedTwice(LayoutProblem):
    """A field both from the file and constant."""

    message = N_("The layout “{layout}” fills the field “{field}” both from a column and with a constant. Keep one.")


class LayoutValueWrong(LayoutProblem):
    """A constant that its field can't take."""

    message = N_("The layout “{layout}” gives the field “{field}” the value “{value}”, which it can't take: {reason}")


class TemplateWrong(LayoutProblem):
    """A template that refers to nothing known."""

    message = N_("The layout “{layout}” has the template “{template}”, in which “{reference}” means nothing.")


class NotAName(LayoutProblem):
    """`unknown` for a field that names no record."""

    message = N_("The layout “{layout}” says what to do with unknown names of “{field}”, which holds no name of another record.")


class ColumnsMissing(LayoutProblem):
    """The layout maps columns that the file lacks."""

    message = N_("The file has no column {columns}, which the layout “{layout}” uses.")


class ColumnTwice(LayoutProblem):
    """Two columns of one name, so that nobody can tell which is meant."""

    message = N_("The column “{column}” stands twice in the file's header. Rename one of them.")


class RequiredFieldsMissing(LayoutProblem):
    """Required fields that nothing in the layout fills."""

    message = N_("Nothing fills the required fields {fields}. Choose a column or a default for the whole file.")

    @property
    def fields(self) -> tuple[str, ...]:
        """The keys of the fields."""
        return tuple(self.values["keys"])


class SeveralLayoutsFit(LayoutProblem):
    """More than one layout fits the file's header equally well."""

    message = N_("Several layouts fit this file: {layouts}. Choose one.")


class NoLayoutFits(LayoutProblem):
    """No known layout fits the file's header."""

    message = N_("No layout fits this file. Choose one, or map its columns.")


class DateOrderAmbiguous(LayoutProblem):
    """Every date of the file can be read in two ways: a question, and not an error of the file."""

    message = N_("The dates in “{column}” can be read in two ways, for example {value}. Is the day or the month written first?")
