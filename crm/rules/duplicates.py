"""When two contacts are the same: phone, e-mail and company name in a form that compares equal however they were typed.

A key is "" where there is nothing to compare; it is never shown, and no longer than the columns that keep it: two names that
agree over that length are the same name.
"""

import re
import unicodedata
from functools import lru_cache

import phonenumbers

PHONE_KEY_LENGTH, EMAIL_KEY_LENGTH, COMPANY_KEY_LENGTH = 40, 254, 200

HOME_REGION, HOME_COUNTRY_CODE, HOME_SMALLEST_NUMBER = "CN", 86, 10**9
"""Where a phone number without a country code is dialled; with its area code a number has ten digits or more there."""

_MOBILE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9]\d{9})")
_EXTENSION = re.compile(r"(?:转|轉|分机|分機|ext\.?|x|#)\D*(\d{1,6})\D*$")
_NEXT_NUMBER = re.compile(r"[/、;|]")
_NOT_DIALLED = re.compile(r"[^\d+]")

_SINGLE_LETTERS = re.compile(r"(?<=\b\w)\.(?=\w\b)")
_CHINESE_FORMS = re.compile(r"(?:集团|集團|控股|股份|有限|责任|責任|总公司|總公司|公司|合伙企业|合伙)+$")
_ENGLISH_FORMS = frozenset(
    "co company corp corporation inc incorporated ltd limited llc llp plc pte pty gmbh ag sa srl bv group holding holdings".split()  # noqa: SIM905
)


def plain(text: str) -> str:
    """`text` with one width and one case: full-width letters and digits become half-width, capitals small, ends trimmed."""
    return unicodedata.normalize("NFKC", text).casefold().strip()


@lru_cache(maxsize=50_000)
def name_key(name: str) -> str:
    """What two spellings of one name share: width, case and spaces do not count."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def phone_key(text: str) -> str:
    """A phone number with its country code, `+8613912345678`; with `x` and the extension where it has one.

    Spaces, dashes, brackets, width, +86 and 0086 make no difference; of several numbers in one field the first counts. What
    can't be dialled from abroad (a number without its area code) is compared by its digits.
    """
    typed = _NEXT_NUMBER.split(plain(text))[0]
    extension = _EXTENSION.search(typed)
    number = _NOT_DIALLED.sub("", typed[: extension.start()] if extension else typed)
    mobile = _MOBILE.fullmatch(number)
    key = f"+86{mobile[1]}" if mobile else _from_abroad(number) or number.replace("+", "")
    return (f"{key}x{extension[1]}" if key and extension else key)[:PHONE_KEY_LENGTH]


def _from_abroad(number: str) -> str:
    """How `number` is dialled from another country, by the rules of its own; "" if it can't be."""
    try:
        parsed = phonenumbers.parse(re.sub(r"^00", "+", number), HOME_REGION)
    except phonenumbers.NumberParseException:
        return ""
    lacks_area_code = parsed.country_code == HOME_COUNTRY_CODE and (parsed.national_number or 0) < HOME_SMALLEST_NUMBER
    if lacks_area_code or not phonenumbers.is_possible_number(parsed):
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def email_key(text: str) -> str:
    """An e-mail address without regard to case, width and spaces; "" if it has no two sides."""
    address = "".join(plain(text).split())
    local, at, domain = address.rpartition("@")
    return address[:EMAIL_KEY_LENGTH] if local and at and domain else ""


def company_key(text: str) -> str:
    """A company's name without its legal form, punctuation, spaces, case and width: 华为技术有限公司 is 华为技术.

    A name that is nothing but a legal form is kept.
    """
    words = re.sub(r"[\W_]+", " ", _SINGLE_LETTERS.sub("", plain(text))).split()
    while len(words) > 1 and words[-1] in _ENGLISH_FORMS:
        words.pop()
    name = "".join(words)
    return (_CHINESE_FORMS.sub("", name) or name)[:COMPANY_KEY_LENGTH]
