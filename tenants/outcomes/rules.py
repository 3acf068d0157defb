from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import StaffGroup
from tenants.companies.models import Company
from tenants.companies.rules import is_of


def may_report(user: Any, company: Company) -> bool:
    """Members of the company report for it; a manager of consulting enters what came on paper."""
    return is_of(user, company) or may_manage_outcomes(user)


def may_manage_outcomes(user: Any) -> bool:
    """Managers of consulting define indicators, open periods and close them."""
    acting = acting_of(user)
    return acting.in_group(StaffGroup.CONSULTING) and not acting.read_only
