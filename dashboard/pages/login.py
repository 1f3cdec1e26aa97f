"""Signing in and out: plain pages with a form each, outside of Dash, which nobody reaches unknown."""

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, make_response, redirect, render_template, request, url_for

from crm import clock
from crm.db import reading, transaction
from crm.demo import accounts as demo
from crm.models import User
from crm.services import people
from dashboard import bundle, session
from dashboard.i18n import LANGUAGES, explain, language, word

pages = Blueprint("login", __name__)


@pages.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> Any:
    """Ask for account and password; what is wrong is one sentence, whatever it was."""
    target = _local(request.args.get("next", ""))
    if session.person() is not None:
        return redirect(target)
    if request.method == "GET":
        return _form(target)
    login = request.form.get("login", "")
    with transaction(session.application().engine) as opened:
        found = people.sign_in(opened, login, request.form.get("password", ""), request.remote_addr or "", clock.now())
    if not isinstance(found, User):
        return _form(target, login=login[:200], fault=explain(found))
    session.begin(found)
    return redirect(target)


@pages.route("/sign-out", methods=["POST"])
def sign_out() -> Any:
    """End the session of this browser."""
    with session.acting() as opened:
        people.sign_out(opened, session.actor(), request.remote_addr or "")
    session.end()
    return redirect(url_for("login.sign_in"))


def _form(target: str, *, login: str = "", fault: str = "") -> Any:
    page = render_template(
        "sign_in.html",
        company=session.company(),
        login=login,
        fault=fault,
        target=target,
        language=language(),
        languages=LANGUAGES,
        demo=_demo(),
        scripts=bundle.later(current_app.config),
    )
    answer = make_response(page)
    if request.args.get("lang") in LANGUAGES:  # kept until somebody is known who has a language of their own
        answer.set_cookie("language", request.args["lang"], samesite="Lax", httponly=True)
    return answer


def _demo() -> dict[str, Any] | None:
    """Whom one can sign in as in a demo company; None in a real one."""
    if not session.company().is_demo:
        return None
    with reading(session.application().engine) as opened:
        return {
            "password": demo.PASSWORD,
            "accounts": [(account.login, account.name, word(account.role)) for account in demo.accounts(opened)],
        }


def _local(target: str) -> str:
    """An address of ours, whatever was asked: nobody is sent to another site after signing in."""
    parts = urlsplit(target)
    own = target.startswith("/") and not target.startswith(("//", "/\\")) and not parts.netloc and not parts.scheme
    return target if own and "\\" not in target else "/"
