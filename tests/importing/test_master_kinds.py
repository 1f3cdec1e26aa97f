"""The master data of an old system by the importer: products, competitors with other names, teams, people with roles."""

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from crm.db import reading
from crm.models import Competitor, CompetitorAlias, Product, Team, User, UserRole
from crm.vocabulary import Role
from tests import people
from tests.importing.company import imported, said, undone, verdict_on
from tests.people import EAST, WANG


@pytest.fixture
def engine(sqlite_url: str) -> Any:
    made = people.company(sqlite_url)
    yield made
    made.dispose()


def layout(kind: str, **columns: str) -> str:
    """A layout of a file that calls each field by the key."""
    named = "\n".join(f'"{column}" = "{key}"' for key, column in columns.items())
    return f'name = "表"\nkind = "{kind}"\nsystem = "old"\n[columns]\n{named}\n'


def outcomes(engine: Engine, folder: Path, form: str, text: str) -> list[str]:
    return [row.outcome.value for row in verdict_on(engine, folder, form, text).rows]


PRODUCTS = layout("products", code="编码", name="名称", list_price="价格", tax_rate="税率", external_id="编号")


def test_a_product_is_known_again_by_its_old_id_and_not_doubled(engine: Engine, tmp_path: Path) -> None:
    header = "编码,名称,价格,税率,编号\n"
    imported(engine, tmp_path, PRODUCTS, header + "P-9,云盘,\"1,200\",6%,17\n")
    run = imported(engine, tmp_path, PRODUCTS, header + "P-9,云盘专业版,1500,6%,17\n")
    ours = select(Product.name, Product.list_price, Product.floor_price, Product.tax_rate_bp).where(Product.code == "P-9")
    with reading(engine) as session:
        assert session.execute(ours).all() == [("云盘专业版", Decimal(1500), Decimal(0), 600)]
    undone(engine, run)
    with reading(engine) as session:
        assert session.execute(ours).all() == [("云盘", Decimal(1200), Decimal(0), 600)]


COMPETITORS = layout("competitors", name="名称", aliases="别名", price_level="价格水平")
HEADER = "名称,别名,价格水平\n"


def aliases(engine: Engine) -> dict[str, list[str]]:
    """The other names of each competitor that has some."""
    with reading(engine) as session:
        found: dict[str, list[str]] = {}
        named = select(Competitor.name, CompetitorAlias.name).join(CompetitorAlias).order_by(CompetitorAlias.name)
        for name, alias in session.execute(named):
            found.setdefault(name, []).append(alias)
        return found


def test_other_names_come_along_are_added_later_and_go_with_the_undo(engine: Engine, tmp_path: Path) -> None:
    before = aliases(engine)
    imported(engine, tmp_path, COMPETITORS, HEADER + "海智,HaiZhi,lower\n")
    text = HEADER + "海智,HaiZhi;海智科技,lower\n"
    assert outcomes(engine, tmp_path, COMPETITORS, text) == ["changes"]
    run = imported(engine, tmp_path, COMPETITORS, text)
    assert aliases(engine) == before | {"海智": ["HaiZhi", "海智科技"]}
    assert outcomes(engine, tmp_path, COMPETITORS, text) == ["unchanged"]
    undone(engine, run)
    assert aliases(engine) == before | {"海智": ["HaiZhi"]}


def test_a_name_means_one_competitor_in_a_file_too(engine: Engine, tmp_path: Path) -> None:
    text = HEADER + "海智,云端,lower\n锐创,云端,lower\n云端,,lower\n"
    rows = verdict_on(engine, tmp_path, COMPETITORS, text).rows
    assert [row.outcome.value for row in rows] == ["good", "faulty", "faulty"]
    assert said(rows[1]) == ["“云端” means another competitor already."]


PEOPLE = layout("people", login="账号", name="姓名", roles="角色", team="团队")


def roles(engine: Engine, login: str) -> set[Role]:
    with reading(engine) as session:
        return set(session.scalars(select(UserRole.role).join(User, User.id == UserRole.user_id).where(User.login == login)))


def test_people_come_with_team_and_roles_and_a_file_takes_no_role_away(engine: Engine, tmp_path: Path) -> None:
    with reading(engine) as session:
        east = session.get_one(Team, EAST).name
        wang = session.get_one(User, WANG).name
    header = "账号,姓名,角色,团队\n"
    run = imported(engine, tmp_path, PEOPLE, header + f"Qian,钱,rep,{east}\nwang,{wang},marketing,{east}\n")
    with reading(engine) as session:
        made = session.scalars(select(User).where(User.login == "qian")).one()
        assert (made.team_id, made.password_hash, made.must_change_password) == (EAST, None, True)
    assert (roles(engine, "qian"), roles(engine, "wang")) == ({Role.REP}, {Role.REP, Role.MARKETING})
    undone(engine, run)
    assert (roles(engine, "qian"), roles(engine, "wang")) == (set(), {Role.REP})
