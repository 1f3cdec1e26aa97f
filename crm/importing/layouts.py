"""A layout: how the columns of one kind of file become the fields of one kind of record. A small TOML text that can be shared.

Its entries, in the order in which they act on a row: `columns` and `values` (translations of what cells say), `constants` for the
whole file, `supplied` where the file leaves a field empty (and marked as such), `computed` templates, and `rules` for some rows.
`unknown` says what happens to names that nobody knows. `data/layouts` holds layouts with a comment on every line.
"""

import tomllib
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, ValidationError

from crm.config import PROJECT
from crm.importing.cells import DateOrder
from crm.importing.fields import KIND_LABELS, ONE_OF, FieldType, Named, RecordKind, fields_of, titles
from crm.importing.fields import Field as RecordField
from crm.importing.headers import guess_columns, header_keys, unit_of
from crm.importing.problems import (
    FieldFedTwice,
    FieldUnknown,
    LayoutEntryWrong,
    LayoutUnreadable,
    NotAName,
    RequiredFieldsMissing,
    SeveralLayoutsFit,
    TemplateWrong,
)
from crm.importing.templates import BadReference, Template, template
from crm.importing.toml import dump
from crm.vocabulary import N_, Message

FOLDER = PROJECT / "data" / "layouts"
SUFFIX = ".toml"


def _several(value: Any) -> Any:
    return (value,) if isinstance(value, str | int | float | date) else value


def _text(value: Any) -> Any:
    if isinstance(value, bool):
        return str(value).lower()
    return str(value) if isinstance(value, int | float | date) else value


Text = Annotated[str, BeforeValidator(_text)]
Texts = Annotated[tuple[Text, ...], BeforeValidator(_several)]
Unknown = Annotated[str, StringConstraints(pattern=r"^(create|refuse|map:.+)$")]
Factor = Annotated[str, BeforeValidator(_text), StringConstraints(pattern=r"^[0-9]{1,9}(\.[0-9]{1,9})?$")]


class Rule(BaseModel):
    """For rows whose fields have one of these values ("" is an empty field), set other fields from templates ("" empties one)."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    when: dict[str, Texts]
    set: dict[str, Text]


class Layout(BaseModel):
    """See the module. Fields are named by their keys (`fields`), columns as the file's header calls them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    kind: RecordKind
    system: Annotated[str, StringConstraints(max_length=60)] = ""
    """The old system that external ids belong to."""
    date_order: DateOrder | None = None
    """None: the file's dates must settle it themselves."""
    decimal: Literal[".", ","] = "."
    list_separators: str = ";；、|\n"
    columns: dict[str, Texts] = Field(default_factory=dict)
    """Column → field, or several; several columns of one text field are joined, of others the first filled one counts."""
    ignored: Texts = ()
    blanks: Texts = ()
    """Texts that mean "nothing here", in any column."""
    constants: dict[str, Text] = Field(default_factory=dict)
    supplied: dict[str, Text] = Field(default_factory=dict)
    computed: dict[str, Texts] = Field(default_factory=dict)
    """Field → template, or lines of which the empty ones are left out."""
    rules: tuple[Rule, ...] = ()
    values: dict[str, dict[str, Text]] = Field(default_factory=dict)
    unknown: dict[str, Unknown] = Field(default_factory=dict)
    multiply: dict[str, Factor] = Field(default_factory=dict)
    """What an amount is multiplied with: 10000 where the column counts in 万."""
    not_required: Texts = ()
    """Required fields that this file can't have."""

    @property
    def fields(self) -> dict[str, RecordField]:
        """The fields of this layout's kind."""
        return fields_of(self.kind)

    def on_unknown(self, field: str) -> tuple[str, str]:
        """What happens to an unknown name of `field`: ("create", ""), ("refuse", "") or ("map", the name that stands for it)."""
        action, _, name = self.unknown.get(field, "refuse").partition(":")
        return action, name

    def factor(self, field: str) -> Decimal | None:
        """What amounts of `field` are multiplied with."""
        return Decimal(self.multiply[field]) if field in self.multiply else None

    def templates(self) -> dict[str, Template]:
        """All templates by their source. Raises `TemplateWrong`."""
        sources = [*self.supplied.values(), *(line for lines in self.computed.values() for line in lines)]
        sources += [source for rule in self.rules for source in rule.set.values()]
        parsed = {}
        for source in sources:
            try:
                parsed[source] = template(source)
            except BadReference as error:
                raise TemplateWrong(layout=self.name, template=source, reference=str(error)) from None
        return parsed

    def used_columns(self) -> tuple[str, ...]:
        """The columns that the file must have."""
        referred = [reference.column for parsed in self.templates().values() for reference in parsed.references if reference.column]
        return tuple(dict.fromkeys([*self.columns, *referred]))

    def filled(self) -> set[str]:
        """The fields that something fills in every row, a column if it has a value."""
        return {field for fields in self.columns.values() for field in fields} | {*self.constants, *self.supplied, *self.computed}

    def with_defaults(self, defaults: Mapping[str, str]) -> "Layout":
        """This layout with defaults for the whole file: what counts where a row leaves the field empty. Raises a `LayoutProblem`."""
        return checked(self.model_copy(update={"supplied": {**self.supplied, **defaults}}))


ENTRY_FAULTS: Mapping[str, str] = {
    "extra_forbidden": N_("a layout has no such entry"),
    "missing": N_("it is missing"),
    "enum": N_("the word is not known"),
    "literal_error": N_("the word is not known"),
    "string_pattern_mismatch": N_("the word is not known"),
}
WRONG_FORM = N_("it has the wrong form")


def parse_layout(text: str) -> Layout:
    """The layout written in `text`. Raises a `LayoutProblem` that names the entry."""
    try:
        return checked(Layout.model_validate(tomllib.loads(text)))
    except tomllib.TOMLDecodeError as error:
        raise LayoutUnreadable(detail=str(error)) from error
    except ValidationError as error:
        first = error.errors()[0]
        detail = Message(ENTRY_FAULTS.get(first["type"], WRONG_FORM))
        raise LayoutEntryWrong(entry=".".join(str(part) for part in first["loc"]), detail=detail) from error


def dump_layout(layout: Layout) -> str:
    """The layout as text; `parse_layout` makes the same layout of it."""
    content = layout.model_dump(mode="json", exclude_defaults=True)
    for entry in ("columns", "computed"):
        if entry in content:
            content[entry] = {key: one[0] if len(one) == 1 else one for key, one in content[entry].items()}
    return dump(content)


def load_layouts(folder: Path = FOLDER) -> list[Layout]:
    """The layouts kept in `folder`, in the order of their file names. Raises a `LayoutProblem` for a bad one."""
    return [load_layout(path) for path in sorted(folder.glob(f"*{SUFFIX}"))]


def load_layout(path: Path) -> Layout:
    """The layout in the file at `path`. Raises a `LayoutProblem`, also for a file that is no text."""
    try:
        return parse_layout(path.read_text("utf-8"))
    except (UnicodeDecodeError, OSError) as error:
        raise LayoutUnreadable(detail=path.name) from error


def checked(layout: Layout) -> Layout:
    """The layout itself if it makes sense without a file. Raises a `LayoutProblem`."""
    mapped = {field for fields in layout.columns.values() for field in fields}
    _refuse_unknown_fields(layout, mapped)
    for field in layout.constants:
        if field in mapped:
            raise FieldFedTwice(layout=layout.name, field=layout.fields[field].title)
    for field in layout.unknown:
        if layout.fields[field].names is None:
            raise NotAName(layout=layout.name, field=layout.fields[field].title)
    for parsed in layout.templates().values():
        for reference in parsed.references:
            if reference.field and reference.field not in layout.fields:
                raise TemplateWrong(layout=layout.name, template=parsed.source, reference=reference.field)
    return layout


def _refuse_unknown_fields(layout: Layout, mapped: set[str]) -> None:
    named: list[Iterable[str]] = [mapped, layout.constants, layout.supplied, layout.computed, layout.values, layout.unknown]
    named += [layout.not_required, *(rule.when for rule in layout.rules), *(rule.set for rule in layout.rules)]
    amounts = {key for key, field in layout.fields.items() if field.type is FieldType.MONEY}
    for field in (field for group in named for field in group):
        if field not in layout.fields:
            raise FieldUnknown(layout=layout.name, field=field, kind=kind_title(layout.kind))
    for field in layout.multiply:
        if field not in amounts:
            raise FieldUnknown(layout=layout.name, field=field, kind=kind_title(layout.kind))


def kind_title(kind: RecordKind) -> Message:
    """The kind's label for use inside of a sentence."""
    return Message(KIND_LABELS[kind])


def missing_fields(layout: Layout) -> tuple[RecordField, ...]:
    """The required fields that nothing fills: to be given a column, or a default for the whole file."""
    filled, waived = layout.filled(), set(layout.not_required)
    missing = [field for key, field in layout.fields.items() if field.required and key not in filled | waived]
    either = ONE_OF.get(layout.kind, ())
    if either and not set(either) & (filled | waived):
        missing += [layout.fields[key] for key in either]
    return tuple(missing)


def refuse_missing(layout: Layout) -> None:
    """Raise `RequiredFieldsMissing` if something required is filled by nothing."""
    missing = missing_fields(layout)
    if missing:
        raise RequiredFieldsMissing(fields=titles(missing), keys=tuple(field.key for field in missing))


def find_layout(header: Iterable[str], layouts: Iterable[Layout], kind: RecordKind | None = None) -> Layout | None:
    """The layout whose columns the file's header has, the one that knows most of them; None if none fits.

    Raises `SeveralLayoutsFit` where two fit equally well.
    """
    present = header_keys(header)
    fitting: dict[int, list[Layout]] = {}
    for layout in layouts:
        used = header_keys(layout.used_columns())
        if used and used <= present and kind in (None, layout.kind):
            known = used | header_keys(layout.ignored)
            fitting.setdefault(len(known & present) * 1000 - len(known - present), []).append(layout)
    if not fitting:
        return None
    best = fitting[max(fitting)]
    if len(best) > 1:
        raise SeveralLayoutsFit(layouts=", ".join(layout.name for layout in best))
    return best[0]


def guess_layout(header: Iterable[str], kind: RecordKind, name: str) -> Layout:
    """A layout to start from for a file that none fits: what its headers say, customers created where unknown, the rest ignored."""
    columns = [column for column in dict.fromkeys(header) if column]
    guessed = guess_columns(columns, kind)
    fields = fields_of(kind)
    amounts = {field: unit_of(column) for column, field in guessed.items() if fields[field].type is FieldType.MONEY}
    return Layout(
        name=name,
        kind=kind,
        columns={column: (field,) for column, field in guessed.items()},
        ignored=tuple(column for column in columns if column not in guessed),
        unknown={key: "create" for key, field in fields.items() if field.names is Named.CUSTOMER},
        multiply={field: unit for field, unit in amounts.items() if unit},
    )
