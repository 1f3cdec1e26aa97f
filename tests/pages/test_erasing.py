"""A contact's data are erased on the page by an executive and an administrator; nobody else gets there, by link or by forging."""

from dash import Dash
from sqlalchemy import Engine, select

from crm.db import reading, transaction
from crm.errors import NotAllowed, NotFound
from crm.models import Contact
from dashboard.i18n import explain, use_language
from tests.pages.visitor import Many, Visitor
from tests.people import WANG, a_customer

with use_language("zh"):
    NOT_THERE, NOT_ALLOWED = explain(NotFound()), explain(NotAllowed())


def press(visitor: Visitor, what: str, request: int) -> str:
    pressed = Many(({"type": f"erasures-{what}", "request": request}, 1))
    other = "withdraw" if what == "erase" else "erase"
    unpressed = Many(({"type": f"erasures-{other}", "request": request}, 0))
    inputs = [pressed, unpressed] if what == "erase" else [unpressed, pressed]
    return visitor.call("erasures-body.children", inputs).text


def test_the_executive_asks_the_administrator_erases(app: Dash, engine: Engine, wang: Visitor, lin: Visitor) -> None:
    with transaction(engine) as session:
        customer = a_customer(session, "东海渔业", owner=WANG, phone="+8613900000001")
        contact = session.scalars(select(Contact).where(Contact.customer_id == customer.id)).one()
        contact.name = "钱小姐"
        id, of = contact.id, customer.id
    chen, ada = Visitor(app).sign_in("chen"), Visitor(app).sign_in("ada")
    form = f"/customers/{of}/contacts/{id}/erase"
    assert "钱小姐" in chen.page(form)
    for visitor in (wang, lin, ada):
        assert NOT_THERE in visitor.page(form)
    assert NOT_ALLOWED in lin.save("ask-erasure", {"reason": "偷"}, {"id": id}, "k0")
    chen.save("ask-erasure", {"reason": "来电要求"}, {"id": id}, "k1")
    assert "钱小姐" in chen.page("/erasures")
    seen = ada.page("/erasures")
    assert "来电要求" in seen
    assert not any(secret in seen for secret in ("钱小姐", "东海渔业", "13900000001"))
    for visitor in (lin, wang, chen):
        press(visitor, "erase", 1)
    with reading(engine) as session:
        assert session.get_one(Contact, id).name == "钱小姐"
    press(ada, "erase", 1)
    with reading(engine) as session:
        assert session.get_one(Contact, id).name == "—"
    assert "钱小姐" not in wang.page(f"/customers/{of}")
