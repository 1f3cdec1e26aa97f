"""Two languages at the same time, and the habits of each."""

from datetime import UTC, date, datetime
from decimal import Decimal
from threading import Thread
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.errors import CrmError
from crm.vocabulary import LABELS, ContractStatus, LeadStatus, OpportunityStatus, Unit, label
from dashboard import i18n
from dashboard.i18n import _, _l, use_language


@pytest.mark.parametrize(
    ("amount", "chinese", "english"),
    [
        ("0", "0", "0"),
        ("999.50", "1,000", "1,000"),
        ("9800", "9,800", "9.8k"),
        ("1200000", "120万", "1.2M"),
        ("12845300.50", "1,285万", "12.8M"),
        ("128453000", "1.28亿", "128M"),
        ("-4500000", "-450万", "-4.5M"),
    ],
)
def test_amounts_on_pictures_follow_the_language(amount, chinese, english):
    with use_language("zh"):
        assert i18n.amount_short(Decimal(amount)) == chinese
    with use_language("en"):
        assert i18n.amount_short(Decimal(amount)) == english


def test_amounts_in_full_are_exact_and_in_the_companys_currency():
    assert i18n.money(Decimal("-1234567.05")) == "-¥1,234,567.05"
    with use_language("en", currency="USD"):
        assert i18n.money(Decimal("12")) == "US$12.00"


@given(st.decimals(min_value=-(10**13), max_value=10**13, places=2))
def test_an_amount_in_full_loses_no_cent(amount):
    assert Decimal(i18n.money(amount).replace("¥", "").replace(",", "")) == amount


def test_rates_days_and_what_is_not_known():
    assert i18n.percent(Decimal("0.823456")) == "82.3%"
    assert i18n.day(date(2026, 3, 5)) == "2026-03-05"
    assert i18n.moment(datetime(2026, 3, 5, 23, 30, tzinfo=UTC), ZoneInfo("Asia/Shanghai")) == "2026-03-06 07:30"
    assert [i18n.full(None, unit) for unit in Unit] == ["–"] * len(Unit)


def test_a_figure_of_a_table_has_the_decimals_of_its_unit():
    """Days are whole, or have one decimal; a mean of 3.96 days is four."""
    days = [Decimal("0.0"), 12, Decimal("12.50"), Decimal("3.96"), Decimal("1234.25")]
    assert [i18n.tabled(value, Unit.DAYS) for value in days] == ["0", "12", "12.5", "4", "1,234.3"]
    assert i18n.full(Decimal("12.46"), Unit.DAYS) == "12.5 天"
    figures = [(Decimal("-1234.5"), Unit.MONEY), (Decimal("0.6666665"), Unit.RATE), (9240, Unit.COUNT), (-2, Unit.MOVE)]
    assert [i18n.tabled(*figure) for figure in figures] == ["-1,234.50", "66.7%", "9,240", "−2"]


def test_a_lazy_message_speaks_the_language_of_its_reader():
    title = _l("{days} days", days=Decimal(12))
    with use_language("zh"):
        assert f"{title}" == "12 天"
    with use_language("en"):
        assert str(title) == "12 days"
    assert title == _l("{days} days", days=Decimal(12))


def test_two_people_on_two_threads_do_not_share_a_language():
    heard = {}

    def speak(language):
        with use_language(language):
            heard[language] = _("{days} days", days=3)

    threads = [Thread(target=speak, args=(language,)) for language in ("zh", "en")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {"zh": "3 天", "en": "3 days"}


def test_an_unknown_language_becomes_the_default():
    with use_language("fr"):
        assert i18n.language() == "zh"


def test_an_error_is_a_sentence_with_its_values():
    class Late(CrmError):
        message = "{who}: {amount} since {day}, {state}"

    error = Late(who="陈", amount=Decimal("1234.50"), day=date(2026, 3, 5), state=LeadStatus.FAILED)
    with use_language("zh"):
        assert i18n.explain(error) == "陈: 1,234.50 since 2026-03-05, 失败"


def test_words_that_are_equal_strings_keep_their_own_labels():
    assert label(OpportunityStatus.WON) == "Won"
    assert label(OpportunityStatus.LOST) == "Lost"
    assert {kind for kind, _word in LABELS} >= {OpportunityStatus, LeadStatus, ContractStatus}


def test_one_thing_is_not_several() -> None:
    with use_language("en"):
        assert [_("{count} rows", count=count) for count in (0, 1, 2)] == ["0 rows", "1 row", "2 rows"]
        assert _("{first} – {last} ({days} days)", first=1, last=3, days=2) == "1 – 3 (2 days)"
    with use_language("zh"):
        assert _("{count} rows", count=1) == "共 1 条"
