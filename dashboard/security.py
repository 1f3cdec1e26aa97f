"""The gate: nobody passes unknown, nothing is accepted from another site, and every answer says what a browser may do with it.

Deny by default: what is not named in `OPEN` needs a signed-in person, Dash's own routes too. What the browser sends with a change
must come from our own pages (its origin) and carry the session's token.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter
from typing import Any
from urllib.parse import urlsplit

import flask
from flask import Flask, Response, current_app, g, redirect, request, url_for
from flask_wtf.csrf import CSRFError, CSRFProtect, generate_csrf
from werkzeug.exceptions import Forbidden, Unauthorized

from crm.config import Settings
from dashboard import session
from dashboard.i18n import LANGUAGES, N_, _, use_language
from dashboard.queries.answers import Kept

STATIC = frozenset(
    {"_dash_assets.static", "bundle.bundle", "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>", "/_favicon.ico"}
)
"""Endpoints of files that are the same for everybody: style sheets, scripts."""

OPEN = STATIC | {"login.sign_in", "health.healthz"}
"""What may be asked without a session. `/live` comes before all this and looks at the session itself (callbacks/live.py)."""

UNCHANGED_PASSWORD = frozenset({"password.change", "login.sign_out"})
"""All that a person may do who has not replaced the password that somebody else gave them."""

SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
CSRF_COOKIE = "_csrf_token"
"""Where Dash looks for the token that it sends along with each callback."""

A_YEAR = 31_536_000

TOKENS = 1024
"""How many tokens of callbacks are kept that were found to be their session's."""

PASSWORD_FIRST = N_("Please choose a password of your own first.")
NOT_FROM_HERE = N_("This request did not come from a page of this application. Please load the page again.")


class Guard(CSRFProtect):
    """The token that comes with each change. A callback's is verified once for as long as token and session are the same."""

    def __init__(self, server: Flask) -> None:
        self._held = Kept(TOKENS)
        super().__init__(server)

    def protect(self, apply_exemptions: bool = False) -> None:
        """Refuse what comes without the session's token."""
        sent, own = request.headers.get("X-CSRFToken"), flask.session.get("csrf_token")
        if request.method == "POST" and request.is_json and sent and own:
            g.csrf_valid = self._held.once((sent, own), self._verified)
        else:
            super().protect(apply_exemptions)

    def _verified(self) -> bool:
        """True for a token that is the session's; raises what refuses any other, so that only true is kept."""
        super().protect()
        return True


def install(server: Flask) -> None:
    """The gate before every request of `server`, and the headers on every answer."""
    server.config.update(WTF_CSRF_TIME_LIMIT=None, WTF_CSRF_SSL_STRICT=False)  # as long as the session; `_own_page` looks at the origin
    server.before_request(_gate)
    Guard(server)
    server.register_error_handler(CSRFError, _refused)
    server.after_request(_headers)
    server.teardown_request(_fall_silent)


def secret_key(path: Path) -> str:
    """The key that signs sessions: made at the first start, readable by its owner alone."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(48))
    return path.read_text().strip()


def allow_scripts(server: Flask, inline: Sequence[str]) -> None:
    """Let these inline scripts (Dash writes a few into its page) run, and no others."""
    server.config["SCRIPT_HASHES"] = " ".join(f"'sha256-{_sha256(script)}'" for script in inline)


def is_static() -> bool:
    """Whether the request is for a file that is the same for everybody."""
    return request.endpoint in STATIC


def _gate() -> Any:
    g.began = perf_counter()
    if is_static():
        return None
    person = session.person() if request.endpoint != "health.healthz" else None
    _speak(person)
    if request.method not in SAFE and not _own_page():
        raise Forbidden(_(NOT_FROM_HERE))
    if request.endpoint in OPEN:
        return None
    if person is None:
        return _to_sign_in()
    if person.must_change_password and request.endpoint not in UNCHANGED_PASSWORD:
        return _to_password()
    session.keep_alive()
    return None


def _speak(person: session.SignedIn | None) -> None:
    """The language of this request: the person's, before the sign-in the browser's."""
    asked = request.args.get("lang") or request.cookies.get("language") or request.accept_languages.best_match([*LANGUAGES])
    language = person.actor.language if person else asked or "zh"
    g.speaking = ExitStack()
    g.speaking.enter_context(use_language(language, currency=person.company.currency if person else "CNY"))


def _fall_silent(_error: BaseException | None) -> None:
    if "speaking" in g:
        g.speaking.close()


def _own_page() -> bool:
    """Whether a page of ours sent this. Browsers say so themselves; what says nothing is not let in."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin") or request.headers.get("Referer")
    return origin is not None and urlsplit(origin).netloc == request.host


def _to_sign_in() -> Any:
    if _wants_page():
        return redirect(url_for("login.sign_in", next=request.full_path.rstrip("?") if request.path != "/" else None))
    raise Unauthorized()


def _to_password() -> Any:
    if _wants_page():
        return redirect(url_for("password.change"))
    raise Forbidden(_(PASSWORD_FIRST))


def _wants_page() -> bool:
    """Whether a person typed or clicked an address, and no script asks."""
    return request.method == "GET" and not request.path.startswith("/_") and request.accept_mimetypes.accept_html


def _refused(error: CSRFError) -> Any:
    if request.endpoint == "login.sign_in":
        return redirect(request.full_path)  # the page was open for longer than its session: a fresh one, with what it needs
    return _(NOT_FROM_HERE), 400


def _headers(response: Response) -> Response:
    headers = response.headers
    headers.update(always(session.application().settings))
    if is_static():
        _cache(response)
        return response
    headers.setdefault("Cache-Control", "no-store")
    if response.mimetype == "text/html":
        headers["Content-Security-Policy"] = _policy()
        headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=(), payment=(), usb=()"
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        if session.person() is not None:
            secure = session.application().settings.secure_cookies
            response.set_cookie(CSRF_COOKIE, generate_csrf(), samesite="Strict", secure=secure)
    return response


def always(settings: Settings) -> dict[str, str]:
    """What is said with every answer."""
    said = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin"}
    return said | ({"Strict-Transport-Security": f"max-age={A_YEAR}"} if settings.secure_cookies else {})


def _policy() -> str:
    """What the page may load and run. Why styles may be inline: docs/decisions/0020-content-security-policy.md."""
    scripts = current_app.config.get("SCRIPT_HASHES", "")
    return (
        f"default-src 'self'; script-src 'self' {scripts}; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:;"
        " font-src 'self' data:; connect-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )


def _cache(response: Response) -> None:
    """Files whose address changes with their content are kept; others are asked for again."""
    if response.status_code == 200 and ("m" in request.args or "/vendor/" in request.path):
        response.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"


def _sha256(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
