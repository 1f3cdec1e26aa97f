"""Every sentence that a person can read has a Chinese translation made by hand."""

import re
import string

import pytest
from babel.messages.catalog import Message
from babel.messages.pofile import read_po

from scripts.messages import CATALOGUE, sentences

SINGULARS = CATALOGUE.parents[2] / "en" / "LC_MESSAGES" / "messages.po"


def placeholders(text: str) -> set[str]:
    return {field for _literal, field, _spec, _conversion in string.Formatter().parse(text) if field}


@pytest.fixture(scope="module")
def catalogue() -> dict[str, Message]:
    with CATALOGUE.open("rb") as file:
        return {message.id: message for message in read_po(file, locale="zh") if message.id}


def test_every_message_has_a_chinese_translation(catalogue):
    missing = {text: place for text, place in sentences() if text not in catalogue or not catalogue[text].string}
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


def test_a_singular_is_of_a_sentence_that_is_said_and_of_a_number_in_it() -> None:
    said = {sentence for sentence, _place in sentences()}
    with SINGULARS.open("rb") as file:
        singulars = [message for message in read_po(file, locale="en") if message.id]
    assert singulars
    assert [message.id for message in singulars if message.id not in said or message.context not in placeholders(message.id)] == []
    assert [message.id for message in singulars if not placeholders(message.string) <= placeholders(message.id)] == []
