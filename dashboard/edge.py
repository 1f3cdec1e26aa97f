"""Where errors become sentences, and requests lines of the log.

What a person can understand (`CrmError`) is told in their language. Anything else is a fault of the program: the person gets a
reference, the log the trace under the same reference. A line says who asked for what and how long it took, and nothing of
what was typed or shown.
"""

import functools
import json
import logging
import secrets
from collections.abc import Callable
from time import perf_counter
from typing import Any

import dash
from flask import Flask, Response, g, request
from werkzeug.exceptions import HTTPException

from crm.errors import CrmError, NotFound
from dashboard import session
from dashboard.components import states
from dashboard.i18n import _, explain
from dashboard.pages import not_found
from dashboard.security import is_static

requests = logging.getLogger("saleslens.requests")
faults = logging.getLogger("saleslens.faults")


def install(server: Flask) -> None:
    """The error edge of the plain routes, and a line for every request."""
    server.register_error_handler(Exception, _plain_error)
    server.after_request(_line)


def on_callback_error(error: Exception) -> None:
    """What goes wrong in a callback is told in a quiet message; everything on the page stays as it was."""
    dash.set_props(states.TOASTS, {"children": [states.toast(sentence_of(error), failure=True)]})


def page(layout: Callable[..., Any]) -> Callable[..., Any]:
    """`layout` with its errors as a page: what is not there and what may not be seen are the same page."""

    @functools.wraps(layout)
    def drawn(**address: str) -> Any:
        try:
            return layout(**address)
        except NotFound:
            return not_found.layout()
        except CrmError as error:
            return not_found.refused(states.failed(explain(error)))
        except Exception as error:
            return not_found.refused(states.failed(reference=reference_of(error)))

    return drawn


def sentence_of(error: Exception) -> str:
    """`error` for the person, logged if it is a fault of the program."""
    if isinstance(error, CrmError):
        return explain(error)
    return _("Something went wrong. Reference: {reference}", reference=reference_of(error))


def reference_of(error: Exception) -> str:
    """Keep the trace, and tell under which reference it is found."""
    reference = secrets.token_hex(4).upper()
    faults.error(json.dumps({"reference": reference, "who": _who(), "what": _what()}), exc_info=error)
    return reference


def _plain_error(error: Exception) -> Any:
    if isinstance(error, HTTPException):
        return error
    return Response(sentence_of(error), 409 if isinstance(error, CrmError) else 500, mimetype="text/plain")


def _line(response: Response) -> Response:
    if not is_static() and request.endpoint != "health.healthz":
        took = round((perf_counter() - g.get("began", perf_counter())) * 1000, 1)
        line = {"who": _who(), "what": _what(), "status": response.status_code, "ms": took, "rows": g.get("rows")}
        requests.info(json.dumps({name: value for name, value in line.items() if value is not None}))
    return response


def _who() -> int | None:
    person = session.person()
    return person.actor.user_id if person else None


def _what() -> str:
    """The route, for a callback what it fills: never an address with what somebody searched for."""
    if request.path == "/_dash-update-component" and request.is_json:
        return str((request.get_json(silent=True) or {}).get("output", ""))[:200]
    return request.path[:200]
