"""Where it leaks, unless someone looks: each way that the permissions name is tried by Wang of the East on what Zhao of the West holds.

Zhao can do the same with it each time, so that nothing is empty by accident. Names and figures of his records are `SECRETS`. Reports have a
file of their own (test_leaks_in_reports.py).
"""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from crm.db import reading, transaction
from crm.models import Contract, Customer, Lead, Notification, Opportunity
from crm.services import contacts_taken, customers
from crm.services.customers import AssignCustomer
from crm.vocabulary import OpportunityStatus
from dashboard.queries import REPORTS, Report
from tests.pages.two_teams import ASKED, SECRETS, YEAR, Office, text_of
from tests.pages.visitor import Many, Visitor
from tests.people import EAST, TODAY, WANG, WEB, WEST, ZHAO, a_customer, actor


def rows(visitor: Visitor, listed: str, **wished: Any) -> str:
    return text_of(visitor.call(f"{listed}-table-main.getRowsResponse", [ASKED], [wished, {}]))


LISTS = {"leads": "线索人", "customers": "天府绝密", "opportunities": "绝密云盘", "contracts": "XM-西-1"}


@pytest.mark.parametrize("listed", LISTS)
def test_lists_count_and_show_ones_own_whatever_is_asked(office: Office, listed: str) -> None:
    def count(visitor: Visitor, **wished: Any) -> int:
        rows = visitor.call(f"{listed}-table-main.getRowsResponse", [ASKED], [wished, {}]).json["response"]
        return int(rows[f"{listed}-table-main"]["getRowsResponse"]["rowCount"])

    assert LISTS[listed] in rows(office.zhao, listed)
    with reading(office.engine) as session:
        model = {"leads": Lead, "customers": Customer, "opportunities": Opportunity, "contracts": Contract}[listed]
        seen = {login: actor(session, login).scope.narrow(select(model.id), model) for login in ("wang", "zhao")}
        held = {login: len(session.scalars(statement).all()) for login, statement in seen.items()}
    assert (count(office.wang), count(office.zhao)) == (held["wang"], held["zhao"])
    assert held["wang"] >= 1
    for wished in ({}, {"rep": [ZHAO]}, {"team": [WEST]}, {"owner": [ZHAO]}, {"q": LISTS[listed][-3:]}, {"source": [WEB]}):
        for visitor in (office.wang, office.lin):
            found = SECRETS.search(rows(visitor, listed, **wished))
            assert found is None, (wished, found)
    assert count(office.wang, q=LISTS[listed][-3:]) == 0


def test_filters_offer_nobody_and_no_customer_of_the_west(office: Office) -> None:
    def offered(visitor: Visitor) -> str:
        report = office_report("sales_collections")
        first = report.filters[0]
        answer = visitor.call(f"{report.key}-filter-{first}.options...", [None], [YEAR])
        searched = visitor.call(f"{report.key}-filter-customer.options@", ["天府"], [[]]) if "customer" in report.filters else None
        typed = visitor.call('{"field":"customer_id","form":"new-opportunity"}.options', ["天府"], [None])
        return text_of(answer) + (text_of(searched) if searched else "") + text_of(typed)

    for visitor in (office.wang, office.lin):
        words = offered(visitor) + "".join(visitor.page(f"/{listed}") for listed in LISTS)
        assert not SECRETS.search(words)
        assert '"赵"' not in words
        assert '"华西"' not in words
    assert "天府绝密" in offered(office.zhao)
    assert '"赵"' in office.sun.page("/leads")


def office_report(key: str) -> Report:
    return next(found for found in REPORTS if found.key == key)


@pytest.mark.parametrize("text", ["天府", "绝密", "唐机密", "机密", "XM-西", "线索人", "13877770001", "38777"])
def test_the_search_suggests_nothing_of_his(office: Office, text: str) -> None:
    assert office.wang.get(f"/search?q={text}").json == office.lin.get(f"/search?q={text}").json == []
    assert office.zhao.get(f"/search?q={text}").json, "a customer is found by its contact's name and number too"


def test_the_duplicate_check_answers_whole_numbers_alone_and_a_few_times(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def look(**typed: str) -> str:
        asked = {"phone": "", "email": "", "company": ""} | typed
        return text_of(office.wang.call("lead-form-taken.children", [asked], [{}]))

    for typed in ({"phone": "1387777"}, {"company": "天"}, {"email": "tang@"}):
        assert "华西" not in look(**typed), typed
    spellings = ("138 7777 0001", "+86-13877770001", "１３８７７７７０００１")
    for typed in (*({"phone": phone} for phone in spellings), {"company": "天府绝密有限公司"}):
        said = look(**typed)
        assert "华西" in said, typed
        assert not SECRETS.search(said.replace(typed.get("company", "–"), "")), typed
    monkeypatch.setattr(contacts_taken, "MOST_LOOKS", 4)
    assert "华西" not in look(phone="13877770001"), "each look counts, and there is an end"


# ── files, exports, forged calls, errors ─────────────────────────────────────────────────────────────────────────────────────
def test_exports_carry_nothing_of_his_away(office: Office) -> None:
    for listed in LISTS:
        for query in ("", f"?rep={ZHAO}", f"?owner={ZHAO}", "?q=绝密"):
            for kind in ("csv", "xlsx"):
                assert office.wang.get(f"/{listed}/export.{kind}{query}").status_code in (400, 403, 404)
            with office.lin.get(f"/{listed}/export.csv{query}") as file:
                assert not SECRETS.search(file.data.decode("utf-8-sig")), (listed, query)
    with office.sun.get("/opportunities/export.csv") as file:
        assert "绝密云盘" in file.data.decode("utf-8-sig")


ADDRESSES: dict[str, tuple[str, ...]] = {
    "leads": ("/leads/{}", "/leads/{}/edit", "/leads/{}/convert", "/leads/{}/fail"),
    "customers": ("/customers/{}", "/customers/{}/edit", "/customers/{}/assign", "/customers/{}/money", "/customers/{}/contacts/new"),
    "opportunities": (
        "/opportunities/{}", "/opportunities/{}/edit", "/opportunities/{}/close/lost", "/opportunities/{}/quotes",
        "/opportunities/{}/quote", "/opportunities/{}/share", "/opportunities/{}/competition",
    ),
    "quotes": ("/quotes/{}/sign",),
    "contracts": ("/contracts/{}", "/contracts/{}/plan", "/contracts/{}/files", "/contracts/{}/carer", "/contracts/{}/cost"),
}  # fmt: skip


@pytest.mark.parametrize("kind", ADDRESSES)
def test_his_addresses_read_like_those_of_nothing(office: Office, kind: str) -> None:
    for address in ADDRESSES[kind]:
        for visitor in (office.wang, office.lin):
            assert visitor.page(address.format(office.ids[kind])) == visitor.page(address.format(999999)), address
    first = ADDRESSES[kind][0]
    assert office.zhao.page(first.format(office.ids[kind])) != office.zhao.page(first.format(999999))


def test_his_files_come_down_to_nobody_else(office: Office) -> None:
    theirs, none = (office.wang.get(f"/files/{id}") for id in (office.ids["files"], 999999))
    assert (theirs.status_code, theirs.data) == (none.status_code, none.data) == (404, none.data)
    assert "绝密.pdf" in office.zhao.page(f"/contracts/{office.ids['contracts']}")


FORGED: dict[str, Callable[[Office, int], tuple[str, dict[str, Any], dict[str, Any]]]] = {
    "a note": lambda office, id: ("lead-note", {"content": "x"}, {"id": id or office.ids["leads"], "version": 1}),
    "an edit": lambda office, id: ("edit-customer", {"name": "x"}, {"id": id or office.ids["customers"], "version": 1}),
    "a comment": lambda office, id: (
        "comment", {"kind": "advice", "content": "x"}, {"id": id or office.ids["opportunities"], "version": 1},
    ),
    "a loss": lambda office, id: (
        "close-opportunity", {"reason_id": 1}, {"id": id or office.ids["opportunities"], "version": 1, "kind": "lost"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("deed", FORGED)
def test_a_forged_call_is_told_the_same_of_his_and_of_nothing(office: Office, deed: str) -> None:
    """Errors too: what is refused names nothing of the record, not even that there is one."""
    def answered(visitor: Visitor, id: int) -> str:
        form, typed, about = FORGED[deed](office, id)
        return visitor.save(form, typed, about, "key")

    for visitor in (office.wang, office.lin):
        his, nothing = answered(visitor, 0), answered(visitor, 999999)
        assert his == nothing
        assert not SECRETS.search(his)
    with reading(office.engine) as session:
        assert session.get_one(Customer, office.ids["customers"]).version == 1
        assert session.get_one(Opportunity, office.ids["opportunities"]).status is OpportunityStatus.FOLLOWING


def test_who_types_his_number_is_not_told_whose_it_is(office: Office) -> None:
    """A taken contact on saving, as while typing: since when and which team."""
    typed = {"contact_name": "新人", "phone": "13877770001", "email": "", "company": "天府绝密", "source_id": WEB, "owner_id": WANG}
    said = office.wang.save("new-lead", typed, {}, "key-of-a-taken-one")
    assert "华西" in said
    assert not SECRETS.search(said)
    assert "赵" not in said


def test_what_happens_to_his_records_is_told_to_nobody_in_the_east(office: Office) -> None:
    """Notifications and history: Sun's word on Zhao's sale reaches Zhao; open pages of others hear nothing."""
    about = {"id": office.ids["opportunities"], "version": 1}
    before = [visitor.get("/live").json["unread"] for visitor in (office.wang, office.lin, office.zhao)]
    office.sun.save("comment", {"kind": "question", "content": "绝密问题"}, about, "sun's")
    assert [visitor.get("/live").json["unread"] for visitor in (office.wang, office.lin, office.zhao)] == [*before[:2], before[2] + 1]
    assert not SECRETS.search(office.wang.page("/") + office.lin.page("/"))
    assert "绝密云盘" in office.zhao.page("/")
    with reading(office.engine) as session:
        told = select(Notification.user_id).where(Notification.subject == "opportunities")
        assert set(session.scalars(told.where(Notification.subject_id == office.ids["opportunities"]))) == {ZHAO}
    page = office.zhao.page(f"/opportunities/{office.ids['opportunities']}")
    token = re.search(r'"data-watch": "([^"]+)"', page)
    assert token
    assert office.zhao.get(f"/live?watch={token[1]}").json["stamp"] is not None
    assert office.wang.get(f"/live?watch={token[1]}").json["stamp"] is None


def test_what_he_was_told_of_a_record_is_not_read_once_it_went_to_the_west(office: Office) -> None:
    """The number on the bell stays what the list shows; Zhao, who has the record now, was told of it himself."""
    with transaction(office.engine) as session:
        customer = a_customer(session, "绝密渔业", owner=None)
        id = customer.id
        chen = actor(session, "chen")
        customers.assign(session, chen, id, AssignCustomer(team_id=EAST, owner_id=WANG), version=customer.version, today=TODAY)
    assert "绝密渔业" in office.wang.page("/")
    before = office.wang.get("/live").json["unread"]
    with transaction(office.engine) as session:
        version = session.get_one(Customer, id).version
        customers.assign(session, actor(session, "chen"), id, AssignCustomer(team_id=WEST, owner_id=ZHAO), version=version, today=TODAY)
    told = office.wang.page("/")
    assert not SECRETS.search(told)
    assert f"/customers/{id}" not in told
    assert "已不在您名下" in told
    assert office.wang.get("/live").json["unread"] == before
    assert f"/customers/{id}" in office.zhao.page("/")


def test_nobody_marks_anothers_notifications_as_read(office: Office) -> None:
    office.wang.call("home-news.children", [1])
    assert office.zhao.get("/live").json["unread"] >= 1


def test_what_others_keep_of_a_page_is_theirs(office: Office) -> None:
    """A view is kept with a name that may say much."""
    office.zhao.call("leads-view-name.value", [{"name": "天府绝密的", "state": "?status=unprocessed"}])
    assert "天府绝密的" in office.zhao.page("/leads")
    assert not SECRETS.search(office.wang.page("/leads"))
    remove = Many(({"type": "leads-remove-view", "view": 1}, 1))
    output = next(one["output"] for one in office.app._callback_list if "leads-views" in one["output"] and "-name" not in one["output"])
    office.wang.call(output, [remove])
    assert "天府绝密的" in office.zhao.page("/leads")
