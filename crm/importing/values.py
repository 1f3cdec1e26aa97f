"""One cell becomes one value of a type, or a `ValueFault` says why not. No database, no language, no clock.

Every function takes a cell that is not empty. Digits, signs and letters may be of full width; the punctuation of a free text is
left as it was written. Nothing is rounded, cut or guessed: what does not fit exactly is refused.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from unicodedata import normalize

from crm.importing.cells import NOT_CALCULATED, Cell, CellError, shown
from crm.importing.faults import (
    BelowZero,
    ControlCharacter,
    ErrorInCell,
    FormulaNotCalculated,
    NotAChoice,
    NotAnEmail,
    NotANumber,
    NotAPhone,
    NotWhole,
    NotYesOrNo,
    PercentOutOfRange,
    PercentUnclear,
    TextTooLong,
    TooLarge,
)
from crm.money import exact_money
from crm.rules.duplicates import name_key

LARGEST_COUNT = 999_999_999
LONGEST_NUMBER = 60
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
FULL_WIDTH = {code: code - 0xFEE0 for code in (*range(0xFF10, 0xFF1A), *range(0xFF21, 0xFF3B), *range(0xFF41, 0xFF5B))} | {0x3000: 0x20}
"""Digits and letters of full width, and the wide space: written by an input method, never meant."""


def refuse_error(cell: Cell) -> None:
    """Raise what an error cell stands for."""
    if isinstance(cell, CellError):
        raise FormulaNotCalculated() if cell.code == NOT_CALCULATED else ErrorInCell(code=cell.code)


def text(cell: Cell, limit: int) -> str:
    """A text without surrounding spaces, line breaks as \\n. Numbers that were typed into a text column keep their digits."""
    found = shown(cell).replace("\r\n", "\n").replace("\r", "\n").strip().strip("\u3000\u200b\ufeff").strip()
    if bad := CONTROL.search(found):
        raise ControlCharacter(code=f"U+{ord(bad[0]):04X}")
    if len(found) > limit:
        raise TextTooLong(length=len(found), limit=limit)
    return found


def name(cell: Cell, limit: int) -> str:
    """A name in one line: single spaces, digits and letters of half width."""
    return " ".join(text(cell, limit).translate(FULL_WIDTH).split())


def integer(cell: Cell, decimal: str, signed: bool = False) -> int:
    """A whole number."""
    found = _number(cell, decimal)
    if found != found.to_integral_value():
        raise NotWhole()
    if abs(found) > LARGEST_COUNT:
        raise TooLarge(limit=LARGEST_COUNT)
    if found < 0 and not signed:
        raise BelowZero()
    return int(found)


def money(cell: Cell, decimal: str, signed: bool = False, multiply: Decimal | None = None) -> Decimal:
    """An amount to the cent: thousands separators, currency signs, 万 and 亿, parentheses for negative. `multiply`: the column's unit."""
    found = _number(cell, decimal)
    amount = exact_money(found * multiply if multiply else found)
    if amount < 0 and not signed:
        raise BelowZero()
    return amount


def percent(cell: Cell, decimal: str) -> Decimal:
    """A share between 0 and 1, from 18 %, 18 or 0.18; exactly 1 without a sign is refused as unclear."""
    written = isinstance(cell, str) and normalize("NFKC", cell).strip()
    if written and written.endswith("%"):
        share = _number(written[:-1], decimal) / 100
    else:
        share = _number(cell, decimal)
        if share == 1:
            raise PercentUnclear()
        if share > 1:
            share /= 100
    if not 0 <= share <= 1:
        raise PercentOutOfRange()
    return share


def _number(cell: Cell, decimal: str) -> Decimal:
    if isinstance(cell, bool):
        raise NotANumber()
    if isinstance(cell, int):
        return Decimal(cell)
    if isinstance(cell, float):
        # A spreadsheet computes with 15 digits: 0.1 + 0.2 is 0.3 there, and so it is here.
        found = Decimal(f"{cell:.15g}")
        if not found.is_finite():
            raise NotANumber()
        return found
    if isinstance(cell, str):
        return number_of_text(cell, decimal)
    raise NotANumber()


UNITS = {unit: Decimal(10) ** zeros for unit, zeros in {"": 0, "千": 3, "万": 4, "百万": 6, "千万": 7, "亿": 8}.items()}
CURRENCY = r"(?:CN¥|RMB|CNY|USD|EUR|HKD|US\$|HK\$|[¥$€£])"
MINUS = str.maketrans({"−": "-", "–": "-", "—": "-", "\u00a0": " ", "\u202f": " ", "’": "'"})
AROUND = re.compile(
    rf"(?P<open>\()?\s*(?P<sign>[-+])?\s*{CURRENCY}?\s*(?P<minus>-)?\s*(?P<digits>[\d.,' ]*\d)\s*"
    rf"(?P<unit>千万|百万|万|亿|千)?\s*(?:元整?|圆|块|{CURRENCY})?\s*(?P<close>\))?",
    re.IGNORECASE,
)
DIGITS = {
    ".": re.compile(r"(?:\d{1,3}(?:,\d{3})+|\d{1,3}(?:'\d{3})+|\d{1,3}(?: \d{3})+|\d+)?(?:\.\d+)?"),
    ",": re.compile(r"(?:\d{1,3}(?:\.\d{3})+|\d{1,3}(?:'\d{3})+|\d{1,3}(?: \d{3})+|\d+)?(?:,\d+)?"),
}


@lru_cache(maxsize=20_000)
def number_of_text(text: str, decimal: str) -> Decimal:
    """The number written in `text`, where `decimal` is the sign before the fraction. Raises `NotANumber`."""
    if len(text) > LONGEST_NUMBER:
        raise NotANumber()
    found = AROUND.fullmatch(normalize("NFKC", text.translate(MINUS)).translate(MINUS).strip())
    if not found or bool(found["open"]) != bool(found["close"]) or not DIGITS[decimal].fullmatch(found["digits"]):
        raise NotANumber()
    digits = re.sub(r"[' ]" if decimal == "." else r"[.' ]", "", found["digits"])
    digits = digits.replace(",", "" if decimal == "." else ".")
    number = Decimal(digits) * UNITS[found["unit"] or ""]
    return -number if "-" in (found["sign"], found["minus"]) or found["open"] else number


YES = frozenset(("yes", "y", "true", "t", "1", "是", "有", "对", "真", "√", "✓", "✔", "on", "x"))
NO = frozenset(("no", "n", "false", "f", "0", "否", "无", "没有", "错", "假", "×", "✗", "✘", "off"))


def boolean(cell: Cell) -> bool:
    """Yes or no in either language."""
    word = name_key(shown(cell))
    if word in YES:
        return True
    if word in NO:
        return False
    raise NotYesOrNo()


PHONE = re.compile(r"\+?[\d\s().\-]{5,30}(?:\s*(?:转|分机|ext\.?|x|#)\s*\d{1,6})?", re.IGNORECASE)
EXTENSION = re.compile(r"转|分机|ext|x|#", re.IGNORECASE)


def phone(cell: Cell, limit: int) -> str:
    """Telephone numbers as written, in half width: each of 5 to 15 digits, an extension besides, several between / 、 ; |."""
    found = " ".join(normalize("NFKC", text(cell, limit)).translate(MINUS).split())
    for number in re.split(r"[/、;|]", found):
        digits = sum(character.isdigit() for character in EXTENSION.split(number, maxsplit=1)[0])
        if not PHONE.fullmatch(number.strip()) or not 5 <= digits <= 15:
            raise NotAPhone()
    return found


EMAIL = re.compile(r"[^@\s,;<>()\"]+@[^@\s,;<>()\".]+(?:\.[^@\s,;<>()\".]+)+")


def email(cell: Cell, limit: int) -> str:
    """One e-mail address in half width."""
    found = normalize("NFKC", text(cell, limit))
    if not EMAIL.fullmatch(found):
        raise NotAnEmail()
    return found


def choice(cell: Cell, words: Mapping[str, StrEnum]) -> StrEnum:
    """The word that `cell` stands for. `words` maps the `name_key` of each spelling to its word."""
    try:
        return words[name_key(shown(cell))]
    except KeyError:
        raise NotAChoice(choices=tuple(dict.fromkeys(words.values()))) from None


def names(cell: Cell, separators: str, limit: int) -> tuple[str, ...]:
    """Several names in one cell, each once, in the order written."""
    parts = re.split(f"[{re.escape(separators)}]", shown(cell)) if separators else [shown(cell)]
    return tuple(dict.fromkeys(found for part in parts if (found := name(part, limit))))
