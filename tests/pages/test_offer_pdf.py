"""The font of an offer on paper: figures, Latin and Chinese in one, and rare names."""

import pytest
from reportlab.pdfbase.ttfonts import TTFontFace

from dashboard.papers.type import FONT_FILE


@pytest.mark.parametrize("text", ["0123456789.,-%¥$€", "Quotation no. ABCxyz", "报价单含税合计（元）：，。、", "鑫淼垚喆彧"])
def test_the_font_has_every_character_of_an_offer(text: str) -> None:
    known = TTFontFace(str(FONT_FILE)).charToGlyph
    assert [character for character in text if not known.get(ord(character))] == []
