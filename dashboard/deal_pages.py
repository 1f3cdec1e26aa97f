"""The pages beside an opportunity: competition, who else reads it, examples; their addresses, and what happens in them."""

from collections.abc import Callable
from typing import Any

from dash import Dash

from dashboard import frame
from dashboard.callbacks import deal_parts
from dashboard.callbacks.opportunity import number
from dashboard.i18n import N_

EXAMPLES = N_("Examples")


def pages(register: Callable[..., None]) -> None:
    """Each page at its address; they stand before the opportunity's own."""
    numbered: tuple[tuple[str, str, str, Callable[[int], Any]], ...] = (
        ("competition_new", "/opportunities/{}/competition", frame.OPPORTUNITIES, deal_parts.record_layout),
        ("competition_edit", "/competition/{}/edit", frame.OPPORTUNITIES, deal_parts.edit_layout),
        ("opportunity_share", "/opportunities/{}/share", frame.OPPORTUNITIES, deal_parts.share_layout),
        ("example", "/examples/{}", EXAMPLES, deal_parts.example_layout),
    )
    register("examples", "/examples", EXAMPLES, deal_parts.examples_layout)
    for name, path, title, layout in numbered:
        register(name, path.format("0"), title, _numbered(layout), path.format("<record_id>"))


def _numbered(layout: Callable[[int], Any]) -> Callable[..., Any]:
    def drawn(record_id: str = "", **_address: str) -> Any:
        return layout(number(record_id))

    return drawn


def register(app: Dash) -> None:
    """What happens in all of them."""
    deal_parts.register(app)
