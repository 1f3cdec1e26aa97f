"""What may be told of a sale to those who had no part in it: the way it went, not with whom and for how much."""

import re
from collections.abc import Iterable

HIDDEN = "…"

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_AMOUNT = re.compile(r"[¥￥$€]?\s*[\d０-９][\d０-９,，.．]*\s*(?:万|亿|元|块|k\b|%|％|折|yuan\b|RMB\b|CNY\b)", re.IGNORECASE)
_MONEY_BEFORE = re.compile(r"[¥￥$€]\s*[\d０-９][\d０-９,，.．]*")
_LONG_NUMBER = re.compile(r"\+?[\d０-９](?:[\d０-９,，.\- ]{2,}[\d０-９])")
"""Four digits or more, however they are grouped: a telephone number, or an amount."""


def redacted(text: str, names: Iterable[str]) -> str:
    """`text` without these names, e-mail addresses, telephone numbers and amounts; an ellipsis stands where one stood.

    Rather too much is hidden than too little: a year is a long number too.
    """
    for name in sorted((name for name in names if len(name.strip()) > 1), key=len, reverse=True):
        text = re.sub(re.escape(name.strip()), HIDDEN, text, flags=re.IGNORECASE)
    for pattern in (_EMAIL, _AMOUNT, _MONEY_BEFORE, _LONG_NUMBER):
        text = pattern.sub(HIDDEN, text)
    return text
