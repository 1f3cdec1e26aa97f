"""The ids of a report's page: one name for each thing that a callback reads or fills, made from the report's key.

They stay readable in the browser ("lead_conversion-filters") and a stack trace names the report. Ids that several components
share in a pattern (the chips, a form's fields) are dictionaries whose `type` begins with the key.
"""

from dataclasses import dataclass
from typing import Any

from dash import ALL


@dataclass(frozen=True, slots=True)
class Ids:
    """The ids of the page called `key` (a report's key, or a list's)."""

    key: str

    def named(self, name: str) -> str:
        """The id of the thing called `name` on this page."""
        return f"{self.key}-{name}"

    # --- what the page is about
    @property
    def filters(self) -> str:
        """The store that holds the filter state: one dictionary, whatever control it came from."""
        return self.named("filters")

    @property
    def version(self) -> str:
        """The store that holds the data version the page should show."""
        return self.named("version")

    @property
    def drawn(self) -> str:
        """Where the page says which data version it was drawn from."""
        return self.named("drawn")

    @property
    def clicked(self) -> str:
        """The store that holds the number that was clicked: {"measure", "cell", "view"}."""
        return self.named("clicked")

    @property
    def unfolded(self) -> str:
        """The store that holds which rows stand open over their parts: by table their values."""
        return self.named("unfolded")

    @property
    def fold(self) -> str:
        """The store that hears of a row being opened or folded: {"view", "values"}, those that are open then."""
        return self.named("fold")

    # --- what is filled
    @property
    def body(self) -> str:
        return self.named("body")

    @property
    def headline(self) -> str:
        return self.named("headline")

    @property
    def figures(self) -> str:
        return self.named("figures")

    @property
    def tables(self) -> str:
        return self.named("tables")

    @property
    def chips(self) -> str:
        return self.named("chips")

    @property
    def news(self) -> str:
        """The quiet line: others changed what is shown here."""
        return self.named("news")

    @property
    def news_show(self) -> str:
        return self.named("news-show")

    # --- the panel of records behind a number
    @property
    def panel(self) -> str:
        return self.named("panel")

    @property
    def records(self) -> str:
        return self.named("records")

    @property
    def panel_close(self) -> str:
        return self.named("panel-close")

    # --- what is pressed
    @property
    def reset(self) -> str:
        return self.named("reset")

    @property
    def copy_link(self) -> str:
        return self.named("copy-link")

    @property
    def save_view(self) -> str:
        return self.named("save-view")

    @property
    def export_xlsx(self) -> str:
        return self.named("export-xlsx")

    @property
    def export_csv(self) -> str:
        return self.named("export-csv")

    @property
    def export_pdf(self) -> str:
        return self.named("export-pdf")

    @property
    def download(self) -> str:
        return self.named("download")

    # --- one of several
    def control(self, name: str) -> str:
        """The control of the filter called `name`: "period", "start", "end", "compare", "as_of", or a dimension."""
        return self.named(f"filter-{name}")

    def figure(self, name: str) -> str:
        """The graph of the picture called `name`."""
        return self.named(f"figure-{name}")

    def caption(self, name: str) -> str:
        """The sentence under the title of the picture called `name`."""
        return self.named(f"caption-{name}")

    def table(self, name: str = "main") -> str:
        """The grid of the table called `name`."""
        return self.named(f"table-{name}")

    @property
    def cards(self) -> str:
        """The headline figures, drawn as one; what is pressed of them stands in `pressed`."""
        return self.named("cards")

    def card(self, measure: str) -> dict[str, str]:
        """The headline figure of a measure, by its key."""
        return {"type": self.named("card"), "measure": measure}

    def chip(self, name: Any = ALL, value: Any = ALL) -> dict[str, Any]:
        """The button that takes one value out of the filters."""
        return {"type": self.named("chip"), "name": name, "value": value}
