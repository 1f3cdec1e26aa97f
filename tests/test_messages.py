"""Every sentence that a person can read has a Chinese translation made by hand."""

import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from babel.messages.extract import extract_from_dir, extract_from_file
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
CATALOGUE = ROOT / "dashboard" / "translations" / "zh" / "LC_MESSAGES" / "messages.po"
KEYWORDS = {"_": None, "_l": None, "N_": None}


def messages() -> Iterator[tuple[str, str]]:
    """Each message id in the sources, with the place where it stands."""
    for folder in ("crm", "dashboard", "etl"):
        for name, line, message, *_rest in extract_from_dir(ROOT / folder, method_map=[("**.py", "python")], keywords=KEYWORDS):
            yield _text(message), f"{folder}/{name}:{line}"
    for line, message, *_rest in extract_from_file("python", ROOT / "cli.py", keywords=KEYWORDS):
        yield _text(message), f"cli.py:{line}"


def _text(message: str | tuple[str, ...]) -> str:
    """The id itself; extraction gives a tuple where a call has further words."""
    return message if isinstance(message, str) else message[0]


def placeholders(text: str) -> set[str]:
    return {field for _literal, field, _spec, _conversion in string.Formatter().parse(text) if field}


@pytest.fixture(scope="module")
def catalogue() -> dict[str, Message]:
    with CATALOGUE.open("rb") as file:
        return {message.id: message for message in read_po(file, locale="zh") if message.id}


def test_every_message_has_a_chinese_translation(catalogue):
    missing = {text: place for text, place in messages() if text not in catalogue or not catalogue[text].string}
    assert missing == {}


def test_no_translation_is_a_guess(catalogue):
    assert [id for id, message in catalogue.items() if message.fuzzy] == []


def test_a_translation_has_the_placeholders_of_its_message(catalogue):
    different = {id: message.string for id, message in catalogue.items() if placeholders(id) != placeholders(message.string)}
    assert different == {}


def test_chinese_is_chinese(catalogue):
    """What consists of names, numbers and signs may stay as it is; a sentence may not."""
    same = [id for id, message in catalogue.items() if message.string == id and re.search(r"[a-z]{3,} [a-z]{3,}", re.sub(r"{\w+}", "", id))]
    assert same == []
