"""A colleague is let to read an opportunity until that is withdrawn; a won one becomes an example without customer and prices."""

import pytest
from sqlalchemy import Engine

from crm.db import transaction
from crm.errors import Invalid, NotAllowed, NotFound
from crm.models import Contact, Opportunity
from crm.rules.examples import of_company, of_person, redacted
from crm.services import comments, opportunities, sharing
from crm.services.comments import WriteComment
from crm.services.inputs import read
from crm.services.sharing import LetRead, NotWon
from tests.people import CHEN, FANG, LIN, WANG, ZHAO, a_contract, a_customer, a_follow_up, actor, an_opportunity
from tests.services.stories import audited, told

TO_ZHAO = read(LetRead, {"user_id": ZHAO})


def test_a_colleague_reads_and_advises_until_it_is_withdrawn(engine: Engine) -> None:
    with transaction(engine) as session:
        opportunity = an_opportunity(session, "恒力云盘", owner=WANG)
        with pytest.raises(NotFound):
            opportunities.find(session, actor(session, "zhao"), opportunity.id)
        reader = sharing.let_read(session, actor(session, "lin"), opportunity.id, TO_ZHAO)
        assert opportunities.find(session, actor(session, "zhao"), opportunity.id).title == "恒力云盘"
        advice = read(WriteComment, {"kind": "advice", "content": "试试分期"})
        assert comments.write(session, actor(session, "zhao"), opportunity.id, advice).by_id == ZHAO
        assert (ZHAO, "{by} lets you read “{title}”.", {"by": "林", "title": "恒力云盘"}) in told(session)
        assert [one.name for one in sharing.readers(session, actor(session, "wang"), opportunity.id)] == ["赵"]
        sharing.withdraw(session, actor(session, "chen"), reader.id)
        with pytest.raises(NotFound):
            opportunities.find(session, actor(session, "zhao"), opportunity.id)
        assert sharing.readers(session, actor(session, "wang"), opportunity.id) == []
        kept = [(line[0], line[1]) for line in audited(session) if line[2] == "opportunity_readers"]
        assert kept == [(LIN, "created"), (CHEN, "changed")]
        with pytest.raises(NotFound):
            sharing.withdraw(session, actor(session, "chen"), reader.id)


def test_who_may_let_others_read(engine: Engine) -> None:
    """The lead of its team, and the executive; not its rep, and for others there is no such opportunity."""
    with transaction(engine) as session:
        opportunity = an_opportunity(session, owner=WANG)
        with pytest.raises(NotAllowed):
            sharing.let_read(session, actor(session, "wang"), opportunity.id, TO_ZHAO)
        for login in ("sun", "zhao", "fang", "ada"):
            with pytest.raises(NotFound):
                sharing.let_read(session, actor(session, login), opportunity.id, TO_ZHAO)
        reader = sharing.let_read(session, actor(session, "lin"), opportunity.id, TO_ZHAO)
        for who in (ZHAO, WANG, 99):
            with pytest.raises(Invalid):
                sharing.let_read(session, actor(session, "lin"), opportunity.id, read(LetRead, {"user_id": who}))
        with pytest.raises(NotAllowed):
            sharing.withdraw(session, actor(session, "wang"), reader.id)
        with pytest.raises(NotAllowed):  # who only reads lets nobody else
            sharing.let_read(session, actor(session, "zhao"), opportunity.id, read(LetRead, {"user_id": FANG}))


def test_an_example_tells_the_way_and_not_with_whom_or_for_how_much(engine: Engine) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, "恒力集团", owner=WANG)
        session.add(Contact(customer_id=customer.id, name="刘建国", phone="13912345678"))
        opportunity = an_opportunity(session, "恒力集团云盘", customer=customer, amount="120000")
        talk = a_follow_up(session, opportunity)
        talk.content, talk.feedback = "刘建国希望降到11.5万，电话 13912345678，邮箱 liu@hengli.example", "先签一年"
        with pytest.raises(NotWon):
            sharing.publish(session, actor(session, "lin"), opportunity.id)
        a_contract(session, opportunity=opportunity)
        with pytest.raises(NotAllowed):
            sharing.publish(session, actor(session, "wang"), opportunity.id)
        sharing.publish(session, actor(session, "lin"), opportunity.id)
        seen = sharing.example(session, actor(session, "zhao"), opportunity.id)
        text = seen.title + "".join(step.text for step in seen.steps)
        assert "先签一年" in text
        assert "云盘" in seen.title
        for secret in ("恒力", "刘建国", "11.5", "139", "liu@", "120"):
            assert secret not in text
        assert [one.id for one in sharing.examples(session, actor(session, "zhao"))] == [opportunity.id]
        for login in ("fang", "mei", "xia", "ada"):
            with pytest.raises(NotFound):
                sharing.example(session, actor(session, login), opportunity.id)
        sharing.unpublish(session, actor(session, "chen"), opportunity.id)
        with pytest.raises(NotFound):
            sharing.example(session, actor(session, "zhao"), opportunity.id)
        assert session.get_one(Opportunity, opportunity.id).published_by_id is None


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("报价 ¥12,000 起", "报价… 起"), ("让 5 % 就签", "让… 就签"), ("打九折", "打九折"),
        ("０５７１－８８８８", "…－…"), ("call 010-8888 6666 now", "call … now"),
        ("三年的合同", "三年的合同"), ("第2次拜访", "第2次拜访"), ("找 Ann 谈", "找 … 谈"),
    ],
)  # fmt: skip
def test_what_is_left_out_of_a_text(text: str, left: str) -> None:
    assert redacted(text, ["Ann", ""]).replace(" …", "…") == left.replace(" …", "…")


@pytest.mark.parametrize(
    ("company", "contact", "text", "left"),
    [
        ("西安诚博起重设备有限公司", "刘建国", "西安诚博起重设备 技术服务增购", "… 技术服务增购"),
        ("西安诚博起重设备有限公司", "刘建国", "诚博的刘总和建国都同意", "…的…和…都同意"),
        ("恒力集团", "欧阳明", "恒力的欧阳经理要先看样机", "…的…要先看样机"),
        ("Acme Machinery Ltd", "Ann Miller", "Miller of Acme asked for a trial", "… of … asked for a trial"),
        ("Acme Machinery Ltd", "Ann Miller", "the lead of the plant planned a visit", "the lead of the plant planned a visit"),
    ],
)
def test_a_customer_and_its_people_are_hidden_by_every_name_they_go_by(company: str, contact: str, text: str, left: str) -> None:
    assert redacted(text, [*of_company(company), *of_person(contact)]) == left
