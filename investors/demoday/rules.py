"""Who plans demo days, records what happens at them, and says what a company wishes."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import StaffGroup

from .models import DayCompany

PLANNERS = (StaffGroup.MATCHING,)


def may_plan(user: Any) -> bool:
    """Managers of matching plan days, record wishes of firms, publish, repair and sit at the desk."""
    acting = acting_of(user)
    return acting.in_group(*PLANNERS) and not acting.read_only


def may_rank_for(user: Any, invited: DayCompany) -> bool:
    """People of the company itself; managers record what came by other ways."""
    acting = acting_of(user)
    return (invited.company_id in acting.company_ids and not acting.read_only) or may_plan(user)
