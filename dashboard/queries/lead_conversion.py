"""Lead conversion 线索转化率: of the leads that arrived in the period, how many became business, and what they cost.

Grain of `main`: one row per lead source (drill: `campaigns`); `teams`, drill: `reps`. A cohort: a lead counts in the period it arrived in,
whenever it converted; by month of arrival those are marked that are too young to be judged.
"""

from crm.vocabulary import Role
from dashboard.i18n import _l
from dashboard.queries.cohorts import Cohorts
from dashboard.queries.measures.arrivals import (
    CAMPAIGN_COST,
    COHORT_RECEIVED,
    COHORT_SIGNED,
    COHORT_WON,
    CONVERSION_DAYS,
    CONVERSION_RATE,
    CONVERSIONS,
    CONVERTED,
    COST_PER_LEAD,
    COST_PER_SIGNING,
    FAILED,
    LEADS,
    RIPE_ON,
    UNPROCESSED,
    WORKING,
)
from dashboard.queries.report import Report, View

STATES = (LEADS, UNPROCESSED, WORKING, CONVERTED, FAILED, CONVERSION_RATE)
COHORT = (CONVERSION_DAYS, COHORT_WON, COHORT_SIGNED, COHORT_RECEIVED)
COSTS = (CAMPAIGN_COST, COST_PER_LEAD, COST_PER_SIGNING)

REPORT = Report(
    key="lead_conversion",
    title=_l("Lead conversion"),
    question=_l("Of the leads that arrived, how many became business, from which source, and at what cost?"),
    roles=frozenset({Role.REP, Role.TEAM_LEAD, Role.EXECUTIVE, Role.MARKETING}),
    headline=(LEADS, CONVERTED, CONVERSION_RATE, UNPROCESSED, COHORT_WON, COHORT_SIGNED),
    views=(
        View("main", _l("By source"), ("source",), (*STATES, CONVERSIONS, *COHORT, *COSTS), order="leads"),
        View("campaigns", _l("By campaign"), ("source", "campaign"), (*STATES, CONVERSIONS, *COHORT, *COSTS), order="leads"),
        View("products", _l("By product of interest"), ("product",), (*STATES, *COHORT), order="leads"),
        Cohorts("months", _l("By source and month"), ("source", "month"), (LEADS, CONVERTED, CONVERSION_RATE, RIPE_ON)),
        Cohorts("arrivals", _l("By month of arrival"), ("month",), (*STATES, RIPE_ON, *COHORT)),
        View("teams", _l("By team"), ("team",), (*STATES, *COHORT), order="leads"),
        View("reps", _l("By rep"), ("team", "rep"), (*STATES, *COHORT), order="leads"),
    ),
    filters=("team", "rep", "product", "source", "campaign"),
    opens={"main": "campaigns", "teams": "reps", "products": "main"},
)
