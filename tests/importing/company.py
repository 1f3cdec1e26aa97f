"""A file that Ada imports into the company of the tests: verdicts and imports in one line."""

from pathlib import Path

from sqlalchemy import Engine

from crm.db import reading, transaction
from crm.importing import undo
from crm.importing.judged import Judged
from crm.importing.layouts import parse_layout
from crm.importing.reading import Limits, open_sheet
from crm.importing.verdict import Source, Verdict, judge
from crm.importing.writing import import_file
from crm.models import ImportRun
from tests import people

LEADS = """
name = "展会名单"
kind = "leads"
system = "old"
[columns]
"编号" = "external_id"
"姓名" = "contact"
"公司" = "company"
"电话" = "phone"
"来源" = "source"
"销售" = "rep"
"日期" = "arrived_on"
"状态" = "status"
"结束" = "closed_on"
[unknown]
source = "create"
rep = "refuse"
"""
LEADS_HEADER = "编号,姓名,公司,电话,来源,销售,日期,状态,结束\n"

DEALS = """
name = "旧系统商机"
kind = "opportunities"
system = "old"
[columns]
"编号" = "external_id"
"名称" = "title"
"客户" = "customer"
"负责人" = "owner"
"产品" = "products"
"金额" = "amount"
"创建" = "created_on"
"状态" = "status"
"关闭" = "closed_on"
"原因" = "loss_reason"
[[rules]]
when = { status = "won" }
set = { contract_number = "HT-{external_id}", contract_signed_on = "{closed_on}" }
[unknown]
customer = "create"
loss_reason = "create"
products = "create"
"""
DEALS_HEADER = "编号,名称,客户,负责人,产品,金额,创建,状态,关闭,原因\n"


def verdict_on(engine: Engine, folder: Path, layout: str, text: str, login: str = "ada") -> Verdict:
    """What becomes of the rows of `text`."""
    path = folder / "file.csv"
    path.write_text(text, "utf-8")
    with reading(engine) as session:
        sheet = open_sheet(path, path.name, Limits())
        return judge(session, people.actor(session, login), Source.of(path), sheet, parse_layout(layout))


def imported(engine: Engine, folder: Path, layout: str, text: str, login: str = "ada", **choice: bool) -> ImportRun:
    """The rows of `text`, imported."""
    return import_file(engine, verdict_on(engine, folder, layout, text, login), **choice)


def undone(engine: Engine, run: ImportRun) -> undo.Undone:
    """The import, taken back by Ada."""
    with transaction(engine) as session:
        return undo.undo(session, people.actor(session, "ada"), run.id)


def said(row: Judged) -> list[str]:
    """What is held against a row, and what it is told to be."""
    return [str(fault.reason) for fault in row.faults] + ([str(row.note)] if row.note else [])
