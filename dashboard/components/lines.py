"""Product lines in a form: a product and its amount a row, an empty row at the end, more of them by a button.

A row's controls have the ids {"form": key, "line": number, "part": "product_id" | "amount"}; rows left empty count as none.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from dash import ALL, State, dcc, html

from dashboard.components.filters import Choice, dropdown_words, options
from dashboard.i18n import _

PARTS = ("product_id", "amount")


def lines(key: str, rows: Sequence[Mapping[str, Any]], products: Sequence[Choice], *, label: str, hint: str) -> html.Div:
    """The field of the form `key`; `rows` are the lines as they stand."""
    drawn = [row(key, number, products, line) for number, line in enumerate([*rows, {}])]
    return html.Div(
        [
            html.Span(label, className="field-name", id=f"{key}-lines-name"),
            html.P(hint, className="field-hint"),
            html.Div(drawn, id={"form": key, "part": "lines"}, className="lines", role="group", **{"aria-labelledby": f"{key}-lines-name"}),
            html.Button(_("Add a line"), id={"form": key, "press": "add-line"}, type="button", className="button plain", n_clicks=0),
            html.P("", className="field-fault", id={"form": key, "fault": "lines"}),
        ],
        className="field lines-field wide",
    )


def row(key: str, number: int, products: Sequence[Choice], line: Mapping[str, Any]) -> html.Div:
    """One line."""
    amount = line.get("amount")
    return html.Div(
        [
            dcc.Dropdown(
                id=_id(key, number, "product_id"), options=options(products), value=line.get("product_id"), placeholder=_("Product"),
                labels=dropdown_words(), clearable=True,
            ),
            dcc.Input(
                id=_id(key, number, "amount"), value="" if amount is None else f"{amount:,.2f}", type="text", inputMode="decimal",
                autoComplete="off", placeholder=_("Amount"), className="input amount", maxLength=40,
            ),
        ],
        className="line",
    )  # fmt: skip


def states(key: str) -> list[State]:
    """What a callback needs to read the lines."""
    return [State({"form": key, "line": ALL, "part": part}, "value") for part in PARTS]


def gathered(products: Sequence[Any], amounts: Sequence[Any]) -> list[dict[str, Any]]:
    """The lines that `states` brought, without the empty ones."""
    pairs = zip(products, amounts, strict=True)
    return [
        {"product_id": product, "amount": amount} for product, amount in pairs if product not in (None, "") or str(amount or "").strip()
    ]


def _id(key: str, number: int, part: str) -> dict[str, Any]:
    return {"form": key, "line": number, "part": part}
