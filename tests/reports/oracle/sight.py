"""Whose figures hold which facts."""

from crm.scope import Scope
from crm.vocabulary import Reach
from tests.reports.oracle.facts import Fact


def sees(scope: Scope, fact: Fact) -> bool:
    """Whether a person's figures hold this fact: theirs, their teams', the company's, or counted without a look at it."""
    if fact.kind in scope.aggregate:
        return True
    match scope.over(fact.kind):
        case Reach.COMPANY:
            return True
        case Reach.TEAMS:
            return fact.at.get("team") in scope.team_ids or (scope.own_too and fact.at.get("rep") == scope.user_id)
        case Reach.OWN:
            return fact.at.get("rep") == scope.user_id
    return False
