"""What a report's filters offer arrives when its page opens."""

from dashboard.queries import REPORTS
from tests.pages.visitor import Visitor


def test_every_report_offers_values_for_its_filters(lin: Visitor) -> None:
    for report in (report for report in REPORTS if report.key != "lead_conversion"):
        answer = lin.call(f"{report.key}-filter-team.options...", [None], [{"period": "this_month"}])
        assert answer.status_code == 200, report.key
        offered = answer.json["response"]
        assert [value["label"] for value in offered[f"{report.key}-filter-team"]["options"]] == ["华东"]
        assert offered[f"{report.key}-names"]["data"] is not None
