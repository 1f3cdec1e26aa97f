"""Headline figures: the difference in words, and a line that both themes can paint."""

from decimal import Decimal
from urllib.parse import unquote
from xml.etree import ElementTree

import pytest

from crm.rules.intervals import wilson
from dashboard.components import change, headline
from dashboard.i18n import use_language
from dashboard.queries.measures.closings import NOT_WON_COUNT
from dashboard.queries.measures.competing import ENCOUNTERS_LOST
from tests.components.measures import LOST, RATE, SIGNED, TARGET


def words(component) -> str:
    """All text of a component, in order."""
    children = getattr(component, "children", component)
    if children is None:
        return ""
    if isinstance(children, list):
        return "".join(words(child) for child in children)
    return children if isinstance(children, str) else words(children)


@pytest.mark.parametrize(
    ("measure", "value", "before", "says", "tone"),
    [
        (SIGNED, Decimal(1_200_000), Decimal(1_000_000), "up 200k (20.0%)", "good"),
        (SIGNED, Decimal(900_000), Decimal(1_000_000), "down 100k (10.0%)", "bad"),
        (LOST, 23, 31, "down 8 (25.8%)", "good"),
        (RATE, Decimal("0.714"), Decimal("0.76"), "down 4.6 points (6.1%)", "bad"),
        (SIGNED, Decimal(5), Decimal(5), "unchanged", ""),
        (TARGET, Decimal(1_200_000), Decimal(1_000_000), "up 200k (20.0%)", ""),
        (ENCOUNTERS_LOST, 5, 1, "up 4 (400.0%)", "bad"),
        (NOT_WON_COUNT, 57, 27, "up 30 (111.1%)", "bad"),
    ],
)
def test_a_difference_says_its_direction_in_words(measure, value, before, says, tone):
    with use_language("en"):
        difference = headline.difference(measure, value, before, "against February")
    assert words(difference) == f"{says} against February"
    assert difference.children[0].className == f"change {tone}"


@pytest.mark.parametrize("before", [None, Decimal(0)])
def test_without_a_base_there_is_no_difference(before):
    assert words(headline.difference(SIGNED, Decimal(5), before, "against February")) == "– against February"


def test_a_rate_over_few_cases_says_how_sure_it_is():
    with use_language("en"):
        card = headline.card(RATE, Decimal("0.666667"), id="card", interval=wilson(2, 3))
    doubt = card.children[2]
    assert (words(doubt), doubt.title) == ("21–94%, only 3 cases", "Only 3 cases: with 95% confidence between 20.8% and 93.9%.")


def test_a_card_without_a_figure_says_why_and_can_not_be_pressed():
    card = headline.card(SIGNED, None, id="card", reason="Not known under a product filter")
    assert words(card) == "SignedWhat it is.–Not known under a product filter"
    assert card.children[1].disabled


def test_the_line_of_the_past_is_a_small_valid_picture():
    line = headline.sparkline([Decimal(n) for n in (3, 5, 4, 9)], SIGNED)
    svg = unquote(line.style["maskImage"].removeprefix('url("data:image/svg+xml,').removesuffix('")'))
    assert ElementTree.fromstring(svg)[0].attrib["points"].count(",") == 4
    assert len(svg) < 500


def test_a_hole_in_the_past_is_left_out_of_the_line():
    assert headline.sparkline([None, None, Decimal(1)], SIGNED).className == "sparkline none"


def test_what_is_rounded_to_nothing_went_neither_up_nor_down():
    with use_language("en"):
        assert change.signed(RATE.unit, Decimal("0.2301"), Decimal("0.2303")) == "±0.0 points"
        assert change.signed(SIGNED.unit, Decimal("1000.10"), Decimal(1000)) == "±0.0%"
        assert change.signed(RATE.unit, Decimal("0.23"), Decimal("0.24")) == "−1.0 points"
