"""Wang and Zhao type the same contact in two ways; the keys say it is one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm.rules.duplicates import COMPANY_KEY_LENGTH, EMAIL_KEY_LENGTH, PHONE_KEY_LENGTH, company_key, email_key, phone_key


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        (
            "+8613912345678",
            ["13912345678", "139 1234 5678", "+86-139-1234-5678", "0086 13912345678", "１３９１２３４５６７８", "13912345678，"],
        ),
        ("+8613912345678", ["86 139 1234 5678", "139-1234-5678 / 138-0000-0000", "（139）1234－5678"]),
        ("+861088888888", ["010-8888 8888", "(010)88888888", "+86 10 8888 8888", "０１０８８８８８８８８"]),
        ("+861088888888x801", ["010-88888888转801", "010 8888 8888 ext. 801", "010-88888888 分机 801", "+86 10 88888888 x801"]),
        ("+864008008888", ["400-800-8888", "4008008888"]),
        ("+14155552671", ["+1 (415) 555-2671", "001 415 555 2671"]),
        ("88888888", ["8888-8888", "8888 8888"]),  # no area code: no other city's number
        ("", ["", "   ", "none", "-", "+"]),
    ],
)
def test_a_phone_number_is_the_same_however_it_is_typed(key, typed):
    assert {phone_key(text) for text in typed} == {key}


def test_two_people_behind_one_switchboard_are_two():
    assert phone_key("010-88888888转801") != phone_key("010-88888888转802")


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "+86", "86", "0086"]), st.text(" -()　－", max_size=3))
def test_every_chinese_mobile_number_has_one_key(number, prefix, space):
    assert phone_key(f"{prefix}{space}{number[:3]}{space}{number[3:]}") == f"+86{number}"


@pytest.mark.parametrize(
    "typed", ["Wang.Wei@Example.com", " wang.wei@example.com ", "ｗａｎｇ．ｗｅｉ＠ｅｘａｍｐｌｅ．ｃｏｍ", "wang.wei @ example.com"]
)
def test_an_email_address_is_the_same_in_any_case_and_width(typed):
    assert email_key(typed) == "wang.wei@example.com"


@pytest.mark.parametrize("typed", ["", "wang", "@example.com", "wang@", "@"])
def test_half_an_address_is_none(typed):
    assert email_key(typed) == ""


@pytest.mark.parametrize(
    ("key", "typed"),
    [
        ("华为技术", ["华为技术有限公司", "华为技术股份有限公司", "华为技术", " 华为 技术（集团）有限责任公司 "]),
        ("北京字节", ["北京字节（集团）股份有限公司", "北京字节集团", "北京字节公司", "北京字节(控股)"]),
        ("某某投资", ["某某投资合伙企业（有限合伙）"]),
        ("acme", ["Acme Co., Ltd.", "ACME co ltd", "ＡＣＭＥ", "Acme Holdings Inc.", "Acme S.A.", "acme G.m.b.H."]),
        ("有限公司", ["有限公司"]),
        ("", ["", "  ", "--"]),
    ],
)
def test_a_company_is_the_same_without_its_legal_form(key, typed):
    assert {company_key(text) for text in typed} == {key}


def test_two_companies_of_one_city_are_two():
    assert company_key("上海东方有限公司") != company_key("上海南方有限公司")


@given(st.text(max_size=400))
def test_a_key_fits_its_column(text):
    assert len(phone_key(text)) <= PHONE_KEY_LENGTH
    assert len(company_key(text)) <= COMPANY_KEY_LENGTH
    assert len(email_key(text)) <= EMAIL_KEY_LENGTH


@given(st.text(alphabet="abc集团公司有限 .,-", max_size=20))
def test_case_and_width_never_matter(text):
    full_width = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text.upper())
    assert company_key(full_width) == company_key(text)
