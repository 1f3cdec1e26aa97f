"""What became of leads. A cohort: a lead counts in the period that it arrived in, whatever day it converted."""

from crm.vocabulary import Unit
from dashboard.i18n import _l
from dashboard.queries.measure import Derived, Measure, count, money, per, rate

IS_CONVERTED = "converted_on <= $state"
IS_FAILED = "failed_on <= $state"
IS_OPEN = f"not coalesce({IS_CONVERTED}, false) and not coalesce({IS_FAILED}, false)"
IS_HANDLED = "coalesce(first_handled_on <= $state, false)"
LEADS = count("leads", _l("Leads"), _l("Leads that arrived in the period."), "lead")
CONVERTED = count(
    "converted", _l("Converted leads"), _l("Of the leads that arrived in the period: converted by the state day."), "lead", IS_CONVERTED
)
FAILED = count("failed", _l("Failed"), _l("Of the leads that arrived in the period: failed by the state day."), "lead", IS_FAILED)
WORKING = count(
    "working",
    _l("Working"),
    _l("Of the leads that arrived in the period: handled, neither converted nor failed by the state day."),
    "lead",
    f"{IS_OPEN} and {IS_HANDLED}",
)
UNPROCESSED = count(
    "unprocessed",
    _l("Unprocessed"),
    _l("Of the leads that arrived in the period: nobody has done anything by the state day."),
    "lead",
    f"{IS_OPEN} and not {IS_HANDLED}",
)
CONVERSIONS = count(
    "conversions",
    _l("Conversions"),
    _l("Leads converted in the period, whenever they arrived."),
    "lead",
    when="converted_on >= $start and converted_on < $end and converted_on <= $state",
)
CONVERSION_RATE = rate("conversion_rate", _l("Conversion rate"), _l("Converted / leads."), CONVERTED, LEADS)
RIPE_ON = Derived(
    "ripe_on",
    _l("Ripe on"),
    Unit.DAY,
    _l(
        "The cohort's last day of arrival plus the days within which 90% of its source's conversions came (nearest rank, up to the state "
        "day, of all its leads within your reach; of all sources where it has none). Until then it is young: its rates will still rise."
    ),
    (CONVERTED,),
    None,
)
CONVERSION_DAYS = Measure(
    "conversion_median_days",
    _l("Median days to conversion"),
    Unit.DAYS,
    _l("Median of the days from arrival to conversion, of the converted leads."),
    "lead",
    IS_CONVERTED,
    "converted_on - day",
    fold="median",
)
COHORT_WON = count(
    "cohort_won_count",
    _l("Leads won"),
    _l("Of the leads that arrived in the period: won, through the opportunity that the lead itself created."),
    "cohort",
    "step = 'won'",
)
COHORT_SIGNED = money(
    "cohort_signed_amount",
    _l("Signed from leads"),
    _l("Of the leads that arrived in the period: signed amount, through the opportunity that the lead itself created."),
    "cohort",
    "step = 'signed'",
)
COHORT_RECEIVED = money(
    "cohort_received_amount",
    _l("Received from leads"),
    _l("Of the leads that arrived in the period: received amount, through the opportunity that the lead itself created."),
    "cohort",
    "step = 'received'",
)
CAMPAIGN_COST = money(
    "campaign_cost",
    _l("Campaign cost"),
    _l("Cost of the campaigns, each by its share of days in the period, half-up to the cent."),
    "campaign_cost",
    value="part",
)
COST_PER_LEAD = Derived("cost_per_lead", _l("Cost per lead"), Unit.MONEY, _l("Campaign cost / leads."), (CAMPAIGN_COST, LEADS), per)
COST_PER_SIGNING = Derived(
    "cost_per_signing",
    _l("Cost per signing"),
    Unit.MONEY,
    _l("Campaign cost / leads that became signings."),
    (CAMPAIGN_COST, COHORT_WON),
    per,
)
