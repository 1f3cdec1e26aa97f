"""The filter bar: what is set is said, and can be taken back one by one."""

from dashboard.components import filters
from dashboard.components.ids import Ids
from dashboard.i18n import use_language

IDS = Ids("lead_conversion")
CHOICES = {"team": [filters.Choice(1, "华东"), filters.Choice(2, "华西")], "source": [filters.Choice(7, "展会")]}
CHOSEN = {"period": "this_month", "start": "2026-03-01", "end": "2026-03-31", "compare": "previous", "team": [1, 2], "source": [7]}


def test_each_value_that_is_set_has_a_chip_with_its_own_way_out():
    with use_language("en"):
        drawn = filters.chips(IDS, CHOSEN, CHOICES, period="2026-03-01 – 2026-03-31")
    assert [chip.id for chip in drawn[1:5]] == [
        IDS.chip("compare", "none"),
        IDS.chip("team", 1),
        IDS.chip("team", 2),
        IDS.chip("source", 7),
    ]
    assert drawn[2].children[0].children == "Team: 华东"
    assert [button.id for button in drawn[-2:]] == [IDS.reset, IDS.copy_link]


def test_what_is_set_can_be_said_as_a_sentence():
    with use_language("zh"):
        assert filters.sentence(CHOSEN, CHOICES, "2026-03") == "2026-03 · 销售团队：华东、华西 · 线索来源：展会"


def test_the_bar_offers_the_values_of_the_scope_and_nothing_else():
    bar = filters.bar(IDS, CHOSEN, CHOICES, dimensions=("team", "source"))
    drawn = {control.id: control for control in bar._traverse() if getattr(control, "id", None)}
    assert [option["value"] for option in drawn[IDS.control("team")].options] == [1, 2]
    assert drawn[IDS.control("team")].value == [1, 2]
    assert IDS.control("product") not in drawn
    assert drawn[IDS.filters].data == CHOSEN


def test_a_value_outside_of_what_is_offered_shows_as_it_was_asked_for():
    with use_language("en"):
        drawn = filters.chips(IDS, {"team": [99]}, CHOICES, period="")
    assert drawn[1].children[0].children == "Team: 99"


def test_what_an_address_asks_for_stands_before_the_choices_are_known():
    """A dropdown forgets values that it does not offer: a link would lose its filters."""
    bar = filters.bar(IDS, CHOSEN, dimensions=("team", "source", "rep"))
    drawn = {control.id: control for control in bar._traverse() if getattr(control, "id", None)}
    assert [
        (drawn[IDS.control(name)].value, [option["value"] for option in drawn[IDS.control(name)].options]) for name in ("team", "rep")
    ] == [
        ([1, 2], [1, 2]),
        ([], []),
    ]
