"""The bridge: how what stood open at the start became what stands open at the end, step by step, and how expected dates moved."""

from dashboard.i18n import Lazy, _l
from dashboard.queries.measure import Measure, count, money
from dashboard.queries.relations import AT_END

BRIDGE_START = money("bridge_start", _l("Open at the start"), _l("Open amount at the end of the day before the period."), "open_seen")
BRIDGE_END = money(
    "bridge_end",
    _l("Open at the end"),
    _l("Open amount at the end of the period's last day, as far as the state day has come."),
    "open_seen",
    when=AT_END,
)


def _step(key: str, title: Lazy, definition: Lazy, value: str = "delta") -> Measure:
    return money(f"bridge_{key}", title, definition, "pipeline_change", f"step = '{key}'", value)


BRIDGE_RISING = (
    _step("new", _l("+ New"), _l("Open amount of the opportunities created in the period, as created.")),
    _step("reopened", _l("+ Reopened"), _l("Open amount just after they were reopened; a void that reopens counts as reopened.")),
    _step("grown", _l("+ Grown"), _l("By how much expected amounts were raised in the period.")),
    _step("received", _l("+ Received from others"), _l("Open amount of the opportunities that came from another holder.")),
)
BRIDGE_FALLING = (
    _step("shrunk", _l("− Shrunk"), _l("By how much expected amounts were lowered in the period."), "-delta"),
    _step("won", _l("− Won"), _l("Open amount, just before, of the opportunities that were won."), "-delta"),
    _step("lost", _l("− Lost"), _l("Open amount, just before, of the opportunities that were lost."), "-delta"),
    _step("stopped", _l("− Stopped"), _l("Open amount, just before, of the opportunities that were stopped."), "-delta"),
    _step("given", _l("− Given to others"), _l("Open amount of the opportunities that went to another holder."), "-delta"),
)
PULLED_IN = count(
    "pulled_in_count",
    _l("Pulled in"),
    _l("How often an expected date was moved to an earlier day in the period."),
    "pipeline_change",
    "step = 'pulled_in'",
)
PUSHED_OUT = count(
    "pushed_out_count",
    _l("Pushed out"),
    _l("How often an expected date was moved to a later day in the period."),
    "pipeline_change",
    "step = 'pushed_out'",
)
DATE_MOVES = count(
    "date_moves",
    _l("Moves of the expected date"),
    _l("How often an expected date was moved in the period, to an earlier or a later day."),
    "pipeline_change",
    "step in ('pulled_in', 'pushed_out')",
)
