"""The pages of contracts: signed with a file, paid in instalments, changed and ended; forged calls, wrong files and sums that don't fit."""

from datetime import timedelta
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pypdf
import pytest
from dash import Dash
from sqlalchemy import Engine, select

from crm.db import reading, transaction
from crm.errors import NotAllowed, NotFound
from crm.models import AuditEntry, Contract, Customer, File, Invoice, Opportunity, OpportunityReader, PaymentPlan, Quote, Receipt
from crm.services import approvals, people, quotes
from crm.services.inputs import read
from crm.vocabulary import AuditAct, ContractStatus, OpportunityStatus
from dashboard.i18n import explain, use_language
from tests.pages.visitor import HERE, Visitor
from tests.people import LIN, TODAY, TRAVEL, ZHAO, a_contract, a_receipt, actor, an_opportunity, noon
from tests.services.test_quotes import SUITE, form

with use_language("zh"):
    NOT_THERE, NOT_ALLOWED = explain(NotFound()), explain(NotAllowed())

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
TODAY_TEXT = TODAY.isoformat()
THREE = [
    {"due_on": "2026-12-01", "amount": "30,000.00", "condition": "签约", "no": ""},
    {"due_on": "2027-02-01", "amount": "60,000.00", "condition": "验收", "no": ""},
    {"due_on": "2027-04-01", "amount": "10,000.00", "condition": "质保", "no": ""},
]
SIGNING = {"number": "HT-2026-1", "signed_on": TODAY_TEXT, "starts_on": None, "ends_on": None, "files": ""}
DAYS = ("signed_on", "starts_on", "ends_on")


@pytest.fixture
def approved(engine: Engine) -> Quote:
    """An offer of Wang's about 100,000 that Lin approved."""
    with transaction(engine) as session:
        wang, today = actor(session, "wang"), TODAY
        quote = quotes.draft(session, wang, an_opportunity(session, "恒力云盘").id, form(SUITE), today=today)
        approvals.submit(session, wang, quote.id, version=quote.version, today=today)
        decided = read(approvals.DecideQuote, {})
        return approvals.approve(session, actor(session, "lin"), quote.id, decided, version=quote.version, today=today)


@pytest.fixture
def signed(engine: Engine) -> int:
    """A contract of Wang's with two instalments."""
    with transaction(engine) as session:
        plan = [(TODAY - timedelta(days=10), "60000"), (TODAY + timedelta(days=30), "40000")]
        return a_contract(session, "HT-7", opportunity=an_opportunity(session, "续约"), plan=plan).id


@pytest.fixture
def fang(app: Dash) -> Visitor:
    """Who does the money."""
    return Visitor(app).sign_in("fang")


@pytest.fixture
def chen(app: Dash) -> Visitor:
    """The executive."""
    return Visitor(app).sign_in("chen")


def send(visitor: Visitor, content: bytes, name: str = "%E5%90%88%E5%90%8C.pdf") -> Any:
    """A file as the page sends it."""
    headers = HERE | {"X-CSRFToken": visitor.token, "X-File-Name": name}
    return visitor.client.post("/files/upload", data=content, headers=headers, content_type="application/octet-stream")


def download(visitor: Visitor, number: int) -> tuple[int, bytes]:
    """A file as it comes down, which is always as an attachment."""
    with visitor.get(f"/files/{number}") as answer:
        if answer.status_code != 200:
            return answer.status_code, b""
        assert answer.headers["Content-Disposition"].startswith("attachment")
        return answer.status_code, answer.data


def sign(visitor: Visitor, engine: Engine, quote: Quote, *, key: str = "key", plan: Any = (), **typed: Any) -> str:
    with reading(engine) as session:
        version = session.get_one(Opportunity, quote.opportunity_id).version
    about = {"id": quote.id, "version": version, "back": "/"}
    return visitor.save("sign-contract", SIGNING | typed, about, key, days=DAYS, rows={"plan": list(plan)})


def act(
    visitor: Visitor, name: str, contract_id: int, *, version: int = 1, key: str = "key", days: Any = (), rows: Any = None, **typed: Any
) -> str:
    return visitor.save(name, typed, {"id": contract_id, "version": version, "back": "/"}, key, days=days, rows=rows)


def receive(
    visitor: Visitor, contract_id: int, amount: str, *, key: str = "key", instalments: Any = (), prepaid: Any = (), on: str = TODAY_TEXT
) -> str:
    typed = {
        "amount": amount,
        "received_on": on,
        "method": "transfer",
        "instalments": list(instalments),
        "is_prepayment": prepaid,
        "note": "",
    }
    return act(visitor, "receive-money", contract_id, key=key, days=("received_on",), **typed)


def test_signed_with_a_file_three_instalments_and_the_first_received(engine: Engine, wang: Visitor, fang: Visitor, approved: Quote) -> None:
    assert "100,000.00" in wang.page(f"/quotes/{approved.id}/sign")
    number = send(wang, PDF).json["id"]
    assert "/contracts/1" in sign(wang, engine, approved, plan=THREE, files=str(number))
    with reading(engine) as session:
        contract = session.scalars(select(Contract)).one()
        assert (contract.number, str(contract.amount), contract.quote_id) == ("HT-2026-1", "100000.00", approved.id)
        assert session.get_one(Opportunity, approved.opportunity_id).status is OpportunityStatus.WON
        assert (session.get_one(File, number).subject, session.get_one(File, number).subject_id) == ("contracts", contract.id)
    page = wang.page(f"/contracts/{contract.id}")
    assert "合同.pdf" in page
    assert "验收" in page
    assert "receive" not in page  # a rep records no money
    assert f"/contracts/{contract.id}/receive?instalment=1" in fang.page(f"/contracts/{contract.id}")
    assert "30,000.00" in fang.page(f"/contracts/{contract.id}/receive", "?instalment=1")
    assert f"/contracts/{contract.id}" in receive(fang, contract.id, "30,000.00", instalments=[1])
    assert '"已收"' in wang.page(f"/contracts/{contract.id}")
    assert "70,000.00" in wang.page(f"/opportunities/{approved.opportunity_id}")
    assert "70,000.00" in fang.page(f"/customers/{contract.customer_id}/money")
    assert download(fang, number) == (200, PDF)
    with reading(engine) as session:
        assert session.scalars(select(AuditEntry.by_id).where(AuditEntry.act == AuditAct.DOWNLOADED)).all() == [6]


@pytest.mark.parametrize(
    ("typed", "plan", "sentence"),
    [
        ({"number": "HT-7"}, (), "已存在"),
        ({"number": ""}, (), "请填写此项"),
        ({"signed_on": "2027-01-01"}, (), "2027-01-01"),
        ({"starts_on": "2027-01-02", "ends_on": "2027-01-01"}, (), "早于"),
        ({}, THREE[:2], "10,000.00"),
        ({}, [*THREE, THREE[0] | {"amount": "-1"}], "不能为负"),
        ({"files": "999"}, (), "选择"),
        ({"files": "x"}, (), "选择"),
    ],
)
def test_what_cant_be_signed_is_told_and_nothing_is_half_done(
    engine: Engine, wang: Visitor, approved: Quote, signed: int, typed: dict[str, Any], plan: Any, sentence: str
) -> None:
    answer = sign(wang, engine, approved, plan=plan, **typed)
    assert sentence in answer
    assert "_pages_location" not in answer
    with reading(engine) as session:
        assert session.scalars(select(Contract.id)).all() == [signed]
        assert session.get_one(Opportunity, approved.opportunity_id).status is OpportunityStatus.FOLLOWING


def test_a_contract_leads_only_to_what_its_reader_may_open(engine: Engine, wang: Visitor, fang: Visitor, signed: int) -> None:
    with reading(engine) as session:
        opportunity = f'"href": "/opportunities/{session.get_one(Contract, signed).opportunity_id}"'
    assert opportunity in wang.page(f"/contracts/{signed}")
    assert opportunity not in fang.page(f"/contracts/{signed}")


def test_the_opportunity_shows_its_contract_s_instalments_and_files(engine: Engine, wang: Visitor, zhao: Visitor, signed: int) -> None:
    act(wang, "add-files", signed, files=str(send(wang, PDF).json["id"]))
    with reading(engine) as session:
        opportunity = session.get_one(Contract, signed).opportunity_id
    page = wang.page(f"/opportunities/{opportunity}")
    assert all(word in page for word in ("60,000.00", "40,000.00", "逾期", "合同.pdf"))
    with transaction(engine) as session:
        session.add(OpportunityReader(opportunity_id=opportunity, user_id=ZHAO, granted_by_id=LIN, granted_at=noon(TODAY)))
    read_by_zhao = zhao.page(f"/opportunities/{opportunity}")
    assert "续约" in read_by_zhao
    assert not any(word in read_by_zhao for word in ("60,000.00", "合同.pdf", '"href": "/customers/'))


def test_the_offer_of_a_contract_is_had_in_the_reader_s_language(engine: Engine, wang: Visitor, approved: Quote) -> None:
    sign(wang, engine, approved)
    address = f"/quotes/{approved.id}/offer.pdf?language="
    assert f"{address}zh" in wang.page("/contracts/1")
    with transaction(engine) as session:
        people.set_language(session, actor(session, "wang"), "en")
    assert f"{address}en" in wang.page("/contracts/1")

def test_signing_twice_signs_once(engine: Engine, wang: Visitor, approved: Quote) -> None:
    assert sign(wang, engine, approved) == sign(wang, engine, approved)
    assert "_pages_location" not in sign(wang, engine, approved, key="another", number="HT-2")
    with reading(engine) as session:
        assert len(session.scalars(select(Contract)).all()) == 1


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"<script>alert(1)</script>", "contract.pdf", "不是可上传的类型"),
        (b"MZ\x90\x00program", "contract.docx", "不是可上传的类型"),
        (b"", "contract.pdf", "是空文件"),
        (PDF + b"0" * 1024 * 1024, "big.pdf", "超过 1 MB"),
    ],
)
def test_a_wrong_file_is_refused_by_its_content(
    engine: Engine, settings: Any, wang: Visitor, content: bytes, name: str, sentence: str
) -> None:
    with transaction(engine) as session:
        session.execute(Contract.metadata.tables["settings"].update().values(upload_max_mb=1))
    answer = send(wang, content, name)
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert list((settings.home / "files").iterdir()) == []


def test_an_office_document_is_told_by_what_it_holds(wang: Visitor, engine: Engine) -> None:
    stream = BytesIO()
    with ZipFile(stream, "w") as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        package.writestr("word/document.xml", "<document/>")
    number = send(wang, stream.getvalue(), "..%2F..%2Fcontract.exe").json["id"]
    with reading(engine) as session:
        assert session.get_one(File, number).name == "contract.exe.docx"


def test_a_file_is_its_senders_until_it_is_attached(engine: Engine, app: Dash, wang: Visitor, zhao: Visitor, approved: Quote) -> None:
    number = send(zhao, PDF).json["id"]
    assert "选择" in sign(wang, engine, approved, files=str(number))
    assert download(zhao, number) == (404, b"")
    mine = send(wang, PDF).json["id"]
    sign(wang, engine, approved, files=str(mine))
    assert download(zhao, mine) == download(zhao, 999) == download(Visitor(app).sign_in("mei"), mine) == (404, b"")
    assert download(wang, mine) == (200, PDF)


def test_another_teams_contract_looks_like_none(engine: Engine, wang: Visitor) -> None:
    with transaction(engine) as session:
        theirs = a_contract(session, "HT-9", opportunity=an_opportunity(session, "天府", owner=ZHAO), owner=ZHAO)
        receipt = a_receipt(session, theirs, "1", TODAY)
    nothing = wang.page("/contracts/999999")
    assert NOT_THERE in nothing
    for path in ("", "/receive", "/void", "/plan", "/nonsense"):
        assert wang.page(f"/contracts/{theirs.id}{path}") == nothing, path
    assert wang.page(f"/receipts/{receipt.id}/cancel") == wang.page(f"/customers/{theirs.customer_id}/money") == nothing
    assert receive(wang, theirs.id, "1") == receive(wang, 999999, "1")
    assert act(wang, "void-contract", theirs.id, reason="x", opportunity_becomes="following", stop_reason_id=None) == act(
        wang, "void-contract", 999999, reason="x", opportunity_becomes="following", stop_reason_id=None
    )


def test_forged_acts_are_refused(engine: Engine, wang: Visitor, lin: Visitor, signed: int) -> None:
    plan = {"plan": [{"due_on": "2027-01-01", "amount": "100000", "condition": "", "no": ""}]}
    assert NOT_ALLOWED in receive(wang, signed, "1")
    assert NOT_ALLOWED in receive(lin, signed, "1")
    assert NOT_ALLOWED in act(wang, "complete-contract", signed)
    assert NOT_ALLOWED in act(lin, "void-contract", signed, reason="x", opportunity_becomes="following", stop_reason_id=None)
    assert NOT_ALLOWED in act(lin, "amend-contract", signed, days=("day",), amount="1", day=TODAY_TEXT, reason="x", files="", rows=plan)
    assert NOT_ALLOWED in act(wang, "pay-cost", signed, days=("paid_on",), category_id=TRAVEL, paid_on=TODAY_TEXT, amount="1", note="")
    assert NOT_ALLOWED in act(lin, "issue-invoice", signed, days=("invoiced_on",), number="1", invoiced_on=TODAY_TEXT, amount="1", files="")
    with reading(engine) as session:
        assert session.get_one(Contract, signed).version == 1
        assert len(session.scalars(select(AuditEntry).where(AuditEntry.act == AuditAct.REFUSED)).all()) == 7


@pytest.mark.parametrize(
    ("amount", "more", "sentence"),
    [
        ("100,000.01", {}, "预收"),
        ("0", {}, "大于零"),
        ("-5", {}, "不能为负"),
        ("一百", {}, "金额"),
        ("10", {"instalments": [9]}, "9"),
        ("10", {"on": "2027-01-01"}, "2027-01-01"),
        ("10", {"on": "nonsense"}, "nonsense"),
    ],
)
def test_money_that_cant_have_come_in_is_told(
    engine: Engine, fang: Visitor, signed: int, amount: str, more: dict[str, Any], sentence: str
) -> None:
    answer = receive(fang, signed, amount, **more)
    assert sentence in answer
    assert "_pages_location" not in answer
    with reading(engine) as session:
        assert session.scalars(select(Receipt)).all() == []


def test_finance_confirms_a_prepayment_refunds_and_cancels(engine: Engine, fang: Visitor, signed: int) -> None:
    receive(fang, signed, "100,500", prepaid=["on"], instalments=[1, 2])
    assert "预收款" in fang.page(f"/contracts/{signed}")
    act(
        fang,
        "refund-money",
        signed,
        key="2",
        days=("refunded_on",),
        amount="500",
        refunded_on=TODAY_TEXT,
        reason="多付",
        method="transfer",
        instalments=[],
    )
    with reading(engine) as session:
        assert [str(amount) for amount in session.scalars(select(Receipt.amount).order_by(Receipt.id))] == ["100500.00", "-500.00"]
    assert "退款" in fang.save("cancel-receipt", {"reason": "录错"}, {"id": 1, "back": "/"}, "3")
    fang.save("cancel-receipt", {"reason": "录错"}, {"id": 2, "back": "/"}, "4")
    assert "录错" in fang.page(f"/contracts/{signed}")
    fang.save("cancel-receipt", {"reason": "录错"}, {"id": 1, "back": "/"}, "5")
    act(fang, "pay-cost", signed, key="6", days=("paid_on",), category_id=TRAVEL, paid_on=TODAY_TEXT, amount="321.09", note="机票")
    act(
        fang,
        "issue-invoice",
        signed,
        key="7",
        days=("invoiced_on",),
        number="FP-1",
        invoiced_on=TODAY_TEXT,
        amount="60000",
        files=str(send(fang, PDF).json["id"]),
    )
    assert "已存在" in act(
        fang, "issue-invoice", signed, key="8", days=("invoiced_on",), number="FP-1", invoiced_on=TODAY_TEXT, amount="1", files=""
    )
    page = fang.page(f"/contracts/{signed}")
    assert all(word in page for word in ("321.09", "机票", "FP-1", "合同.pdf"))
    with reading(engine) as session:
        assert len(session.scalars(select(Invoice)).all()) == 1


def test_a_rep_proposes_a_plan_and_finance_puts_it_in_force(engine: Engine, wang: Visitor, fang: Visitor, signed: int) -> None:
    rows = {"plan": [{"due_on": "2026-12-15", "amount": "100,000", "condition": "一次付清", "no": ""}]}
    act(wang, "change-plan", signed, rows=rows, reason="客户要求")
    assert "客户要求" in fang.page(f"/contracts/{signed}")
    assert ["采纳建议" in visitor.page(f"/contracts/{signed}") for visitor in (fang, wang)] == [True, False]
    assert "一次付清" in fang.page(f"/contracts/{signed}/plan")
    assert "提出收款计划建议" in wang.page(f"/contracts/{signed}")
    assert "_pages_location" not in act(fang, "change-plan", signed, rows=rows, reason="")  # it was changed after it was opened
    act(fang, "change-plan", signed, version=2, key="2", rows=rows, reason="")
    with reading(engine) as session:
        assert [plan.proposed for plan in session.scalars(select(PaymentPlan).order_by(PaymentPlan.revision))] == [False, True, False]
    page = wang.page(f"/contracts/{signed}")
    assert "采纳收款计划建议" in page
    assert "驳回" not in page


def test_a_lead_declines_a_proposal_whose_text_stays(engine: Engine, wang: Visitor, lin: Visitor, signed: int) -> None:
    rows = {"plan": [{"due_on": "2026-12-15", "amount": "100,000", "condition": "一次付清", "no": ""}]}
    act(wang, "change-plan", signed, rows=rows, reason="客户要求")
    assert ["驳回" in visitor.page(f"/contracts/{signed}") for visitor in (lin, wang)] == [True, False]
    assert "您没有执行此操作的权限" in wang.page(f"/contracts/{signed}/decline")
    act(lin, "decline-plan", signed, version=2, reason="按原计划")
    page = wang.page(f"/contracts/{signed}")
    assert all(said in page for said in ("一次付清", "客户要求", "由林驳回：按原计划", "驳回收款计划建议", "2026-12-15"))
    assert "建议：" not in page
    assert "没有待处理" in act(lin, "decline-plan", signed, version=3, key="2", reason="再驳回")


def test_amended_with_a_file_completed_and_voided(engine: Engine, fang: Visitor, chen: Visitor, signed: int) -> None:
    number = send(chen, PDF, "supplement.pdf").json["id"]
    rows = {"plan": [{"due_on": "2026-12-15", "amount": "120000", "condition": "", "no": "1"}]}
    typed = {"amount": "120,000", "day": TODAY_TEXT, "reason": "增购", "files": str(number)}
    act(chen, "amend-contract", signed, days=("day",), rows=rows, **typed)
    page = fang.page(f"/contracts/{signed}")
    assert all(word in page for word in ("增购", "supplement.pdf", "¥100,000.00 → ¥120,000.00"))
    assert download(fang, number) == (200, PDF)
    with reading(engine) as session:
        version = session.get_one(Contract, signed).version
    assert "120,000.00" in act(fang, "complete-contract", signed, version=version)
    act(chen, "void-contract", signed, version=version, key="3", reason="客户取消", opportunity_becomes="following", stop_reason_id=None)
    with reading(engine) as session:
        contract = session.get_one(Contract, signed)
        assert (contract.status, contract.void_reason) == (ContractStatus.VOIDED, "客户取消")
    assert "客户取消" in fang.page(f"/contracts/{signed}")
    assert "/void" not in chen.page(f"/contracts/{signed}")


def test_an_invoice_is_edited_and_cancelled_on_the_contracts_page(engine: Engine, wang: Visitor, fang: Visitor, signed: int) -> None:
    typed = {"number": "FP-1", "invoiced_on": TODAY_TEXT, "amount": "60000", "files": ""}
    act(fang, "issue-invoice", signed, days=("invoiced_on",), **typed)
    assert "/invoices/1/edit" in fang.page(f"/contracts/{signed}")
    assert "60,000.00" in fang.page("/invoices/1/edit")
    assert act(wang, "edit-invoice", 1, days=("invoiced_on",), **typed) != act(wang, "edit-invoice", 99, days=("invoiced_on",), **typed)
    assert NOT_ALLOWED in act(wang, "cancel-invoice", 1, reason="x")
    act(fang, "edit-invoice", 1, key="2", days=("invoiced_on",), **(typed | {"amount": "50000"}))
    assert "¥60,000.00 → ¥50,000.00" in wang.page(f"/contracts/{signed}")
    act(fang, "cancel-invoice", 1, key="3", reason="抬头有误")
    shown = fang.page(f"/contracts/{signed}")
    assert "抬头有误" in shown
    assert "/invoices/1/edit" not in shown
    assert "form-fields" not in fang.page("/invoices/1/cancel")
    with reading(engine) as session:
        assert [(str(one.amount), one.cancel_reason) for one in session.scalars(select(Invoice))] == [("50000.00", "抬头有误")]


def test_a_lead_gives_a_contract_to_another_carer(engine: Engine, wang: Visitor, zhao: Visitor, lin: Visitor, signed: int) -> None:
    assert "form-fields" in lin.page(f"/contracts/{signed}/carer")
    assert NOT_ALLOWED in act(wang, "change-carer", signed, owner_id=LIN, reason="x")
    assert act(zhao, "change-carer", signed, owner_id=LIN, reason="x") == act(zhao, "change-carer", 999999, owner_id=LIN, reason="x")
    assert f"/contracts/{signed}" in act(lin, "change-carer", signed, key="2", owner_id=LIN, reason="王休假")
    assert "王休假" in lin.page(f"/contracts/{signed}")
    assert NOT_THERE in wang.page(f"/contracts/{signed}")


def test_an_offer_on_paper_is_for_who_reads_it(
    engine: Engine, app: Dash, wang: Visitor, zhao: Visitor, fang: Visitor, approved: Quote
) -> None:
    paper = wang.get(f"/quotes/{approved.id}/offer.pdf?language=zh")
    assert (paper.status_code, paper.mimetype, paper.data[:5]) == (200, "application/pdf", b"%PDF-")
    assert b"WenQuanYiMicroHei" in paper.data
    assert len(paper.data) < 200_000
    assert wang.get(f"/quotes/{approved.id}/offer.pdf?language=en").data != paper.data
    assert fang.get(f"/quotes/{approved.id}/offer.pdf").status_code == 200
    for visitor in (zhao, Visitor(app).sign_in("mei"), Visitor(app).sign_in("ada")):
        assert visitor.get(f"/quotes/{approved.id}/offer.pdf").status_code == 404


def test_the_menu_leads_to_each_list_for_exactly_its_roles(app: Dash) -> None:
    reads = {"/contracts": {"wang", "lin", "chen", "fang"}, "/approvals": {"lin", "chen"}}
    for login in ("wang", "lin", "chen", "fang", "mei", "xia", "ada"):
        visitor = Visitor(app).sign_in(login)
        for path, logins in reads.items():
            assert (NOT_THERE not in visitor.page(path)) == (login in logins), (login, path)
            assert (f"'{path}'" in str(visitor.get("/_dash-layout").json)) == (login in logins), (login, path)


@pytest.mark.parametrize(("language", "words"), [("zh", ("报价单", "税率", "有效期至")), ("en", ("Quotation", "Tax", "Valid until"))])
def test_an_offer_on_paper_says_whose_it_is_for_whom_what_and_with_which_tax(
    engine: Engine, wang: Visitor, approved: Quote, language: str, words: tuple[str, ...]
) -> None:
    with transaction(engine) as session:
        session.execute(Contract.metadata.tables["settings"].update().values(company_name="南北软件有限公司"))
    paper = pypdf.PdfReader(BytesIO(wang.get(f"/quotes/{approved.id}/offer.pdf?language={language}").data))
    said = " ".join(page.extract_text() for page in paper.pages)
    with reading(engine) as session:
        customer = session.get_one(Opportunity, approved.opportunity_id).customer_id
        name = session.get_one(Customer, customer).name
    for word in ("南北软件有限公司", name, "恒力云盘", "客户管理套件", "100,000.00", "13 %", approved.valid_until.isoformat(), *words):
        assert word in said, (word, said)
