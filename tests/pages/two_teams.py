"""A company of two teams, with what Zhao of the West holds and what Wang of the East must never read of it: for the tests of leaks."""

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from dash import Dash
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from crm.config import Settings
from crm.db import make_engine, transaction
from crm.models import CompanySettings, Contact, File
from crm.vocabulary import OpportunityStatus
from dashboard.app import close, create_app
from etl import changes
from tests.pages.visitor import Visitor
from tests.people import (
    CLOUD_DRIVE,
    TODAY,
    WANG,
    ZHAO,
    a_contract,
    a_customer,
    a_follow_up,
    a_lead,
    a_quote,
    a_receipt,
    an_opportunity,
    noon,
)

SECRETS = re.compile(r"天府|绝密|唐机密|线索人|13877770001|XM-西|777[,.]?331|777[,.]?431|77\.7|78\.1")
"""What only the West may read: Zhao's names, number, amount; and what his and Wang's come to together."""

ASKED = {"startRow": 0, "endRow": 100, "sortModel": []}
"""The first rows of a grid."""

YEAR: dict[str, Any] = {"period": "this_year"}


@dataclass
class Office:
    """The served company, with its people signed in, and what Zhao and Wang hold."""

    app: Dash
    engine: Engine
    zhao: Visitor
    wang: Visitor
    lin: Visitor
    sun: Visitor
    ids: dict[str, int]

    def follow(self) -> None:
        """Wait until the reports have all that was committed."""
        assert self.app.server.extensions["saleslens"].live.follows(changes.latest(self.engine), timeout=20)


def an_office(built_home: Path, folder: Path) -> Iterator[Office]:
    """One on a copy of this home, with its reports up to date, until it is closed."""
    settings = Settings(home=Path(shutil.copytree(built_home, folder / "home")))
    engine = make_engine(settings.url)
    with transaction(engine) as session:
        ids = _theirs(session) | _mine(session)
    app = create_app(settings)
    office = Office(app, engine, *[Visitor(app).sign_in(login) for login in ("zhao", "wang", "lin", "sun")], ids)
    office.follow()
    yield office
    engine.dispose()
    close(app)


def _theirs(session: Session) -> dict[str, int]:
    """What Zhao holds: customer, lead, opportunities open and lost, an offer, a contract with a plan, a receipt and a file."""
    session.query(CompanySettings).one().ranking_visible = False
    customer = a_customer(session, "天府绝密", owner=ZHAO, phone="+8613877770001")
    session.scalars(select(Contact).where(Contact.customer_id == customer.id)).one().name = "唐机密"
    lead = a_lead(session, contact="线索人", company="天府线索", owner=ZHAO, arrived=date(2026, 10, 2))
    a_lead(session, contact="线索人二", owner=ZHAO, arrived=date(2026, 10, 2))
    lines = {CLOUD_DRIVE: "777331"}
    opened = an_opportunity(session, "绝密云盘", customer=customer, amount="777331", lines=lines, created=date(2026, 10, 2))
    an_opportunity(
        session, "绝密丢单", customer=customer, amount="777331", created=date(2026, 10, 2), status=OpportunityStatus.LOST,
        closed=date(2026, 10, 9),
    )  # fmt: skip
    a_follow_up(session, opened, date(2026, 10, 3), by=ZHAO).content = "绝密的话"
    quote = a_quote(session, opened, total="777331")
    due = TODAY - timedelta(days=30)
    contract = a_contract(session, "XM-西-1", customer=customer, amount="777331", signed=date(2026, 10, 5), lines=lines,
                          plan=[(due, "777331")])  # fmt: skip
    a_receipt(session, contract, "331", date(2026, 10, 6))
    file = File(
        subject="contracts", subject_id=contract.id, stored_name="none", name="绝密.pdf", content_type="application/pdf", size=1,
        sha256="x", uploaded_by_id=ZHAO, uploaded_at=noon(TODAY),
    )  # fmt: skip
    session.add(file)
    session.flush()
    return {"customers": customer.id, "leads": lead.id, "opportunities": opened.id, "quotes": quote.id, "contracts": contract.id,
            "files": file.id}  # fmt: skip


def _mine(session: Session) -> dict[str, int]:
    """What Wang holds: as much of each kind, for 100."""
    customer = a_customer(session, "东海", owner=WANG)
    a_lead(session, contact="王的人", owner=WANG, arrived=date(2026, 10, 2))
    an_opportunity(session, "东海云盘", customer=customer, amount="100", created=date(2026, 10, 2))
    a_contract(session, "XM-东-1", customer=customer, amount="100", signed=date(2026, 10, 5), plan=[(TODAY, "100")])
    return {"mine": customer.id}


def text_of(answer: Any) -> str:
    """What was answered, as a person or a program would read it."""
    return json.dumps(answer.json, ensure_ascii=False) if answer.is_json else answer.text
