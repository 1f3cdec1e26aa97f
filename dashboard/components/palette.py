"""Every colour of the product, once: what it means, and its value in the light and in the dark theme.

Style sheets and pictures speak of a colour by its name (`var(--won)`). `assets/palette.css` is written from this table by
`python -m dashboard.components.palette`, and a test holds the file to it; in pictures the browser puts in the value of the theme
at hand (assets/theme.js), so that a cached picture serves both. `resolved` does the same where no browser draws.
"""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, NamedTuple

Theme = Literal["light", "dark"]

FONT = (
    '-apple-system, BlinkMacSystemFont, "Segoe UI", Roboto, "Noto Sans", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", '
    '"Noto Sans CJK SC", "Noto Sans SC", "Source Han Sans SC", system-ui, sans-serif'
)


class Colour(NamedTuple):
    """One colour in both themes."""

    light: str
    dark: str


COLOURS: Mapping[str, Colour] = {
    # grounds and lines
    "ground": Colour("#ffffff", "#141518"),
    "sunk": Colour("#f7f8f9", "#1a1c1f"),
    "raised": Colour("#ffffff", "#212327"),
    "hover": Colour("#f1f3f5", "#24272b"),
    "line": Colour("#e6e8eb", "#2b2e33"),
    "line-strong": Colour("#868e99", "#727983"),
    # words
    "ink": Colour("#16181d", "#eceef1"),
    "ink-2": Colour("#4f5763", "#b0b6bf"),
    "ink-3": Colour("#666e7a", "#949ba6"),
    # the one accent: links, focus, the current entry
    "accent": Colour("#2f5bd3", "#86a5f8"),
    "accent-strong": Colour("#2449b3", "#a7bdfa"),
    "accent-soft": Colour("#eaf0fd", "#212b44"),
    "on-accent": Colour("#ffffff", "#10131b"),
    # meanings: the same in every badge, bar and line
    "won": Colour("#197a5b", "#43b58c"),
    "won-soft": Colour("#a9d8c6", "#245645"),
    "won-ground": Colour("#e6f4ee", "#18322a"),
    "won-ink": Colour("#12634a", "#6fd0ab"),
    "lost": Colour("#c03a3a", "#ea7a74"),
    "lost-soft": Colour("#efbdb9", "#6e3734"),
    "lost-ground": Colour("#fceceb", "#3b2120"),
    "lost-ink": Colour("#a62e2e", "#f39d97"),
    "open": Colour("#3f74d8", "#6f9cf3"),
    "open-soft": Colour("#bcd0f5", "#2d457a"),
    "open-ground": Colour("#eaf0fd", "#1d2a45"),
    "open-ink": Colour("#2a57b5", "#9dbcf8"),
    "overdue": Colour("#b8620b", "#e39a4c"),
    "overdue-soft": Colour("#f2cfa5", "#6a451e"),
    "overdue-mid": Colour("#dd9a4f", "#a86f32"),
    "overdue-deep": Colour("#7a3f05", "#f7d2a4"),
    "overdue-ground": Colour("#fdf1e2", "#38291a"),
    "overdue-ink": Colour("#8f4a04", "#efb573"),
    "stopped": Colour("#767e8a", "#8d949f"),
    "stopped-soft": Colour("#d5d9de", "#3d4148"),
    "stopped-ground": Colour("#f0f2f4", "#26292e"),
    "stopped-ink": Colour("#565e6a", "#b3b9c2"),
    "target": Colour("#2d323b", "#dfe3e8"),
    # series without a meaning of their own
    "series-1": Colour("#3f74d8", "#6f9cf3"),
    "series-2": Colour("#8a5bb8", "#b48ddd"),
    "series-3": Colour("#a8741a", "#d3a04e"),
    "series-4": Colour("#2f8292", "#5cb3c3"),
    "series-5": Colour("#a84f7c", "#d987ae"),
    "series-6": Colour("#6b7480", "#98a0ab"),
    # steps of a heat table, from little to much
    "heat-0": Colour("#f7f8f9", "#1a1c1f"),
    "heat-1": Colour("#e7eefb", "#1c2740"),
    "heat-2": Colour("#cfdef8", "#22355e"),
    "heat-3": Colour("#aac4f2", "#2b4680"),
    "heat-4": Colour("#7fa5ec", "#3559a6"),
}

MEANINGS: Mapping[str, str] = {
    "target_amount": "target",
    "signed_amount": "won",
    "signed_count": "won",
    "won_count": "won",
    "won_amount": "won",
    "converted": "won",
    "received_amount": "won",
    "received_to_date": "won",
    "sold_amount": "won",
    "margin_amount": "won",
    "cohort_won_count": "won",
    "cohort_signed_amount": "won",
    "encounters_won": "won",
    "met_in_period": "won",
    "strength_count": "won",
    "weakness_count": "lost",
    "bridge_start": "open",
    "bridge_end": "open",
    "bridge_new": "open-soft",
    "bridge_reopened": "open-soft",
    "bridge_grown": "open-soft",
    "bridge_received": "series-2",
    "bridge_shrunk": "stopped-soft",
    "bridge_won": "won",
    "bridge_lost": "lost",
    "bridge_stopped": "stopped",
    "bridge_given": "series-2",
    "completion_rate": "won",
    "projected_amount": "won-soft",
    "projected_completion": "won-soft",
    "lost_count": "lost",
    "lost_amount": "lost",
    "failed": "lost",
    "encounters_lost": "lost",
    "gap_amount": "lost",
    "stopped_count": "stopped",
    "stopped_amount": "stopped",
    "encounters_stopped": "stopped",
    "unprocessed": "stopped",
    "open_count": "open",
    "open_amount": "open",
    "new_count": "open",
    "new_amount": "open",
    "leads": "open",
    "working": "open",
    "weighted_amount": "open",
    "encounters_open": "open",
    "at_stake_amount": "open",
    "due_in_period": "open-soft",
    "due_amount": "open",
    "outstanding_amount": "open",
    "overdue_amount": "overdue",
    "owing_count": "open",
    "slipped_amount": "overdue",
    "slipped_count": "overdue",
    "neglected_count": "overdue",
    "neglected_amount": "overdue",
    "ageing_1_30": "overdue-soft",
    "ageing_31_60": "overdue-mid",
    "ageing_61_90": "overdue",
    "ageing_over_90": "overdue-deep",
    "cost_amount": "stopped",
    "conversion_rate": "series-1",
}
"""The colour of a measure wherever it is drawn, by its key; a measure without one is drawn in `NEUTRAL`."""

_REFERENCE = re.compile(r"var\(--([a-z0-9-]+)\)")

SERIES: tuple[str, ...] = tuple(name for name in COLOURS if name.startswith("series-"))
HEAT: tuple[str, ...] = tuple(name for name in COLOURS if name.startswith("heat-"))


def colour(name: str) -> str:
    """The colour called `name`, as style sheets and pictures refer to it."""
    if name not in COLOURS:
        raise KeyError(name)
    return f"var(--{name})"


NEUTRAL = "series-4"
"""What has no meaning of its own: no colour that means something elsewhere."""


def tone(measure_key: str) -> str:
    """The name of a measure's colour."""
    return MEANINGS.get(measure_key, NEUTRAL)


def meaning(measure_key: str) -> str:
    """The colour of a measure, as pictures refer to it."""
    return colour(tone(measure_key))


def resolved(value: Any, theme: Theme) -> Any:
    """`value` (a figure, or any part of one) with every reference to a colour replaced by the colour in `theme`."""
    match value:
        case dict():
            return {key: resolved(part, theme) for key, part in value.items()}
        case list() | tuple():
            return [resolved(part, theme) for part in value]
        case str():
            return _REFERENCE.sub(lambda found: getattr(COLOURS[found[1]], theme), value)
    return value


def css() -> str:
    """The table as custom properties: light, dark where chosen, and dark where the system is and nothing is chosen."""
    light = _properties("light")
    dark = _properties("dark")
    return (
        "/* Written by `python -m dashboard.components.palette` from its table; change the table, not this file. */\n"
        f":root {{\n  --font: {FONT};\n}}\n"
        f":root {{\n  color-scheme: light;\n{light}}}\n"
        f':root[data-theme="dark"] {{\n  color-scheme: dark;\n{dark}}}\n'
        f'@media (prefers-color-scheme: dark) {{\n:root:not([data-theme="light"]) {{\n  color-scheme: dark;\n{dark}}}\n}}\n'
    )


def _properties(theme: Theme) -> str:
    return "".join(f"  --{name}: {getattr(value, theme)};\n" for name, value in COLOURS.items())


STYLE_SHEET = Path(__file__).parent.parent / "assets" / "20-palette.css"

if __name__ == "__main__":
    STYLE_SHEET.write_text(css(), encoding="utf-8")
