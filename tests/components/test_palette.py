"""Colours: one table, readable in both themes."""

from itertools import product

import pytest

from dashboard.components import badges, palette

MEANINGS = ("won", "lost", "open", "overdue", "stopped")
GROUNDS = ("ground", "sunk", "raised")


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2."""
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.fixture(params=["light", "dark"])
def colours(request):
    return {name: getattr(colour, request.param) for name, colour in palette.COLOURS.items()}


def test_words_can_be_read(colours):
    words = [(ink, ground) for ink, ground in product(("ink", "ink-2", "ink-3", "accent"), (*GROUNDS, "hover"))]
    words += [(f"{meaning}-ink", f"{meaning}-ground") for meaning in MEANINGS]
    words += [("ink", step) for step in palette.HEAT] + [("on-accent", "accent"), ("ground", "ink")]
    assert [pair for pair in words if contrast(colours[pair[0]], colours[pair[1]]) < 4.5] == []


def test_what_carries_a_meaning_can_be_told_from_its_ground(colours):
    marks = (*MEANINGS, "target", "line-strong", *palette.SERIES)
    assert [pair for pair in product(marks, GROUNDS) if contrast(colours[pair[0]], colours[pair[1]]) < 3] == []


def test_the_style_sheet_is_the_table():
    assert palette.STYLE_SHEET.read_text(encoding="utf-8") == palette.css()


def test_every_meaning_has_a_colour():
    assert set(palette.MEANINGS.values()) <= set(palette.COLOURS)
    assert {f"{tone}-ground" for tone in badges.TONES.values()} <= set(palette.COLOURS)


def test_a_figure_gets_the_colours_of_a_theme_wherever_they_stand():
    figure = {"data": [{"marker": {"color": ["var(--won)", "red"]}, "text": "<span style='color:var(--ink)'>1</span>", "y": [1, None]}]}
    assert palette.resolved(figure, "dark") == {
        "data": [{"marker": {"color": ["#43b58c", "red"]}, "text": "<span style='color:#eceef1'>1</span>", "y": [1, None]}]
    }
