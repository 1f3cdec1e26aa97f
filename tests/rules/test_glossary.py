"""A word that stands in the code stands in the glossary, so that a newcomer can look it up."""

from pathlib import Path

import pytest

from crm.vocabulary import ContractStatus, LeadStatus, OpportunityStatus, QuoteStatus, Role

GLOSSARY = Path(__file__).parents[2] / "docs" / "glossary.md"


@pytest.mark.parametrize("words", [Role, LeadStatus, OpportunityStatus, QuoteStatus, ContractStatus], ids=lambda words: words.__name__)
def test_every_role_and_state_is_in_the_glossary(words):
    text = GLOSSARY.read_text(encoding="utf-8")
    assert [word.name for word in words if f"`{words.__name__}.{word.name}`" not in text] == []
