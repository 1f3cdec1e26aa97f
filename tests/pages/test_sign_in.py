"""Signing in: one sentence for whatever is wrong, a pause for who guesses, a password of one's own before anything else."""

from http import HTTPStatus

from sqlalchemy import Engine, update

from crm.db import transaction
from crm.models import User
from tests.pages.visitor import Visitor
from tests.people import PASSWORD, WANG

REFUSED = "账号或密码不正确"


def test_a_wrong_password_and_an_unknown_account_read_the_same(nobody: Visitor) -> None:
    wrong = nobody.post("/sign-in", {"login": "wang", "password": "not-my-password"})
    unknown = nobody.post("/sign-in", {"login": "somebody", "password": "not-my-password"})
    assert REFUSED in wrong.text
    assert REFUSED in unknown.text
    assert nobody.get("/").location == "/sign-in"


def test_what_was_typed_stays_but_for_the_password(nobody: Visitor) -> None:
    text = nobody.post("/sign-in", {"login": '"><b>wang', "password": "not-my-password"}).text
    assert 'value="&#34;&gt;&lt;b&gt;wang"' in text
    assert "not-my-password" not in text


def test_who_guesses_must_wait_even_with_the_right_password(nobody: Visitor) -> None:
    for _attempt in range(6):
        nobody.post("/sign-in", {"login": "wang", "password": "not-my-password"})
    answer = nobody.post("/sign-in", {"login": "wang", "password": PASSWORD})
    assert "尝试次数过多" in answer.text
    assert nobody.get("/").location == "/sign-in"


def test_the_page_speaks_the_browsers_language(nobody: Visitor) -> None:
    assert "Sign in" in nobody.get("/sign-in", **{"Accept-Language": "en-GB,en;q=0.9"}).text
    assert "登录" in nobody.get("/sign-in", **{"Accept-Language": "zh-CN"}).text
    assert "Sign in" in nobody.get("/sign-in?lang=en", **{"Accept-Language": "zh-CN"}).text


def test_a_given_password_is_replaced_before_anything_else(engine: Engine, nobody: Visitor) -> None:
    with transaction(engine) as session:
        session.execute(update(User).where(User.id == WANG).values(must_change_password=True))
    nobody.post("/sign-in", {"login": "wang", "password": PASSWORD})
    assert nobody.get("/opportunities").location == "/profile/password"
    assert nobody.client.get("/_dash-layout").status_code == HTTPStatus.FORBIDDEN
    new = {"current": PASSWORD, "new": "a-password-of-my-own", "again": "a-password-of-my-own"}
    assert nobody.post("/profile/password", new).location == "/"
    assert nobody.get("/opportunities").status_code == HTTPStatus.OK


def test_a_new_password_ends_every_other_session(app: object, wang: Visitor) -> None:
    elsewhere = Visitor(wang.app).sign_in("wang")
    wang.post("/profile/password", {"current": PASSWORD, "new": "a-password-of-my-own", "again": "a-password-of-my-own"})
    assert wang.get("/").status_code == HTTPStatus.OK
    assert elsewhere.get("/").location == "/sign-in"


def test_what_is_wrong_with_a_new_password_stands_at_its_field(wang: Visitor) -> None:
    text = wang.post("/profile/password", {"current": "wrong-one-here", "new": "short", "again": "other"}).text
    assert REFUSED in text
    assert "密码至少" in text
