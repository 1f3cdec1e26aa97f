"""Which function reads the cells of which field: `converter` gives it, after the field's type and the layout's habits."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import partial

from crm.importing import dates, values
from crm.importing.cells import Cell
from crm.importing.fields import Field, FieldType
from crm.importing.layouts import Layout
from crm.rules.duplicates import name_key
from crm.vocabulary import label

Value = str | int | Decimal | date | bool | tuple[str, ...]
"""What a field holds, a word of a closed set as the enumeration's member; an empty field is absent."""

Convert = Callable[[Cell], Value]


def plain_text(value: Value | None) -> str:
    """A value as the text that would be read as the same value again."""
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "; ".join(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def converter(f: Field, layout: Layout | None) -> Convert:
    """How a cell of field `f` becomes its value, written as `layout` says or, without one, as this program itself writes."""
    decimal = layout.decimal if layout else "."
    order = layout.date_order if layout else None
    separators = layout.list_separators if layout else ";"
    factor = layout.factor(f.key) if layout else None
    match f.type:
        case FieldType.TEXT:
            return partial(values.text, limit=f.limit) if f.limit > 200 else partial(values.name, limit=f.limit)
        case FieldType.NAME:
            return partial(values.name, limit=f.limit)
        case FieldType.NAMES:
            return partial(values.names, separators=separators, limit=f.limit)
        case FieldType.INTEGER:
            return partial(values.integer, decimal=decimal, signed=f.signed)
        case FieldType.MONEY:
            return partial(values.money, decimal=decimal, signed=f.signed, multiply=factor)
        case FieldType.PERCENT:
            return partial(values.percent, decimal=decimal)
        case FieldType.DAY:
            return partial(dates.day, order=order)
        case FieldType.MONTH:
            return partial(dates.month, order=order)
        case FieldType.BOOLEAN:
            return values.boolean
        case FieldType.PHONE:
            return partial(values.phone, limit=f.limit)
        case FieldType.EMAIL:
            return partial(values.email, limit=f.limit)
        case FieldType.CHOICE:
            return partial(values.choice, words=spellings(f))
        case FieldType.CHOICES:
            return partial(_choices, words=spellings(f), separators=separators + ",，/")


def spellings(f: Field) -> dict[str, StrEnum]:
    """Every way to write the words of a closed set, by `name_key`."""
    found: dict[str, StrEnum] = {}
    for word, ways in (f.words or {}).items():
        for way in (word.value, word.value.replace("_", " "), label(word), *ways):
            found.setdefault(name_key(way), word)
    return found


def _choices(cell: Cell, words: Mapping[str, StrEnum], separators: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values.choice(part, words) for part in values.names(cell, separators, 200)))


def translated_cell(meaning: str | None, cell: Cell, convert: Convert) -> Value:
    """The cell's value, or that of the `meaning` which the layout gives it; an empty meaning is an empty field."""
    if meaning is None:
        return convert(cell)
    return convert(meaning) if meaning else ""


def translated_names(cell: Cell, separators: str, words: Mapping[str, str]) -> str:
    """The names of a cell, each translated, under the first of the separators."""
    names = values.names(cell, separators, 1000)
    return separators[:1].join(words.get(name_key(name), name) for name in names)


def joined(f: Field, found: list[Value]) -> Value:
    """One value from those of several columns: names in a row, texts joined, of anything else the first."""
    if f.type in (FieldType.NAMES, FieldType.CHOICES):
        return tuple(dict.fromkeys(name for names in found if isinstance(names, tuple) for name in names))
    if f.type is FieldType.TEXT:
        return ("\n" if f.limit > 200 else " ").join(str(one) for one in found)
    return found[0]
