"""Pictures: what they must not get wrong whatever the rows are."""

import re
import warnings
from datetime import date
from decimal import Decimal
from itertools import pairwise

import plotly.graph_objects as go
import pytest

from crm.rules.intervals import wilson
from dashboard.components import charts
from dashboard.components.charts.drawing import tick_name
from dashboard.components.palette import resolved
from dashboard.i18n import use_language
from tests.components.measures import CONVERTED, LEADS, LOST, PROJECTED, RATE, SIGNED, STOPPED, TARGET, TEAMS, team

MONTHS = [date(2025, month, 1) for month in range(1, 13)]
REASONS = [
    {"reason": 1, "reason_label": "预算取消", "lost_count": 0, "stopped_count": 30},
    {"reason": 2, "reason_label": "价格过高", "lost_count": 60, "stopped_count": 2},
    {"reason": 3, "reason_label": "其他", "lost_count": 5, "stopped_count": 3},
]
BY_MONTH = [{"month": month, "lost_count": month.month, "stopped_count": 1} for month in reversed(MONTHS)]
SOURCES = [
    {"source": source, "month": month, "leads": 10 * source, "conversion_rate": Decimal(source) / 10 if month.month > 2 else None}
    for source in range(1, 8)
    for month in MONTHS
]
STAGES = [{"team": team, "stage": stage, "leads": team * stage} for team in (1, 2) for stage in (10, 20, 30)]
PACE = [
    {"day": date(2026, 3, 1 + n), "signed_amount": Decimal(n * 1000) if n < 5 else None, "target_amount": Decimal(n * 900)}
    for n in range(9)
]
BRIDGE = [
    {"target_amount": Decimal(70), "leads": 20, "lost_count": 35, "stopped_count": 10, "signed_amount": Decimal(45)},
    {"target_amount": Decimal(30), "leads": 5, "lost_count": 0, "stopped_count": 0, "signed_amount": Decimal(35)},
]

CASES = {
    "ranked": (charts.ranked("Signed", SIGNED, by="team"), TEAMS),
    "pareto": (charts.pareto("Reasons", LOST, STOPPED, by="reason"), REASONS),
    "bullets": (charts.bullets("Plan", actual=SIGNED, target=TARGET, projected=PROJECTED, by="team"), TEAMS),
    "funnel": (charts.funnel("Funnel", LEADS, CONVERTED), [{"leads": 40, "converted": 10}, {"leads": 60, "converted": 5}]),
    "months": (charts.months("Months", LOST, STOPPED), BY_MONTH),
    "stacked": (charts.months("Months", LOST, STOPPED, stacked=True), BY_MONTH),
    "parts": (charts.stacked("Reasons", LOST, STOPPED, by=("team", "reason")), [row | {"team": 1} for row in REASONS]),
    "bridge": (charts.bridge("Bridge", TARGET, [LEADS], [LOST, STOPPED], SIGNED, view="bridge"), BRIDGE),
    "pace": (charts.lines("Pace", SIGNED, TARGET, over="day"), PACE),
    "rates": (charts.lines("Rates", RATE, over="month", by="source", weight=LEADS), SOURCES),
    "heat": (charts.heat("Stages", LEADS, by="team", across="stage"), STAGES),
}


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", CASES)
def test_a_picture_is_a_valid_figure_with_a_sentence(name, language):
    chart, rows = CASES[name]
    with use_language(language):
        picture = chart.draw(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # plotly's own
        go.Figure(picture.figure)
        go.Figure(resolved(picture.figure, "dark"))
    assert picture.sentence
    assert "{" not in picture.sentence


@pytest.mark.parametrize("name", CASES)
def test_a_picture_is_as_high_with_rows_as_without(name):
    chart, rows = CASES[name]
    assert chart.draw(rows).figure["layout"]["height"] == chart.draw([]).figure["layout"]["height"] == chart.height


@pytest.mark.parametrize("name", CASES)
def test_every_axis_of_bars_begins_at_zero(name):
    figure = CASES[name][0].draw(CASES[name][1]).figure
    for trace in figure["data"]:
        if trace["type"] == "bar":
            axis = "xaxis" if trace.get("orientation") == "h" else "yaxis"
            assert figure["layout"][axis]["range"][0] == 0


def test_ranked_bars_stand_in_their_order_and_a_click_says_which_number_it_is():
    figure = charts.ranked("Signed", SIGNED, by="team").draw(TEAMS).figure
    assert figure["data"][0]["x"] == [9_000_000, 5_000_000, 3_000_000]
    assert figure["data"][0]["customdata"][0] == {"measure": "signed_amount", "cell": {"team": 1}}
    assert figure["layout"]["yaxis"]["ticktext"] == ["华东", "华南", "华西"]


def test_the_first_of_many_says_how_many_there_are():
    rows = [{"rep": n, "signed_amount": Decimal(n)} for n in range(1, 41)]
    with use_language("en"):
        figure = charts.ranked("Signed", SIGNED, by="rep", top=10).draw(rows).figure
    assert len(figure["data"][0]["x"]) == 10
    assert "first 10 of 40" in figure["layout"]["annotations"][0]["text"]


def test_the_reader_finds_their_own_bar():
    figure = charts.ranked("Signed", SIGNED, by="team").draw(TEAMS, charts.Around(mark={"team": 2})).figure
    assert figure["layout"]["yaxis"]["ticktext"][2] == "<b>华西</b>"
    assert figure["data"][0]["marker"]["color"][2] != figure["data"][0]["marker"]["color"][0]


def test_the_widest_gap_is_told_in_the_readers_numbers():
    chart = CASES["bullets"][0]
    with use_language("en"):
        assert chart.draw(TEAMS).sentence == "Together 73.9% of the targets below; 华西 is farthest behind with 37.5%, 5M short."
    with use_language("zh"):
        assert chart.draw(TEAMS).sentence == "以下目标合计完成 73.9%；华西完成 37.5%，差额最大，为 500万。"


def test_a_projection_is_an_amount_and_called_so():
    """The pale bar goes as far as what will be signed; its name in the legend and where somebody points is that of the amount."""
    figure = CASES["bullets"][0].draw(TEAMS).figure
    projected = figure["data"][0]
    assert projected["x"] == [12_000_000, 4_000_000, 5_000_000]
    assert "Projected amount ¥12,000,000.00" in projected["hovertext"][0]
    assert "Projected amount" in figure["layout"]["title"]["text"]
    assert "ompletion" not in projected["hovertext"][0] + figure["layout"]["title"]["text"]


def test_a_target_of_zero_is_no_division():
    rows = [TEAMS[0] | {"target_amount": Decimal(0), "projected_amount": None}]
    with use_language("en"):
        assert CASES["bullets"][0].draw(rows).sentence == "There is no target for this period."


def test_targets_that_a_filter_hides_are_not_said_to_be_missing():
    """Chen chose a product: nobody's target is by product, which is not to have none; and a pace of nothing known is no empty axis."""
    rows = [row | {"target_amount": None} for row in TEAMS]
    with use_language("en"):
        assert CASES["bullets"][0].draw(rows).sentence == "Targets are not known under these filters."
        pace = CASES["pace"][0].draw([row | {"signed_amount": None, "target_amount": None} for row in PACE])
        assert pace.figure == CASES["pace"][0].draw([]).figure
    assert "Nothing to draw in this period." in str(pace.figure["layout"]["annotations"])


def test_reasons_add_up_to_their_cumulative_share():
    with use_language("en"):
        figure = CASES["pareto"][0].draw(REASONS).figure
    assert [label.split("cum. ")[1][:4].rstrip("<") for label in figure["data"][-1]["text"]] == ["62%", "92%", "100%"]


def test_parts_on_end_open_their_own_cell_of_both_names():
    chart, rows = CASES["parts"]
    with use_language("en"):
        picture = chart.draw(rows)
    assert [trace["x"][0] for trace in picture.figure["data"]] == [60, 2, 0.0]
    assert picture.figure["data"][0]["customdata"][0] == {"measure": "lost_count", "cell": {"team": 1, "reason": 2}}
    assert picture.sentence == "价格过高 comes first with 62: lost 60, stopped 2."


def test_a_rate_over_few_cases_carries_its_interval_in_labels_hover_and_sentence():
    doubt = {"conversion_rate": wilson(1, 3)}
    rows = [{"source": s, "month": m, "leads": 3, "conversion_rate": Decimal("0.333333"), "doubt": doubt} for s in (1, 2) for m in MONTHS]
    with use_language("en"):
        picture = CASES["rates"][0].draw(rows)
        funnel = CASES["funnel"][0].draw([{"leads": 3, "converted": 1}])
        parts = charts.stacked("Parts", LOST, by=("source",), rate=RATE).draw([row | {"lost_count": 2} for row in rows[:1]])
    assert "Only 3 cases: with 95% confidence between 6.1% and 79.2%." in picture.figure["data"][0]["hovertext"][0]
    assert "33.3% (6–79%)" in picture.sentence
    assert "33.3% (6–79%)" in funnel.figure["data"][-1]["text"][1]
    assert "33% (6–79%)" in parts.figure["data"][-1]["text"][0]


def test_the_compared_window_is_marked_in_bullets_stacks_and_lines():
    around = charts.Around("2026", None, "2025")
    teams = [row | {"before": {"signed_amount": Decimal(2_000_000)}} for row in TEAMS]
    reasons = [row | {"before": {"lost_count": 7, "stopped_count": 1}} for row in REASONS]
    pace = [row | {"before": {"signed_amount": Decimal(500)}} for row in PACE]
    with use_language("en"):
        bullets = charts.bullets("Plan", actual=SIGNED, target=TARGET, by="team").draw(teams, around).figure
        stack = charts.stacked("Reasons", LOST, STOPPED, by=("reason",)).draw(reasons, around).figure
        line = CASES["pace"][0].draw(pace, around).figure
    assert bullets["data"][-1]["x"] == [2_000_000.0] * 3
    assert "2025: ¥2,000,000.00" in bullets["data"][0]["hovertext"][0]
    assert stack["data"][-1]["x"] == [8.0] * 3
    assert "2025: 7" in stack["data"][0]["hovertext"][0]
    assert line["data"][0]["y"] == [500.0] * len(PACE)
    assert "customdata" not in line["data"][0]
    for figure in (bullets, stack, line):
        go.Figure(resolved(figure, "light"))


COMPARED = {
    "ranked": (lambda: [row | {"before": {"signed_amount": Decimal(4_000_000)}} for row in TEAMS], [4_000_000] * 3, "x"),
    "pareto": (lambda: [row | {"before": {"lost_count": 7, "stopped_count": 1}} for row in REASONS], [8.0] * 3, "x"),
    "funnel": (lambda: [{"leads": 40, "converted": 10, "before": {"leads": 30, "converted": 3}}] * 2, [60.0, 6.0], "x"),
    "stacked": (lambda: [row | {"before": {"lost_count": 2, "stopped_count": 3}} for row in BY_MONTH], [5.0] * 12, "y"),
    "months": (lambda: [row | {"before": {"lost_count": 2, "stopped_count": 3}} for row in BY_MONTH], [3.0] * 12, "y"),
    "bridge": (
        lambda: [row | {"before": dict.fromkeys(row, Decimal(10))} for row in BRIDGE], [20.0, 120.0, 110.0, 100.0, 20.0], "x",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", COMPARED)
def test_rings_stand_where_bars_ended_in_the_compared_window(name):
    rows, places, axis = COMPARED[name]
    around = charts.Around("2026", None, "2025")
    with use_language("en"):
        figure = CASES[name][0].draw(rows(), around).figure
        alone = CASES[name][0].draw(CASES[name][1]).figure
    go.Figure(resolved(figure, "light"))
    ring = figure["data"][-1]
    assert ring["marker"]["symbol"] == "circle-open"
    assert ring[axis] == places
    assert "customdata" not in ring  # records are asked of the present window
    assert any("2025: " in words for words in figure["data"][0]["hovertext"])
    assert "Compared" in figure["layout"]["title"]["text"]
    assert all(trace.get("marker", {}).get("symbol") != "circle-open" for trace in alone["data"])


def test_a_label_stands_clear_of_the_ring_and_by_its_bar_where_the_ring_is_far():
    befores = (4_000_000, 2_000_000, 20_000_000)  # just beyond its bar, inside of it, far beyond it
    rows = [row | {"before": {"signed_amount": Decimal(before)}} for row, before in zip(TEAMS, befores, strict=True)]
    figure = charts.ranked("Signed", SIGNED, by="team").draw(rows, charts.Around("2026", None, "2025")).figure
    said = {name: (beyond, text.startswith("\u00a0")) for name, beyond, text in zip(
        figure["layout"]["yaxis"]["ticktext"], figure["data"][1]["x"], figure["data"][1]["text"], strict=True
    )}  # fmt: skip
    assert said == {"华东": (0, False), "华西": (1_000_000, True), "华南": (0, False)}
    assert figure["layout"]["xaxis"]["range"] == [0, 20_000_000]


def test_a_cell_says_beside_its_number_what_it_was():
    rows = [row | {"before": {"leads": 4}} for row in STAGES]
    with use_language("en"):
        figure = CASES["heat"][0].draw(rows, charts.Around("2026", None, "2025")).figure
    assert [re.sub("<.*?>", "", text) for text in figure["data"][0]["text"]] == ["10  4", "20  4"]
    assert "2025: 4" in figure["data"][0]["hovertext"][0]


def test_the_sentence_of_months_tells_no_month_to_come():
    with use_language("en"):
        said = CASES["months"][0].draw(BY_MONTH, charts.Around(until=date(2025, 11, 24))).sentence
        whole = CASES["months"][0].draw(BY_MONTH, charts.Around(until=date(2025, 11, 30))).sentence
        one = CASES["months"][0].draw(BY_MONTH[:1]).sentence
    assert said == "2025-11, not over yet: lost 11, stopped 1. Lost peaked in 2025-12 at 12."
    assert whole == "2025-11: lost 11, stopped 1. Lost peaked in 2025-12 at 12."
    assert one == "2025-12: lost 12, stopped 1."


def test_the_pace_is_told_by_the_day_that_signings_have_reached():
    """The target goes on to the end of the period; what is signed is held against it on the day until which it is known."""
    ahead = CASES["pace"][0]
    with use_language("en"):
        assert ahead.draw(PACE).sentence == "By 2026-03-05: signed 4k, 400 ahead of the 3.6k that the pace asks for."
        behind = [row | {"target_amount": row["target_amount"] * 2} for row in PACE]
        assert ahead.draw(behind).sentence == "By 2026-03-05: signed 4k, 3.2k behind the 7.2k that the pace asks for."
        assert ahead.draw([row | {"target_amount": None} for row in PACE]).sentence == "By 2026-03-05: signed 4k."


def test_nobody_is_first_where_all_are_equal():
    level = [row | {"signed_amount": Decimal(0)} for row in TEAMS]
    rates = [row | {"conversion_rate": Decimal(0)} for row in SOURCES]
    with use_language("en"):
        assert CASES["ranked"][0].draw(level).sentence == "All 3 are at 0."
        assert CASES["rates"][0].draw(rates).sentence == "2025-12: all at 0.0%."


def test_who_shares_a_place_is_not_said_to_hold_it_alone():
    """East and South signed as much, North and West nothing: neither is first by the order of names, nor last."""
    rows = [team(n, name, 1, signed, 1) for n, name, signed in ((1, "华东", 5), (2, "华南", 5), (3, "华北", 0), (4, "华西", 0))]
    with use_language("en"):
        ranked = charts.ranked("Signed", SIGNED, by="team")
        assert ranked.draw(rows).sentence == "华东, 华南 share the first place with 5 each; 2 come last with 0."
        assert ranked.draw(rows[:3]).sentence == "华东, 华南 share the first place with 5 each; 华北 comes last with 0."
        many = [*(team(n, f"T{n}", 1, 5, 1) for n in range(4)), rows[2]]
        assert ranked.draw(many).sentence == "4 share the first place with 5 each; 华北 comes last with 0."
        level = [row | {"lost_count": 2, "stopped_count": 1} for row in rows[:2]]
        parts = charts.stacked("Reasons", LOST, STOPPED, by=("team",))
        assert parts.draw(level).sentence == "华东, 华南 share the first place with 3 each."
        assert parts.draw(level[:1]).sentence == "华东: 3, of these lost 2, stopped 1.", "one alone comes first of nobody"
    with use_language("zh"):
        assert ranked.draw(rows).sentence == "华东、华南并列居首，均为 5；2 个并列居末，均为 0。"


def test_one_team_alone_is_not_the_farthest_behind():
    alone = CASES["bullets"][0]
    with use_language("en"):
        assert alone.draw(TEAMS[:1]).sentence == "华西 reached 37.5% of its target, 5M short."
        assert alone.draw(TEAMS[2:]).sentence == "华南 reached 100.0% of its target."


def test_a_peak_that_two_months_share_is_not_told():
    level = [row | {"lost_count": 4} for row in BY_MONTH]
    with use_language("en"):
        assert "peaked" not in CASES["months"][0].draw(level).sentence


def test_that_all_have_all_of_it_is_no_estimate():
    """Of three leads one converted: the first step has all of them, however few they are."""
    with use_language("en"):
        first, second = CASES["funnel"][0].draw([{"leads": 3, "converted": 1}]).figure["data"][-1]["text"]
    assert "100.0%" in first
    assert "100.0% (" not in first
    assert "33.3% (6–79%)" in second


def test_rates_that_are_all_zero_stand_against_a_whole():
    rates = [row | {"conversion_rate": Decimal(0)} for row in SOURCES]
    assert CASES["rates"][0].draw(rates).figure["layout"]["yaxis"]["ticktext"] == ["0%", "25%", "50%", "75%", "100%"]


def test_a_month_that_is_too_young_is_not_said_to_be_the_highest():
    rows = [
        row | {"young": row["month"].month > (10 if row["source"] == 7 else 11), "ripe_on": date(2026, 3, 1), "ripe_within": 60}
        for row in SOURCES
    ]
    with use_language("en"):
        assert CASES["rates"][0].draw(rows).sentence.startswith("2025-10: 7 is highest with 70.0%")


def test_who_sold_in_two_teams_is_told_apart_by_them():
    cui = {"rep": 9, "rep_label": "崔永康"}
    rows = [
        {**cui, "team": 1, "team_label": "华东", "signed_amount": Decimal(300)},
        {**cui, "team": 2, "team_label": "华南", "signed_amount": Decimal(200)},
        {"rep": 3, "rep_label": "王芳", "team": 1, "team_label": "华东", "signed_amount": Decimal(100)},
    ]
    ranked = charts.ranked("Signed", SIGNED, by="rep").draw(rows).figure
    parts = charts.stacked("Signed", SIGNED, by=("team", "rep")).draw(rows).figure
    for figure in (ranked, parts):
        assert figure["layout"]["yaxis"]["ticktext"] == ["崔永康 · 华东", "崔永康 · 华南", "王芳"]


def test_a_sheet_ends_a_little_above_what_is_drawn_on_it():
    for most in (42, 61, 99, 101, 250):
        axis = charts.drawing.value_axis([0, most], SIGNED.unit)
        assert most < axis["range"][1] < 1.1 * most
        assert len(axis["tickvals"]) >= 3
        assert max(axis["tickvals"]) <= axis["range"][1]


def test_few_bars_share_the_sheet_and_none_is_thicker_than_many_are():
    chart = charts.ranked("Signed", SIGNED, by="team")
    few, many = chart.draw(TEAMS).figure, chart.draw([TEAMS[0] | {"team": n} for n in range(10)]).figure
    slots = [(figure["layout"]["height"] - 8) / (figure["layout"]["yaxis"]["range"][0] + 0.5) for figure in (few, many)]
    assert slots[0] > 1.5 * slots[1]
    assert few["data"][0]["width"] * slots[0] <= 26.01


def test_names_that_differ_at_their_ends_still_differ_when_they_are_cut():
    names = {tick_name(f"晨臂 六轴协作机器人 {size}kg") for size in (5, 10)}
    assert len(names) == 2
    assert all("…" in name for name in names)


def test_a_single_line_is_not_both_the_highest_and_the_lowest():
    with use_language("en"):
        assert CASES["rates"][0].draw(SOURCES[:12]).sentence == "1: 10.0%."


def test_each_step_of_a_bridge_begins_where_the_last_one_ended():
    trace, labels = CASES["bridge"][0].draw(BRIDGE).figure["data"]
    assert labels["base"] == [100, 125, 125, 90, 80]
    assert list(zip(trace["base"], trace["x"], strict=True)) == [(0, 100), (100, 25), (90, 35), (80, 10), (0, 80)]


def test_months_run_forward_and_the_year_stands_under_its_first():
    with use_language("en"):
        axis = CASES["months"][0].draw(BY_MONTH).figure["layout"]["xaxis"]
    assert axis["ticktext"][:3] == ["Jan<br>2025", "Feb", "Mar"]


def test_what_is_not_known_is_a_gap_and_not_a_zero():
    trace = CASES["pace"][0].draw(PACE).figure["data"][0]
    assert trace["y"][4:6] == [4000, None]


def test_names_at_the_ends_of_lines_do_not_stand_on_each_other():
    rows = [{"source": s, "month": month, "leads": 1, "conversion_rate": Decimal("0.2")} for s in (1, 2, 3) for month in MONTHS]
    figure = CASES["rates"][0].draw(rows).figure
    places = sorted(note["y"] for note in figure["layout"]["annotations"])
    least, most = figure["layout"]["yaxis"]["range"]
    pixels = [(b - a) / (most - least) * figure["layout"]["height"] for a, b in pairwise(places)]
    assert min(pixels) >= 15


def test_of_many_lines_only_the_heaviest_are_drawn_and_that_is_said():
    with use_language("en"):
        figure = CASES["rates"][0].draw(SOURCES).figure
    assert len(figure["data"]) == 5
    *names, said = [note["text"] for note in figure["layout"]["annotations"]]
    assert sorted(names) == ["3", "4", "5", "6", "7"]
    assert said == f"The first 5 of {len({row['source'] for row in SOURCES})}; all are in the table."


def test_a_name_is_text_and_never_markup():
    rows = [TEAMS[0] | {"team_label": "<a href='javascript:x'>A</a>"}]
    figure = charts.ranked("Signed", SIGNED, by="team").draw(rows).figure
    assert "<a" not in str(figure["layout"]["yaxis"]["ticktext"]) + str(figure["data"][0]["hovertext"])


def test_hovering_tells_the_full_figure_the_share_and_the_period():
    with use_language("en"):
        text = (
            charts.ranked("Signed", SIGNED, by="team")
            .draw(TEAMS, charts.Around("2026-03-01 – 2026-03-31"))
            .figure["data"][0]["hovertext"][0]
        )
    assert text == "<b>华东</b><br>Signed ¥9,000,000.00<br>52.9% of the total<br>2026-03-01 – 2026-03-31"
