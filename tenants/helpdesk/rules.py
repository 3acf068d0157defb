"""Who may do what with requests."""

from typing import Any

from incubator.accounts.acting import acting_of
from incubator.accounts.enums import Kind, StaffGroup

HANDLERS = (StaffGroup.LEASES, StaffGroup.CREDITS, StaffGroup.CONSULTING, StaffGroup.MATCHING)


def may_report(user: Any, company_id: int) -> bool:
    """Members of the company, and the camp office for one who calls."""
    return is_of(user, company_id) or may_handle(user)


def is_of(user: Any, company_id: int) -> bool:
    return company_id in acting_of(user).company_ids


def may_handle(user: Any) -> bool:
    """Everyone of the camp office who writes anything: requests are of all kinds."""
    return user is None or acting_of(user).in_group(*HANDLERS)


def by_camp(user: Any) -> bool:
    return user is None or acting_of(user).kind == Kind.STAFF
