"""A day is what the calendar on the company's wall says."""

from datetime import UTC, date, datetime, timedelta

import pytest

from crm import clock


def test_a_contract_signed_in_xian_before_midnight_belongs_to_that_day():
    signed = datetime(2025, 3, 31, 15, 50, tzinfo=UTC)  # 23:50 in Xi'an
    assert clock.business_day(signed, "Asia/Shanghai") == date(2025, 3, 31)
    assert clock.business_day(signed + timedelta(minutes=10), "Asia/Shanghai") == date(2025, 4, 1)


def test_the_clock_stands_still_inside_at_and_runs_again_after():
    new_year = datetime(2024, 12, 31, 16, 0, tzinfo=UTC)
    with clock.at(new_year):
        assert clock.now() == new_year
        assert clock.today("Asia/Shanghai") == date(2025, 1, 1)
        with clock.at(new_year - timedelta(seconds=1)):
            assert clock.today("Asia/Shanghai") == date(2024, 12, 31)
        assert clock.now() == new_year
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(minutes=1)
    assert clock.now().tzinfo is UTC


def test_an_instant_without_a_zone_is_refused():
    naive = datetime(2025, 1, 1)
    with pytest.raises(ValueError, match="time zone"):
        clock.business_day(naive, "Asia/Shanghai")
    with pytest.raises(ValueError, match="time zone"), clock.at(naive):
        pass
