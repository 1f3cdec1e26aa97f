"""Nobody passes unknown, nothing is accepted from another site, and a session ends when it should."""

from datetime import timedelta
from http import HTTPStatus

import pytest
from dash import Dash
from sqlalchemy import Engine, update

from crm import clock
from crm.db import transaction
from crm.models import User
from dashboard.security import OPEN
from tests.pages.visitor import HERE, Visitor
from tests.people import WANG

REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}


def test_every_address_but_the_open_ones_asks_who_is_there(app: Dash, nobody: Visitor) -> None:
    """Deny by default, over all routes there are: a new one is closed until somebody opens it."""
    for rule in app.server.url_map.iter_rules():
        if rule.endpoint in OPEN:
            continue
        _, path = rule.build(dict.fromkeys(rule.arguments, "1")) or ("", "/x")
        for method in (rule.methods or set()) & {"GET", "POST"}:
            answer = nobody.client.open(path, method=method, headers=HERE | {"Accept": "text/html"})
            redirected = answer.status_code == HTTPStatus.FOUND and answer.location.startswith("/sign-in")
            assert redirected or answer.status_code in REFUSED, (method, path, answer.status_code)
            assert "销售" not in answer.text


def test_live_is_closed_too(nobody: Visitor) -> None:
    assert nobody.get("/live").status_code == HTTPStatus.UNAUTHORIZED


def test_dashs_own_routes_are_behind_the_gate(nobody: Visitor) -> None:
    assert nobody.client.get("/_dash-layout").status_code == HTTPStatus.UNAUTHORIZED
    assert nobody.client.get("/_dash-dependencies").status_code == HTTPStatus.UNAUTHORIZED
    assert nobody.client.post("/_dash-update-component", json={}, headers=HERE).status_code == HTTPStatus.UNAUTHORIZED


@pytest.mark.parametrize(
    "manners", [{}, {"Origin": "https://elsewhere.example"}, {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"}]
)
def test_a_callback_from_another_site_is_refused(wang: Visitor, manners: dict[str, str]) -> None:
    answer = wang.client.post("/_dash-update-component", json={}, headers={"X-CSRFToken": wang.token} | manners)
    assert answer.status_code == HTTPStatus.FORBIDDEN


def test_a_callback_without_the_sessions_token_is_refused(wang: Visitor) -> None:
    assert wang.client.post("/_dash-update-component", json={}, headers=HERE).status_code == HTTPStatus.BAD_REQUEST


def test_a_signed_in_person_gets_their_pages(wang: Visitor) -> None:
    assert "你好" in wang.page("/")


def test_an_unknown_person_comes_back_to_the_page_after_signing_in(nobody: Visitor) -> None:
    asked = nobody.get("/opportunities?q=云盘")
    assert asked.location.startswith("/sign-in?next=/opportunities")
    answer = nobody.post(asked.location, {"login": "wang", "password": "east-or-west-1"})
    assert answer.location.startswith("/opportunities?q=")


@pytest.mark.parametrize("target", ["https://elsewhere.example", "//elsewhere.example/x", "/\\elsewhere.example", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site_after_signing_in(nobody: Visitor, target: str) -> None:
    answer = nobody.client.get("/sign-in", query_string={"next": target})
    assert "elsewhere" not in answer.text.replace(f'value="{target}"', "")
    signed = nobody.post(f"/sign-in?next={target}", {"login": "wang", "password": "east-or-west-1"})
    assert signed.location == "/"


def test_who_is_deactivated_is_signed_out_at_once(engine: Engine, wang: Visitor) -> None:
    with transaction(engine) as session:
        session.execute(update(User).where(User.id == WANG).values(active=False))
    assert wang.get("/").location == "/sign-in"
    assert wang.get("/live").status_code == HTTPStatus.UNAUTHORIZED


def test_a_session_ends_without_use_though_its_page_keeps_asking(wang: Visitor) -> None:
    start = clock.now()
    for minutes in range(0, 119, 7):
        with clock.at(start + timedelta(minutes=minutes)):
            assert wang.get("/live").status_code == HTTPStatus.OK
    with clock.at(start + timedelta(minutes=121)):
        assert wang.get("/live").status_code == HTTPStatus.UNAUTHORIZED
        assert wang.get("/").location == "/sign-in"


def test_a_session_in_use_ends_after_its_longest_time(wang: Visitor) -> None:
    start = clock.now()
    for hours in range(12):
        with clock.at(start + timedelta(hours=hours)):
            assert wang.get("/").status_code == HTTPStatus.OK
    with clock.at(start + timedelta(hours=12, minutes=1)):
        assert wang.get("/").location == "/sign-in"


def test_signing_out_ends_the_session(wang: Visitor) -> None:
    assert wang.client.post("/sign-out", data={"csrf_token": wang.token}, headers=HERE).location == "/sign-in"
    assert wang.get("/").location == "/sign-in"


def test_pages_say_what_a_browser_may_do_with_them(wang: Visitor) -> None:
    headers = wang.get("/").headers
    policy = headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in policy
    assert "script-src 'self' 'sha256-" in policy
    assert "unsafe-eval" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cache-Control"] == "no-store"


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(nobody: Visitor) -> None:
    answer = nobody.post("/sign-in", {"login": "wang", "password": "east-or-west-1"})
    cookie = next(value for value in answer.headers.getlist("Set-Cookie") if value.startswith("saleslens="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_the_key_that_signs_sessions_is_its_owners_alone(app: Dash) -> None:
    path = app.server.extensions["saleslens"].settings.secret_path
    assert path.stat().st_mode & 0o777 == 0o600
    assert app.server.secret_key == path.read_text()


def test_health_says_only_ok(nobody: Visitor) -> None:
    answer = nobody.get("/healthz")
    assert (answer.status_code, answer.text) == (HTTPStatus.OK, "ok")


def test_a_token_that_was_found_good_for_one_session_is_refused_in_another(app: Dash) -> None:
    chen, wang = Visitor(app).sign_in("chen"), Visitor(app).sign_in("wang")
    assert chen.call("_pages_content.children", ["/", ""]).status_code == 200
    assert wang.call("_pages_content.children", ["/", ""], **{"X-CSRFToken": chen.token}).status_code == 400
    assert wang.call("_pages_content.children", ["/", ""]).status_code == 200
