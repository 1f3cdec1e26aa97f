"""Rows of a file become typed values by a layout: `parse` yields each row with its values and with everything wrong with it.

Nothing here knows the database: names are text, and whether somebody is called so is the verdict's question.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from unicodedata import normalize

from crm.errors import CrmError
from crm.importing import values
from crm.importing.cells import Cell, Row, is_empty, shown
from crm.importing.converters import Convert, Value, converter, joined, plain_text, translated_cell, translated_names
from crm.importing.dates import sniff_date_order
from crm.importing.faults import SHOWN, CellsBeyondHeader, DaysOutOfOrder, Fault, NeededHere, OneOfMissing, RequiredValueMissing
from crm.importing.fields import IN_ORDER, NEEDED, ONE_OF, Field, FieldType, titles
from crm.importing.headers import header_key
from crm.importing.layouts import Layout, Rule, refuse_missing
from crm.importing.problems import ColumnsIgnored, ColumnsMissing, ColumnTwice, DateOrderAmbiguous, LayoutValueWrong
from crm.importing.reading import Sheet
from crm.importing.templates import Reference, Template
from crm.rules.duplicates import name_key


@dataclass(slots=True)
class ParsedRow:
    """One row of a file. `supplied` are the fields whose value the layout supplied because the file left them empty."""

    number: int
    values: dict[str, Value]
    faults: list[Fault]
    supplied: frozenset[str]
    cells: list[Cell] = field(repr=False)
    """The row as it stands in the file, to be given back."""


def settle_dates(sheet: Sheet, layout: Layout) -> Layout:
    """The layout with the order of the file's dates, if it names none and they settle it.

    Raises `DateOrderAmbiguous`, a question to the person, and what binding the layout to the file raises.
    """
    if layout.date_order is not None:
        return layout
    binding = Binding(layout, sheet.header)
    columns = binding.day_columns()
    sniffed = sniff_date_order(cell for row in sheet.rows() for cell, _ in _at(row, columns))
    if sniffed.ambiguous:
        raise DateOrderAmbiguous(column=_column_with(sheet, columns, sniffed.ambiguous), value=sniffed.ambiguous)
    return layout.model_copy(update={"date_order": sniffed.order})


def parse(sheet: Sheet, layout: Layout) -> Iterator[ParsedRow]:
    """The rows of the sheet, typed. Raises a `LayoutProblem` before the first row if the layout does not fit the file."""
    binding = Binding(layout, sheet.header)
    return map(binding.row, sheet.rows())


def unused_columns(sheet: Sheet, layout: Layout) -> ColumnsIgnored | None:
    """A notice of the columns that the layout neither uses nor names as ignored."""
    known = {header_key(column) for column in (*layout.used_columns(), *layout.ignored)}
    left = [column for column in sheet.header if column and header_key(column) not in known]
    return ColumnsIgnored(columns=", ".join(left)) if left else None


def _column_with(sheet: Sheet, columns: Mapping[int, str], text: str) -> str:
    cells = (pair for row in sheet.rows() for pair in _at(row, columns))
    return next((column for cell, column in cells if normalize("NFKC", shown(cell)).strip() == text), "")


def _at(row: Row, columns: Mapping[int, str]) -> list[tuple[Cell, str]]:
    return [(row.cells[index], column) for index, column in columns.items() if index < len(row.cells)]


@dataclass(frozen=True, slots=True)
class Feed:
    """A field and the columns that feed it."""

    field: Field
    columns: tuple[tuple[int, str], ...]
    convert: Convert


@dataclass
class State:
    """A row while it is being filled."""

    row: Row
    values: dict[str, Value] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    faulty: set[str] = field(default_factory=set)
    supplied: set[str] = field(default_factory=set)

    def refuse(self, key: str, column: str, value: str, reason: CrmError) -> None:
        """Note that a field can't be filled."""
        self.faulty.add(key)
        self.faults.append(Fault(key, column, value if len(value) <= SHOWN else value[:SHOWN] + "…", reason))

    def put(self, key: str, value: Value | None) -> None:
        """Fill a field, or empty it."""
        if value is None or value in ("", ()):
            self.values.pop(key, None)
        else:
            self.values[key] = value


class Binding:
    """A layout bound to the columns of one file; `row` types one row."""

    def __init__(self, layout: Layout, header: Iterable[str]) -> None:
        """Raises a `LayoutProblem` for missing or doubled columns, unfilled required fields and constants of the wrong type."""
        self.layout = layout
        self.header = tuple(header)
        self.fields = layout.fields
        self._blanks = {name_key(text) for text in layout.blanks}
        self._columns = self._find_columns()
        refuse_missing(layout)
        self._written = {key: self._translated(f, converter(f, layout)) for key, f in self.fields.items()}
        self._plain = {key: converter(f, None) for key, f in self.fields.items()}
        self._templates = layout.templates()
        self._feeds = self._find_feeds()
        self._constants = {key: self._constant(key, text) for key, text in layout.constants.items() if text.strip()}
        for key, text in layout.supplied.items():
            if text.strip() and not self._templates[text].references:
                self._constant(key, text)
        self._whens = [{key: {name_key(text) for text in texts} for key, texts in rule.when.items()} for rule in layout.rules]

    def row(self, row: Row) -> ParsedRow:
        """The row, typed: a pure function of the row."""
        state = State(row)
        for feed in self._feeds:
            self._read(state, feed)
        state.values |= self._constants
        for key, source in self.layout.supplied.items():
            if key not in state.values and key not in state.faulty:
                self._fill(state, key, (source,))
                if key in state.values:
                    state.supplied.add(key)
        for key, sources in self.layout.computed.items():
            self._fill(state, key, sources)
        for rule, when in zip(self.layout.rules, self._whens, strict=True):
            self._apply(state, rule, when)
        self._check(state)
        return ParsedRow(row.number, state.values, state.faults, frozenset(state.supplied & state.values.keys()), row.cells)

    def day_columns(self) -> dict[int, str]:
        """The columns that hold days, by their place."""
        return {i: column for feed in self._feeds if feed.field.type in (FieldType.DAY, FieldType.MONTH) for i, column in feed.columns}

    # ---- what is fixed for the whole file

    def _find_columns(self) -> dict[str, int]:
        """The place of each column that the layout uses."""
        places: dict[str, list[int]] = {}
        for index, name in enumerate(self.header):
            places.setdefault(header_key(name), []).append(index)
        used = self.layout.used_columns()
        missing = tuple(column for column in used if header_key(column) not in places)
        if missing:
            raise ColumnsMissing(columns=missing, layout=self.layout.name)
        for column in used:
            if len(places[header_key(column)]) > 1:
                raise ColumnTwice(column=column)
        return {column: places[header_key(column)][0] for column in used}

    def _find_feeds(self) -> list[Feed]:
        feeding: dict[str, list[tuple[int, str]]] = {}
        for column, keys in self.layout.columns.items():
            for key in keys:
                feeding.setdefault(key, []).append((self._columns[column], self.header[self._columns[column]]))
        return [Feed(self.fields[key], tuple(sorted(columns)), self._written[key]) for key, columns in feeding.items()]

    def _constant(self, key: str, text: str) -> Value:
        try:
            return self._plain[key](text)
        except CrmError as reason:
            raise LayoutValueWrong(layout=self.layout.name, field=self.fields[key].title, value=text, reason=reason) from None

    def _translated(self, f: Field, convert: Convert) -> Convert:
        """`convert` behind the layout's translations of what cells of the field say."""
        words = {name_key(text): meaning for text, meaning in self.layout.values.get(f.key, {}).items()}
        if not words:
            return convert
        if f.type in (FieldType.NAMES, FieldType.CHOICES):
            return lambda cell: convert(translated_names(cell, self.layout.list_separators, words))
        return lambda cell: translated_cell(words.get(name_key(shown(cell))), cell, convert)

    # ---- one row

    def _is_blank(self, cell: Cell) -> bool:
        return is_empty(cell) or bool(self._blanks and isinstance(cell, str) and name_key(cell) in self._blanks)

    def _read(self, state: State, feed: Feed) -> None:
        """Fill a field from its columns."""
        cells = state.row.cells
        found: list[Value] = []
        for index, column in feed.columns:
            cell = cells[index] if index < len(cells) else None
            if self._is_blank(cell):
                continue
            try:
                values.refuse_error(cell)
                found.append(feed.convert(cell))
            except CrmError as reason:
                state.refuse(feed.field.key, column, shown(cell), reason)
        if found:
            state.put(feed.field.key, found[0] if len(found) == 1 else joined(feed.field, found))

    def _fill(self, state: State, key: str, sources: tuple[str, ...]) -> None:
        """Fill a field from a template, or from the filled ones of several lines."""
        parsed = [self._templates[source] for source in sources]
        if any(reference.field in state.faulty for one in parsed for reference in one.references):
            state.faulty.add(key)
            return
        text = ""
        try:
            if len(parsed) == 1 and parsed[0].alone:
                text = self._text(state, parsed[0].alone)
                state.put(key, self._same(state, key, parsed[0].alone))
            else:
                lines = [line for one in parsed if (line := one.fill(partial(self._text, state)))]
                text = "\n".join(lines)
                state.put(key, self._plain[key](text) if text else None)
        except CrmError as reason:
            state.refuse(key, self._column_of(parsed), text, reason)

    def _same(self, state: State, key: str, reference: Reference) -> Value | None:
        """The value that a lone reference means: a column as the file writes it, a field with its type if that fits."""
        if reference.column:
            cell = self._cell(state, reference.column)
            return None if self._is_blank(cell) else self._written[key](cell)
        value = state.values.get(reference.field)
        if value is None or self.fields[reference.field].type is self.fields[key].type:
            return value
        return self._plain[key](plain_text(value))

    def _text(self, state: State, reference: Reference) -> str:
        if reference.column:
            cell = self._cell(state, reference.column)
            values.refuse_error(cell)
            return "" if self._is_blank(cell) else shown(cell).strip()
        return plain_text(state.values.get(reference.field))

    def _cell(self, state: State, column: str) -> Cell:
        index = self._columns[column]
        return state.row.cells[index] if index < len(state.row.cells) else None

    def _column_of(self, parsed: list[Template]) -> str:
        return next((reference.column for one in parsed for reference in one.references if reference.column), "")

    def _apply(self, state: State, rule: Rule, when: Mapping[str, set[str]]) -> None:
        for key, texts in when.items():
            if key in state.faulty or name_key(plain_text(state.values.get(key))) not in texts:
                return
        for key, source in rule.set.items():
            if source:
                self._fill(state, key, (source,))
            else:
                state.put(key, None)

    # ---- what the row as a whole must be

    def _check(self, state: State) -> None:
        self._check_width(state)
        self._check_required(state)
        self._check_needed(state)
        self._check_days(state)

    def _check_width(self, state: State) -> None:
        for cell in state.row.cells[len(self.header) :]:
            if not is_empty(cell):
                state.refuse("", "", shown(cell), CellsBeyondHeader())
                return

    def _check_required(self, state: State) -> None:
        waived = self.layout.not_required
        for key, f in self.fields.items():
            if f.required and key not in state.values and key not in state.faulty and key not in waived:
                state.refuse(key, self._columns_of(key), "", RequiredValueMissing(field=f.title))
        either = ONE_OF.get(self.layout.kind, ())
        if either and not any(key in state.values or key in state.faulty or key in waived for key in either):
            state.refuse("", self._columns_of(*either), "", OneOfMissing(fields=titles(self.fields[key] for key in either)))

    def _check_needed(self, state: State) -> None:
        for key, because, words in NEEDED.get(self.layout.kind, ()):
            word = next((word for word in words if word == state.values.get(because)), None)
            if word and key not in state.values and key not in state.faulty and key not in self.layout.not_required:
                reason = NeededHere(field=self.fields[key].title, because=self.fields[because].title, value=word)
                state.refuse(key, self._columns_of(key), "", reason)

    def _check_days(self, state: State) -> None:
        for earlier, later in IN_ORDER.get(self.layout.kind, ()):
            first, second = state.values.get(earlier), state.values.get(later)
            if isinstance(first, date) and isinstance(second, date) and second < first:
                titles_ = {"earlier": self.fields[earlier].title, "later": self.fields[later].title}
                reason = DaysOutOfOrder(**titles_, earlier_day=first, later_day=second)
                state.refuse(later, self._columns_of(later), second.isoformat(), reason)

    def _columns_of(self, *keys: str) -> str:
        return ", ".join(column for feed in self._feeds if feed.field.key in keys for _, column in feed.columns)
