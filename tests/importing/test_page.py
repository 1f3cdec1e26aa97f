"""Importing on the page: a file goes up as it is, is judged, shown and imported by who may, and nobody else sees any of it."""

import io
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from dash import Dash
from sqlalchemy import Engine, select

from crm.config import Settings
from crm.db import reading
from crm.importing.fields import FIELDS, RecordKind
from crm.importing.headers import guess_columns
from crm.models import ImportLayout, ImportRun, Lead, LeadSource
from dashboard.app import close, create_app
from tests.pages.visitor import HERE, Many, Visitor
from tests.people import MEI, company

LEADS = (
    "编号,姓名,电话,来源,销售人员,日期\n"
    + "A1,张三,13800000001,抖音,王,2026-11-01\nA2,李四,12,网站,王,2026-11-01\n"
    + "A3,钱,13800000003,网站,赵,2026-11-02\n"
)


@pytest.fixture
def engine(sqlite_url: str) -> Iterator[Engine]:
    opened = company(sqlite_url)
    yield opened
    opened.dispose()


@pytest.fixture
def app(engine: Engine, sqlite_url: str, tmp_path: Path) -> Iterator[Dash]:
    made = create_app(Settings(home=tmp_path / "home", database_url=sqlite_url))
    yield made
    close(made)


@pytest.fixture
def mei(app: Dash) -> Visitor:
    """Marketing, who receives the lists of fairs."""
    return Visitor(app).sign_in("mei")


def sent(who: Visitor, content: bytes, name: str = "leads.csv", kind: str = "leads", **headers: str) -> Any:
    """Upload a file as the page's script does."""
    said = {"X-CSRFToken": who.token, "X-File-Name": name, "Content-Type": "application/octet-stream"} | HERE | headers
    return who.client.post(f"/import/upload/{kind}", data=content, headers=said)


def uploaded(who: Visitor, text: str = LEADS) -> str:
    """The token of an uploaded table."""
    answer = sent(who, text.encode())
    assert answer.status_code == 200, answer.text
    return str(answer.json["href"]).removeprefix("/import/")


def check(who: Visitor, token: str, columns: dict[str, list[str]], text: str = "", **typed: str) -> str:
    """Press "check the rows" with these columns and defaults, and wait for what was found."""
    keys = [f.key for f in FIELDS[RecordKind.LEADS]]
    ids = {name: [{"type": f"import-{name}", "field": key} for key in keys] for name in ("columns", "default", "unknown")}
    picked = [Many(*((id, columns.get(id["field"], [])) for id in ids["columns"])), ids_of(ids["columns"])]
    defaults = [Many(*((id, typed.get(id["field"], "")) for id in ids["default"])), ids_of(ids["default"])]
    unknown = [Many(*((id, "create" if id["field"] == "source" else "refuse") for id in ids["unknown"])), ids_of(ids["unknown"])]
    states = [{"upload": token, "sheet": None}, *picked, *defaults, *unknown, "展会名单", "", text]
    pressed = who.call("import-result.children@", [1], states)
    assert pressed.status_code == 200, pressed.text
    return watched(who, token)


def checked_text(who: Visitor, token: str, text: str) -> str:
    """What the page says at once of a layout's text."""
    nothing = [Many(), Many()] * 3
    states = [{"upload": token, "sheet": None}, *nothing, "展会名单", "", text]
    return json.dumps(who.call("import-result.children@", [1], states).json, ensure_ascii=False)


def ids_of(ids: list[dict[str, str]]) -> Many:
    return Many(*((id, id) for id in ids))


def watched(who: Visitor, token: str) -> str:
    """What the page shows once the work is done."""
    for tick in range(200):
        answer = who.call("import-result.children...import-clock.disabled", [tick + 1], [{"upload": token, "sheet": None}]).json
        if answer["response"]["import-clock"]["disabled"]:
            return json.dumps(answer, ensure_ascii=False)
        time.sleep(0.05)
    raise AssertionError("the work does not end")


def press(who: Visitor, token: str, good: str = "") -> str:
    """Press "import", and wait for what came of it."""
    button = {"type": "import-act", "good": good}
    of = {"type": "import-duplicates", "of": "file"}
    answer = who.call(
        "import-clock.disabled@", [Many((button, 1))], [Many((button, button)), Many((of, [])), {"upload": token, "sheet": None}]
    )
    assert answer.status_code == 200, answer.text
    return watched(who, token)


COLUMNS = {"external_id": ["编号"], "contact": ["姓名"], "phone": ["电话"], "source": ["来源"], "rep": ["销售人员"], "arrived_on": ["日期"]}


def test_a_file_is_matched_judged_and_its_good_rows_imported(mei: Visitor, engine: Engine) -> None:
    token = uploaded(mei)
    shown = mei.page(f"/import/{token}")
    assert '"value": ["姓名"]' in shown
    found = check(mei, token, COLUMNS)
    assert "import-faulty" in found
    assert "不是电话号码" in found
    assert "抖音" in found
    assert "没有导入" not in press(mei, token, good="1")
    with reading(engine) as session:
        assert session.scalars(select(Lead.contact_name).order_by(Lead.id)).all() == ["张三", "钱"]
        assert session.scalars(select(ImportRun.by_id)).all() == [MEI]
        assert session.scalars(select(ImportLayout.name)).all() == ["展会名单"]


def test_the_same_header_finds_the_layout_again(mei: Visitor) -> None:
    check(mei, uploaded(mei), COLUMNS, intent="高")
    assert "展会名单" in mei.page(f"/import/{uploaded(mei)}")


def test_the_rows_that_were_not_taken_come_back_as_a_file(mei: Visitor) -> None:
    token = uploaded(mei)
    assert mei.get(f"/import/{token}/rows.xlsx").status_code == 404
    check(mei, token, COLUMNS)
    answer = mei.get(f"/import/{token}/rows.xlsx")
    assert "attachment" in answer.headers["Content-Disposition"]
    rows = list(openpyxl.load_workbook(io.BytesIO(answer.data)).active.values)
    assert rows[0][:6] == ("编号", "姓名", "电话", "来源", "销售人员", "日期")
    assert [row[:3] for row in rows[1:]] == [("A2", "李四", "12")]
    assert "电话" in rows[1][6]


def test_nobody_else_sees_an_upload(app: Dash, mei: Visitor) -> None:
    token = uploaded(mei)
    ada = Visitor(app).sign_in("ada")
    assert "leads.csv" not in ada.page(f"/import/{token}")
    assert ada.get(f"/import/{token}/rows.csv").status_code == 404
    assert "leads.csv" in mei.page(f"/import/{token}")


def test_who_may_not_import_finds_no_page_and_no_door(app: Dash) -> None:
    wang = Visitor(app).sign_in("wang")
    assert sent(wang, LEADS.encode()).status_code == 404
    assert "import-drop" not in wang.page("/import")
    assert wang.get("/import/template/leads.xlsx").status_code == 404


def test_marketing_imports_leads_only(mei: Visitor) -> None:
    assert sent(mei, LEADS.encode(), kind="opportunities").status_code == 404
    shown = mei.page("/import")
    assert "/import/upload/leads" in shown
    assert "/import/upload/opportunities" not in shown


def test_the_administrator_imports_every_kind_and_finance_none(app: Dash) -> None:
    ada, fang = Visitor(app).sign_in("ada"), Visitor(app).sign_in("fang")
    for kind in RecordKind:
        assert f"/import/upload/{kind.value}" in ada.page("/import", f"?kind={kind.value}")
        assert "import-drop" not in fang.page("/import", f"?kind={kind.value}")
        assert sent(fang, LEADS.encode(), kind=kind.value).status_code == 404
    assert "import-drop" not in ada.page("/import", "?kind=secrets")


def test_a_layout_is_mended_as_text(mei: Visitor, engine: Engine) -> None:
    """The file calls the web site "wz"; a layout for other records, or one that is no layout, is refused in words."""
    token = uploaded(mei, "编号,姓名,电话,来源,销售人员,日期\nA1,张三,13800000001,wz,王,2026-11-01\n")
    shown = mei.page(f"/import/{token}")
    assert "layout-text" in shown
    plain = 'name = "展会名单"\nkind = "{kind}"\n'
    rules = plain.format(kind="leads") + '[values.source]\nwz = "网站"\n'
    found = check(mei, token, COLUMNS, text=rules)
    assert "import-act" in found
    press(mei, token)
    with reading(engine) as session:
        assert session.scalars(select(LeadSource.name).join(Lead, Lead.source_id == LeadSource.id)).all() == ["网站"]
    for wrong in (plain.format(kind="customers"), "name = ", plain.format(kind="leads") + "[rules", "x" * 100_001):
        pressed = checked_text(mei, token, wrong)
        assert "failed-sentence" in pressed, wrong[:40]


def test_what_is_no_table_is_refused_by_its_content_and_does_not_stay(app: Dash, mei: Visitor, tmp_path: Path) -> None:
    answer = sent(mei, b"%PDF-1.7 ...", name="leads.csv")
    assert answer.status_code == 409
    assert "leads.csv" in answer.text
    assert list((tmp_path / "home" / "uploads").iterdir()) == []


def test_an_upload_from_elsewhere_is_refused(mei: Visitor) -> None:
    assert sent(mei, LEADS.encode(), **{"X-CSRFToken": ""}).status_code == 400
    assert sent(mei, LEADS.encode(), Origin="http://elsewhere.example").status_code == 403


def test_a_file_beyond_the_limit_is_refused(mei: Visitor, engine: Engine, tmp_path: Path) -> None:
    with engine.execution_options(writing=True).begin() as connection:
        connection.exec_driver_sql("update settings set upload_max_mb = 1")
    answer = sent(mei, b"a,b\n" + b"1,2\n" * 400_000)
    assert answer.status_code == 409
    assert list((tmp_path / "home" / "uploads").iterdir()) == []


@pytest.mark.parametrize("kind", [kind.value for kind in RecordKind])
def test_every_column_of_the_template_is_understood(app: Dash, kind: str) -> None:
    ada = Visitor(app).sign_in("ada")
    book = openpyxl.load_workbook(io.BytesIO(ada.get(f"/import/template/{kind}.xlsx").data))
    header = [str(cell) for cell in next(iter(book.active.values))]
    guessed = guess_columns(header, RecordKind(kind))
    assert sorted(guessed.values()) == sorted(f.key for f in FIELDS[RecordKind(kind)])


def test_what_is_required_and_missing_is_asked_for(mei: Visitor, engine: Engine) -> None:
    token = uploaded(mei, "姓名,电话,来源\n张三,13800000001,网站\n")
    columns = {"contact": ["姓名"], "phone": ["电话"], "source": ["来源"]}
    asked = check(mei, token, columns)
    assert "import-act" not in asked
    found = check(mei, token, columns, rep="王", arrived_on="2026-11-01")
    assert "import-act" in found


def test_an_import_of_the_page_can_be_undone_there(mei: Visitor, engine: Engine) -> None:
    token = uploaded(mei, "编号,姓名,电话,来源,销售人员,日期\nA1,张三,13800000001,网站,王,2026-11-01\n")
    check(mei, token, COLUMNS)
    press(mei, token)
    with reading(engine) as session:
        assert session.scalars(select(Lead.contact_name)).all() == ["张三"]
    button = {"type": "import-undo", "run": "1"}
    answer = mei.call("import-past.children", [Many((button, 1))], [Many((button, button))])
    assert "已撤销" in json.dumps(answer.json, ensure_ascii=False)
    with reading(engine) as session:
        assert session.scalars(select(Lead.id)).all() == []
