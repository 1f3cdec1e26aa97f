"""What may be told of a sale to those who had no part in it: the way it went, not with whom and for how much."""

import re
from collections.abc import Iterable

from crm.rules.duplicates import company_key

HIDDEN = "…"

HONORIFICS = tuple(
    "总 总监 总经理 经理 主任 部长 处长 科长 厂长 院长 局长 董 董事长 工 工程师 主管 助理 秘书 老师 老板 先生 女士 小姐 姐 哥".split()  # noqa: SIM905
)
"""How a person is spoken of by their surname."""

COMPOUND_SURNAMES = frozenset("欧阳 司马 上官 诸葛 司徒 东方 皇甫 尉迟 公孙 令狐 慕容 夏侯 宇文 长孙".split())  # noqa: SIM905

_CHINESE = re.compile(r"[\u4e00-\u9fff]+")

_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_AMOUNT = re.compile(r"[¥￥$€]?\s*[\d０-９][\d０-９,，.．]*\s*(?:万|亿|元|块|k\b|%|％|折|yuan\b|RMB\b|CNY\b)", re.IGNORECASE)
_MONEY_BEFORE = re.compile(r"[¥￥$€]\s*[\d０-９][\d０-９,，.．]*")
_LONG_NUMBER = re.compile(r"\+?[\d０-９](?:[\d０-９,，.\- ]{2,}[\d０-９])")
"""Four digits or more, however they are grouped: a telephone number, or an amount."""


def of_company(name: str) -> list[str]:
    """The names by which people speak of a company: as it is registered, without its legal form, by its place, by its brand.

    Which two characters are the place and which the brand nobody can tell: the first two are hidden, and the two after them.
    """
    bare = company_key(name)
    if _CHINESE.fullmatch(bare) and len(bare) > 2:
        return [name, bare, bare[:4], bare[:2], bare[2:4]]
    words = name.split()
    return [name, bare, " ".join(words[:-1]), *(word.strip(",.") for word in words[:1] if len(word) > 2)]


def of_person(name: str) -> list[str]:
    """The names by which people speak of a person: whole, by the given name, by the surname with an honorific."""
    whole = "".join(name.split())
    if not _CHINESE.fullmatch(whole):
        return [name, *(word for word in name.split() if len(word) > 2)]
    surname = whole[:2] if whole[:2] in COMPOUND_SURNAMES else whole[:1]
    return [whole, whole.removeprefix(surname), *(surname + honorific for honorific in HONORIFICS)]


def redacted(text: str, names: Iterable[str]) -> str:
    """`text` without these names, e-mail addresses, telephone numbers and amounts; an ellipsis stands where one stood.

    Rather too much is hidden than too little: a year is a long number too.
    """
    for name in sorted((name for name in names if len(name.strip()) > 1), key=len, reverse=True):
        text = re.sub(_whole(name.strip()), HIDDEN, text, flags=re.IGNORECASE)
    for pattern in (_EMAIL, _AMOUNT, _MONEY_BEFORE, _LONG_NUMBER):
        text = pattern.sub(HIDDEN, text)
    return text


def _whole(name: str) -> str:
    """A name as an expression: one of letters is found where it is a word, and not within another."""
    before, after = ("(?<![A-Za-z])" if name[0].isascii() else ""), ("(?![A-Za-z])" if name[-1].isascii() else "")
    return before + re.escape(name) + after
